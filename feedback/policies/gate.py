"""What a release's gate still lacks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from feedback.models import Obligation, Release

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


@dataclass(frozen=True)
class GateRow:
    """One row of the release gate. `key` is the field that fills it."""

    key: str
    label: StrPromise
    done: bool
    missing: StrPromise
    remedy: StrPromise


def gate_of(release: Release) -> list[GateRow]:
    """The gate of a release; one query, for people who asked since the list was seen."""
    return [
        GateRow(
            "pages_note", _("Manuals"), bool(release.pages_note or release.pages_unchanged),
            _("It is not said which manual pages changed."),
            _("Name the updated pages, or say that none changes."),
        ),
        GateRow(
            "announcement", _("Announcement"), bool(release.announcement),
            _("The announcement text is missing."), _("Say what it is and whom it concerns."),
        ),
        GateRow(
            "measures", _("What to measure"), bool(release.measures or release.measures_nothing),
            _("It is not said what to measure."),
            _("Name the events, or say that nothing needs measuring."),
        ),
        GateRow(
            "people_seen", _("Who will be told"), _people_seen(release),
            _("The list of who will be told was not seen, or has grown since."),
            _("Look through the list and confirm it."),
        ),
    ]  # fmt: skip


def _people_seen(release: Release) -> bool:
    if release.people_seen_at is None:
        return False
    joined_since = Obligation.objects.standing().filter(
        demand__release=release, created_at__gt=release.people_seen_at
    )
    return not joined_since.exists()
