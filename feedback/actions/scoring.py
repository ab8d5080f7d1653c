"""Demand scores: brought up to date when their inputs changed; the versions of the formula."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Department, User
from catalog.access import rights_of
from core import events
from core.changes import check_fields
from core.errors import BadInput, Conflict, NotAllowed, Problem, StaleWrite
from feedback.models import Demand, DemandScore, ScoreFormula
from feedback.policies.scoring import Inputs, Scored, Weights, score_all
from feedback.search.scores import inputs_by_product

#: Advisory lock: two workers never reckon at once.
_LOCK = 7_204_101
BATCH = 1000
#: How much a person may count at most, and that nobody counts nothing.
WEIGHT_MIN, WEIGHT_MAX = 0.1, 10.0
_COLUMNS = (
    "formula_id", "people_raw", "tickets_raw", "hours_raw", "people", "tickets", "hours", "value",
    "divided_by", "score",
)  # fmt: skip


@dataclass(frozen=True)
class FormulaDraft:
    """What the next version of the formula says."""

    people_weight: int
    tickets_weight: int
    hours_weight: int
    cap_percentile: int
    department_weights: Mapping[str, float] = field(default_factory=dict)
    note: str = ""

    @property
    def weights(self) -> Weights:
        return Weights(
            self.people_weight, self.tickets_weight, self.hours_weight, self.cap_percentile
        )


#: The formula a new house starts with.
FIRST = FormulaDraft(50, 30, 20, 95)


def current_formula(now: dt.datetime) -> ScoreFormula:
    """The version that holds; a house that has none begins with `FIRST`."""
    newest = ScoreFormula.objects.order_by("-number").first()
    if newest is not None:
        return newest
    formula = ScoreFormula(
        number=1, people_weight=FIRST.people_weight, tickets_weight=FIRST.tickets_weight,
        hours_weight=FIRST.hours_weight, cap_percentile=FIRST.cap_percentile, made_at=now,
    )  # fmt: skip
    with transaction.atomic():
        events.create(formula, "make", actor_id=None, now=now)
    return formula


def draft_of(formula: ScoreFormula) -> FormulaDraft:
    return FormulaDraft(
        formula.people_weight, formula.tickets_weight, formula.hours_weight,
        formula.cap_percentile, formula.department_weights,
    )  # fmt: skip


def reckon(draft: FormulaDraft, now: dt.datetime) -> dict[int, tuple[Inputs, Scored]]:
    """What a formula gives every open demand now, by demand id; nothing is written."""
    found: dict[int, tuple[Inputs, Scored]] = {}
    for demands in inputs_by_product(draft.department_weights, now).values():
        scored = score_all(demands, draft.weights)
        found.update({pk: (demands[pk], scored[pk]) for pk in demands})
    return found


def score_demands(now: dt.datetime) -> int:
    """Bring every open demand's score up to date. Returns how many changed.

    All inputs are read anew, so that no change can be missed whatever made it; only rows that
    differ are written, in one transaction. 0 when another worker is at it.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
            if not cursor.fetchone()[0]:
                return 0
        formula = current_formula(now)
        there = {
            row[0]: row[1:]
            for row in DemandScore.objects.values_list("demand_id", *_COLUMNS).iterator()
        }
        rows = [
            _row(pk, formula, inputs, scored, now)
            for pk, (inputs, scored) in reckon(draft_of(formula), now).items()
        ]
        changed = [row for row in rows if _values(row) != there.get(row.demand_id)]
        _save(changed)
    return len(changed)


def _values(row: DemandScore) -> tuple[object, ...]:
    return tuple(getattr(row, name) for name in _COLUMNS)


def _row(
    pk: int, formula: ScoreFormula, inputs: Inputs, scored: Scored, now: dt.datetime
) -> DemandScore:
    return DemandScore(
        demand_id=pk, formula_id=formula.pk, people_raw=inputs.people,
        tickets_raw=inputs.tickets, hours_raw=inputs.hours, people=scored.people,
        tickets=scored.tickets, hours=scored.hours, value=scored.value,
        divided_by=scored.divided_by, score=scored.score, computed_at=now,
    )  # fmt: skip


def _save(rows: Iterable[DemandScore]) -> None:
    rows = list(rows)
    DemandScore.objects.bulk_create(
        rows, batch_size=BATCH, update_conflicts=True, unique_fields=["demand"],
        update_fields=[*(name.removesuffix("_id") for name in _COLUMNS), "computed_at"],
    )  # fmt: skip
    # The list sorts by the column of the demand itself.
    demands = [Demand(pk=row.demand_id, score=row.score) for row in rows]
    Demand.objects.bulk_update(demands, ["score"], batch_size=BATCH)


def change_formula(
    draft: FormulaDraft, *, acting_user: User, now: dt.datetime, seen_number: int | None = None
) -> ScoreFormula:
    """The next version of the formula; every open demand is scored anew by the next run.

    Raises BadInput naming the field, NotAllowed for who is no administrator, and StaleWrite when
    there is a version the sender has not seen.
    """
    if not rights_of(acting_user).is_administrator:
        raise NotAllowed(
            Problem("", _("Your role does not allow this."), _("Ask an administrator."))
        )
    _check(draft)
    with transaction.atomic():
        newest = ScoreFormula.objects.select_for_update().order_by("-number")[:1].get()
        if seen_number is not None and seen_number != newest.number:
            raise StaleWrite(
                conflicts=[
                    Conflict(
                        "number",
                        seen_number,
                        newest.number,
                        newest.made_by_id,
                        "make",
                        newest.made_at,
                    )
                ],
                current_version=newest.version,
            )
        formula = ScoreFormula(
            number=newest.number + 1, people_weight=draft.people_weight,
            tickets_weight=draft.tickets_weight, hours_weight=draft.hours_weight,
            cap_percentile=draft.cap_percentile,
            department_weights=dict(draft.department_weights), note=draft.note.strip(),
            made_by=acting_user, made_at=now,
        )  # fmt: skip
        check_fields(formula, ScoreFormula.EVENT_FIELDS)
        events.create(formula, "make", actor_id=acting_user.pk, now=now)
    return formula


def _check(draft: FormulaDraft) -> None:
    if draft.people_weight + draft.tickets_weight + draft.hours_weight == 0:
        raise BadInput(
            Problem(
                "people_weight", _("One of the three parts must count."),
                _("Give at least one of them a weight above 0."), "0",
            )
        )  # fmt: skip
    known = {str(pk) for pk in Department.objects.values_list("pk", flat=True)}
    for pk, weight in draft.department_weights.items():
        if pk not in known:
            raise BadInput(
                Problem(
                    "department_weights", _("There is no such department."),
                    _("Choose one of the list."), pk,
                )
            )  # fmt: skip
        if not WEIGHT_MIN <= weight <= WEIGHT_MAX:
            raise BadInput(
                Problem(
                    "department_weights", _("A person counts between 0.1 and 10."),
                    _("Write a number like 1.5."), str(weight),
                )
            )  # fmt: skip
