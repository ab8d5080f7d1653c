"""Toasts: Django's messages with an undo. Shown by components/toasts.html."""

from collections.abc import Iterator
from typing import Literal

from django.contrib import messages
from django.contrib.messages.storage.base import Message
from django.contrib.messages.storage.session import SessionStorage
from django.http import HttpRequest

from core.errors import Refused

UNDO = "undo="
#: What scripts send in X-Requested-With when they fetch a page to take parts of it.
FETCHED = "fetch"


class ReaderStorage(SessionStorage):
    """Keeps toasts for a page that somebody reads.

    Open pages fetch themselves anew behind their reader's back (static/js/refresh.js). Such an
    answer shows no toast, so it must not use one up that the reader's next page would show.
    """

    def __iter__(self) -> Iterator[Message]:
        if self.request.headers.get("X-Requested-With") == FETCHED:
            return iter(())
        messages: Iterator[Message] = super().__iter__()
        return messages


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
