"""Chat providers, one file each; `core.channels.chat` finds them by name."""
