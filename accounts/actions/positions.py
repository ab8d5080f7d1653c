"""Positions (岗位)."""

from __future__ import annotations

import datetime as dt

from accounts.models import Position, User
from core.changes import add, refuse_taken, revise


def create_position(name: str, *, acting_user: User | None, now: dt.datetime) -> Position:
    return add(
        Position(name=name.strip()),
        acting_user=acting_user,
        now=now,
        guard=lambda row: refuse_taken(Position.objects.filter(name=row.name), "name", row.name),
    )


def rename_position(
    position: Position,
    name: str,
    *,
    acting_user: User | None,
    now: dt.datetime,
    seen_version: int | None = None,
) -> Position:
    others = Position.objects.exclude(pk=position.pk)
    return revise(
        position,
        "rename",
        {"name": name.strip()},
        seen_version=seen_version,
        acting_user=acting_user,
        now=now,
        guard=lambda row: refuse_taken(others.filter(name=row.name), "name", row.name),
    )
