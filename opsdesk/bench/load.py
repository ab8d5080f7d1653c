"""Fills an empty database with `size` tickets and about ten events each, by COPY.

Loaded once per size and schema; a file in the data folder says what is there. Indexes and foreign
keys are put aside meanwhile, which is why the owner of the schema must run it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Model

from accounts.models import Department, User
from catalog.models import Module, Product, Team
from core.bulk import copy_rows
from core.events import sealed
from core.models import Event, Touched
from core.searchkey import search_key
from opsdesk.bench.texts import RARE_WORDS, Words, pool
from opsdesk.demo.cast import build_cast
from tickets.models import Cause, Comment, Ticket

#: Raised when what is loaded changes, so that the next run loads again.
VERSION = 2
#: Tickets are spread over so many days before the load; the last ones are of today.
DAYS = 3 * 365
SALT = "5a" * 16
#: One ticket in so many has twenty comments, for the ticket page.
TALKATIVE = 1000
_LARGE = (Ticket, Event, Comment, User)
_EVENT_COLUMNS = (
    "subject", "subject_id", "version", "verb", "actor_id", "occurred_at", "recorded_at",
    "changes", "data", "imported", "request_id",
)  # fmt: skip
Say = Callable[[str], None]
Json = dict[str, Any]


class NotOurs(Exception):
    """The database holds tickets that the bench did not load."""


def marker_file() -> Path:
    return Path(settings.DATA_DIR) / "bench-loaded.json"


def loaded_as(size: int) -> Json:
    """What the marker says when this size, these columns and this loader are there.

    New indexes come by migration onto the filled tables; only other columns need another load.
    """
    tables = [model._meta.db_table for model in (*_LARGE, Cause)]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name, data_type FROM information_schema.columns"
            " WHERE table_name = ANY(%s) ORDER BY table_name, column_name",
            [tables],
        )
        schema = repr((VERSION, cursor.fetchall()))
    return {"size": size, "schema": hashlib.sha256(schema.encode()).hexdigest()}


def ensure_loaded(size: int, now: dt.datetime, say: Say) -> bool:
    """Load unless it is there; returns whether it had to."""
    wanted = loaded_as(size)
    marker = marker_file()
    if marker.exists():
        found = json.loads(marker.read_text())
        if found == wanted:
            return False
        say("Another size or schema is loaded; emptying the database …")
        _empty()
        _put_back(found.get("aside", []))
        marker.unlink()
    elif Ticket.objects.exists():
        raise NotOurs
    begun = time.monotonic()
    _load(size, now, say)
    marker.write_text(json.dumps(wanted))
    say(f"Loaded {size:,} tickets in {time.monotonic() - begun:.0f} s.")
    return True


def _empty() -> None:
    tables = set(connection.introspection.table_names()) - {"django_migrations"}
    quoted = ", ".join(connection.ops.quote_name(table) for table in sorted(tables))
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {quoted} RESTART IDENTITY CASCADE")


def _load(size: int, now: dt.datetime, say: Say) -> None:
    cast = build_cast(now - dt.timedelta(days=DAYS + 7))
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
        cursor.execute("SET maintenance_work_mem = '512MB'")
    with _indexes_aside(say):
        people = _add_people(max(200, size // 50), now)
        causes = _add_causes(max(5, size // 100), now, cast.hesiyuan.pk)
        house = _house(people, causes)
        begun = time.monotonic()
        makers = _Makers(house, size, now)
        _copy(Ticket, _ticket_columns(), makers.tickets(), "tickets", say)
        _copy(Comment, _COMMENT_COLUMNS, makers.comments(), "comments", say)
        _copy(Event, _EVENT_COLUMNS, makers.events(), "events", say)
        say(f"Copied in {time.monotonic() - begun:.0f} s; indexes …")
    with connection.cursor() as cursor:
        for model in (*_LARGE, Cause):
            table = model._meta.db_table
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"  # noqa: S608
            )
        Touched.objects.all().delete()
        cursor.execute("VACUUM ANALYZE")


def _copy(
    model: type[Model], columns: tuple[str, ...], rows: Iterator[Any], what: str, say: Say
) -> None:
    begun = time.monotonic()
    count = copy_rows(model, columns, rows)
    say(f"  {count:,} {what} in {time.monotonic() - begun:.0f} s")


@contextmanager
def _indexes_aside(say: Say) -> Iterator[None]:
    """Drop foreign keys and plain indexes of the large tables, and make them again afterwards."""
    tables = [model._meta.db_table for model in _LARGE]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)"
            " FROM pg_constraint WHERE contype = 'f' AND conrelid::regclass::text = ANY(%s)",
            [tables],
        )
        keys = cursor.fetchall()
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%s) AND indexname"
            " NOT IN (SELECT conindid::regclass::text FROM pg_constraint WHERE conindid <> 0)",
            [tables],
        )
        indexes = cursor.fetchall()
        # Written down first: the run after a killed load empties the tables and puts these back.
        aside = [[name, definition] for name, definition in indexes]
        aside += [
            [name, f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}']
            for table, name, definition in keys
        ]
        marker_file().write_text(json.dumps({"aside": aside}))
        for table, name, _definition in keys:
            cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        for name, _definition in indexes:
            cursor.execute(f'DROP INDEX "{name}"')
    try:
        yield
    finally:
        begun = time.monotonic()
        _put_back(aside)
        say(f"  indexes and keys in {time.monotonic() - begun:.0f} s")


def _put_back(aside: list[list[str]]) -> None:
    """Make the indexes and keys that are not there."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexname FROM pg_indexes UNION SELECT conname FROM pg_constraint")
        present = {name for (name,) in cursor.fetchall()}
        for name, statement in aside:
            if name not in present:
                cursor.execute(statement)


def _filled(model: type[Model], **values: Any) -> dict[str, Any]:
    """A row's columns with their defaults, for COPY knows no Python defaults."""
    row = {
        field.attname: values.get(field.attname, field.get_default())
        for field in model._meta.concrete_fields
    }
    return {**row, **values}


def _add_people(count: int, now: dt.datetime) -> list[int]:
    """Requesters of every department; the password is none, they need not sign in."""
    departments = list(Department.objects.order_by("pk").values_list("pk", flat=True))
    first = (User.objects.order_by("-pk").values_list("pk", flat=True).first() or 0) + 1
    columns = tuple(field.attname for field in User._meta.concrete_fields)
    start = _filled(User, password="!", version=1, salt=SALT, joined_at=now)  # noqa: S106

    def rows() -> Iterator[list[Any]]:
        for number in range(count):
            name = f"员工{number:06}"
            row = start | {
                "id": first + number, "username": f"person{number}", "name": name,
                "department_id": departments[number % len(departments)],
                "search_key": f"员员工工\x1f{number:06}",
            }  # fmt: skip
            yield [row[column] for column in columns]

    copy_rows(User, columns, rows())
    return list(range(first, first + count))


def _add_causes(count: int, now: dt.datetime, owner_id: int) -> list[int]:
    product = Product.objects.get(code="crm")
    columns = tuple(field.attname for field in Cause._meta.concrete_fields)
    start = _filled(
        Cause, version=1, salt=SALT, product_id=product.pk, owner_id=owner_id, state="delivered",
        category="code", text="缓存没有失效", created_at=now, pushed_at=now, accepted_at=now,
        delivered_at=now,
    )  # fmt: skip
    open_ones = dict.fromkeys(range(0, count, 50), "accepted")
    copy_rows(
        Cause,
        columns,
        (
            [
                (start | {"id": n + 1, "title": f"根因 {n + 1}",
                          "state": open_ones.get(n, "delivered")})[column]
                for column in columns
            ]
            for n in range(count)
        ),
    )  # fmt: skip
    return list(range(1, count + 1))


@dataclass(frozen=True)
class _House:
    """Ids the rows point at."""

    people: list[tuple[int, int | None]]
    agents: list[int]
    modules: list[tuple[int, int]]
    team: int
    causes: list[int]


def _house(people: list[int], causes: list[int]) -> _House:
    team = Team.objects.filter(is_product_operations=True, is_active=True).order_by("pk")[0]
    departments = dict(User.objects.filter(pk__in=people).values_list("pk", "department_id"))
    return _House(
        people=[(pk, departments[pk]) for pk in people],
        agents=list(team.members.order_by("pk").values_list("pk", flat=True)),
        modules=list(Module.objects.order_by("pk").values_list("pk", "product_id")),
        team=team.pk,
        causes=causes,
    )


_COMMENT_COLUMNS = (
    "id", "ticket_id", "author_id", "kind", "body", "salt", "created_at", "is_auto",
)  # fmt: skip
_TYPES = ("how_to", "how_to", "how_to", "configuration", "access", "bug", "bug", "data",
          "performance", "improvement")  # fmt: skip
_LEVELS = (1, 2, 2, 2, 2, 2, 3, 3, 4, 2)


def _ticket_columns() -> tuple[str, ...]:
    return tuple(field.attname for field in Ticket._meta.concrete_fields)


Step = tuple[str, int, str]
_SUBMITTED = ("product_id", "requester_id", "submitted_by_id", "department_id", "team_id")
_dumps = json.JSONEncoder(separators=(",", ":")).encode


class _Makers:
    """Makes the rows of ticket `n` from `n` alone, so that three passes agree."""

    def __init__(self, house: _House, size: int, now: dt.datetime) -> None:
        self.house = house
        self.size = size
        self.now = now
        self.words = pool()
        self.begin = now - dt.timedelta(days=DAYS)
        self.step = dt.timedelta(days=DAYS) / size

    def submitted(self, n: int) -> dt.datetime:
        return self.begin + self.step * n

    def is_open(self, n: int) -> bool:
        """Of the newest two in a hundred (or thousand tickets) half; older ones one in 1,000."""
        newest = self.size - max(self.size // 50, 1000)
        return n % 2 == 0 if n > newest else n % 1000 == 3

    def comments_of(self, n: int) -> int:
        return 20 if n % TALKATIVE == 7 else 2

    def text(self, n: int) -> Words:
        words = self.words[(n * 7919) % len(self.words)]
        extra = next((word for word, every in RARE_WORDS.items() if n % every == 11), "")
        if not extra:
            return words
        return Words(
            words.title, f"{words.description} {extra}", f"{words.key} {search_key(extra)}"
        )

    def tickets(self) -> Iterator[list[Any]]:
        columns = _ticket_columns()
        start = _filled(Ticket, salt=SALT, custom={}, urgency=2, channel="form")
        for n in range(1, self.size + 1):
            row = start | self._ticket(n)
            yield [row[column] for column in columns]

    def _ticket(self, n: int) -> dict[str, Any]:
        at = self.submitted(n)
        words = self.text(n)
        module, product = self.house.modules[(n * 31) % len(self.house.modules)]
        requester, department = self.house.people[(n * 104_729) % len(self.house.people)]
        level = _LEVELS[(n * 17) % 10]
        status = self.status(n)
        row: dict[str, Any] = {
            "id": n, "title": words.title, "description": words.description, "status": status,
            "product_id": product, "module_id": module, "requester_id": requester,
            "submitted_by_id": requester, "department_id": department, "level": level,
            "type": _TYPES[(n * 13) % 10], "impact": 1 + (n % 9 == 0), "priority": 3 - (n % 9 == 0),
            "submitted_at": at, "confidential": n % 100 == 5, "assignee_id": self._holder(n),
            "first_response_at": None if status == "new" else at + dt.timedelta(hours=2),
            "cause_id": self.house.causes[n % len(self.house.causes)] if level == 3 else None,
            "team_id": self.house.team, "updated_at": at,
            "search_key": f"\x1fops-\x1f{n}\n{words.key}",
            "response_due_at": at + dt.timedelta(hours=8),
            "resolution_due_at": at + dt.timedelta(days=3),
        }  # fmt: skip
        if status in ("new", "open", "on_hold"):
            due = row["response_due_at" if status == "new" else "resolution_due_at"]
            row |= {"due_at": due, "warn_at": at + (due - at) * 4 / 5}
        ended = at + dt.timedelta(hours=30)
        if status == "closed":
            row |= {
                "resolution": "answered", "resolved_level": level, "resolved_at": ended,
                "closed_at": at + dt.timedelta(hours=150), "auto_confirmed": True,
                "updated_at": ended,
            }  # fmt: skip
        elif status == "cancelled":
            row |= {"cancelled_at": ended, "updated_at": ended}
        row["version"] = len(self.history(n, row))
        return row

    def status(self, n: int) -> str:
        if self.is_open(n):
            return ("new", "open", "open", "pending", "on_hold")[n % 5]
        return "cancelled" if n % 25 == 0 else "closed"

    def _holder(self, n: int) -> int | None:
        agents = self.house.agents
        return None if self.is_open(n) and n % 3 == 0 else agents[n % len(agents)]

    def comments(self) -> Iterator[tuple[Any, ...]]:
        pk = 0
        for n in range(1, self.size + 1):
            at = self.submitted(n)
            agent = self.house.agents[n % len(self.house.agents)]
            for number in range(self.comments_of(n)):
                pk += 1
                kind = "note" if number % 4 == 3 else "public"
                yield (
                    pk, n, agent, kind, "请按下面的步骤试一下,还不行就回复我。", SALT,
                    at + dt.timedelta(hours=2 + number), False,
                )  # fmt: skip

    def history(self, n: int, row: dict[str, Any]) -> list[Step]:
        """Verb, hours after submission and changes (as JSON) of each event; they fold to `row`."""
        status, level = row["status"], row["level"]
        agent = self.house.agents[n % len(self.house.agents)]
        submission = {name: [None, row[name]] for name in _SUBMITTED}
        submission["title"] = ["", sealed(SALT, row["title"])]
        submission["description"] = ["", sealed(SALT, row["description"])]
        submission["submitted_at"] = [None, row["submitted_at"].isoformat()]
        if row["confidential"]:
            submission["confidential"] = [False, True]
        steps: list[Step] = [
            ("submit", 0, _dumps(submission)),
            ("claim", 1, f'{{"assignee_id":[null,{agent}]}}'),
        ]
        first = "{}"
        if status != "new":
            answered = row["first_response_at"].isoformat()
            first = f'{{"status":["new","open"],"first_response_at":[null,"{answered}"]}}'
        steps += [
            ("note" if number % 4 == 3 else "comment", 2 + number, "{}" if number else first)
            for number in range(self.comments_of(n))
        ]
        module, kind = row["module_id"], row["type"]
        steps.append(("edit", 25, f'{{"type":["","{kind}"],"module_id":[null,{module}]}}'))
        weight = f'{{"impact":[1,{row["impact"]}],"priority":[3,{row["priority"]}]}}'
        steps.append(("edit", 26, weight if n % 9 == 0 else "{}"))
        if row["assignee_id"] is None:
            steps.append(("assign", 27, f'{{"assignee_id":[{agent},null]}}'))
        if level > 1:
            cause = f',"cause_id":[null,{row["cause_id"]}]' if level == 3 else ""
            steps.append(("move_up", 28, f'{{"level":[1,{level}]{cause}}}'))
        if status in ("pending", "on_hold"):
            steps.append(("ask", 29, f'{{"status":["open","{status}"]}}'))
        return [*steps, *self._end(row)]

    @staticmethod
    def _end(row: dict[str, Any]) -> list[Step]:
        if row["status"] == "cancelled":
            at = row["cancelled_at"].isoformat()
            ended = f'{{"status":["open","cancelled"],"cancelled_at":[null,"{at}"]}}'
            return [("withdraw", 30, ended)]
        if row["status"] != "closed":
            return []
        resolved = (
            '{"status":["open","resolved"],"resolution":["","answered"],'
            f'"resolved_level":[null,{row["level"]}],'
            f'"resolved_at":[null,"{row["resolved_at"].isoformat()}"]}}'
        )
        closed = (
            '{"status":["resolved","closed"],"auto_confirmed":[false,true],'
            f'"closed_at":[null,"{row["closed_at"].isoformat()}"]}}'
        )
        return [("resolve", 30, resolved), ("auto_confirm", 150, closed)]

    def events(self) -> Iterator[tuple[Any, ...]]:
        hours = [dt.timedelta(hours=number) for number in range(200)]
        for n in range(1, self.size + 1):
            row = self._ticket(n)
            agent, at = self.house.agents[n % len(self.house.agents)], row["submitted_at"]
            for version, (verb, hour, changes) in enumerate(self.history(n, row), start=1):
                moment = at + hours[hour]
                actor = row["requester_id"] if version == 1 else agent
                yield (
                    "ticket", n, version, verb, actor, moment, moment, changes, "{}", False, "",
                )  # fmt: skip
