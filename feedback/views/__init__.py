"""Pages of demands, releases and insights: parse, ask the door, call one action, answer."""
