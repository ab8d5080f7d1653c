"""Chats whose robots write to us, one file each, found by the robot's `app`."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from tickets.choices import ChatApp
from tickets.incoming.providers.base import Provider


@cache
def provider_named(app: str) -> Provider:
    """Raises `LookupError` for a chat without a file."""
    if app not in ChatApp.values:
        raise LookupError(f"no chat is called {app!r}; there are {ChatApp.values}")
    provider: Provider = import_module(f"{__name__}.{app}").PROVIDER
    return provider
