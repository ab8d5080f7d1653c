"""How far a must-read came: figures that equal the lists behind them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import ClassVar

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from docs_portal.access import must_readers
from docs_portal.models import MustReadReader, MustReadRound


@dataclass(frozen=True)
class MustReadFigures:
    """One round with the people it is asked of; each figure is the length of its list.

    In the present round those are its audience today. An older one is shown as it ended: who was
    asked, and who acknowledged it.
    """

    NAMES: ClassVar[tuple[str, ...]] = ("asked", "acknowledged", "late", "waiting")
    asked: frozenset[int]
    readers: dict[int, MustReadReader]
    due_on: dt.date

    def ids(self, name: str) -> set[int]:
        """The people behind a figure."""
        if name == "asked":
            return set(self.asked)
        done = {
            pk for pk, row in self.readers.items()
            if row.acknowledged_at is not None and pk in self.asked
        }  # fmt: skip
        if name == "acknowledged":
            return done
        if name == "late":
            return {pk for pk in done if self.is_late(pk)}
        return set(self.asked) - done

    def is_late(self, pk: int) -> bool:
        """Whether the person acknowledged it after the last day."""
        at = self.readers[pk].acknowledged_at
        return at is not None and timezone.localdate(at) > self.due_on

    def shown(self) -> list[tuple[str, str, int]]:
        """Name, label and number of each figure."""
        labels = {
            "asked": _("Asked to read"), "acknowledged": _("Acknowledged"),
            "late": _("Of them late"), "waiting": _("Not acknowledged yet"),
        }  # fmt: skip
        return [(name, labels[name], len(self.ids(name))) for name in self.NAMES]

    def people(self, name: str) -> list[tuple[User, MustReadReader | None]]:
        """The people behind a figure with how far it came with each, by department and name."""
        found = User.objects.filter(pk__in=self.ids(name)).select_related("department")
        ordered = found.order_by("department__path", "name", "pk")
        return [(person, self.readers.get(person.pk)) for person in ordered]


def must_read_figures(this: MustReadRound, day: dt.date, *, is_current: bool) -> MustReadFigures:
    """The figures of a round on `day`."""
    readers = {row.user_id: row for row in this.readers.select_related("revision")}
    asked = must_readers(this.must_read, day) if is_current else set(readers)
    return MustReadFigures(frozenset(asked), readers, this.due_on)
