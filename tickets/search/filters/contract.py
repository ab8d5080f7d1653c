"""The hand-over contract as conditions of the database: the same rows as `tickets.policies`.

A ticket's open rows are those of L1 and of its own level that apply to its family and are not
filled. A test holds these conditions and `policies.contract` to the same answer.
"""

from __future__ import annotations

from django.db.models import Q

from tickets.choices import FAMILY_OF, CauseState, DriverState, Impact, Level
from tickets.policies import CONTRACT_ROWS


def _of_cause(column: str) -> Q:
    """The cause says it for all its tickets: an outage is judged once."""
    return Q(cause__isnull=False) & ~Q(**{f"cause__{column}": ""})


#: Row → when it is filled; true or false for every ticket.
FILLED: dict[str, Q] = {
    "type": ~Q(type=""),
    "product": Q(product__isnull=False),
    "module": Q(module__isnull=False) | Q(module_not_sure=True),
    "impact": Q(impact__in=Impact.values),
    "team": Q(team__isnull=False) | Q(relayed_to__isnull=False),
    "answer": Q(first_response_at__isnull=False),
    "answer_page": Q(answer_page__isnull=False) | Q(answer_gap=True),
    "suspected_module": Q(suspected_module__isnull=False)
    | Q(cause__isnull=False, cause__module__isnull=False),
    "suspected_cause": (~Q(suspected_category="") & ~Q(suspected_cause="")) | _of_cause("category"),
    "evidence": ~Q(evidence="") | _of_cause("evidence"),
    "cause": Q(cause__isnull=False),
    "owner": Q(cause__isnull=False, cause__owner__isnull=False),
    "promised_on": Q(cause__isnull=False, cause__promised_on__isnull=False),
    "cause_text": Q(cause__isnull=False, cause__state=CauseState.DELIVERED) & ~Q(cause__text=""),
    "quote": ~Q(quote=""),
    "scenario": ~Q(scenario=""),
    "frequency": ~Q(frequency=""),
    "driver": ~Q(driver=""),
    "driver_state": Q(driver_state=DriverState.VERIFIED),
}


def row_is_open(key: str) -> Q:
    """Tickets whose contract lacks this row now."""
    row = CONTRACT_ROWS[key]
    where = ~FILLED[key]
    if row.families is not None:
        types = [type_ for type_, family in FAMILY_OF.items() if family in row.families]
        where &= Q(type__in=types)
    return where if row.level == Level.RELAY else where & Q(level=row.level)


def is_open() -> Q:
    """Tickets whose contract lacks any row."""
    found = Q(pk__in=[])
    for key in FILLED:
        found |= row_is_open(key)
    return found
