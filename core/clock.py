"""What became of each task of the clock: kept by the workers, shown on the health page."""

from __future__ import annotations

import datetime as dt
import logging
import time
from dataclasses import dataclass
from typing import Any

from celery import current_app
from celery.signals import task_failure, task_postrun, task_prerun
from django.conf import settings
from django.db import DatabaseError
from django.utils import timezone
from kombu.exceptions import OperationalError

from core.models import TaskRun

logger = logging.getLogger(__name__)
ERROR_MAX = 300
#: Where tasks wait for a worker (Celery's default queue).
QUEUE = "celery"
_begun: dict[str, float] = {}
_failed: dict[str, str] = {}


def scheduled() -> dict[str, float]:
    """The tasks the clock starts, each with the seconds between two runs."""
    schedule: dict[str, Any] = settings.CELERY_BEAT_SCHEDULE
    return {entry["task"]: float(entry["schedule"]) for entry in schedule.values()}


def is_late(run: TaskRun | None, seconds: float, now: dt.datetime) -> bool:
    """Whether a task has not been seen for three turns and two minutes: beat or worker are gone."""
    if run is None:
        return False
    return now - run.finished_at > dt.timedelta(seconds=3 * seconds + 120)


@dataclass(frozen=True)
class Crew:
    """Workers that answered, each with how many tasks it carries out; tasks that wait for one."""

    workers: list[tuple[str, int]]
    waiting: int | None
    trouble: str = ""


def crew_now(patience: int = 1) -> Crew:
    """Ask the workers themselves. Takes up to `patience` seconds, twice."""
    try:
        with current_app.connection_for_read() as connection:
            connection.ensure_connection(max_retries=1, timeout=patience)
            channel: Any = connection.default_channel
            waiting = channel.client.llen(QUEUE)
            inspect = current_app.control.inspect(timeout=patience, connection=connection)
            answers = inspect.active() or {}
    except (OperationalError, OSError) as error:
        return Crew([], None, f"{type(error).__name__}: {error}"[:ERROR_MAX])
    return Crew(sorted((name, len(tasks)) for name, tasks in answers.items()), int(waiting))


@task_prerun.connect
def _on_begin(task_id: str = "", **_more: Any) -> None:
    _begun[task_id] = time.monotonic()


@task_failure.connect
def _on_failure(task_id: str = "", exception: BaseException | None = None, **_more: Any) -> None:
    _failed[task_id] = f"{type(exception).__name__}: {exception}"[:ERROR_MAX]


@task_postrun.connect
def _on_end(task_id: str = "", task: Any = None, **_more: Any) -> None:
    """Bookkeeping never fails a task: without a database there is none."""
    begun, error = _begun.pop(task_id, None), _failed.pop(task_id, "")
    if begun is None or task is None or task.name not in scheduled():
        return
    seconds, now = time.monotonic() - begun, timezone.now()
    found = {
        "started_at": now - dt.timedelta(seconds=seconds), "finished_at": now, "seconds": seconds,
    }  # fmt: skip
    if error:
        found |= {"failed_at": now, "last_error": error}
    try:
        TaskRun.objects.update_or_create(name=task.name, defaults=found)
    except DatabaseError:
        logger.warning("the run of %s could not be kept", task.name)
