"""The settings pages: one pattern of list and form, described by a section per noun."""
