"""One id for a request, carried through log, event, outbox and task."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator
from contextvars import ContextVar

_current: ContextVar[str] = ContextVar("request_id", default="")


def current_request_id() -> str:
    """The id of the request or task at work, "" outside one."""
    return _current.get()


def new_request_id() -> str:
    return secrets.token_hex(8)


@contextlib.contextmanager
def request_id(value: str) -> Iterator[None]:
    """Everything inside carries `value`."""
    token = _current.set(value[:32])
    try:
        yield
    finally:
        _current.reset(token)
