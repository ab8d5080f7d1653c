"""The kit page holds every component, in both languages, and nothing twice that must be unique."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from pathlib import Path

import pytest
from django.template.loader import render_to_string
from django.utils import translation

from opsdesk.kit import samples
from stack.places import PROJECT

TEMPLATES = PROJECT / "templates"
COMPONENTS = sorted((TEMPLATES / "components").glob("*.html"))
# Drawn by a tag of core.templatetags.ui, which renders the file.
BY_TAG = {"field": "{% field ", "form_errors": "{% form_errors "}


def kit(language: str, now: dt.datetime) -> str:
    with translation.override(language):
        context = {**samples(now), "now": now, "nav": [], "user": None}
        return "".join(
            render_to_string(
                "kit_side.html",
                {**context, "side": side["name"], "form": side["form"], "reply": side["reply"]},
            )
            for side in context["sides"]
        )


@pytest.mark.parametrize("file", COMPONENTS, ids=lambda file: file.stem)
def test_it_is_on_the_kit_page_and_names_its_inputs(file: Path) -> None:
    shown = "".join(
        (TEMPLATES / name).read_text() for name in ("base.html", "kit.html", "kit_side.html")
    )
    asked = BY_TAG.get(file.stem, "")
    pattern = rf'(part|component) "{file.stem}"|components/{file.stem}\.html'
    assert re.search(pattern, shown) or (asked and asked in shown), "not on the kit page"
    head = file.read_text().split("{% endcomment %}")[0]
    assert head.startswith("{% comment %}"), "says nothing about itself"
    assert "{{" not in head or "templatetag" in head


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_it_renders_in_both_languages(language: str, now: dt.datetime) -> None:
    html = kit(language, now)
    ids = Counter(re.findall(r'\sid="([^"]+)"', html))
    assert [name for name, times in ids.items() if times > 1] == []
    # A file of each kind got its content: nothing silently empty.
    for piece in ('class="rail"', 'class="path"', 'class="composer"', 'class="chart"', "<dialog"):
        assert html.count(piece) >= 2, piece
    assert ("待补充" in html) == (language == "zh-hans")
    assert ("Skip" in html) is False


def test_it_gives_each_language_its_own_words(now: dt.datetime) -> None:
    chinese, english = kit("zh-hans", now), kit("en", now)
    for said, missing in (("交接清单", "Contract"), ("撤销", "Undo"), ("上一页", "Previous")):
        assert said in chinese
        assert f">{missing}<" not in chinese
        assert missing in english
