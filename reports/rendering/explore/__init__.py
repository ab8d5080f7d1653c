"""The explore pages: each is a list of blocks, a chart with the table of the same figures."""
