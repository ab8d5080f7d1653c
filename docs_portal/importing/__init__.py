"""Manuals that exist as a folder of Markdown, brought into the house."""
