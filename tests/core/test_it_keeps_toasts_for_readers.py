"""A toast is shown once, on a page that somebody reads, and to nobody else."""

from __future__ import annotations

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest, HttpResponse

from core.toasts import ReaderStorage, add_toast

pytestmark = pytest.mark.django_db


class Browser:
    """Keeps the cookie of the toasts, as a browser does."""

    def __init__(self) -> None:
        self.session = SessionStore()
        self.session.create()
        self.cookies: dict[str, str] = {}

    def act(self, text: str) -> None:
        request = self.asks()
        add_toast(request, text)
        self.takes(request)

    def reads(self, **headers: str) -> list[str]:
        request = self.asks(**headers)
        texts = [message.message for message in request._messages]  # type: ignore[attr-defined]
        self.takes(request)
        return texts

    def asks(self, **headers: str) -> HttpRequest:
        request = HttpRequest()
        request.META = {f"HTTP_{name}": value for name, value in headers.items()}
        request.session, request.COOKIES = self.session, self.cookies
        request._messages = ReaderStorage(request)  # type: ignore[attr-defined]
        return request

    def takes(self, request: HttpRequest) -> None:
        response = HttpResponse()
        request._messages.update(response)  # type: ignore[attr-defined]
        for name, held in response.cookies.items():
            self.cookies = {name: held.value} if held.value else {}


def test_a_page_fetched_in_the_background_uses_no_toast_up() -> None:
    browser = Browser()
    browser.act("Undone")
    assert browser.reads(X_REQUESTED_WITH="fetch") == []
    assert browser.reads() == ["Undone"]
    assert browser.reads() == []


def test_a_toast_outlives_a_new_session_key_made_with_it_and_no_other() -> None:
    browser = Browser()
    request = browser.asks()
    add_toast(request, "Your password is changed")
    browser.session.cycle_key()
    browser.takes(request)
    assert browser.cookies
    kept = dict(browser.cookies)
    assert browser.reads() == ["Your password is changed"]
    browser.cookies = kept
    browser.session = SessionStore()
    browser.session.create()
    assert browser.reads() == []
