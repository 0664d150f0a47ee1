"""What happens when: the commands, the record, the effects and the sweep of the clocks. Ports are declared here."""
