"""Why nothing is made of a mail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tickets.choices import IncomingState

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


class Unhandled(Exception):
    """Nothing is made of a mail; `state` says whether a person should look at it."""

    def __init__(self, state: IncomingState, reason: str | StrPromise) -> None:
        self.state, self.reason = state, reason
        super().__init__(str(reason))
