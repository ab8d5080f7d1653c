"""Pages of the manuals: parse, ask the door, call one action, answer."""
