"""Ticket histories out of files: reading, mapping to the domain, handing to the action."""
