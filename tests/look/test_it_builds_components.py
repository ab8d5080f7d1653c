"""The component and form tags."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django import forms
from django.template import Context, Engine, TemplateSyntaxError, engines
from django.template.loader import get_template
from django.test import RequestFactory
from django.utils import translation


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


def render(text: str, **values: Any) -> str:
    return str(engines["django"].from_string(text).render(values))


def test_it_passes_content_and_named_slots() -> None:
    html = render(
        '{% component "card" title=t %}<p>{{ word }}</p>'
        '{% slot "header" %}<i>head</i>{% endslot %}{% endcomponent %}',
        t="<Title>",
        word="inner & more",
    )
    assert "<h2>&lt;Title&gt;</h2>" in html
    assert "<p>inner &amp; more</p>" in html
    assert html.index("<i>head</i>") < html.index("<p>")


def test_it_shows_a_component_nothing_but_its_inputs() -> None:
    html = render('{% part "stat" label="Backlog" value=3 %}', note="leaked", href="/leak")
    assert "Backlog" in html
    assert "leak" not in html


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{% slot "x" %}{% endslot %}', "outside a component"),
        ("{% part %}", "needs the name"),
        ('{% part "stat" "loose" %}', "no name=value pair"),
    ],
)
def test_it_refuses_a_wrong_use(text: str, said: str) -> None:
    with pytest.raises(TemplateSyntaxError, match=said):
        render(text)


class Report(forms.Form):
    name = forms.CharField(label="Name", help_text="As on the badge.")
    kind = forms.ChoiceField(label="Kind", choices=[("a", "A")], widget=forms.RadioSelect)
    agree = forms.BooleanField(label="Agree")
    file = forms.FileField(label="File", required=False)
    secret = forms.CharField(widget=forms.HiddenInput)


def test_it_ties_a_field_to_its_label_help_and_errors() -> None:
    form = Report({"name": ""})
    html = render("{% field form.name %}", form=form)
    assert '<label for="id_name">Name' in html
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_name_help id_name_error"' in html
    for key in ("id_name_help", "id_name_error"):
        assert f'id="{key}"' in html
    whole = render("{% field form.name %}", form=Report({"name": "Ada"}))
    assert "aria-invalid" not in whole
    assert 'aria-describedby="id_name_help"' in whole


def test_it_gives_each_control_its_shape() -> None:
    form = Report()
    assert "<fieldset" in render("{% field form.kind %}", form=form)
    assert 'class="check"' in render("{% field form.agree %}", form=form)
    assert "data-drop" in render("{% field form.file %}", form=form)
    assert render("{% field form.secret %}", form=form).startswith('<input type="hidden"')
    assert "optional" in render("{% field form.file %}", form=form)
    assert "optional" not in render("{% field form.name %}", form=form)


def test_it_names_every_refused_field() -> None:
    form = Report({})
    form.add_error(None, "The whole is wrong.")
    html = render("{% form_errors form %}", form=form)
    assert "The whole is wrong." in html
    for label in ("Name", "Kind", "Agree", "Secret"):
        assert label in html
    assert "File" not in html
    assert 'href="#id_name"' in html
    assert render("{% form_errors form %}", form=Report()) == ""


def test_it_keeps_the_other_parameters_of_the_address(rf: RequestFactory) -> None:
    html = render(
        "{% query after=key before=None %}", request=rf.get("/x?status=open&before=3"), key="a&b"
    )
    assert html == "?status=open&amp;after=a%26b"


@pytest.mark.parametrize("name", ["404", "403", "400", "403_csrf", "500"])
def test_it_draws_error_pages_without_a_context(name: str) -> None:
    html = get_template(f"{name}.html").render()
    assert "<h1>" in html
    assert "<nav" not in html


def test_it_needs_no_loading() -> None:
    """Pages write `{% icon %}` without `{% load %}`; an engine without builtins would refuse."""
    assert "<svg" in render('{% icon "clock" %}')
    with pytest.raises(TemplateSyntaxError):
        Engine().from_string('{% icon "clock" %}').render(Context())
