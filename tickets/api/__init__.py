"""The API of tickets and causes: the same doors and actions as the pages."""
