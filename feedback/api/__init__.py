"""Demands, their people and releases as JSON; each verb an address of its own."""
