"""What a row of a spreadsheet of feedback means: whose words, about what, each bad cell by name.

A row finds its words again by person, product and text, so that the same file a second time adds
nothing.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from core.changes import refuse
from core.errors import Problem, Refused
from feedback.actions.cells import CellReader
from feedback.actions.gathering import WEEK_HOURS
from feedback.actions.judging import Judged
from feedback.choices import FeedbackSource
from feedback.models import Demand, DemandImport, FeedbackItem, ImportRow
from feedback.policies import is_staff_of

#: How much it matters, where a row says nothing about it.
USUAL_IMPORTANCE = 1
#: Read in this order: a module is looked for in the product of the row.
_ORDER = ("product", "module", "person", "source", "importance", "hours", "words")


class WordsJudge:
    """Judges the rows of one batch; what it looked up once it remembers."""

    def __init__(self, run: DemandImport, now: dt.datetime) -> None:
        self.run, self.now, self.user = run, now, run.by
        self.reader = CellReader()
        self._seen: dict[str, int] = {}

    def judge(self, row: ImportRow) -> Judged:
        found, read = Judged(), dict[str, Any]()
        place = Demand()
        if self.run.product_id is not None:
            place.product_id = self.run.product_id
        for key in _ORDER:
            text = row.cells.get(key, "").strip()
            try:
                read[key] = self._read(key, text, place)
            except Refused as refusal:
                found.problems += refusal.problems
            else:
                if text:
                    found.changes.append((key, "", text[:200]))
        if not found.problems:
            self._place(row, read, place, found)
        return found

    def _read(self, key: str, text: str, place: Demand) -> Any:
        reader = getattr(self, f"_{key}")
        return reader(text, place)

    def _product(self, text: str, place: Demand) -> None:
        if text:
            place.product_id = int(self.reader.read("product", Demand(), text).stored)
        if not place.product_id:
            refuse("product", _("This row names no product."),
                   _("Name it in the row, or choose one for the whole file."))  # fmt: skip
        if not is_staff_of(place.product_id, self.user):
            refuse("product", _("You do not work for this product."), _("Ask its people."), text)

    def _module(self, text: str, place: Demand) -> None:
        if text and place.product_id:
            place.module_id = self.reader.read("module", place, text).stored

    def _person(self, text: str, place: Demand) -> int:
        if not text:
            refuse("person", _("This row does not say who said it."),
                   _("Write their user name or full name."))  # fmt: skip
        return int(self.reader.person("person", place, text).stored)

    def _source(self, text: str, place: Demand) -> str:
        if not text:
            return FeedbackSource.INTERVIEW
        return str(self.reader.read("source", place, text).stored)

    def _importance(self, text: str, place: Demand) -> int:
        if not text:
            return USUAL_IMPORTANCE
        if text not in ("0", "1", "2", "3"):
            refuse("importance", _("Importance goes from 0 to 3."), "0–3", text)
        return int(text)

    def _hours(self, text: str, place: Demand) -> Decimal | None:
        if not text:
            return None
        try:
            hours = Decimal(text)
        except InvalidOperation:
            hours = Decimal(-1)
        if not 0 <= hours <= WEEK_HOURS:
            refuse("hours", _("A week has 168 hours."), _("Write a number like 2.5."), text)
        return hours.quantize(Decimal("0.1"))

    def _words(self, text: str, place: Demand) -> str:
        if not text:
            refuse("words", _("This row has no words."), _("Write what the person said."))
        return text

    def _place(self, row: ImportRow, read: dict[str, Any], place: Demand, found: Judged) -> None:
        """Whether these words are here already, or stand in the file twice."""
        words = read["words"]
        same = f"{read['person']}\0{place.product_id}\0{words}"
        found.key = "words:" + hashlib.sha256(same.encode()).hexdigest()
        earlier = self._seen.setdefault(found.key, row.line)
        if earlier == row.line:
            before = self.run.rows.filter(key=found.key, line__lt=row.line).order_by("line")
            earlier = before.values_list("line", flat=True).first() or row.line
        if earlier != row.line:
            found.problems.append(
                Problem("words", _("Line %(line)s says the same.") % {"line": earlier},
                        _("Keep one of the two."), words[:80])
            )  # fmt: skip
            return
        there = FeedbackItem.objects.filter(person=read["person"], product=place.product_id)
        found.is_same = there.filter(words=words).exists()
        found.columns = {
            "product_id": place.product_id, "module_id": place.module_id,
            "person_id": read["person"], "source": read["source"], "words": words,
            "importance": read["importance"], "hours_per_week": read["hours"],
        }  # fmt: skip
