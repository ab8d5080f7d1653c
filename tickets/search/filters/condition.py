"""One condition as an address says it: `status:any:new,open`."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from functools import cached_property

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from core.errors import BadInput, Problem

#: More conditions than this narrow nothing any further and only slow the list.
MOST_CONDITIONS = 20
MOST_VALUES = 50
LONGEST = 2000
_UNESCAPED_COMMA = re.compile(r"(?<!\\),")


@dataclass(frozen=True)
class Asking:
    """Who asks and when: what `me` and `today` mean."""

    user: User
    now: dt.datetime
    #: The day where `now` only stands for the present moment (`tickets.search.queues`).
    day: dt.date | None = None

    @cached_property
    def today(self) -> dt.date:
        """The day in the company's zone."""
        return self.day or timezone.localdate(self.now, timezone.get_default_timezone())


@dataclass(frozen=True)
class Condition:
    """A field, an operator and values, all as words; a comma in a value is written `\\,`."""

    field: str
    operator: str
    values: tuple[str, ...] = ()

    @classmethod
    def of(cls, text: str) -> Condition:
        """What an address says. Raises BadInput when it has not the form of a condition."""
        parts = text.replace("\x00", "").split(":", 2)
        if len(parts) < 2 or not parts[0].strip() or not parts[1].strip() or len(text) > LONGEST:
            raise BadInput(
                Problem(
                    "f", _("“%(text)s” is no condition.") % {"text": text[:80]},
                    _("Write field:operator:value, for example status:any:new,open."), text[:200],
                )
            )  # fmt: skip
        sent = parts[2] if len(parts) == 3 else ""
        values = [part.replace("\\,", ",").strip() for part in _UNESCAPED_COMMA.split(sent)]
        return cls(parts[0].strip(), parts[1].strip(), tuple(v for v in values if v)[:MOST_VALUES])

    def __str__(self) -> str:
        values = ",".join(value.replace(",", "\\,") for value in self.values)
        return f"{self.field}:{self.operator}" + (f":{values}" if values else "")


def bad(field: str, message: str, remedy: str, value: object = "") -> BadInput:
    """A refusal that names the field of the filter."""
    return BadInput(Problem(field, message, remedy, str(value)[:200]))
