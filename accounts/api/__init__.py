"""What every address of the API shares."""
