"""An invented county: its directory, people, budgets and form responses. Every name and figure is made up."""
