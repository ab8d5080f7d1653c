"""How demands, rounds and releases are drawn and told."""
