"""What the event log says, folded for counting."""
