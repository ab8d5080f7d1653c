"""Every page in a real browser: accessible, quiet, light, and nothing cut off on a phone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Response, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from tests.axe import axe_faults
from tests.guards import access
from tests.guards.crawl import fitting
from tests.guards.places import Place, places
from tests.guards.world import World, build_world

pytestmark = [
    pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.timeout(900),
]  # fmt: skip

#: HTML before compression (quality.md, *Speed*).
HTML_MAX = 120 * 1024
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def company(transactional_db: None) -> World:
    """The world an hour ago: the browser's clock cannot be held."""
    return build_world(timezone.now().replace(minute=0, second=0, microsecond=0))


def visits(world: World) -> Iterator[tuple[Place, str]]:
    """Each HTML page once, with who looks at it."""
    outcomes, seen = access.reviewed(), set()
    for place in places(world):
        role = fitting(place, "GET", outcomes)
        if role is None or place.route.area == "api" or place.route.name in NO_PAGE:
            continue
        if place.route.name in seen:
            continue
        seen.add(place.route.name)
        yield place, role


#: Answers that are no page of their own.
NO_PAGE = frozenset(
    {
        "healthz", "readyz", "attachment", "submit_suggestions", "people_options",
        "ticket_holders", "ticket_teams",
    }
)  # fmt: skip


UNSETTLED = ".htmx-request, .htmx-swapping, .htmx-settling, .htmx-added"


class Walk:
    """One language, theme and width: every page is opened, and what is wrong is noted."""

    def __init__(self, world: World, base: str, make: Callable[..., BrowserContext]) -> None:
        self.world, self.base, self.make = world, base, make
        self.faults: list[str] = []
        self.weights: list[str] = []
        self._contexts: dict[str, Page] = {}
        self._said: list[str] = []
        self._loaded: dict[str, int] = {}

    def page_of(self, role: str, width: int, language: str, theme: str) -> Page:
        if role not in self._contexts:
            context = self.make(viewport={"width": width, "height": 900})
            cookies = {settings.LANGUAGE_COOKIE_NAME: language, "opsdesk_theme": theme}
            if role in self.world.sessions:
                cookies[settings.SESSION_COOKIE_NAME] = self.world.sessions[role]
            context.add_cookies(
                [{"name": k, "value": v, "url": self.base} for k, v in cookies.items()]
            )
            page = context.new_page()
            page.on("console", self._console)
            page.on("pageerror", lambda error: self._said.append(str(error)))
            page.on("response", self._response)
            self._contexts[role] = page
        return self._contexts[role]

    def _console(self, said: ConsoleMessage) -> None:
        if said.type in ("error", "warning"):
            self._said.append(f"{said.text} {said.location['url']}")

    def _response(self, response: Response) -> None:
        length = response.headers.get("content-length", "0")
        self._loaded[response.url] = int(length)

    def close(self) -> None:
        for page in self._contexts.values():
            page.context.close()

    def look(self, place: Place, page: Page, *, narrow: bool) -> None:
        # Files and parts of pages are no pages; parts are looked at inside the page they load into.
        asked = page.request.get(self.base + place.path, max_redirects=0)
        if asked.ok and not asked.body().lstrip().lower().startswith(b"<!doctype"):
            return
        self._said, self._loaded = [], {}
        answer = page.goto(self.base + place.path)
        assert answer is not None
        if answer.status != 200:
            self.faults.append(f"{place.name}: answered {answer.status}")
            return
        # What comes after the page is looked at once it is there: htmx dims it while it swaps.
        expect(page.locator(UNSETTLED)).to_have_count(0)
        html = len(answer.body())
        self.weights.append(f"{place.name:<38} {html:>7} {sum(self._loaded.values()):>8}")
        # The kit shows every component twice, which no page does.
        if html > HTML_MAX and place.name != "kit":
            self.faults.append(f"{place.name}: {html} bytes of HTML")
        if narrow and (over := page.evaluate(OVERFLOW)):
            self.faults.append(f"{place.name}: {over} px wider than the screen")
        # Before axe, which is heard in the console as well.
        self.faults += [f"{place.name}: console: {said[:300]}" for said in self._said]
        self.faults += [f"{place.name}: {fault}" for fault in axe_faults(page)]


@pytest.mark.parametrize(
    ("language", "theme", "width"),
    [
        ("zh-hans", "light", 1440), ("en", "dark", 1440), ("zh-hans", "dark", 390),
        # Each language, theme and width is above; every pair of them takes too long for each push.
        pytest.param("zh-hans", "dark", 1440, marks=pytest.mark.soak),
        pytest.param("en", "light", 390, marks=pytest.mark.soak),
    ],
)  # fmt: skip
def test_every_page(
    company: World,
    live_server: LiveServer,
    new_context: Callable[..., BrowserContext],
    shoot: Callable[[Page, str], Path],
    language: str,
    theme: str,
    width: int,
) -> None:
    people = [person.pk for person in company.people.values() if person is not None]
    User.objects.filter(pk__in=people).update(language=language, theme=theme)
    walk = Walk(company, live_server.url, new_context)
    for place, role in visits(company):
        page = walk.page_of(role, width, language, theme)
        walk.look(place, page, narrow=width < 1000)
        shoot(page, f"{place.route.name}-{language}-{theme}-{width}")
    walk.close()
    access.ACTUAL.mkdir(parents=True, exist_ok=True)
    weights = access.ACTUAL / f"page_weights-{language}-{theme}-{width}.txt"
    weights.write_text("place, bytes of HTML, bytes of everything it loaded first\n"
                       + "\n".join(walk.weights) + "\n")  # fmt: skip
    assert walk.faults == [], "\n".join(walk.faults)
