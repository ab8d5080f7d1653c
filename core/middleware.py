"""Request id, and refusals that no view answered itself."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from core.errors import BadInput, Problem, Refused
from core.request_id import current_request_id, new_request_id, request_id


class RequestIdMiddleware:
    """Gives every request an id and returns it in `X-Request-Id`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with request_id(new_request_id()):
            response = self.get_response(request)
            response["X-Request-Id"] = current_request_id()
            return response


class RequestIdFilter(logging.Filter):
    """Puts the id into each log record."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = current_request_id() or "-"
        return True


class RefusalMiddleware:
    """A refusal that reaches the top becomes a page that names what was refused and why.

    An address with a NUL character is refused here: no text of the database can hold one, and
    each page would have to look for it. Forms and the API name the field themselves.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if (refusal := _unreadable(request)) is not None:
            return _page(request, refusal)
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        return _page(request, error) if isinstance(error, Refused) else None


def _page(request: HttpRequest, refusal: Refused) -> HttpResponse:
    return render(request, "refused.html", {"refusal": refusal}, status=refusal.status)


def _unreadable(request: HttpRequest) -> BadInput | None:
    """Why this address cannot be read, naming the parameter that holds a NUL; None when it can."""
    if request.path.startswith("/api/"):
        return None
    spoilt = [
        name
        for name, values in request.GET.lists()
        if "\x00" in name or any("\x00" in value for value in values)
    ]
    if not spoilt and "\x00" not in request.path:
        return None
    shown = (spoilt or [request.path])[0].replace("\x00", "\\0")[:80]
    return BadInput(
        Problem(shown, _("This address holds a NUL character."), _("Remove “%00” from it."), "\\0")
    )
