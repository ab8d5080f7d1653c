"""The access matrix: reading the reviewed one, and asking the house for the actual one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.shortcuts import resolve_url

from stack.places import PROJECT
from tests.guards.places import Place
from tests.guards.sendings import REFUSED, data_for, send
from tests.guards.world import ROLES, World, undone

REVIEWED = PROJECT / "tests" / "guards" / "access_matrix.txt"
#: Every run writes what it found here, in the form of the reviewed file.
ACTUAL = PROJECT / "build" / "guards"

Outcomes = dict[str, str]
Key = tuple[str, str]


def reviewed() -> dict[Key, Outcomes]:
    """(place, method) → outcome of each role."""
    found = {}
    for line in REVIEWED.read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        place, method, *outcomes = line.split()
        found[place, method] = dict(zip(ROLES, outcomes, strict=True))
    return found


def line_of(key: Key, outcomes: Mapping[str, str]) -> str:
    """One line of the file."""
    cells = " ".join(f"{outcomes[role]:<4}" for role in ROLES)
    return f"{key[0]:<38} {key[1]:<5} {cells}".rstrip()


def header() -> str:
    return line_of(("# place", "how"), {role: role for role in ROLES})


def outcome_of(response: Any) -> str:
    """What an answer is to whoever asked; see the head of access_matrix.txt."""
    status: int = response.status_code
    if status in (301, 302, 303):
        there = response["Location"]
        if there.startswith(resolve_url("sign_in")) and "next=" in there:
            return "in"
        return "go" if response.request["REQUEST_METHOD"] in ("GET", "HEAD") else "ok"
    if status == 401 or (status == 403 and not response.wsgi_request.user.is_authenticated):
        return "in"
    if 200 <= status < 300:
        return "ok"
    if status in REFUSED:
        return "no"
    return str(status)


def methods_of(place: Place) -> tuple[str, ...]:
    return ("GET", "POST", "PATCH") if place.route.name == "api_ticket" else ("GET", "POST")


def ask(world: World, place: Place, method: str, role: str, data: Any = None) -> Any:
    """One request by one role; what it writes is undone."""
    with undone():
        client = world.client(role)
        response = (
            client.get(place.path) if method == "GET" else send(client, world, place, data, method)
        )
        read(response)
    return response


def read(response: Any) -> None:
    """Read a streamed answer to its end, so that its file is closed."""
    if hasattr(response, "streaming_content"):
        b"".join(response.streaming_content)


def actual(world: World, place: Place) -> dict[Key, Outcomes]:
    """The outcome of every method and role at one place."""
    found: dict[Key, Outcomes] = {}
    for method in methods_of(place):
        data = sent_by_the_fitting(world, place) if method != "GET" else None
        found[place.name, method] = {
            role: outcome_of(ask(world, place, method, role, data)) for role in ROLES
        }
    return found


def sent_by_the_fitting(world: World, place: Place) -> dict[str, Any]:
    """What a fitting person would send: the administrator to settings, an agent elsewhere."""
    role = "adm" if place.route.name.startswith("settings_") else "agt"
    with undone():
        return data_for(world, place, world.client(role)) or {}
