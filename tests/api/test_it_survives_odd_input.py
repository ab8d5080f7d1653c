"""Any JSON in any field of any address: never a crash, a refusal names what is wrong, and a
refusal leaves every table as it was."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from rest_framework import serializers

from opsdesk.demo.cast import Cast
from tests.api.calling import ROOT, Api, everything
from tests.tickets import ladder
from tickets.api import shapes
from tickets.api.causes import CAUSE_VERBS
from tickets.api.verbs import VERBS

Shape = type[serializers.Serializer[Any]]

#: (method, path with a ticket `t` or a cause `c`, the fields it takes)
ADDRESSES: list[tuple[str, str, Shape]] = [
    ("post", "/tickets", shapes.SubmitSerializer),
    ("patch", "/tickets/{t}", shapes.EditSerializer),
    ("post", "/tickets/{t}/comments", shapes.CommentInputSerializer),
    ("post", "/causes", shapes.OpenCauseSerializer),
    *(("post", f"/tickets/{{t}}/{verb.name}", verb.fields) for verb in VERBS),
    *(("post", f"/causes/{{c}}/{verb.name}", verb.fields) for verb in CAUSE_VERBS),
]

ODD = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([2**31, 2**63, -(2**63) - 1, 10**40])
    | st.floats()
    | st.text(max_size=30)
    | st.sampled_from(["", " ", "\x00", "\ud800", "NaN", "1e999", "2026-13-45", "0001-01-01"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)  # fmt: skip
LIKELY = st.sampled_from(
    [1, 2, 3, 4, 5, 8, "how_to", "bug", "fixed", "answered", "incomplete", "misjudged", "public",
     "note", "data", "说一句", "2099-01-01", "2026-11-20", True, False, None]
)  # fmt: skip


@pytest.fixture
def rows(cast: Cast, now: dt.datetime) -> dict[str, int]:
    ticket = ladder.pushed(cast, now)
    assert ticket.cause_id is not None
    return {"t": ticket.pk, "c": ticket.cause_id, "version": 99}


def bodies(shape: Shape) -> st.SearchStrategy[dict[str, Any]]:
    names = list(shape().fields) or ["anything"]
    named = st.dictionaries(st.sampled_from(names), ODD | LIKELY, max_size=len(names))
    strange = st.dictionaries(st.text(min_size=1, max_size=6), ODD, max_size=1)
    return st.tuples(named, strange).map(lambda two: {**two[1], **two[0]})


def send(api: Api, method: str, path: str, body: dict[str, Any], version: int) -> Any:
    return getattr(api.client, method)(
        f"{ROOT}{path}",
        json.dumps(body),
        content_type="application/json",
        headers={"If-Match": f'"{version}"'},
    )


def check(response: Any, body: dict[str, Any], path: str) -> None:
    assert response.status_code < 500, (path, body)
    if response.status_code < 400:
        return
    answer = response.json()
    assert answer["code"], (path, body)
    assert answer["title"]
    if response.status_code == 400:
        assert answer["problems"], (path, body)
        for problem in answer["problems"]:
            assert problem["message"]
            # A body that is no JSON (NaN, 1e999) has no fields yet.
            assert problem["field"] or answer["code"] == "parse_error", (path, body, problem)


#: Verbs of the requester; causes are answered by their owner, everything else is an agent's.
REQUESTERS = ("tickets", "comments", "confirm", "reopen", "withdraw", "restore")


def whose(path: str) -> str:
    if path.startswith("/causes/"):
        return "hesiyuan"
    return "wangke" if path.endswith(REQUESTERS) else "linzhixia"


@pytest.mark.parametrize(("method", "path", "shape"), ADDRESSES, ids=[p for _, p, _ in ADDRESSES])
@pytest.mark.parametrize("examples", [12, pytest.param(300, marks=pytest.mark.soak)])
def test_any_json_in_any_field(
    cast: Cast, rows: dict[str, int], examples: int, method: str, path: str, shape: Shape
) -> None:
    api = Api(getattr(cast, whose(path)))
    address = path.format(**rows)
    before = everything()

    @settings(
        max_examples=examples, deadline=None, database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(bodies(shape))
    def one(body: dict[str, Any]) -> None:
        with transaction.atomic():
            response = send(api, method, address, body, rows["version"])
            check(response, body, path)
            if response.status_code < 400:
                transaction.set_rollback(True)

    one()
    # What was refused wrote nothing; what was accepted was rolled back here.
    assert everything() == before


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    query=st.dictionaries(
        st.sampled_from(["status", "level", "product", "assignee", "q", "before", "after", "x"]),
        st.text(max_size=12) | st.sampled_from(["new", "1", "me", "导出", "%", "_", "\\"]),
        max_size=4,
    )
)
def test_any_query(cast: Cast, query: dict[str, str]) -> None:
    api = Api(cast.linzhixia)
    encodable = {name: value.encode(errors="replace").decode() for name, value in query.items()}
    for path in ("/tickets", "/causes", "/tickets/1/comments"):
        response = api.get(path, **encodable)
        assert response.status_code in (200, 400, 404), (path, encodable)


@pytest.mark.parametrize("pk", ["0", "9" * 40, "-1", "x", "1.5", "%00", "٣"])
def test_odd_ids_are_not_there(cast: Cast, pk: str) -> None:
    api = Api(cast.linzhixia)
    for path in (f"/tickets/{pk}", f"/causes/{pk}", f"/attachments/{pk}"):
        assert api.get(path).status_code == 404


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("text/plain", 415), ("application/xml", 415), ("", 415), ("multipart/form-data", 400),
        ("application/json; charset=utf-16", 400),
    ],
)  # fmt: skip
def test_odd_content_types(cast: Cast, kind: str, status: int) -> None:
    api = Api(cast.linzhixia)
    response = api.client.post("/api/v1/tickets", b'{"product": 1}', content_type=kind)
    assert response.status_code in (status, 400), response.content
    assert response.json()["title"]


def test_odd_methods(cast: Cast) -> None:
    api = Api(cast.linzhixia)
    for method in ("put", "delete", "patch"):
        response = getattr(api.client, method)("/api/v1/tickets")
        assert (response.status_code, response.json()["code"]) == (405, "method_not_allowed")
