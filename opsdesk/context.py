"""What every page's frame shows: navigation by role, unread notices, theme."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from catalog.access import rights_of
from core.models import Notice

THEME_COOKIE = "opsdesk_theme"


def _navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The places a person may go, in the order of their day; the current one is marked."""
    if not request.user.is_authenticated:
        return []
    rights = rights_of(request.user)
    places = []
    if rights.is_staff:
        places.append((_("Desk"), reverse("desk")))
    if rights.is_owner or rights.has("owner"):
        places.append((_("Pushed to me"), reverse("owner_page")))
    places += [(_("Help home"), reverse("help_home")), (_("My tickets"), reverse("my_tickets"))]
    if rights.is_staff or rights.is_owner:
        places.append((_("Demands"), reverse("demands")))
    places.append((_("Manuals"), reverse("manuals")))
    if rights.is_staff:
        places.append((_("Weekly report"), reverse("weekly_report_latest")))
    if rights.is_administrator:
        places.append((_("Settings"), reverse("settings_home")))
    longest = max(
        (url for _label, url in places if request.path.startswith(url)), key=len, default=""
    )
    return [{"label": label, "url": url, "current": url == longest} for label, url in places]


def shell(request: HttpRequest) -> dict[str, Any]:
    """`nav` and `unread_notices` (asked when the frame is drawn), `theme`, `company`, `now`."""
    user = request.user if hasattr(request, "user") else None
    signed_in = user is not None and user.is_authenticated
    theme = user.theme if signed_in else request.COOKIES.get(THEME_COOKIE, "")  # type: ignore[union-attr]
    return {
        "nav": SimpleLazyObject(lambda: _navigation(request)),
        "unread_notices": SimpleLazyObject(
            lambda: Notice.objects.filter(recipient_id=user.pk, read_at__isnull=True)[:100].count()  # type: ignore[union-attr]
            if signed_in
            else 0
        ),
        "theme": theme if theme in ("light", "dark") else "",
        "company": settings.COMPANY_NAME,
        "now": timezone.now(),
    }
