"""Files of tickets: only for who may see the ticket, never run by the browser."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpResponseBase
from django.views.decorators.http import require_GET

from core.files import open_stored
from tickets.access import get_attachment
from tickets.views.requests import SignedInRequest

#: Pictures a browser shows without running anything; everything else is downloaded.
SHOWN = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})


@login_required
@require_GET
def attachment(request: SignedInRequest, pk: int, name: str) -> HttpResponseBase:
    """The file; its own policy forbids everything, whatever it contains."""
    file = get_attachment(request.user, pk)
    response = FileResponse(
        open_stored(file.file),
        as_attachment=file.content_type not in SHOWN,
        filename=file.name,
        content_type=file.content_type,
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, max-age=86400"
    return response
