"""record_history takes sound histories and refuses unsound ones by field, value and remedy."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from core import events
from core.models import Event, OutboxRow, Touched
from opsdesk.demo.cast import Cast
from tickets.actions.history import HistoryResult, record_history
from tickets.actions.history_rules import Happening, TicketHistory
from tickets.models import Ticket

pytestmark = pytest.mark.django_db
START = dt.datetime(2020, 1, 6, 9, 0, tzinfo=dt.UTC)
Record = Callable[..., HistoryResult]


@pytest.fixture
def history(cast: Cast) -> TicketHistory:
    """Submitted, taken up, resolved, closed, reopened, resolved."""
    person = cast.wangke
    first = {
        "title": "Old", "description": "From elsewhere", "level": None, "channel": "import",
        "product_id": cast.products["crm"].pk, "requester_id": person.pk,
        "submitted_by_id": person.pk,
    }  # fmt: skip
    statuses = ["open", "resolved", "closed", "open", "resolved"]
    return TicketHistory(
        "elsewhere",
        "T-1",
        [
            Happening(START, first, person.pk),
            *(
                Happening(START + dt.timedelta(hours=hour), {"status": status})
                for hour, status in enumerate(statuses, start=1)
            ),
        ],
    )


@pytest.fixture
def record(now: dt.datetime) -> Record:
    def run(*histories: TicketHistory) -> HistoryResult:
        return record_history(histories, acting_user=None, now=now)

    return run


def with_step(history: TicketHistory, number: int, **changes: Any) -> TicketHistory:
    happenings = list(history.happenings)
    happenings[number] = replace(happenings[number], **changes)
    return replace(history, happenings=happenings)


def test_a_history_becomes_a_ticket_with_its_events(record: Record, history: TicketHistory) -> None:
    waiting = OutboxRow.objects.count()
    touched = Touched.objects.count()

    result = record(history)

    ticket = Ticket.objects.get(external_id="T-1")
    log = list(events.history("ticket", ticket.pk))
    assert (result.created, result.events, result.refused) == (1, 6, [])
    assert [e.verb for e in log] == ["submit", "edit", "resolve", "confirm", "reopen", "resolve"]
    assert all(event.imported for event in log)
    assert [e.occurred_at for e in log] == [h.at for h in history.happenings]
    assert events.unfolded(ticket) == {}
    assert (ticket.status, ticket.reopened_times, ticket.closed_at) == ("resolved", 1, None)
    assert ticket.resolved_at == START + dt.timedelta(hours=5)
    assert (ticket.response_due_at, ticket.resolution_due_at) == (None, None)
    assert OutboxRow.objects.count() == waiting
    assert Touched.objects.count() == touched + 1


def test_its_words_are_found_and_sealed_in_the_log(record: Record, history: TicketHistory) -> None:
    record(history)

    ticket = Ticket.objects.matching("from elsewhere").get()
    first = events.history("ticket", ticket.pk)[0]
    assert first.changes["description"][1].startswith("sha256:")


def test_times_out_of_order_are_sorted_and_reported(record: Record, history: TicketHistory) -> None:
    shuffled = replace(history, happenings=[history.happenings[0], *history.happenings[:0:-1]])

    result = record(shuffled)

    assert result.created == 1
    assert [note.problem.field for note in result.notes] == ["at"]
    assert Ticket.objects.get(external_id="T-1").status == "resolved"


@pytest.mark.parametrize(
    ("number", "changes", "field", "value"),
    [
        (1, {"fields": {"status": "opened"}}, "status", "opened"),
        (1, {"fields": {"status": "closed"}}, "status", "new"),
        (4, {"fields": {"status": "cancelled"}}, "status", "closed"),
        (1, {"fields": {"impact": 9}}, "impact", "9"),
        (1, {"fields": {"urgency": None}}, "urgency", ""),
        (1, {"fields": {"module_id": 10**9}}, "module_id", "1000000000"),
        (1, {"fields": {"title": "x" * 201}}, "title", "x" * 40 + "…"),
        (1, {"fields": {"closed_at": START}}, "closed_at", str(START)),
        (1, {"fields": {"colour": "red"}}, "colour", "red"),
        (1, {"at": START.replace(tzinfo=None)}, "at", "2020-01-06T09:00:00"),
        (5, {"at": START.replace(year=2999)}, "at", "2999-01-06T09:00:00+00:00"),
        (0, {"fields": {}}, "title", ""),
    ],
)
def test_an_unsound_history_is_refused_whole_and_the_others_are_taken(
    record: Record,
    history: TicketHistory,
    number: int,
    changes: dict[str, Any],
    field: str,
    value: str,
) -> None:
    bad = replace(with_step(history, number, **changes), external_id="T-2")
    before = Event.objects.count()

    result = record(bad, history)

    problem = next(found.problem for found in result.refused if found.problem.field == field)
    assert problem.value == value
    assert str(problem.message)
    assert str(problem.remedy)
    assert {found.history.external_id for found in result.refused} == {"T-2"}
    assert result.created == 1
    assert Event.objects.count() == before + 6
    assert not Ticket.objects.filter(external_id="T-2").exists()


def test_a_ticket_given_twice_is_taken_once(record: Record, history: TicketHistory) -> None:
    result = record(history, replace(history))

    assert result.created == 1
    assert [found.problem.field for found in result.refused] == ["external_id"]


def test_an_empty_history_and_a_nameless_one_are_refused(
    record: Record, history: TicketHistory
) -> None:
    result = record(replace(history, happenings=[]), replace(history, external_id=""))

    assert [found.problem.field for found in result.refused] == ["happenings", "external_id"]
    assert result.created == 0


def test_batches_are_whole(
    monkeypatch: pytest.MonkeyPatch, record: Record, history: TicketHistory
) -> None:
    monkeypatch.setattr("tickets.actions.history.BATCH", 2)
    many = [replace(history, external_id=f"T-{number}") for number in range(5)]

    assert record(*many).created == 5
    assert record(*many).unchanged == 5
