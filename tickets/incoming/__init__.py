"""How messages from outside become tickets and replies: mail, and chat."""
