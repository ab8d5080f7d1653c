"""Queries and buffers of a page: what shows whether it grows with the house."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction
from django.test import Client, override_settings

from accounts.models import User
from opsdesk.bench.acts import Act
from opsdesk.bench.client import hidden_fields


@dataclass
class Cost:
    """What one page asks of the database."""

    queries: int = 0
    buffers: int = 0
    #: The plan of the query that touched most.
    worst: str = ""


@dataclass
class _Recorder:
    asked: list[tuple[str, Any]] = field(default_factory=list)

    def __call__(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        if not sql.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT")):
            self.asked.append((sql, params))
        return execute(sql, params, many, context)


def cost_of(act: Act, user: User) -> Cost:
    """Run the act once in this process, count its queries, and explain those that read.

    A form is sent within a transaction that is rolled back; what it inserts is not explained.
    """
    with override_settings(ROOT_URLCONF="opsdesk.bench.urls", ALLOWED_HOSTS=["*"]):
        client = Client(enforce_csrf_checks=False)
        client.force_login(user, backend="accounts.backends.PeopleBackend")
        recorder = _Recorder()
        address = act.address()
        page = client.get(address)  # warms caches, and is the form of a write
        with transaction.atomic():
            with connection.execute_wrapper(recorder):
                if (form := act.form()) is None:
                    client.get(address)
                else:
                    hidden = hidden_fields(page.content.decode())
                    answer = client.post(address, {**hidden, **form})
                    if answer.status_code not in (302, 204, 200):
                        raise RuntimeError(f"{act.name}: {answer.status_code} at {address}")
            cost = explained(recorder.asked)
            transaction.set_rollback(True)
        return cost


def explained(asked: list[tuple[str, Any]]) -> Cost:
    """The sum over the queries; the plan of the costliest."""
    cost = Cost(queries=len(asked))
    most = -1
    for sql, params in asked:
        if not sql.lstrip("( ").upper().startswith("SELECT"):
            continue
        plan = _explain(sql, params)
        touched = plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"]
        cost.buffers += touched
        if touched > most:
            most, cost.worst = touched, f"{sql[:2000]}\n{json.dumps(plan['Plan'])[:6000]}"
    return cost


def _explain(sql: str, params: Any) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}", params)
        plan: list[dict[str, Any]] = cursor.fetchone()[0]
    return plan[0]
