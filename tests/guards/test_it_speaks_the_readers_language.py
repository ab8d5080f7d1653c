"""All texts are translated, and no page shows a text of the other language."""

from __future__ import annotations

import re

import pytest

from docs_portal.models import PageSection
from feedback.models import DemandImport, ImportRow
from opsdesk import catalogues
from tests.guards.crawl import pages, speak, words_of
from tests.guards.places import AREAS
from tests.guards.world import World

pytestmark = pytest.mark.timeout(300)

_PLACEHOLDER = re.compile(r"%\\\((\w+)\\\)[sdf]")
#: Texts that are the same thing in both languages, or names in the world's own data.
SAME = frozenset({"English", "简体中文"})


def test_every_text_is_translated() -> None:
    assert catalogues.faults() == []


def _texts() -> list[tuple[str, str]]:
    """Every (English, Chinese) pair of our catalogues that differs."""
    return [
        (key[1], catalogues.translation_of(message))
        for area in catalogues.AREAS
        for key, message in catalogues.entries(catalogues.read_catalogue(area)).items()
        if catalogues.translation_of(message) not in ("", key[1])
    ]


class Phrases:
    """Texts of one language, with or without values in them, to be found whole."""

    def __init__(self, texts: list[str]) -> None:
        wanted = {" ".join(text.split()) for text in texts} - SAME
        self.plain = {text for text in wanted if "%(" not in text}
        self.patterns = [
            re.compile(_PLACEHOLDER.sub(".{1,200}", re.escape(text)))
            for text in wanted - self.plain
            # A text that is all values would fit anything.
            if len(re.sub(r"%\(\w+\)[sdf]|\W", "", text)) > 5
        ]

    def among(self, pieces: set[str]) -> list[str]:
        found = pieces & self.plain
        found |= {p for p in pieces if any(pattern.fullmatch(p) for pattern in self.patterns)}
        return sorted(found)


@pytest.fixture(scope="module")
def english() -> Phrases:
    return Phrases([english for english, _chinese in _texts()])


@pytest.fixture(scope="module")
def chinese() -> Phrases:
    return Phrases([chinese for _english, chinese in _texts()])


def test_the_check_sees_a_text_left_in_english(english: Phrases) -> None:
    assert english.among({"Reply", "OPS-12 is with product operations"})
    assert english.among({"回复", "OPS-12 已提交"}) == []


@pytest.mark.parametrize("area", AREAS)
def test_no_english_on_chinese_pages(world: World, english: Phrases, area: str) -> None:
    speak(world, "zh-hans")
    leaks = [
        f"{place.name}: {text!r}"
        for place, _role, response in pages(world, area)
        for text in english.among(words_of(response.content.decode()))
        # The kit shows the names of icons, which are for developers.
        if place.route.name != "kit"
    ]
    assert leaks == [], "\n".join(leaks)


@pytest.mark.parametrize("area", AREAS)
def test_no_chinese_on_english_pages(world: World, chinese: Phrases, area: str) -> None:
    """Only our own texts: names and words of people stay as they were written."""
    speak(world, "en")
    data = _names_of(world)
    leaks = [
        f"{place.name}: {text!r}"
        for place, _role, response in pages(world, area)
        for text in chinese.among(words_of(response.content.decode()))
        if text not in data
    ]
    assert leaks == [], "\n".join(leaks)


def _names_of(world: World) -> set[str]:
    """Names in the world that happen to be words of ours as well."""
    cast = world.cast
    kept = (cast.departments, cast.positions, cast.products, cast.modules, cast.features,
            cast.roles, cast.teams)  # fmt: skip
    names = {str(row) for rows in kept for row in rows.values()}
    # A file has the headings it came with, and its refusals are kept for who sent it, in the
    # language they had then.
    refused = ImportRow.objects.values_list("problems", flat=True)
    names |= {words for problems in refused for problem in problems for words in problem}
    for headings in DemandImport.objects.values_list("headings", flat=True):
        names |= {heading for heading, _column in headings}
    names |= set(PageSection.objects.values_list("heading", flat=True))
    # The last is what a page of the demo's manual calls a place in its product.
    return names | {cast.calendar.name, "系统管理员", "个人设置"}
