"""The tab in Teams: pages out of the record, rendered here, for whoever Teams says is looking."""
