"""Walking through the pages of the world, and the words they show."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

from django.conf import settings

from accounts.models import User
from tests.guards import access
from tests.guards.places import Place, places
from tests.guards.world import World

#: Asked as the first of these whom the matrix lets in.
FITTING = ("agt", "req", "own", "mem", "adm", "mgr", "out")


def fitting(place: Place, method: str, outcomes: dict[access.Key, access.Outcomes]) -> str | None:
    """Who asks for a place: somebody who gets a page, or whose form is accepted."""
    found = outcomes.get((place.name, method), {})
    preferred = ("req", *FITTING) if place.route.name.startswith("my_") else FITTING
    return next((role for role in preferred if found.get(role) == "ok"), None)


def pages(world: World, area: str | None = None) -> Iterator[tuple[Place, str, Any]]:
    """Every place that answers a GET with HTML, who asked, and the answer."""
    outcomes = access.reviewed()
    for place in places(world, area):
        role = fitting(place, "GET", outcomes)
        if role is None or place.route.area == "api":
            continue
        response = world.client(role).get(place.path)
        access.read(response)
        if response.status_code == 200 and response["Content-Type"].startswith("text/html"):
            yield place, role, response


def speak(world: World, language: str) -> None:
    """Everybody reads in `language` from now on."""
    people = [person.pk for person in world.people.values() if person is not None]
    User.objects.filter(pk__in=people).update(language=language)
    world.cookies = {settings.LANGUAGE_COOKIE_NAME: language}


class _Words(HTMLParser):
    """Text nodes and the attributes that are read to people."""

    SILENT = frozenset({"script", "style", "template", "svg", "code", "pre", "textarea"})
    READ = frozenset({"title", "alt", "aria-label", "placeholder", "data-label"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in self.SILENT
        self.found += [value for name, value in attrs if name in self.READ and value]

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in self.SILENT

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.found.append(data)


def words_of(html: str) -> set[str]:
    """Everything a page says, piece by piece, spaces evened out."""
    parser = _Words()
    parser.feed(html)
    return {text for piece in parser.found if (text := " ".join(piece.split()))}
