"""An announcement in its four parts, how far it came, and the codes of its posters."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import ClassVar

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.models import User
from core.text import markdown_html
from docs_portal.access import audience_now
from docs_portal.models import Announcement, AnnouncementReader, PosterPlace


@dataclass(frozen=True)
class Part:
    """One of the four questions, answered."""

    label: str
    html: SafeString


def texts_of(row: Announcement) -> list[tuple[str, str]]:
    """What it is, solves, whom it concerns, how to use it: label and Markdown of those written."""
    parts = (
        (_("What it is"), row.what), (_("What it solves"), row.solves),
        (_("Whom it concerns"), row.concerns), (_("How to use it"), row.how),
    )  # fmt: skip
    return [(label, text) for label, text in parts if text.strip()]


def sections_of(row: Announcement) -> list[Part]:
    """The four parts, those that were written, as HTML."""
    # Cleaned by markdown_html.
    return [Part(label, mark_safe(markdown_html(text))) for label, text in texts_of(row)]  # noqa: S308


@dataclass(frozen=True)
class Figures:
    """How far an announcement came with the people it is for today.

    Each figure is the length of the list it leads to: people who left the audience count nowhere.
    """

    NAMES: ClassVar[tuple[str, ...]] = (
        "audience", "told", "reached", "read", "acknowledged", "waiting",
    )  # fmt: skip
    asks: bool
    audience: frozenset[int]
    readers: dict[int, AnnouncementReader]

    def ids(self, name: str) -> set[int]:
        """The people behind a figure."""
        if name == "audience":
            return set(self.audience)
        if name == "waiting":
            return set(self.audience) - self.ids("acknowledged" if self.asks else "read")
        return {pk for pk, row in self.readers.items() if getattr(row, f"{name}_at") is not None}

    def count(self, name: str) -> int:
        return len(self.ids(name))

    def shown(self) -> list[tuple[str, str, int]]:
        """Name, label and number of each figure that makes sense for it."""
        labels = {
            "audience": _("Audience"), "told": _("Told"), "reached": _("Reached"),
            "read": pgettext("of an announcement", "Read"), "acknowledged": _("Acknowledged"),
            "waiting": _("Not acknowledged yet") if self.asks else _("Not read yet"),
        }  # fmt: skip
        names = [name for name in self.NAMES if self.asks or name != "acknowledged"]
        return [(name, labels[name], self.count(name)) for name in names]

    def people(self, name: str) -> list[tuple[User, AnnouncementReader | None]]:
        """The people behind a figure with how far it came with each, by department and name."""
        found = User.objects.filter(pk__in=self.ids(name)).select_related("department")
        ordered = found.order_by("department__path", "name", "pk")
        return [(person, self.readers.get(person.pk)) for person in ordered]


def figures_of(row: Announcement, day: dt.date) -> Figures:
    """The figures of an announcement on `day`."""
    audience = frozenset(audience_now(row, day))
    readers = {one.user_id: one for one in row.readers.all() if one.user_id in audience}
    return Figures(row.asks_acknowledgement, audience, readers)


def codes_of(
    places: Iterable[PosterPlace], address: Callable[[PosterPlace], str]
) -> list[tuple[PosterPlace, str, SafeString]]:
    """Each place with the address of its poster and that as a QR code (SVG)."""
    drawn = []
    for place in places:
        url = address(place)
        drawn.append((place, url, qr_of(url)))
    return drawn


def qr_of(url: str) -> SafeString:
    """An address as a QR code (SVG)."""
    import segno  # noqa: PLC0415  (only posters and check-in screens need it)

    svg = segno.make(url, error="m", micro=False).svg_inline(
        omitsize=True, border=2, svgclass="qr", lineclass=None
    )
    # Made here of an address of ours.
    return mark_safe(svg)  # noqa: S308
