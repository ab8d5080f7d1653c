"""Calls of the API as a signed-in person makes them, and a picture of the whole database."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.test import Client

from accounts.models import User
from tickets.models import Cause, Ticket

ROOT = "/api/v1"


@dataclass
class Api:
    """One person's client. `raise_request_exception` is off: a crash is a 500, as in production."""

    user: User
    client: Client = field(init=False)

    def __post_init__(self) -> None:
        self.client = Client(raise_request_exception=False)
        self.client.force_login(self.user, backend="accounts.backends.PeopleBackend")

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(f"{ROOT}{path}", query)

    def post(self, path: str, body: Any = None, *, seen: int | None = None, key: str = "") -> Any:
        return self._send("post", path, body, seen, key)

    def patch(self, path: str, body: Any, *, seen: int | None = None) -> Any:
        return self._send("patch", path, body, seen, "")

    def upload(self, path: str, data: dict[str, Any], *, key: str = "") -> Any:
        headers = {"Idempotency-Key": key} if key else {}
        return self.client.post(f"{ROOT}{path}", data, headers=headers)

    def verb(self, row: Ticket | Cause, verb: str, body: Any = None, *, key: str = "") -> Any:
        """POST a verb on the present version of `row`."""
        row.refresh_from_db()
        noun = "tickets" if isinstance(row, Ticket) else "causes"
        return self.post(f"/{noun}/{row.pk}/{verb}", body, seen=row.version, key=key)

    def _send(self, method: str, path: str, body: Any, seen: int | None, key: str) -> Any:
        headers = {}
        if seen is not None:
            headers["If-Match"] = f'"{seen}"'
        if key:
            headers["Idempotency-Key"] = key
        data = body if isinstance(body, bytes) else json.dumps({} if body is None else body)
        return getattr(self.client, method)(
            f"{ROOT}{path}", data, content_type="application/json", headers=headers
        )


def fields_of(response: Any) -> list[str]:
    """The fields a refusal names."""
    return [problem["field"] for problem in response.json()["problems"]]


def everything() -> dict[str, tuple[int, str]]:
    """Row count and a hash of all row values of every table: what a refusal must not change."""
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        found = {}
        for table in tables:
            name = connection.ops.quote_name(table)
            cursor.execute(
                f"SELECT count(*), md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), ''))"
                f" FROM {name} t"
            )
            found[table] = cursor.fetchone()
    return found


def writes() -> int:
    """How many rows this transaction has written so far, also those that were taken back.

    Asked before `everything`: where it has not moved, nothing can be different.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)::bigint"
            " FROM pg_stat_xact_user_tables"
        )
        return int(cursor.fetchone()[0])
