"""What is being submitted is kept: draft, files, and the page somebody came from."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from core.formkeys import FIELD, new_form_key
from opsdesk.demo.cast import Cast
from tickets.actions import forget_submit_drafts
from tickets.actions.drafting import BEGUN_KEPT, BEGUN_MAX
from tickets.models import SubmitDraft, Ticket

ClientOf = Callable[..., Client]
WORDS = "拜访记录提交后，主管看不到。"
BROWSER = "Mozilla/5.0 (Windows NT 10.0) Chrome/126.0.0.0 Safari/537.36 Edg/126.0.1"


def test_a_draft_with_its_file_is_there_again_and_goes_into_the_ticket(
    cast: Cast, client_of: ClientOf
) -> None:
    client, product = client_of(cast.wangke), cast.products["crm"]
    save = reverse("submit_draft")
    assert client.post(save, {"product": product.pk, "impact": "1"}).json()["draft"] == 0
    kept = client.post(save, {"product": product.pk, "description": WORDS}).json()
    file = client.post(
        reverse("submit_draft_file"),
        {"draft": kept["draft"], "file": SimpleUploadedFile("日志.txt", b"x")},
    )
    assert file.status_code == 201
    refused = client.post(
        reverse("submit_draft_file"),
        {"draft": kept["draft"], "file": SimpleUploadedFile("setup.exe", b"MZ")},
    )
    assert refused.status_code == 422
    assert "setup.exe" in refused.json()["problems"][0]
    # Another day, another device.
    page = client_of(cast.wangke).get(reverse("submit"))
    assert WORDS in page.content.decode()
    assert "日志.txt" in page.content.decode()
    shown = client.get(file.json()["file"]["url"])
    assert b"".join(shown.streaming_content) == b"x"  # type: ignore[attr-defined]
    # Nobody else's.
    other = client_of(cast.liuyang)
    assert WORDS not in other.get(reverse("submit")).content.decode()
    assert other.get(file.json()["file"]["url"]).status_code == 404
    assert other.post(save, {"draft": kept["draft"], "description": "x"}).status_code == 404
    assert other.post(file.json()["file"]["remove"]).status_code == 404
    client.post(
        reverse("submit"),
        {"product": product.pk, "description": WORDS, "draft": kept["draft"]},
    )
    assert [a.name for a in Ticket.objects.get().attachments.all()] == ["日志.txt"]
    assert not SubmitDraft.objects.exists()


def test_the_older_of_two_windows_is_told(cast: Cast, client_of: ClientOf) -> None:
    client, save = client_of(cast.wangke), reverse("submit_draft")
    first = client.post(save, {"description": "一"}).json()
    named = {"draft": first["draft"], "revision": first["revision"]}
    assert client.post(save, {**named, "description": "一二"}).status_code == 200
    stale = client.post(save, {**named, "description": "一三"})
    assert stale.status_code == 409
    assert SubmitDraft.objects.get().values["description"] == "一二"
    newer = {"draft": first["draft"], "revision": stale.json()["revision"]}
    assert client.post(save, {**newer, "description": "一三"}).status_code == 200
    gone = client.post(save, {"draft": first["draft"], "discard": "1"})
    assert gone.json()["draft"] == 0
    assert client.post(save, {**newer, "description": "再来"}).status_code == 404


def test_a_refused_form_keeps_its_files_without_scripts(cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast.wangke)
    # As a browser sends it: with the one-time key, which a refusal gives back.
    sent = {
        "product": cast.products["crm"].pk, "description": "", FIELD: new_form_key(),
    }  # fmt: skip
    picture = SimpleUploadedFile("列表.png", b"\x89PNG\r\n\x1a\n")
    refused = client.post(reverse("submit"), {**sent, "files": picture})
    assert refused.status_code == 422
    form = refused.context["form"]
    assert [file.name for file in form.files_waiting()] == ["列表.png"]
    assert SubmitDraft.objects.get().files.get().name == "列表.png"
    left_out = client.post(
        reverse("submit"),
        {
            **sent,
            "description": WORDS,
            "draft": form.begun.pk,
            "leave_out": form.waiting[0].pk,
            FIELD: new_form_key(),
        },
    )
    assert left_out.status_code == 200
    assert left_out.context["form"].files_waiting() == []
    again = client.post(
        reverse("submit"),
        {**sent, "draft": form.begun.pk, "files": SimpleUploadedFile("b.txt", b"b")},
    )
    begun = again.context["form"].begun
    client.post(
        reverse("submit"),
        {**sent, "description": WORDS, "draft": begun.pk, FIELD: new_form_key()},
    )
    assert [a.name for a in Ticket.objects.get().attachments.all()] == ["b.txt"]


def test_drafts_are_few_and_not_kept_for_ever(
    cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    client = client_of(cast.wangke)
    for number in range(BEGUN_MAX + 2):
        client.post(reverse("submit_draft"), {"description": f"第 {number} 份"})
    assert SubmitDraft.objects.count() == BEGUN_MAX
    saved = SubmitDraft.objects.latest("saved_at").saved_at
    assert forget_submit_drafts(now=saved + BEGUN_KEPT - dt.timedelta(days=1)) == 0
    assert forget_submit_drafts(now=saved + BEGUN_KEPT + dt.timedelta(days=1)) == BEGUN_MAX


def test_a_link_brings_product_module_page_and_browser(cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast.wangke)
    where = "https://crm.example.com/visits/42?tab=list"
    module = cast.modules["visits"]
    page = client.get(
        reverse("submit"), {"product": "crm", "module": module.name, "page": where},
        headers={"User-Agent": BROWSER},
    )  # fmt: skip
    form = page.context["form"]
    assert form["product"].value() == cast.products["crm"].pk
    assert form["module"].value() == str(module.pk)
    text = page.content.decode()
    assert where in text
    assert "Edge 126" in text
    sent = {"product": cast.products["crm"].pk, "description": WORDS, "opened_from": where,
            "browser": BROWSER}  # fmt: skip
    client.post(reverse("submit"), sent)
    client.post(reverse("submit"), {**sent, "leave_out_context": "on"})
    kept, left_out = Ticket.objects.order_by("pk")
    assert (kept.opened_from, kept.browser) == (where, BROWSER)
    assert (left_out.opened_from, left_out.browser) == ("", "")
    desk = client_of(cast.linzhixia).get(reverse("ticket", args=[kept.pk])).content.decode()
    assert where in desk
    assert "Edge 126" in desk


@pytest.mark.parametrize("page", ["javascript:alert(1)", "ftp://x/y", "https://" + "a" * 1001])
def test_a_page_that_is_none_is_left_out_and_said(
    cast: Cast, client_of: ClientOf, page: str
) -> None:
    client = client_of(cast.wangke)
    answer = client.get(reverse("submit"), {"product": "gone", "page": page})
    assert len(answer.context["notes"]) == 2
    assert "gone" in answer.context["notes"][0]
    assert answer.context["opened_from"] == ""
    sent = {"product": cast.products["crm"].pk, "description": WORDS, "opened_from": page}
    refused = client.post(reverse("submit"), sent)
    assert "opened_from" in refused.context["form"].errors
    assert not Ticket.objects.exists()


def test_watchers_are_named_together_and_see_it(cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast.wangke)
    sent = {"product": cast.products["crm"].pk, "description": WORDS}
    wrong = client.post(reverse("submit"), {**sent, "watchers": "刘洋 (liuyang)，查无此人"})
    assert "查无此人" in str(wrong.context["form"].errors["watchers"])
    client.post(reverse("submit"), {**sent, "watchers": "刘洋 (liuyang)、赵怡, wangke"})
    ticket = Ticket.objects.get()
    assert {w.user for w in ticket.watchers.all()} == {cast.liuyang, cast.zhaoyi}
    assert client_of(cast.liuyang).get(reverse("my_ticket", args=[ticket.pk])).status_code == 200
    # Colleagues are offered to who knows how a name begins.
    names = reverse("people_options")
    assert "liuyang" in client.get(names, {"people": "刘洋"}).content.decode()
    assert "liuyang" not in client.get(names, {"people": "刘"}).content.decode()
    assert "liuyang" in client_of(cast.linzhixia).get(names, {"people": "刘"}).content.decode()
