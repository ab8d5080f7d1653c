"""Each form with one field spoilt at a time: never a crash, never half a write, the field named."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.forms import BaseForm, BaseFormSet

from tests.api.calling import writes
from tests.guards import access
from tests.guards.crawl import fitting
from tests.guards.places import AREAS, Place, places
from tests.guards.sendings import data_for, send
from tests.guards.world import World, undone

pytestmark = pytest.mark.timeout(300)

HUGE = "长" * 1_000_000
TEXTS = {
    "huge": HUGE,
    "NUL": "前\x00后",
    "right to left": "\u202e\u2066😀👩‍👩‍👧\ud83d\ude00".encode("utf-16", "surrogatepass").decode(
        "utf-16", "replace"
    ),
    "blank": " \u3000\n\t",
    "markup": "<script>alert(1)</script>{{ 7*7 }}{% now %}",
}
NUMBERS = {
    "word": "eleven", "negative": "-1", "zero": "0", "beyond 64 bits": "9" * 30,
    "5,000 digits": "1" * 5000, "superscript": "²", "infinite": "NaN", "NUL": "1\x00",
}  # fmt: skip
QUERIES = [
    {"q": "\x00"}, {"q": "长" * 5000}, {"q": "%_\\'\"()<>&"}, {"q": "\u202e😀"},
    {"queue": "\x00", "status": "nonsense", "product": "²", "view": "\x00"},
    {"before": "²", "after": "-1", "people_after": "²", "words_before": "9" * 30},
    {"before": "9" * 30}, {"after": "9" * 30}, {"before": "1" * 5000},
    {"product": "9" * 30, "module": "x", "description": "\x00", "people": "\x00", "row": "\x00"},
    {"next": "//elsewhere.example", "part": "\x00", "team": "\x00", "type": "\x00"},
    {"department": "9" * 30, "reason": "\x00", "tickets": "\x00", "demand": "\x00"},
]  # fmt: skip
#: Fields that are no text of a person: hidden marks, or looked up and simply not found.
UNNAMED = frozenset({"version", "form_key", "seen_comment", "next"})
#: Spoilt field → the one that is named, because it is what the person has to look at.
NAMED_INSTEAD = {"new_password1": "new_password2", "answer": "words"}


def spoilt(data: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(field, how, the form with only that field spoilt)."""
    yield "", "empty", {}
    for field, value in data.items():
        is_number = isinstance(value, int) or (isinstance(value, str) and value.isdecimal())
        for how, bad in (NUMBERS if is_number else TEXTS).items():
            yield field, how, {**data, field: bad}
    # What no page of ours sends, but anybody can.
    yield "version", "word", {**data, "version": "one"}
    yield "version", "beyond 64 bits", {**data, "version": "9" * 30}


def rows() -> dict[str, int]:
    """How many rows each table has."""
    with connection.cursor() as cursor:
        names = [
            name
            for name in connection.introspection.table_names(cursor)
            if name != "django_session"
        ]
        cursor.execute(
            " UNION ALL ".join(f"SELECT '{name}', count(*) FROM \"{name}\"" for name in names)
        )
        return dict(cursor.fetchall())


def forms_of(response: Any) -> list[BaseForm | BaseFormSet[Any]]:
    """The bound forms and formsets of the page that came back."""
    found: dict[int, BaseForm | BaseFormSet[Any]] = {}
    for context in response.context or ():
        for value in dict(context.flatten() if hasattr(context, "flatten") else context).values():
            if isinstance(value, BaseForm | BaseFormSet) and value.is_bound:
                found[id(value)] = value
    return list(found.values())


def _named_by(form: BaseForm | BaseFormSet[Any]) -> set[str]:
    """The fields a form finds fault with; a formset's own faults are about its number of rows."""
    if isinstance(form, BaseForm):
        return set(form.errors)
    named = {name for row in form.forms for name in row.errors}
    return named | ({"TOTAL_FORMS"} if form.non_form_errors() else set())


def _fault(response: Any, field: str, how: str, wrote: bool) -> str:
    """What is wrong with the answer to a spoilt form, or nothing."""
    status: int = response.status_code
    if status >= 500:
        return f"answered {status}"
    if status < 400:
        return ""
    if wrote:
        return f"refused with {status}, and rows were written"
    if status == 422 and field not in UNNAMED and field:
        named = {name for form in forms_of(response) for name in _named_by(form)}
        last = field.rsplit("-", maxsplit=1)[-1].replace("INITIAL_FORMS", "TOTAL_FORMS")
        meant = {field, last, NAMED_INSTEAD.get(field, ""), "__all__"}
        if forms_of(response) and not named & meant:
            return f"refused, naming {sorted(named)} instead"
    return ""


@pytest.mark.parametrize("area", [area for area in AREAS if area != "api"])
def test_a_spoilt_form_is_refused_by_name_or_taken_whole(world: World, area: str) -> None:
    outcomes, faults = access.reviewed(), []
    for place in places(world, area):
        role = fitting(place, "POST", outcomes)
        if role is None:
            continue
        with undone():
            data = data_for(world, place, world.client(role)) or {}
        before = rows()
        for field, how, sent in spoilt(data):
            with undone():
                client, so_far = world.client(role), writes()
                response = send(client, world, place, sent)
                refused = response.status_code >= 400
                wrote = refused and writes() != so_far and rows() != before
            if fault := _fault(response, field, how, wrote):
                faults.append(f"{place.name} as {role}, {field or 'the form'} {how}: {fault}")
    assert faults == [], "\n".join(faults)


@pytest.mark.parametrize("area", AREAS)
def test_odd_addresses_are_answered(world: World, area: str) -> None:
    """Whatever stands behind the question mark or in the path: a page, a 404, never a crash."""
    outcomes, faults = access.reviewed(), []
    for place in places(world, area):
        role = fitting(place, "GET", outcomes)
        if role is None:
            continue
        for query in QUERIES:
            faults += _crash(world, place, role, query)
    for path in (
        "/manuals/%00/",
        "/manuals/crm/%00/",
        "/reports/weekly/%00/",
        "/my/" + "9" * 30,
        "/desk/" + "9" * 30 + "/",
        "/attachments/1/%00",
        "/manuals/crm/" + "a" * 5000 + "/",
        "/reports/weekly/2026-W47/" + "a" * 500 + "/",
        "/api/v1/tickets/" + "9" * 30,
    ):
        response = world.client("mgr").get(path)
        access.read(response)
        if response.status_code >= 500:
            faults.append(path[:60])
    assert sorted(set(faults)) == [], "\n".join(sorted(set(faults)))


def _crash(world: World, place: Place, role: str, query: dict[str, str]) -> list[str]:
    with undone():
        response = world.client(role).get(place.path, query)
        access.read(response)
    said = {name: value[:20] for name, value in query.items()}
    return [f"{place.name} {said}: {response.status_code}"] if response.status_code >= 500 else []
