"""Events: refused to be changed by anybody, folding to the row, texts sealed, writes by version."""

from __future__ import annotations

import datetime as dt
import os
import random
import threading
from collections.abc import Callable, Iterator
from typing import Any

import psycopg2
import pytest
from django.db import DatabaseError, connection, connections, transaction

from core import events
from core.errors import StaleWrite
from core.grants import grant_app_role
from core.models import Event, Touched
from core.request_id import request_id
from opsdesk.demo.cast import Cast, build_cast
from tests.cast import NOW
from tests.tickets import ladder
from tickets.actions import add_comment, edit_ticket, resolve_ticket
from tickets.errors import ContractUnmet
from tickets.models import Ticket

CHANGES = (
    "UPDATE core_event SET verb = 'forged'",
    "DELETE FROM core_event",
    "UPDATE core_event SET verb = verb WHERE false",
)
#: What only the owner of the table could do, so the product's role is refused all of it.
OWNERS_WORK = (
    *CHANGES,
    "TRUNCATE core_event",
    "ALTER TABLE core_event DISABLE TRIGGER core_event_append_only",
    "ALTER TABLE core_event DISABLE TRIGGER ALL",
    "DROP TRIGGER core_event_append_only ON core_event",
    "CREATE TRIGGER t BEFORE INSERT ON core_event EXECUTE FUNCTION core_event_refuse()",
    "ALTER FUNCTION core_event_refuse() RENAME TO other",
    "DROP FUNCTION core_event_refuse() CASCADE",
    "DROP TABLE core_event",
    "ALTER TABLE core_event OWNER TO CURRENT_USER",
    "ALTER TABLE core_event ADD COLUMN x int",
    "CREATE RULE r AS ON INSERT TO core_event DO INSTEAD NOTHING",
    "SET session_replication_role = replica",
    "DELETE FROM django_migrations",
)


@pytest.mark.parametrize("sql", CHANGES)
def test_the_owner_is_refused_by_the_trigger(cast: Cast, sql: str) -> None:
    before = list(Event.objects.order_by("pk").values())
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        connection.cursor().execute(sql)
    assert list(Event.objects.order_by("pk").values()) == before


@pytest.fixture
def as_the_product(transactional_db: None) -> Iterator[Any]:
    """A connection as the role the product runs as, with the rights the migrations gave."""
    url = os.environ.get("DATABASE_APP_URL")
    if not url:
        pytest.skip("DATABASE_APP_URL names no role of the product")
    grant_app_role()
    parameters = psycopg2.extensions.parse_dsn(url)
    parameters["dbname"] = connection.settings_dict["NAME"]
    opened = psycopg2.connect(**parameters)
    yield opened
    opened.close()


def test_the_product_may_add_and_read_events_and_nothing_else(as_the_product: Any) -> None:
    with as_the_product, as_the_product.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_event (subject, subject_id, version, verb, occurred_at, recorded_at,"
            " changes, data, imported, request_id)"
            " VALUES ('nothing else', 1, 1, 'submit', now(), now(), '{}', '{}', false, '')"
        )
        # PostgreSQL only warns here; that nothing was granted is seen in the refusals below.
        cursor.execute("GRANT ALL ON core_event TO CURRENT_USER")
    for sql in OWNERS_WORK:
        with pytest.raises(psycopg2.Error) as refusal, as_the_product.cursor() as cursor:
            cursor.execute(sql)
        assert refusal.value.pgcode == "42501", (sql, str(refusal.value))  # insufficient privilege
        as_the_product.rollback()
    with as_the_product.cursor() as cursor:
        cursor.execute("SELECT verb FROM core_event WHERE subject = 'nothing else'")
        assert cursor.fetchall() == [("submit",)]
        # What it does need is there.
        cursor.execute("UPDATE core_touched SET subject = subject")
        cursor.execute("DELETE FROM core_formkey")


def test_the_row_is_the_fold_of_its_events(cast: Cast, now: dt.datetime) -> None:
    for make in (ladder.submitted, ladder.answered, ladder.screened, ladder.pushed):
        ticket = make(cast, now)
        ticket.refresh_from_db()
        assert events.unfolded(ticket) == {}
        versions = list(events.history("ticket", ticket.pk).values_list("version", flat=True))
        assert versions == list(range(1, ticket.version + 1))
    Ticket.objects.filter(pk=ticket.pk).update(bounces=9)
    ticket.refresh_from_db()
    assert events.unfolded(ticket) == {"bounces": (9, 0)}


def test_personal_texts_are_sealed(cast: Cast, now: dt.datetime) -> None:
    ticket = ladder.screened(cast, now)
    add_comment(ticket, "我的手机 13800000000", acting_user=cast.wangke, now=now)
    log = str(list(events.history("ticket", ticket.pk).values_list("changes", "data")))
    ticket.refresh_from_db()
    for name in Ticket.SEALED_FIELDS:
        text = getattr(ticket, name)
        assert not text or text not in log, name
    assert "13800000000" not in log
    assert events.sealed(ticket.salt, ticket.evidence) in log
    other = ladder.submitted(cast, now, ticket.description)
    assert other.salt != ticket.salt
    assert events.sealed(other.salt, other.description) not in log


def test_erasing_a_text_keeps_the_history_true(cast: Cast, now: dt.datetime) -> None:
    ticket = ladder.submitted(cast, now)
    first = events.history("ticket", ticket.pk).get()
    sealed = first.changes["description"][1]
    Ticket.objects.filter(pk=ticket.pk).update(description="", salt="")
    assert events.history("ticket", ticket.pk).get().changes["description"][1] == sealed
    assert sealed.startswith("sha256:")


def test_a_stale_write_names_both_sides(cast: Cast, now: dt.datetime) -> None:
    ticket = ladder.routed(cast, now)
    seen = ticket.version
    edit_ticket(ticket, {"impact": 3}, acting_user=cast.zhoumin, now=now)
    edit_ticket(ticket, {"impact": 4}, acting_user=cast.chenlu, now=now)
    with pytest.raises(StaleWrite) as refusal:
        edit_ticket(ticket, {"impact": 1}, acting_user=cast.linzhixia, now=now, seen_version=seen)
    (conflict,) = refusal.value.conflicts
    assert (conflict.field, conflict.before, conflict.now) == ("impact", 2, 4)
    assert (conflict.actor_id, conflict.verb) == (cast.chenlu.pk, "edit")
    assert refusal.value.current_version == seen + 2
    # Another field, or the same one on the version of now, goes through.
    edit_ticket(ticket, {"quote": "x"}, acting_user=cast.linzhixia, now=now, seen_version=seen)
    edit_ticket(ticket, {"impact": 1}, acting_user=cast.linzhixia, now=now, seen_version=seen + 3)


def test_a_refused_action_leaves_no_event(cast: Cast, now: dt.datetime) -> None:
    ticket = ladder.submitted(cast, now)
    counts = (Event.objects.count(), Touched.objects.count())
    with pytest.raises(ContractUnmet):
        resolve_ticket(ticket, "answered", acting_user=cast.linzhixia, now=now)
    assert (Event.objects.count(), Touched.objects.count()) == counts


def test_an_unrecorded_field_cannot_be_changed_as_recorded(cast: Cast, now: dt.datetime) -> None:
    ticket = ladder.submitted(cast, now)
    with pytest.raises(ValueError, match="EVENT_FIELDS"):
        events.change(ticket, "edit", actor_id=None, now=now, fields={"search_key": "x"})


def test_an_event_carries_its_request(cast: Cast, now: dt.datetime) -> None:
    with request_id("abc123"):
        ticket = ladder.submitted(cast, now)
    assert events.history("ticket", ticket.pk).get().request_id == "abc123"


def side_by_side(first: Callable[[], Any], second: Callable[[], Any]) -> list[Any]:
    """Run both at once on connections of their own; what each gave or raised."""
    barrier = threading.Barrier(2)
    results: list[Any] = [None, None]

    def run(place: int, act: Callable[[], Any]) -> None:
        try:
            barrier.wait(60)
            results[place] = act()
        except Exception as error:
            results[place] = error
        finally:
            connections.close_all()

    threads = [
        threading.Thread(target=run, args=(place, act)) for place, act in enumerate((first, second))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(90)
    return results


def pairs(rounds: int) -> tuple[int, int]:
    """Random pairs of writers on one ticket: (both written, one refused). Checks every round."""
    cast = build_cast(NOW - dt.timedelta(days=7))
    ticket = ladder.routed(cast, NOW)
    source = random.Random(20)
    both = refused = 0
    choices: dict[str, list[Any]] = {
        "impact": [1, 2, 3], "urgency": [1, 2, 3], "quote": ["a", "b", "c"],
        "frequency": ["daily", "weekly", "never"],
    }  # fmt: skip
    for _ in range(rounds):
        ticket.refresh_from_db()
        seen, start = ticket.version, {name: getattr(ticket, name) for name in choices}
        sets = []
        for _writer in range(2):
            names = source.sample(sorted(choices), source.randint(1, 2))
            sets.append({n: source.choice([v for v in choices[n] if v != start[n]]) for n in names})

        def write(
            fields: dict[str, Any], user: Any, row: Ticket = ticket, version: int = seen
        ) -> Ticket:
            copy = Ticket(pk=row.pk)
            return edit_ticket(copy, fields, acting_user=user, now=NOW, seen_version=version)

        results = side_by_side(
            lambda: write(sets[0], cast.linzhixia),  # noqa: B023  (both end within the round)
            lambda: write(sets[1], cast.zhoumin),  # noqa: B023
        )
        clash = set(sets[0]) & set(sets[1])
        errors = [result for result in results if isinstance(result, Exception)]
        ticket.refresh_from_db()
        now = {name: getattr(ticket, name) for name in choices}
        if clash:
            assert len(errors) == 1, results
            assert isinstance(errors[0], StaleWrite), errors
            assert {c.field for c in errors[0].conflicts} == clash
            winner = sets[0] if results[1] is errors[0] else sets[1]
            assert now == {**start, **winner}
            refused += 1
        else:
            assert not errors, errors
            assert now == {**start, **sets[0], **sets[1]}
            both += 1
        assert ticket.version == seen + 2 - len(errors)
    assert events.unfolded(ticket) == {}
    return both, refused


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "rounds", [40, pytest.param(1000, marks=[pytest.mark.soak, pytest.mark.timeout(1800)])]
)
def test_two_writers_never_overwrite_each_other(rounds: int) -> None:
    both, refused = pairs(rounds)
    assert both + refused == rounds
    assert both > rounds // 10
    assert refused > rounds // 10
