"""Submit, upload and retry: a request sent again acts once and is answered the same."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from core.models import Event, FormKey, StoredFile
from opsdesk.demo.cast import Cast
from tests.api.calling import Api, everything, fields_of
from tests.tickets import ladder
from tickets.models import Attachment, Comment, Ticket


@pytest.fixture(autouse=True)
def _files(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def body(cast: Cast, **more: Any) -> dict[str, Any]:
    return {"product": cast.products["crm"].pk, "description": "提交后主管看不到。急", **more}


def test_two_fields_are_enough(cast: Cast) -> None:
    response = Api(cast.wangke).post("/tickets", body(cast))
    assert response.status_code == 201, response.json()
    answer = response.json()
    ticket = Ticket.objects.get()
    assert response["Location"] == f"/api/v1/tickets/{ticket.pk}"
    assert response["ETag"] == '"1"'
    assert (answer["title"], answer["status"], answer["requester"]["id"]) == (
        "提交后主管看不到",
        "new",
        cast.wangke.pk,
    )
    assert (ticket.channel, ticket.impact) == ("api", 1)
    assert Event.objects.get(subject="ticket").verb == "submit"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("product", None), ("product", 0), ("product", 10**30), ("product", "crm"),
        ("product", True), ("product", [1]),
        ("description", None), ("description", ""), ("description", "  "), ("description", "…！"),
        ("description", "x" * 20_001), ("description", {"a": 1}), ("description", "a\x00b"),
        ("description", "\ud800"),
        ("title", "x" * 201), ("module", 10**9), ("impact", 9), ("impact", "only me"),
        ("urgency", 0), ("type", "bugs"), ("requester", -1), ("follows", 10**9),
        ("module_not_sure", "perhaps"), ("confidential", {}), ("custom", []),
        ("custom", {"a": {"b": 1}}), ("custom", {"a": "x\x00"}), ("custom", {"\x00": 1}),
        ("custom", {"a": "\udfff"}), ("files", ["x"]), ("colour", "red"),
    ],
)  # fmt: skip
def test_a_bad_field_is_named_and_nothing_written(cast: Cast, field: str, value: Any) -> None:
    api = Api(cast.wangke)
    before = everything()
    response = api.post("/tickets", body(cast, **{field: value}))
    assert response.status_code == 400, response.content
    for problem in response.json()["problems"]:
        assert problem["field"].split(".")[0] == field
        assert problem["message"]
        assert problem["remedy"] or problem["field"].startswith(("custom", "files"))
    assert everything() == before


def test_the_others_products_module_is_named(cast: Cast) -> None:
    response = Api(cast.wangke).post("/tickets", body(cast, module=cast.modules["ledger"].pk))
    assert response.status_code == 400
    assert fields_of(response) == ["module"]


def test_only_staff_submit_for_a_colleague(cast: Cast) -> None:
    for_liuyang = body(cast, requester=cast.liuyang.pk)
    api = Api(cast.wangke)
    before = everything()
    refused = api.post("/tickets", for_liuyang)
    assert (refused.status_code, fields_of(refused)) == (403, ["requester"])
    assert everything() == before
    assert Api(cast.linzhixia).post("/tickets", for_liuyang).status_code == 201
    assert Ticket.objects.get().requester == cast.liuyang


@pytest.mark.parametrize(
    "raw",
    [
        b"{",
        b"[]",
        b'"x"',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"product": ' + b"9" * 5000 + b"}",
        b"null",
        b'{"custom": {"a": 1e400}}',
    ],
)
def test_bodies_that_are_no_object(cast: Cast, raw: bytes) -> None:
    response = Api(cast.wangke).post("/tickets", raw)
    assert response.status_code == 400
    assert response.json()["problems"]


def test_too_large_a_body(cast: Cast, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    response = Api(cast.wangke).post("/tickets", body(cast, title="x" * 2000))
    assert response.status_code == 413
    assert response.json()["code"] == "too_large"


def test_files_come_as_multipart(cast: Cast) -> None:
    api = Api(cast.wangke)
    content = b"\x89PNG\r\n\x1a\n one"
    picture = SimpleUploadedFile("截图 1.png", content, "text/html")
    response = api.upload("/tickets", {**body(cast), "files": [picture]})
    assert response.status_code == 201, response.json()
    (chip,) = response.json()["attachments"]
    assert (chip["content_type"], chip["size"]) == ("image/png", len(content))
    served = api.client.get(chip["url"])
    assert b"".join(served) == content
    assert served["X-Content-Type-Options"] == "nosniff"
    assert served["Content-Disposition"].startswith("attachment")
    again = SimpleUploadedFile("other.png", content)
    path = f"/tickets/{response.json()['id']}/comments"
    answer = api.upload(path, {"body": "又一张", "files": [again]})
    assert answer.status_code == 201, answer.json()
    assert StoredFile.objects.count() == 1
    assert Attachment.objects.count() == 2
    assert Api(cast.emma).client.get(chip["url"]).status_code == 404


@pytest.mark.parametrize(
    ("name", "content"), [("a.exe", b"MZ"), ("a.png", b""), ("noending", b"x"), ("a.svg", b"<svg>")]
)
def test_unaccepted_files_write_nothing(cast: Cast, name: str, content: bytes) -> None:
    api = Api(cast.wangke)
    before = everything()
    response = api.upload("/tickets", {**body(cast), "files": [SimpleUploadedFile(name, content)]})
    assert (response.status_code, fields_of(response)) == (400, ["files"])
    assert everything() == before


def test_a_retry_acts_once_and_is_answered_the_same(cast: Cast) -> None:
    api = Api(cast.wangke)
    first = api.post("/tickets", body(cast), key="k-1")
    again = api.post("/tickets", body(cast), key="k-1")
    assert (again.status_code, again.json()) == (201, first.json())
    assert (again["ETag"], again["Location"]) == (first["ETag"], first["Location"])
    assert Ticket.objects.count() == 1
    other = api.post("/tickets", body(cast, title="别的"), key="k-1")
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")
    assert fields_of(other) == ["Idempotency-Key"]
    assert api.post("/tickets", body(cast), key="k-2").json()["id"] != first.json()["id"]
    assert Api(cast.liuyang).post("/tickets", body(cast), key="k-1").status_code == 201
    assert Ticket.objects.count() == 3


def test_an_error_gives_the_key_back(cast: Cast) -> None:
    api = Api(cast.wangke)
    assert (
        api.post("/tickets", body(cast, module=cast.modules["ledger"].pk), key="k").status_code
        == 400
    )
    assert FormKey.objects.count() == 0
    assert api.post("/tickets", body(cast), key="k").status_code == 201


def test_a_verb_and_a_comment_are_retried_alike(cast: Cast, now: dt.datetime) -> None:
    ticket = ladder.submitted(cast, now)
    api = Api(cast.linzhixia)
    for _ in range(2):
        answer = api.post(f"/tickets/{ticket.pk}/ask", {"question": "哪个账号？"}, seen=1, key="q")
        assert (answer.status_code, answer.json()["status"]) == (200, "pending")
        assert (
            api.post(f"/tickets/{ticket.pk}/comments", {"body": "好"}, key="c").status_code == 201
        )
    assert Comment.objects.count() == 2
    assert api.post("/tickets", body(cast), key="x" * 201).status_code == 400
