"""What working together costs: the poll of open pages, and finding similar tickets."""

from __future__ import annotations

import http.client
import os
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

from django.urls import reverse

from accounts.models import User
from core import live
from opsdesk.bench.client import Client
from opsdesk.bench.extra import Line
from tickets.actions.word_counts import count_words
from tickets.models import Ticket
from tickets.search.similar import similar_to

#: People at the desk, each asking every two seconds.
PEOPLE = 50
_EVERY = 2.0
_POLLS = 1000
_SIMILAR = 40
_GOAL_SIMILAR_MS = 50
_GOAL_POLL = 0.05


def poll_cost(port: int, user: User, size: int) -> Iterator[Line]:
    """Share of one core that fifty people's polls take, by the web workers' own CPU time."""
    client = Client(port, user)
    tickets = Ticket.objects.order_by("-pk").values_list("pk", flat=True)[:50]
    keys = (*(f"ticket:{pk}" for pk in tickets), "queue:all", f"inbox:{user.pk}")
    session = client.cookies.partition(";")[0].partition("=")[2]
    text = live.signed(live.Pass(user.pk, user.name, keys, meets=True), session)
    headers = {"Cookie": client.cookies, "X-Live": f"{text} {live.now_number()}",
               "X-Live-At": keys[0]}  # fmt: skip
    tag = _poll(port, headers)[1]
    headers["If-None-Match"] = tag
    workers = _children(os.getpid())
    before, begun = _cpu(workers), time.perf_counter()
    for _number in range(_POLLS):
        status, _tag = _poll(port, headers)
        if status != 304:
            raise RuntimeError(f"live poll: {status}")
    seconds = time.perf_counter() - begun
    each = (_cpu(workers) - before) / _POLLS
    share = round(each * PEOPLE / _EVERY, 4)
    yield "live poll: answer", size, round(seconds / _POLLS * 1000, 2), "ms", None, "", None
    yield (f"live poll: {PEOPLE} people, share of a core", size, share, "×", share,
           f"≤ {_GOAL_POLL}", share <= _GOAL_POLL)  # fmt: skip


def _poll(port: int, headers: dict[str, str]) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", reverse("live"), headers=headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status, answer.headers.get("ETag", "")
    finally:
        connection.close()


def _children(pid: int) -> list[int]:
    """Every process below this one: the web server and its workers."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and (stat := _stat(int(entry.name))):
            parents[int(entry.name)] = int(stat[1])
    found, more = set(), {pid}
    while more:
        found |= more
        more = {child for child, parent in parents.items() if parent in more} - found
    return sorted(found - {pid})


def _stat(pid: int) -> list[str]:
    """The fields of a process after its name; [] when it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _cpu(pids: list[int]) -> float:
    """CPU seconds these processes have used."""
    ticks = sum(int(stat[11]) + int(stat[12]) for pid in pids if (stat := _stat(pid)))
    return ticks / os.sysconf("SC_CLK_TCK")


def similar_five(user: User, size: int) -> Iterator[Line]:
    """Finding the five most similar tickets, over tickets spread through the house."""
    count_words()
    step = max(1, size // _SIMILAR)
    some = Ticket.objects.filter(pk__in=range(1, size + 1, step)).select_related("product")
    seconds = []
    for ticket in some:
        begun = time.perf_counter()
        similar_to(ticket, user)
        seconds.append(time.perf_counter() - begun)
    middle = round(statistics.median(seconds) * 1000, 1)
    slow = round(statistics.quantiles(seconds, n=20)[-1] * 1000, 1)
    yield ("similar five", size, middle, "ms", None, f"≤ {_GOAL_SIMILAR_MS} ms",
           middle <= _GOAL_SIMILAR_MS)  # fmt: skip
    yield "similar five: P95", size, slow, "ms", None, "", None
