"""Pages of tickets: parse, ask the door, call one action, answer."""
