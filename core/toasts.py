"""Toasts: Django's messages with an undo. Shown by components/toasts.html."""

from collections.abc import Iterator
from typing import Any, Literal

from django.contrib import messages
from django.contrib.messages.storage.base import Message
from django.contrib.messages.storage.cookie import CookieStorage
from django.core.signing import get_cookie_signer
from django.http import HttpRequest, HttpResponse

from core.errors import Refused

UNDO = "undo="
#: What scripts send in X-Requested-With when they fetch a page to take parts of it.
FETCHED = "fetch"


class ReaderStorage(CookieStorage):
    """Keeps toasts for a page that somebody reads.

    In a signed cookie: in the session, each act and the page after it would write and commit the
    session. The cookie is worth nothing in another session, so whoever signs in next on the same
    device reads nothing of it.

    Open pages fetch themselves anew behind their reader's back (static/js/refresh.js). Such an
    answer shows no toast, so it must not use one up that the reader's next page would show.
    """

    cookie_name = "opsdesk_toasts"

    def __iter__(self) -> Iterator[Message]:
        if self.request.headers.get("X-Requested-With") == FETCHED:
            return iter(())
        messages: Iterator[Message] = super().__iter__()
        return messages

    def _bind(self) -> None:
        """Sign for the session as it is now: signing in gives it another key."""
        self.signer = get_cookie_signer(salt=f"core.toasts:{self.request.session.session_key}")

    def _decode(self, data: str) -> Any:
        self._bind()
        return super()._decode(data)  # type: ignore[misc]

    def _encode(self, messages: Any, encode_empty: bool = False) -> str:
        self._bind()
        encoded: str = super()._encode(messages, encode_empty)  # type: ignore[misc]
        return encoded

    def _update_cookie(self, encoded_data: str, response: HttpResponse) -> None:
        # Most pages have had no toast, and need not be told to forget one.
        if encoded_data or self.cookie_name in self.request.COOKIES:
            super()._update_cookie(encoded_data, response)  # type: ignore[misc]


def add_toast(
    request: HttpRequest, text: str, *, undo_url: str = "", tone: Literal["", "seal"] = ""
) -> None:
    """Show `text` once, on this person's next page or htmx answer.

    `undo_url` is POSTed by the toast's button; `seal` marks a failure.
    """
    level = messages.ERROR if tone == "seal" else messages.SUCCESS
    messages.add_message(request, level, text, extra_tags=f"{UNDO}{undo_url}" if undo_url else "")


def add_refusal_toast(request: HttpRequest, refusal: Refused) -> None:
    """Say why something was not done, where no form shows it."""
    add_toast(request, " ".join(one.said for one in refusal.problems), tone="seal")
