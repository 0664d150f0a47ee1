"""Settings, wiring and the `cos` command: the one place that knows all rooms."""
