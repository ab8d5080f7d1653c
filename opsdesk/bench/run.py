"""Measure: interleaved requests as multiples of B, queries and buffers, rates; print and write."""

from __future__ import annotations

import json
import statistics
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.utils import timezone

from accounts.models import User
from opsdesk.bench.acts import TREND, Act, Ground, reads, searches, writes
from opsdesk.bench.client import Client, server
from opsdesk.bench.demands import MOST_DEMANDS, ensure_demands
from opsdesk.bench.exploring import ensure_outlook, explorations
from opsdesk.bench.extra import import_rate
from opsdesk.bench.figures import ensure_facts, ensure_report, figure_costs
from opsdesk.bench.pages import MOST_PAGES, ensure_pages, page_search
from opsdesk.bench.plans import Cost, cost_of
from opsdesk.bench.together import poll_cost, similar_five
from tickets.search.queues import counts_of

#: The smaller house that growth is judged against.
SMALL = 1000
#: Buffers of a page of a few blocks may double by one more index level; that is no growth.
FEW_BUFFERS = 100
_CLIENTS = 4
_RATE_SECONDS = 6.0
Say = Callable[[str], None]


@dataclass
class Measure:
    """One line of the table; `ratio` is what `goal` limits."""

    name: str
    size: int
    value: float
    unit: str
    ratio: float | None = None
    goal: str = ""
    ok: bool | None = None


def run_bench(size: int, rounds: int, out: Path, say: Say, only: str = "") -> None:
    """Measure the loaded house; results of other sizes in `out` are kept.

    `only`: just the pages and acts with these words in their name, and nothing is written.
    """
    user = User.objects.get(username="linzhixia")
    ensure_demands(min(MOST_DEMANDS, size), timezone.now(), say)
    ensure_pages(min(MOST_PAGES, size), timezone.now(), say)
    ensure_facts(size, say)
    ground = Ground(user, size)
    acts = [
        act
        for act in (
            *reads(ground, ensure_report(say)), *explorations(ensure_outlook(say)), *writes(ground),
        )
        if only in act.name
    ]  # fmt: skip
    say("Queries and buffers …")
    costs = {act.name: cost_of(act, user) for act in acts}
    say(f"{rounds} interleaved rounds …")
    if only:
        _few(acts, costs, size, rounds, user, out, say)
        return
    with server() as port:
        client = Client(port, user)
        times = interleaved(client, acts, rounds)
        base = statistics.median(times.pop("B"))
        trend = statistics.median(times[TREND])
        found = [Measure("B", size, round(base * 1000, 2), "ms", 1.0)]
        found += [_timed(act, times[act.name], base, size) for act in acts]
        found += [_slow(act, times[act.name], size) for act in acts]
        found += _searched(client, base, size)
        found += _rates(port, user, ground, size)
        found += [Measure(*line) for line in poll_cost(port, user, size)]
    found.append(_badges(user, base, size))
    found += [Measure(*line) for line in similar_five(user, size)]
    reader = User.objects.get(username="liuyang")
    found += [Measure(*line) for line in page_search(reader, size, timezone.localdate())]
    found += [Measure(*line) for line in (*import_rate(size), *figure_costs(size, trend))]
    earlier = _read(out)
    found += _costs(acts, costs, size, earlier)
    _write(out, earlier, found, size)
    _print(found, say)
    _plans(costs, out, size)


def _few(
    acts: list[Act], costs: dict[str, Cost], size: int, rounds: int, user: User, out: Path, say: Say
) -> None:
    """Times and costs of some acts, to look at while mending them."""
    with server() as port:
        times = interleaved(Client(port, user), acts, rounds)
    base = statistics.median(times.pop("B"))
    found = [Measure("B", size, round(base * 1000, 2), "ms", 1.0)]
    found += [_timed(act, times[act.name], base, size) for act in acts]
    found += _costs(acts, costs, size, _read(out))
    _print(found, say)
    _plans(costs, out, size)


def interleaved(client: Client, acts: Iterable[Act], rounds: int) -> dict[str, list[float]]:
    """Seconds of each act and of B, one of each per round; the first two rounds warm up."""
    times: dict[str, list[float]] = {"B": []}
    for number in range(rounds + 2):
        for act in acts:
            # B before each act: it is the unit, and noise of the machine meets both alike.
            reference = client.get("/bench/b/")
            try:
                address = act.address()
            except StopIteration:  # a small house has no more tickets for this act
                continue
            form = act.form()
            answer = client.get(address) if form is None else client.send(address, form)
            if answer.status not in ((200,) if form is None else (200, 204, 302)):
                raise RuntimeError(f"{act.name}: {answer.status} at {address}")
            if number >= 2:
                times["B"].append(reference.seconds)
                times.setdefault(act.name, []).append(answer.seconds)
    return times


def _timed(act: Act, seconds: list[float], base: float, size: int) -> Measure:
    middle = statistics.median(seconds)
    ratio = round(middle / base, 2)
    return Measure(
        act.name, size, round(middle * 1000, 1), "ms", ratio, f"≤ {act.goal} × B", ratio <= act.goal
    )


def _slow(act: Act, seconds: list[float], size: int) -> Measure:
    """The 95th percentile; noise of a shared machine shows here first, so it has no goal."""
    slow = statistics.quantiles(seconds, n=20)[-1] if len(seconds) > 1 else seconds[0]
    return Measure(f"{act.name}: P95", size, round(slow * 1000, 1), "ms")


def _searched(client: Client, base: float, size: int) -> list[Measure]:
    """The hundred listed terms, three times each: median and worst of their medians."""
    medians = [
        statistics.median(client.get(address).seconds for _again in range(3))
        for address in searches()
    ]
    middle, worst = statistics.median(medians) / base, max(medians) / base
    return [
        Measure("search, 100 terms: median", size, round(statistics.median(medians) * 1000, 1),
                "ms", round(middle, 2), "≤ 2.5 × B", middle <= 2.5),
        Measure("search, 100 terms: worst", size, round(max(medians) * 1000, 1),
                "ms", round(worst, 2), "≤ 15 × B", worst <= 15),
    ]  # fmt: skip


def _rates(port: int, user: User, ground: Ground, size: int) -> list[Measure]:
    """Replies a second over HTTP from four clients, beside bare inserts of one row."""
    pool = [next(ground.others) for _number in range(40)]

    def reply(client: Client, number: int) -> None:
        address = f"/desk/{pool[number % len(pool)]}/reply/"
        answer = client._ask("POST", address, f"csrfmiddlewaretoken={client.token}&body=ok&note=on")
        if answer.status not in (200, 204, 302):
            raise RuntimeError(f"reply: {answer.status}")

    def bare(client: Client, number: int) -> None:
        client.get(f"/bench/reply/?ticket={pool[number % len(pool)]}")

    least = _per_second(port, user, bare)
    real = _per_second(port, user, reply)
    share = real / least if least else 0.0
    return [
        Measure("bare reply, 4 clients", size, round(least, 1), "1/s"),
        Measure("reply, 4 clients", size, round(real, 1), "1/s", None, "≥ 60/s", real >= 60),
        Measure("reply / bare reply", size, round(share, 2), "×", round(share, 2), "≥ 0.4",
                share >= 0.4),
    ]  # fmt: skip


def _per_second(port: int, user: User, act: Callable[[Client, int], None]) -> float:
    clients = [Client(port, user) for _number in range(_CLIENTS)]
    until = time.monotonic() + _RATE_SECONDS
    done = [0] * _CLIENTS

    def work(place: int) -> None:
        while time.monotonic() < until:
            act(clients[place], place + done[place] * _CLIENTS)
            done[place] += 1

    threads = [threading.Thread(target=work, args=(place,)) for place in range(_CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done) / _RATE_SECONDS


def _badges(user: User, base: float, size: int) -> Measure:
    seconds = []
    for _again in range(30):
        begun = time.perf_counter()
        counts_of(user, timezone.now())
        seconds.append(time.perf_counter() - begun)
    middle = statistics.median(seconds)
    ratio = round(middle / base, 2)
    return Measure("badge counts", size, round(middle * 1000, 2), "ms", ratio, "≤ 0.5 × B",
                   ratio <= 0.5)  # fmt: skip


def _costs(
    acts: Iterable[Act], costs: dict[str, Cost], size: int, earlier: list[dict[str, Any]]
) -> list[Measure]:
    """Queries and buffers, and their growth from the small house when it was measured."""
    small = {line["name"]: line["value"] for line in earlier if line["size"] == SMALL}
    found = []
    for act in acts:
        cost = costs[act.name]
        for what, value in (("queries", cost.queries), ("buffers", cost.buffers)):
            name = f"{act.name}: {what}"
            line = Measure(name, size, value, "")
            if size > SMALL and name in small:
                before = small[name]
                line.ratio = round(value / max(before, 1), 2)
                line.goal = "same" if what == "queries" else f"≤ {act.growth} × of {SMALL:,}"
                line.ok = (
                    value <= before
                    if what == "queries"
                    else line.ratio <= act.growth or value <= FEW_BUFFERS
                )
            found.append(line)
    return found


def _read(out: Path) -> list[dict[str, Any]]:
    return list(json.loads(out.read_text())) if out.exists() else []


def _write(out: Path, earlier: list[dict[str, Any]], found: list[Measure], size: int) -> None:
    kept = [line for line in earlier if line["size"] != size]
    out.parent.mkdir(exist_ok=True)
    lines = [*kept, *(asdict(measure) for measure in found)]
    out.write_text(json.dumps(lines, ensure_ascii=False, indent=1) + "\n")


def _print(found: list[Measure], say: Say) -> None:
    say(f"\n{'':2} {'measure':44} {'value':>12} {'ratio':>8}  goal")
    for line in found:
        mark = {True: "✓", False: "✗", None: " "}[line.ok]
        value = f"{line.value:,} {line.unit}".strip()
        ratio = "" if line.ratio is None else f"{line.ratio}"
        say(f"{mark:2} {line.name:44} {value:>12} {ratio:>8}  {line.goal}")
    missed = [line.name for line in found if line.ok is False]
    say(f"\n{len(missed)} goals missed" + (f": {', '.join(missed)}" if missed else "."))


def _plans(costs: dict[str, Cost], out: Path, size: int) -> None:
    """The costliest query of each page with its plan, to look at when a goal is missed."""
    text = "\n\n".join(f"## {name}\n{cost.worst}" for name, cost in costs.items())
    (out.parent / f"bench-plans-{size}.txt").write_text(text)
