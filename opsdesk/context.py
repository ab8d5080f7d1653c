"""What every page's frame shows: navigation by role, unread notices, theme."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from accounts.choices import THEME_COOKIE
from catalog.access import rights_of
from core.models import Notice


def _url(name: str) -> str:
    """The address of a place; "" while its app has none yet."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def _navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The places a person may go, in the order of their day; the current one is marked."""
    if not request.user.is_authenticated:
        return []
    rights = rights_of(request.user)
    wanted = [
        (_("Desk"), "desk", rights.is_staff),
        (_("Pushed to me"), "owner_page", rights.is_owner),
        (_("Help home"), "help_home", True),
        (_("My tickets"), "my_tickets", True),
        (_("Demands"), "demands", rights.is_staff or rights.is_owner),
        (_("Manuals"), "manuals", True),
        (_("Weekly report"), "weekly_report_latest", rights.is_staff),
        (_("Settings"), "settings_home", rights.is_administrator),
    ]
    places = [(label, url) for label, name, may in wanted if may and (url := _url(name))]
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
            lambda: (
                Notice.objects.filter(recipient_id=user.pk, read_at__isnull=True)[:100].count()  # type: ignore[union-attr]
                if signed_in
                else 0
            )
        ),
        "theme": theme if theme in ("light", "dark") else "",
        "company": settings.COMPANY_NAME,
        "now": timezone.now(),
    }
