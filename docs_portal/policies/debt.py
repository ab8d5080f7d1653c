"""Manual debt (待补文档): what its sources say, joined by what is to be written, worst first.

Apps above register a source of their own in `apps.ready`: tickets know which answers had no page,
feedback knows what was released. All of it is asked anew each time; only what a writer took or
decided is stored (`DebtItem`).
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from django.utils.functional import Promise

from accounts.models import User

#: How far back a source is asked, and how many of its newest signals are joined.
LOOK_BACK = dt.timedelta(days=90)
MOST_OF_A_SOURCE = 5_000


@dataclass(frozen=True)
class Place:
    """What is to be written or mended, by exactly one of:

    a published `page_id` to mend, a page in another role (`role_of` names the page), words
    searched in vain, the answer of one ticket, a module (None: none named) whose answers had no
    page.
    """

    product_id: int | None
    page_id: int | None = None
    role_of: int | None = None
    words: str = ""
    ticket_id: int | None = None
    module_id: int | None = None

    @property
    def key(self) -> str:
        """Names it for good: the key of its `DebtItem`."""
        if self.page_id is not None:
            return f"page:{self.page_id}"
        if self.role_of is not None:
            return f"role:{self.role_of}"
        if self.words:
            return f"words:{self.product_id or 0}:{self.words}"
        if self.ticket_id is not None:
            return f"ticket:{self.ticket_id}"
        return f"module:{self.product_id or 0}:{self.module_id or 0}"

    @property
    def token(self) -> str:
        """The same for an address."""
        return hashlib.sha256(self.key.encode()).hexdigest()[:20]


@dataclass(frozen=True)
class Signal:
    """One sign that a page is missing or does not help. `said` and `url` are for the reader."""

    source: str
    place: Place
    at: dt.datetime
    person_id: int | None = None
    said: str = ""
    url: str = ""
    #: The ticket, demand or voice it is about; two signals of one are counted once.
    ref: str = ""


@dataclass(frozen=True)
class Seed:
    """What a new page for an item begins with."""

    title: str = ""
    body: str = ""
    module_id: int | None = None
    role_ids: tuple[int, ...] = ()
    slug: str = ""
    kind: str = ""


class DebtSource(Protocol):
    """One of the ways debt comes up. `weight`: what one person or ticket of it counts."""

    name: str
    weight: int
    label: Promise

    def signals(
        self, user: User | None, product_ids: frozenset[int] | None, since: dt.datetime
    ) -> Iterable[Signal]:
        """Of the products (None: all), the newest first; nothing the user may not see. Without a
        user: of everything that is not confidential, for counts that stand in reports."""

    def seed(self, user: User, place: Place) -> Seed | None:
        """What a new page would begin with; None where this source knows nothing of it."""


_sources: dict[str, DebtSource] = {}


def register_debt_source(source: DebtSource) -> None:
    _sources[source.name] = source


def debt_sources() -> list[DebtSource]:
    """The heaviest first."""
    return sorted(_sources.values(), key=lambda source: (-source.weight, source.name))


@dataclass
class Part:
    """What one source says of an item."""

    source: DebtSource
    signals: list[Signal] = field(default_factory=list)

    @property
    def count(self) -> int:
        """Persons where they are known, else things: ten searches of one person are one."""
        return len({signal.ref or signal.person_id or id(signal) for signal in self.signals})

    @property
    def score(self) -> int:
        return self.count * self.source.weight


@dataclass
class Debt:
    """One thing to write or mend, with what speaks for it."""

    place: Place
    parts: dict[str, Part] = field(default_factory=dict)

    @property
    def score(self) -> int:
        return sum(part.score for part in self.parts.values())

    @property
    def last_at(self) -> dt.datetime:
        return max(signal.at for part in self.parts.values() for signal in part.signals)

    @property
    def shares(self) -> list[Part]:
        """The parts, the weightiest first."""
        return sorted(self.parts.values(), key=lambda part: (-part.score, part.source.name))


#: From when on signals of a place count, by its key; without an entry all of them do.
Settled = Mapping[str, dt.datetime]


def join(
    signals: Iterable[Signal], settled: Settled, source_of: Callable[[str], DebtSource]
) -> list[Debt]:
    """The queue, worst first: by score, then the newest sign, then the key."""
    found: dict[str, Debt] = {}
    for signal in signals:
        key = signal.place.key
        if key in settled and signal.at <= settled[key]:
            continue
        debt = found.setdefault(key, Debt(signal.place))
        part = debt.parts.setdefault(signal.source, Part(source_of(signal.source)))
        part.signals.append(signal)
    return sorted(
        found.values(), key=lambda debt: (-debt.score, -debt.last_at.timestamp(), debt.place.key)
    )


def source_named(name: str) -> DebtSource:
    return _sources[name]
