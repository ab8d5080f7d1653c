"""Why a message did not leave."""

from __future__ import annotations


class Unsent(Exception):
    """The server did not take the message; it is tried again later."""


class ServerAway(Unsent):
    """Nobody answers there at all: the next message would fare no better."""


class Unreachable(Unsent):
    """Nobody is behind the address, and no further try would change that."""


class NotConfigured(Exception):
    """The house has no server to send this by; the row is kept apart, not failed."""


class TooFast(Exception):
    """The provider takes no more for now; `seconds` until the next."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        super().__init__(f"{seconds} s until the next message")
