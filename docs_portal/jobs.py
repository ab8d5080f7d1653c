"""Jobs of announcements and courses, run from the outbox; each is safe to run twice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from docs_portal import actions


def tell_announcement(payload: Mapping[str, Any], now: dt.datetime) -> None:
    """Tell everybody of the audience who was not told yet."""
    actions.tell_audience(payload["announcement_id"], now=now)


def remind_announcement(payload: Mapping[str, Any], now: dt.datetime) -> None:
    """Remind everybody of the audience who has not answered."""
    actions.remind_audience(payload["announcement_id"], now=now)


def enrol(payload: Mapping[str, Any], now: dt.datetime) -> None:
    """Enrol everybody a course is assigned to who was not yet."""
    actions.enrol_audience(payload["assignment_id"], now=now)


def ask_again(payload: Mapping[str, Any], now: dt.datetime) -> None:
    """Ask those who completed an earlier version of a course."""
    actions.ask_again(payload["course_id"], payload["content_version"], now=now)


def tell_must_read(payload: Mapping[str, Any], now: dt.datetime) -> None:
    """Tell everybody asked to read a page who has not answered and was not told."""
    actions.tell_must_read(payload["round_id"], now=now)
