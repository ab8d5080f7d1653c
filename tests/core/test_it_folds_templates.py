"""What is fixed on a page is drawn once for a language, and nothing else is."""

from __future__ import annotations

from typing import Any

import pytest
from django.template import Context, Template, engines
from django.urls.base import clear_script_prefix, set_script_prefix
from django.utils import translation
from django.utils.safestring import SafeString

from core.folding import FixedNode, folded
from core.markup import icon as draw_icon

FIXED = (
    '<p>{% load static %}{% icon "clock" %}{% comment %}a note{% endcomment %}'
    '{% translate "Search" %} {% blocktranslate %}Close{% endblocktranslate %} {% kbd "j" "k" %}'
    '<a href="{% url "desk" %}"><img src="{% static "img/favicon.svg" %}"></p>'
)
NAMED = (
    '{% url "desk" as there %}{% translate "Search" as word %}<a href="{{ there }}">{{ word }}</a>'
)
CHANGING = (
    "{% if yes %}{% icon name %}{% translate name %}{% else %}"
    "{% blocktranslate with n=name %}Remove {{ n }}{% endblocktranslate %}"
    "{% blocktranslate count n=2 %}{{ n }} ticket{% plural %}{{ n }} tickets{% endblocktranslate %}"
    '{% url "ticket" pk %}{{ name }}{% form_key as key %}{% endif %}'
    "{% for item in items %}{% icon item %}{{ item }}{% endfor %}"
)


def read(text: str, *, fold: bool) -> Template:
    template: Template = engines["django"].from_string("{% load tickets %}" + text).template  # type: ignore[attr-defined]
    if fold:
        template.nodelist = folded(template.nodelist)
    return template


def draw(template: Template, **values: Any) -> str:
    return template.render(Context(values))


@pytest.mark.parametrize("text", [FIXED, NAMED, CHANGING, FIXED + CHANGING + NAMED])
def test_a_folded_template_draws_the_same_in_each_language_for_each_reader(text: str) -> None:
    plain, fold = read(text, fold=False), read(text, fold=True)
    for language in ("en", "zh-hans", "en"):
        for values in (
            {"yes": True, "name": "clock", "items": ["user"], "pk": 1},
            {"yes": False, "name": "<b>", "items": ["check", "x"], "pk": 2},
        ):
            with translation.override(language):
                assert draw(fold, **values) == draw(plain, **values)
                # A text that is not HTML, in the same process.
                raw = Context(values, autoescape=False)
                assert fold.render(raw) == plain.render(Context(values, autoescape=False))


def test_fixed_neighbours_are_one_node_and_drawn_once(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[str] = []
    template = read(FIXED, fold=True)
    (node,) = template.nodelist
    assert isinstance(node, FixedNode)

    def counted(name: str, label: str = "") -> SafeString:
        drawn.append(name)
        return draw_icon(name, label)

    monkeypatch.setattr("core.markup.icon", counted)
    for _page in range(3):
        with translation.override("en"):
            draw(template)
        with translation.override("zh-hans"):
            draw(template)
    assert drawn == ["clock"] * 2  # once a language


def test_what_follows_from_the_page_is_drawn_on_each_page() -> None:
    """A form key is new each time; only tags that say they are fixed are put together."""
    template = read("{% form_key %}", fold=True)
    assert draw(template) != draw(template)


def test_an_address_follows_the_prefix_it_is_served_under() -> None:
    template = read('{% url "desk" %}{% url "desk" as there %} {{ there }}', fold=True)
    assert draw(template) == "/desk/ /desk/"
    set_script_prefix("/ops/")
    try:
        assert draw(template) == "/ops/desk/ /ops/desk/"
    finally:
        clear_script_prefix()
