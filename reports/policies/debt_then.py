"""The worst of manual debt (待补文档) as a report keeps it: frozen, with what speaks for it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from docs_portal.access.debt import Owed, debt_of_house
from docs_portal.policies.debt import Part, Signal
from reports.choices import DEBT_PREFIX
from reports.policies.rows import Row

#: Items that the page names.
SHOWN = 3
#: What the reference of a signal is about; a search or a reader turned away has none, and stands
#: in the list without the person.
_SUBJECTS = {"OPS": "ticket", "V": "voice", "R": "release"}
#: A sign that is about nothing with a page of its own.
SIGN = "sign"


def worst_debts(moment: dt.datetime) -> list[Owed]:
    """What manuals owed then, worst first: the first of each product, so that who reads one
    product gets theirs."""
    taken: Counter[int | None] = Counter()
    found = []
    for owed in debt_of_house(moment):
        product_id = _product_of(owed)
        taken[product_id] += 1
        if taken[product_id] <= SHOWN:
            found.append(owed)
    return found


def kept(debts: Sequence[Owed]) -> list[dict[str, Any]]:
    """The same in plain values. `parts` are what speaks for it: the source's name and a count;
    `figure` names their rows."""
    return [
        {
            "figure": _figure_of(owed),
            "product_id": _product_of(owed),
            "module_id": owed.module.pk if owed.module is not None else None,
            "words": owed.debt.place.words,
            "page": owed.page.title if owed.page is not None else "",
            "for_role": owed.debt.place.role_of is not None,
            "score": owed.debt.score,
            "parts": [[part.source.name, part.count] for part in owed.debt.shares],
        }
        for owed in debts
    ]


def debt_rows(debts: Sequence[Owed]) -> Iterator[Row]:
    """One row for each thing that a part counts, its newest sign; `reason` is the source."""
    for owed in debts:
        for part in owed.debt.shares:
            for signal in _counted(part):
                subject, subject_id = _about(signal)
                yield Row(
                    _figure_of(owed), subject, subject_id, signal.at,
                    product_id=_product_of(owed),
                    module_id=owed.module.pk if owed.module is not None else None,
                    reason=part.source.name,
                )  # fmt: skip


def _counted(part: Part) -> list[Signal]:
    """As many as `Part.count`."""
    newest: dict[Any, Signal] = {}
    for signal in sorted(part.signals, key=lambda each: each.at):
        newest[signal.ref or signal.person_id or id(signal)] = signal
    return list(newest.values())


def _about(signal: Signal) -> tuple[str, int]:
    letters, _dash, number = signal.ref.partition("-")
    if letters in _SUBJECTS and number.isdecimal():
        return _SUBJECTS[letters], int(number)
    return SIGN, 0


def _figure_of(owed: Owed) -> str:
    return f"{DEBT_PREFIX}{owed.debt.place.token}"


def _product_of(owed: Owed) -> int | None:
    return owed.product.pk if owed.product is not None else None
