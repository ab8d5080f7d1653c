"""Frozen reports and the rows behind their figures as JSON."""
