"""Manuals as JSON: each person gets their own pages and parts, as on the pages."""
