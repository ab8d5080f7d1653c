"""Two writers of one page: both texts are brought together or shown, and a draft is never lost."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import User
from core.errors import BadInput
from docs_portal.actions import discard_writing_draft, forget_writing_drafts, save_writing_draft
from docs_portal.actions.drafting import draft_of
from docs_portal.actions.writing import latest
from docs_portal.errors import StaleWritingDraft
from docs_portal.models import PageFile, WritingDraft
from docs_portal.policies.merging import merged
from docs_portal.rendering.differences import differences
from opsdesk.demo.cast import Cast
from tests.docs_portal.manual_pages import PNG, by, drafted, published, revised

ClientOf = Callable[[User], Client]
TEXTS = st.lists(st.sampled_from("甲乙丙丁戊"), max_size=8).map("\n".join)


@settings(max_examples=150, deadline=None)
@given(TEXTS, TEXTS)
def test_what_only_one_changed_is_theirs(base: str, changed: str) -> None:
    assert merged(base, changed, base).text == changed
    assert merged(base, base, changed).text == changed
    assert merged(base, changed, changed).text == changed
    for one in (merged(base, changed, base), merged(base, base, changed)):
        assert one.conflicts == 0


@settings(max_examples=150, deadline=None)
@given(TEXTS, TEXTS, TEXTS)
def test_nothing_of_mine_is_lost(base: str, mine: str, theirs: str) -> None:
    """Lines that only I added are in what comes out, whatever the other did."""
    found = merged(base, f"{mine}\n我的", theirs)
    assert "我的" in found.text.splitlines()


def test_different_lines_come_together_and_the_same_line_is_a_conflict() -> None:
    base = "一\n二\n三\n四\n五"
    both = merged(base, "一改\n二\n三\n四\n五", "一\n二\n三\n四\n五改\n六")
    assert (both.text, both.conflicts) == ("一改\n二\n三\n四\n五改\n六", 0)
    clash = merged(base, "一\n二\n我\n四\n五", "一\n二\n他\n四\n五\n六")
    assert (clash.text, clash.conflicts) == ("一\n二\n我\n四\n五\n六", 1)


@settings(max_examples=80, deadline=None)
@given(TEXTS, TEXTS)
def test_a_difference_tells_both_texts(before: str, after: str) -> None:
    """What came and went adds up to both sides, line by line."""
    lines = differences(before, after)
    came = sum(line.kind == "added" for line in lines)
    went = sum(line.kind == "removed" for line in lines)
    assert len(after.splitlines()) - len(before.splitlines()) == came - went
    assert (lines == []) == (before.splitlines() == after.splitlines())


def test_a_difference_marks_words_and_characters() -> None:
    (line,) = differences("点击 Export 导出客户", "点击 Download 导出名单")
    assert line.kind == "changed"
    assert "<del>Export</del><ins>Download</ins>" in str(line.html)
    assert "点击 " in str(line.html)
    assert "&lt;b&gt;" in str(differences("", "<b>")[0].html)
    folded = differences("\n".join("abcdefghij"), "\n".join("abcdefghix"))
    assert [(folded[0].kind, folded[0].count)] == [("folded", 7)]


def test_the_page_brings_both_together(cast: Cast, now: dt.datetime, client_of: ClientOf) -> None:
    page = drafted(cast, now, "导出", "第一段\n\n中间\n\n最后一段")
    client = client_of(cast.shenyi)
    edit = reverse("page_edit", args=[page.pk])
    revised(cast, now, page, "第一段\n\n中间\n\n最后一段，周敏改过", who="zhoumin")
    sent = {"title": "导出", "body": "我改的第一段\r\n\r\n中间\r\n\r\n最后一段", "based_on": 1}
    stale = client.post(edit, {**sent, "form_key": "a"})
    assert stale.status_code == 409
    form = stale.context["form"]
    assert form["body"].value() == "我改的第一段\n\n中间\n\n最后一段，周敏改过"
    assert form["based_on"].value() == "2"
    assert "周敏" in stale.content.decode()
    assert latest(page).number == 2
    # The same place changed by both: mine stays in the field, theirs is shown beside it.
    clash = {**sent, "body": "第一段\n\n中间\n\n我改的最后一段", "form_key": "b"}
    stale = client.post(edit, clash)
    assert stale.context["form"]["body"].value() == "第一段\n\n中间\n\n我改的最后一段"
    assert "周敏改过" in stale.content.decode()
    again = {"title": "导出", "body": "两人的最后一段", "based_on": 2, "form_key": "c"}
    assert client.post(edit, again).status_code == 302
    assert latest(page).body == "两人的最后一段"


def test_a_draft_goes_on_elsewhere_and_the_older_window_is_told(
    cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    page = published(cast, now, "导出", "第一版", slug="export")
    client, keep = client_of(cast.shenyi), reverse("page_draft", args=[page.pk])

    def typed(body: str, revision: int) -> Any:
        sent = {"title": "导出 2", "body": body, "based_on": 1, "revision": revision}
        return client.post(keep, sent)

    assert typed("打了一半 [导](/manuals/crm/export/)", 0).json() == {"revision": 1}
    shown = client.get(reverse("page_edit", args=[page.pk]))
    assert shown.context["form"]["body"].value() == "打了一半 [导](/manuals/crm/export/)"
    assert shown.context["form"]["title"].value() == "导出 2"
    assert typed("又打了一些", 1).json() == {"revision": 2}
    older = typed("旧窗口", 1)
    assert older.status_code == 409
    assert older.json()["body"] == "又打了一些"
    # Colleagues see that somebody is writing, and not what.
    beside = client_of(cast.zhoumin).get(reverse("page_edit", args=[page.pk])).content.decode()
    assert "又打了一些" not in beside
    assert client_of(cast.liuyang).post(keep, {"based_on": 1}).status_code == 403
    with pytest.raises(BadInput):
        save_writing_draft(page, "", "x" * 200_001, based_on=1, revision=2, **by(cast, now))
    revised(cast, now, page, "保存了")
    assert draft_of(page, cast.shenyi) is None
    with pytest.raises(StaleWritingDraft):
        save_writing_draft(page, "", "晚到的一次", based_on=1, revision=2, **by(cast, now))


def test_drafts_are_discarded_and_forgotten(cast: Cast, now: dt.datetime) -> None:
    page = drafted(cast, now, "导出")
    save_writing_draft(page, "", "甲", based_on=1, revision=0, **by(cast, now))
    discard_writing_draft(page, acting_user=cast.shenyi)
    assert not WritingDraft.objects.exists()
    save_writing_draft(page, "", "甲", based_on=1, revision=0, **by(cast, now))
    assert forget_writing_drafts(now=now + dt.timedelta(days=59)) == 0
    assert forget_writing_drafts(now=now + dt.timedelta(days=61)) == 1


def test_a_file_goes_up_while_one_writes(cast: Cast, now: dt.datetime, client_of: ClientOf) -> None:
    page = drafted(cast, now, "导出")
    address = reverse("page_file_new", args=[page.pk])
    client = client_of(cast.shenyi)
    made = client.post(address, {"file": SimpleUploadedFile("截图.png", PNG)})
    file = PageFile.objects.get()
    assert made.status_code == 201
    assert f"](/manuals/files/{file.pk}/" in made.json()["file"]["markdown"]
    assert made.json()["revision"] == 0
    assert client.post(address, {"file": SimpleUploadedFile("a.exe", b"MZ")}).status_code == 422
    assert client.post(address, {}).status_code == 422
    # Saved as it was put in, it is kept as a key.
    revised(cast, now, page, made.json()["file"]["markdown"])
    assert latest(page).body == f"![截图](attachment:{file.pk})"
