"""`make bench`: loads a house of any size, measures its pages against a reference view."""
