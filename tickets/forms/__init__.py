"""Forms of tickets and causes: they check shape, name what would be accepted, and never save."""
