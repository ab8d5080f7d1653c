"""What pages of the settings show."""
