"""Files of tickets: only for who may see the ticket, never run by the browser."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpResponseBase
from django.views.decorators.http import require_GET

from core.files import open_stored
from core.models import StoredFile
from tickets.access import get_attachment
from tickets.rendering.drafts import DRAWN
from tickets.views.requests import SignedInRequest


@login_required
@require_GET
def attachment(request: SignedInRequest, pk: int, name: str) -> HttpResponseBase:
    """The file; its own policy forbids everything, whatever it contains."""
    file = get_attachment(request.user, pk)
    return served(file.file, name=file.name, content_type=file.content_type)


def served(file: StoredFile, *, name: str, content_type: str) -> HttpResponseBase:
    """Bytes as they were given: pictures are not drawn anew (docs/decisions/0014).

    Their beginning was checked when they came, their type is ours and not to be guessed, and a
    sandbox without any source stands around them; everything else is only ever downloaded.
    """
    response = FileResponse(
        open_stored(file),
        as_attachment=content_type not in DRAWN,
        filename=name,
        content_type=content_type,
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, max-age=86400"
    return response
