"""Files of tickets: only for who may see the ticket, never run by the browser."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponseBase
from django.views.decorators.http import require_GET

from core.serving import served
from tickets.access import get_attachment
from tickets.views.requests import SignedInRequest


@login_required
@require_GET
def attachment(request: SignedInRequest, pk: int, name: str) -> HttpResponseBase:
    """The bytes as they were given: pictures are not drawn anew (docs/decisions/0014)."""
    file = get_attachment(request.user, pk)
    return served(request, file.file, name=file.name, content_type=file.content_type)
