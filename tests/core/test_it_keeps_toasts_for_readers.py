"""A toast is shown once, on a page that somebody reads."""

from __future__ import annotations

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest

from core.toasts import ReaderStorage, add_toast

pytestmark = pytest.mark.django_db


def asked(session: SessionStore, **headers: str) -> HttpRequest:
    request = HttpRequest()
    request.META = {f"HTTP_{name}": value for name, value in headers.items()}
    request.session = session
    request._messages = ReaderStorage(request)  # type: ignore[attr-defined]
    return request


def shown(request: HttpRequest) -> list[str]:
    storage = request._messages  # type: ignore[attr-defined]
    texts = [message.message for message in storage]
    storage.update(None)
    return texts


def test_a_page_fetched_in_the_background_uses_no_toast_up() -> None:
    session = SessionStore()
    acted = asked(session)
    add_toast(acted, "Undone")
    acted._messages.update(None)  # type: ignore[attr-defined]
    assert shown(asked(session, X_REQUESTED_WITH="fetch")) == []
    assert shown(asked(session)) == ["Undone"]
    assert shown(asked(session)) == []
