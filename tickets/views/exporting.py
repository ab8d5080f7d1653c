"""The list of the desk as a file."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_safe

from catalog.access import require
from core import sheets
from core.errors import Refused
from core.toasts import add_refusal_toast
from tickets.rendering.sheet import sheet_of
from tickets.views.desk import READERS
from tickets.views.places import Place
from tickets.views.requests import SignedInRequest


@login_required
@require_safe
def desk_export(request: SignedInRequest, kind: str) -> HttpResponse:
    """All tickets of the list an address names, not only its page, with the columns it shows."""
    require(request.user, *READERS)
    if kind not in ("xlsx", "csv"):
        raise Http404
    place = Place.of(request, timezone.now())
    try:
        table = sheet_of(place.read)
    except Refused as refusal:
        add_refusal_toast(request, refusal)
        return redirect(place.desk_url)
    if kind == "xlsx":
        return sheets.download(sheets.xlsx_bytes([table]), "tickets.xlsx", sheets.XLSX_TYPE)
    return sheets.download(sheets.csv_lines(table), "tickets.csv", "text/csv; charset=utf-8")
