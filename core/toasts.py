"""Toasts: Django's messages with an undo. Shown by components/toasts.html."""

from typing import Literal

from django.contrib import messages
from django.http import HttpRequest

UNDO = "undo="


def add_toast(
    request: HttpRequest, text: str, *, undo_url: str = "", tone: Literal["", "seal"] = ""
) -> None:
    """Show `text` once, on this person's next page or htmx answer.

    `undo_url` is POSTed by the toast's button; `seal` marks a failure.
    """
    level = messages.ERROR if tone == "seal" else messages.SUCCESS
    messages.add_message(request, level, text, extra_tags=f"{UNDO}{undo_url}" if undo_url else "")
