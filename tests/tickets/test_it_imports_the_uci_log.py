"""The UCI incident log comes in whole; what cannot be mapped is told, with its line."""

import csv
import datetime as dt
import gzip
from collections import Counter
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings

from accounts.models import User
from core import events
from core.models import Event, Notice, OutboxRow
from tests.tickets.imports import MAPPINGS, import_log, real
from tickets.choices import UNRESOLVED
from tickets.models import Ticket

pytestmark = pytest.mark.django_db
LOG = "uci_incident/incident_event_log.csv.gz"
MAPPING = MAPPINGS / "uci_incident.toml"
#: Both incidents with state -100, one closed twice, one whose rows are out of order, one whose
#: opening is later than its first row.
TRICKY = {"INC0028089", "INC0030413", "INC0000649", "INC0000137", "INC0000130", "INC0001894"}


def local(text: str) -> dt.datetime:
    return dt.datetime.strptime(text, "%d/%m/%Y %H:%M").replace(tzinfo=ZoneInfo(settings.TIME_ZONE))


def rows_of_log() -> list[dict[str, str]]:
    with gzip.open(real(LOG), "rt", encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture
def part(tmp_path: Path) -> tuple[Path, list[dict[str, str]]]:
    """The tricky incidents and the first three hundred others."""
    rows = rows_of_log()
    names = [*dict.fromkeys(row["number"] for row in rows)][:300]
    chosen = [row for row in rows if row["number"] in TRICKY | set(names)]
    file = tmp_path / "part.csv"
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(chosen[0]))
        writer.writeheader()
        writer.writerows(chosen)
    return file, chosen


def assert_equals_the_log(rows: list[dict[str, str]]) -> None:
    """Each ticket against the log's own words about it."""
    last = {row["number"]: row for row in rows}
    opened = {row["number"]: row["opened_at"] for row in rows}
    tickets = {ticket.external_id: ticket for ticket in Ticket.objects.select_related("module")}
    assert tickets.keys() == last.keys()
    for number, ticket in tickets.items():
        row = last[number]
        assert ticket.status == "closed"
        assert ticket.submitted_at == local(opened[number])
        assert ticket.closed_at == local(row["closed_at"])
        assert ticket.priority == int(row["priority"][0]) - 1
        assert (ticket.module.name if ticket.module else "?") == row["category"]
        assert ticket.custom["location" if row["location"] != "?" else "notify"] in row.values()


def test_tricky_incidents_come_in_as_the_log_says(
    part: tuple[Path, list[dict[str, str]]],
) -> None:
    file, rows = part

    told = import_log(file, MAPPING)

    assert_equals_the_log(rows)
    assert "5×" in told
    assert "“incident_state”, value “-100”" in told
    assert "This row is older than the submission." in told
    assert "This row is older than the one above it." in told
    strange = Event.objects.filter(subject="ticket", data__activity="-100")
    assert strange.count() == 5
    assert all("status" not in event.changes for event in strange)
    assert Ticket.objects.get(external_id="INC0001894").reopened_times > 0
    assert all(events.unfolded(ticket) == {} for ticket in Ticket.objects.all())


def test_every_row_is_an_event_and_changes_of_attributes_are_edits(
    part: tuple[Path, list[dict[str, str]]],
) -> None:
    file, rows = part

    import_log(file, MAPPING)

    log = Event.objects.filter(subject="ticket")
    assert set(log.values_list("data__line", flat=True)) == set(range(2, len(rows) + 2))
    moved_team = log.filter(verb="transfer").first()
    assert moved_team is not None
    assert "team_id" in moved_team.changes


def test_people_of_a_log_cannot_sign_in_and_nobody_is_told(
    part: tuple[Path, list[dict[str, str]]],
) -> None:
    file, _rows = part

    import_log(file, MAPPING)

    people = User.objects.filter(imported=True)
    assert people.count() > 100
    assert not people.filter(is_active=True).exists()
    assert not any(person.has_usable_password() for person in people[:20])
    assert not OutboxRow.objects.exists()
    assert not Notice.objects.exists()


@pytest.mark.slow
def test_the_whole_log_comes_in() -> None:
    rows = rows_of_log()

    told = import_log(real(LOG), MAPPING)

    assert "141712 rows, 24918 tickets: 24918 new, 0 continued, 0 unchanged, 0 left out" in told
    assert_equals_the_log(rows)
    log = Event.objects.filter(subject="ticket")
    assert len(set(log.values_list("data__line", flat=True))) == 141_712
    assert not OutboxRow.objects.exists()
    assert backlog_identity_holds()


def backlog_identity_holds() -> bool:
    """Invariant 11 over the whole log: what came in, went out or is still there."""
    moves: Counter[str] = Counter()
    unresolved = set(UNRESOLVED)
    changes = Event.objects.filter(subject="ticket", changes__has_key="status")
    for before, after in (event.changes["status"] for event in changes):
        if before in unresolved and after == "resolved":
            moves["resolved"] += 1
        elif before in ("resolved", "closed") and after in unresolved:
            moves["reopened"] += 1
        elif before in unresolved and after not in unresolved:
            moves["lost"] += 1
    left = Ticket.objects.filter(status__in=UNRESOLVED).count()
    return moves["lost"] == 0 and (
        Ticket.objects.count() + moves["reopened"] - moves["resolved"] == left
    )
