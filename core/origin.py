"""What else than a person brought a change about: a rule, kept in the event's data.

Set around a whole act, so that every event it writes says so, on whichever row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

_origin: ContextVar[Mapping[str, Any] | None] = ContextVar("origin", default=None)


def current_origin() -> Mapping[str, Any]:
    """What events written now carry in their data besides their own."""
    return _origin.get() or {}


@contextmanager
def brought_about(**data: Any) -> Iterator[None]:
    """Every event written inside carries `data`."""
    token = _origin.set({**current_origin(), **data})
    try:
        yield
    finally:
        _origin.reset(token)
