"""Invariant 5 on every explore page, under every filter and in every step: a number that opens a
list is as long as the list."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator, Mapping
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.test import RequestFactory
from django.utils import timezone

from accounts.models import User
from opsdesk.demo.cast import Cast
from opsdesk.demo.worked_week import play_worked_week
from reports.access import people_seen_by, scope_of
from reports.actions import rebuild_facts
from reports.forms import ExploreChoices, ExploreForm
from reports.policies.explore.naming import Names
from reports.rendering.explore.blocks import Ask
from reports.rendering.explore.pages import PAGES
from reports.rendering.explore.trends import FIGURES_OFFERED, label_of, splits_of
from reports.views.explore import _listed
from tests.tickets import ladder

pytestmark = pytest.mark.django_db
PERIOD = {"from": "2026-10-05", "to": "2026-11-22"}
#: Numbers looked up on each page as asked; which ones follows from the seed.
LOOKED_UP, SEED = 6, 7
#: Ways of narrowing tried on each page, besides none.
QUESTIONS = 4
#: Counts people by the day, the list every ticket of theirs; it says so.
OWN_UNIT = "prevention"


@pytest.fixture
def played(cast: Cast, now: dt.datetime, monkeypatch: pytest.MonkeyPatch) -> Cast:
    play_worked_week(cast, dt.date(2026, 11, 9))
    ladder.answered(cast, now)
    ladder.pushed(cast, now)
    rebuild_facts(now)
    monkeypatch.setattr(timezone, "now", lambda: now)
    return cast


def questions(cast: Cast) -> Iterator[dict[str, str]]:
    """Nothing, each filter alone, some together, and each step."""
    one = {
        "product": str(cast.products["crm"].pk), "module": str(cast.modules["visits"].pk),
        "type": "bug", "level": "2", "department": str(cast.wangke.department_id),
        "team": str(cast.teams["operations"].pk), "person": str(cast.linzhixia.pk),
        "channel": "form",
    }  # fmt: skip
    yield {}
    for name, value in one.items():
        yield {name: value}
    for names in (("product", "type"), ("module", "department"), ("team", "channel", "type")):
        yield {name: one[name] for name in names}
    yield {"grain": "month"}
    yield {"grain": "quarter", "type": "bug"}


def numbers(user: User, kind: str, given: Mapping[str, str]) -> list[tuple[str, int]]:
    """Every whole number of a page that opens a list; nothing where the page is not asked that."""
    page, names = PAGES[kind], Names()
    scope, people = scope_of(user), people_seen_by(user)
    given = {
        name: value for name, value in given.items() if name in page.uses or name not in PERIOD
    }
    if not set(given) <= set(page.uses):
        return []
    figure = given.get("figure", "flow")
    form = ExploreForm(
        given, choices=ExploreChoices(names, scope, people), uses=page.uses,
        figures=[(name, label_of(name)) for name in FIGURES_OFFERED], splits=splits_of(figure),
    )  # fmt: skip
    assert form.is_valid(), form.errors
    explored = page.build(Ask(form.question(timezone.now(), people), scope, user, names))
    return [
        (cell.href, cell.value)
        for block in explored.blocks
        for row in block.rows
        for cell in row
        if isinstance(cell.value, int) and "/explore/rows/" in cell.href
    ]


def length_of(user: User, address: str) -> int:
    parts = urlsplit(address)
    request = RequestFactory().get(parts.path, dict(parse_qsl(parts.query, keep_blank_values=True)))
    request.user = user
    _ask, form, rows = _listed(request, parts.path.rstrip("/").rsplit("/", 1)[1])  # type: ignore[arg-type]
    assert rows is not None, (address, form.errors)
    return rows.count()


def test_every_number_is_as_long_as_its_list(played: Cast) -> None:
    user, chance = User.objects.get(pk=played.gaoyuan.pk), random.Random(SEED)
    looked_up: dict[str, int] = {}
    for kind in PAGES:
        asked_of = [{}, *chance.sample(list(questions(played))[1:], QUESTIONS)]
        for asked in asked_of:
            found = numbers(user, kind, {**PERIOD, **asked}) if kind != OWN_UNIT else []
            for address, value in chance.sample(found, min(LOOKED_UP, len(found))):
                if address not in looked_up:
                    looked_up[address] = length_of(user, address)
                assert looked_up[address] == value, (kind, asked, address)
    assert len(looked_up) > 80
    _trends(played, user, chance)


def _trends(played: Cast, user: User, chance: random.Random) -> None:
    """Every figure by what it can be split by, narrowed and not."""
    compared = 0
    for figure in FIGURES_OFFERED:
        for split in chance.sample(("", *splits_of(figure)), 3):
            asked = {**PERIOD, "figure": figure, "split": split}
            if chance.random() < 0.5 and split != "product":
                asked["product"] = str(played.products["crm"].pk)
            found = numbers(user, "trends", asked)
            for address, value in chance.sample(found, min(2, len(found))):
                assert length_of(user, address) == value, (asked, address)
                compared += 1
    assert compared > 30
