"""Each contract row is removed in turn; the move is refused by name and no table changes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from opsdesk.demo.cast import Cast
from tests.api.calling import Api, everything, fields_of
from tests.tickets import ladder
from tickets.actions import describe_cause, drive_ticket, edit_ticket, open_cause, push_cause
from tickets.choices import CauseState, Type
from tickets.models import Cause, Ticket

Make = Callable[[Cast, dt.datetime], Ticket]

MISSING: dict[str, dict[str, Any]] = {
    "type": {"type": ""},
    "module": {"module": None, "module_not_sure": False},
    "team": {"team": None},
    "answer": {"first_response_at": None},
    "answer_page": {"answer_page": None, "answer_gap": False},
    "suspected_module": {"suspected_module": None},
    "suspected_cause": {"suspected_cause": ""},
    "evidence": {"evidence": ""},
    "quote": {"quote": ""},
    "scenario": {"scenario": ""},
    "frequency": {"frequency": ""},
    "driver": {"driver": ""},
    "driver_state": {"driver_state": "released"},
}


def driven_bug(cast: Cast, now: dt.datetime) -> Ticket:
    ticket = drive_ticket(ladder.screened(cast, now), "D-1", acting_user=cast.linzhixia, now=now)
    return without(ticket, driver_state="verified", status="open")


def request(cast: Cast, now: dt.datetime) -> Ticket:
    fields = {"quote": "每次都要手工改", "scenario": "主管每周五汇总", "frequency": "每周一次"}
    ticket = ladder.routed(cast, now, Type.IMPROVEMENT)
    return edit_ticket(ticket, fields, acting_user=cast.linzhixia, now=now)


def driven_request(cast: Cast, now: dt.datetime) -> Ticket:
    ticket = drive_ticket(request(cast, now), "D-1", acting_user=cast.linzhixia, now=now)
    return without(ticket, first_response_at=now, driver_state="verified", status="open")


def delivered(cast: Cast, now: dt.datetime) -> Ticket:
    ticket = ladder.pushed(cast, now)
    Cause.objects.update(state=CauseState.DELIVERED, text="旧编码")
    return ticket


def without(ticket: Ticket, **columns: Any) -> Ticket:
    """Take a row out behind the actions' back, as if it had never been filled."""
    Ticket.objects.filter(pk=ticket.pk).update(**columns)
    return Ticket.objects.get(pk=ticket.pk)


def bare_cause(cast: Cast, now: dt.datetime) -> Cause:
    """A pushed cause that says nothing yet, so it fills no row of its tickets."""
    crm = cast.products["crm"]
    opened = open_cause(title="视图不同步", product=crm, acting_user=cast.linzhixia, now=now)
    return push_cause(opened, cast.hesiyuan, acting_user=cast.linzhixia, now=now)


def body_of(verb: str, cast: Cast, now: dt.datetime) -> dict[str, Any]:
    """What the verb is sent with."""
    if verb == "move-up":
        return {"level": 2}
    if verb == "relay":
        return {"team": cast.teams["crm_development"].pk}
    if verb == "push":
        return {"cause": bare_cause(cast, now).pk}
    return {"resolution": verb.removeprefix("resolve-")}


L1, USAGE = ("type", "module"), ("answer", "answer_page")
TECHNICAL, REQUEST = (
    ("suspected_module", "suspected_cause", "evidence"),
    ("quote", "scenario", "frequency"),
)
#: (a ticket ready for the move, the verb, the rows whose absence must stop it)
MOVES: list[tuple[Make, str, tuple[str, ...]]] = [
    (ladder.routed, "move-up", (*L1, "team")),
    # The relay itself is the route, so only the other rows of level 1 are asked.
    (ladder.routed, "relay", L1),
    (ladder.answered, "resolve-answered", (*L1, "team", *USAGE)),
    (ladder.screened, "push", (*L1, "team", *TECHNICAL)),
    (ladder.screened, "resolve-fixed", (*L1, "team", *TECHNICAL)),
    (driven_bug, "resolve-fixed", (*L1, "team", "driver", "driver_state")),
    (driven_request, "resolve-fixed", (*L1, "team", *REQUEST, "driver", "driver_state")),
]
CASES = [(make, verb, row) for make, verb, rows in MOVES for row in rows]


@pytest.mark.parametrize(
    ("make", "verb", "row"), CASES, ids=[f"{m.__name__}-{v}-{r}" for m, v, r in CASES]
)
def test_a_missing_row_stops_the_move(
    cast: Cast, now: dt.datetime, make: Make, verb: str, row: str
) -> None:
    api, body = Api(cast.linzhixia), body_of(verb, cast, now)
    ticket = without(make(cast, now), **MISSING[row])
    before = everything()
    response = api.verb(ticket, verb.split("-", maxsplit=1)[0] if "resolve" in verb else verb, body)
    assert response.status_code == 409, response.json()
    assert response.json()["code"] == "contract_unmet"
    assert row in fields_of(response)
    for problem in response.json()["problems"]:
        assert problem["message"]
        assert problem["remedy"]
    assert everything() == before


@pytest.mark.parametrize(
    ("make", "verb"), [(m, v) for m, v, _ in MOVES], ids=[f"{m.__name__}-{v}" for m, v, _ in MOVES]
)
def test_the_complete_ticket_moves(cast: Cast, now: dt.datetime, make: Make, verb: str) -> None:
    api, body = Api(cast.linzhixia), body_of(verb, cast, now)
    ticket = make(cast, now)
    response = api.verb(ticket, verb.split("-", maxsplit=1)[0] if "resolve" in verb else verb, body)
    assert response.status_code == 200, response.json()


@pytest.mark.parametrize("row", TECHNICAL)
def test_what_is_on_the_cause_already_fills_the_row(cast: Cast, now: dt.datetime, row: str) -> None:
    api = Api(cast.linzhixia)
    ticket, cause = without(ladder.screened(cast, now), **MISSING[row]), bare_cause(cast, now)
    assert fields_of(api.verb(ticket, "push", {"cause": cause.pk})) == [row]
    said = {"module": cast.modules["visits"], "category": "code", "evidence": "10:00 起全部 502"}
    describe_cause(cause, said, acting_user=cast.linzhixia, now=now)
    response = api.verb(ticket, "push", {"cause": cause.pk})
    assert (response.status_code, response.json()["level"]) == (200, 3)


@pytest.mark.parametrize(
    ("row", "columns"),
    [
        ("cause_text", {"state": CauseState.ACCEPTED}),
        ("cause_text", {"text": ""}),
        ("owner", {"owner": None}),
        ("promised_on", {"promised_on": None}),
    ],
)
def test_a_row_of_the_owner_missing(
    cast: Cast, now: dt.datetime, row: str, columns: dict[str, Any]
) -> None:
    api = Api(cast.linzhixia)
    ticket = delivered(cast, now)
    Cause.objects.update(**columns)
    before = everything()
    response = api.verb(ticket, "resolve", {"resolution": "fixed"})
    assert (response.status_code, row in fields_of(response)) == (409, True)
    assert everything() == before


def test_the_owners_rows_complete(cast: Cast, now: dt.datetime) -> None:
    ticket = delivered(cast, now)
    response = Api(cast.linzhixia).verb(ticket, "resolve", {"resolution": "fixed"})
    assert response.json()["resolved_level"] == 3


def test_levels_3_and_4_are_reached_by_their_own_verbs(cast: Cast, now: dt.datetime) -> None:
    api = Api(cast.linzhixia)
    ticket = ladder.screened(cast, now)
    before = everything()
    for level, row in ((3, "cause"), (4, "driver")):
        response = api.verb(ticket, "move-up", {"level": level})
        assert (response.status_code, fields_of(response)) == (409, [row])
    assert api.verb(ticket, "move-up", {"level": 1}).json()["code"] == "wrong_state"
    assert everything() == before
