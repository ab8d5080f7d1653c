"""How reports look: as JSON, as lists, as a page."""
