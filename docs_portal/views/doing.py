"""What most buttons of manuals, announcements and training do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from core.errors import Refused
from core.toasts import add_refusal_toast, add_toast


def done(request: HttpRequest, act: Callable[[], str], to: str, *args: Any) -> HttpResponse:
    """Do it and say what `act` answers, or why not; then the page `to` that it was asked from."""
    try:
        add_toast(request, act())
    except Refused as refusal:
        add_refusal_toast(request, refusal)
    return redirect(to, *args)
