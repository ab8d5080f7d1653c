"""Help home and submit: two fields are enough, bad input keeps what was typed."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from catalog.actions import create_field
from catalog.choices import FieldTarget
from catalog.models import FieldDefinition
from opsdesk.demo.cast import Cast
from tests.tickets.ladder import screened
from tickets.actions import ask_requester, claim_ticket, declare_known_issue, link_cause, open_cause
from tickets.choices import Channel, Impact
from tickets.models import Ticket

ClientOf = Callable[..., Client]
WORDS = "拜访记录提交后，主管看不到。周五要开复盘会。"


def test_two_fields_are_enough(cast: Cast, client_of: ClientOf) -> None:
    answer = client_of(cast.wangke).post(
        reverse("submit"), {"product": cast.products["crm"].pk, "description": WORDS}
    )
    ticket = Ticket.objects.get()
    assert answer["Location"] == reverse("my_ticket", args=[ticket.pk])
    assert ticket.title == "拜访记录提交后，主管看不到"
    assert ticket.impact == Impact.ONLY_ME
    assert (ticket.module, ticket.module_not_sure) == (None, False)


def test_a_form_sent_twice_makes_one_ticket(cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast.wangke)
    sent = {"product": cast.products["crm"].pk, "description": WORDS, "form_key": "k" * 24}
    first, second = client.post(reverse("submit"), sent), client.post(reverse("submit"), sent)
    assert Ticket.objects.count() == 1
    assert first["Location"] == second["Location"]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"description": ""}, "description"),
        ({"description": "。。。"}, "description"),
        ({"description": "字" * 20_001}, "description"),
        ({"product": ""}, "product"),
        ({"product": "999999"}, "product"),
        ({"module": "999999"}, "module"),
        ({"impact": "9"}, "impact"),
        ({"title": "题" * 201}, "title"),
    ],
)
def test_bad_input_names_the_field_and_keeps_the_text(
    cast: Cast, client_of: ClientOf, changed: dict[str, str], field: str
) -> None:
    sent = {"product": str(cast.products["crm"].pk), "description": WORDS, **changed}
    answer = client_of(cast.wangke).post(reverse("submit"), sent)
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert Ticket.objects.count() == 0
    if "description" not in changed:
        assert WORDS in answer.content.decode()


def test_files_are_kept_or_refused_by_name(cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast.wangke)
    sent = {"product": cast.products["crm"].pk, "description": WORDS}
    bad = SimpleUploadedFile("setup.exe", b"MZ")
    refused = client.post(reverse("submit"), {**sent, "files": [bad]})
    assert refused.status_code == 422
    assert "setup.exe" in str(refused.context["form"].errors["files"])
    assert Ticket.objects.count() == 0
    picture = SimpleUploadedFile("列表.png", b"\x89PNG\r\n\x1a\n")
    good = [picture, SimpleUploadedFile("log.txt", b"x")]
    client.post(reverse("submit"), {**sent, "files": good})
    assert Ticket.objects.get().attachments.count() == 2


def test_modules_follow_the_product(cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast.wangke)
    page = client.get(reverse("submit"), {"product": "crm", "description": WORDS})
    shown = [str(label) for _key, label in page.context["form"].fields["module"].choices]
    assert "拜访管理" in shown
    assert "费用报销" not in shown
    assert WORDS in page.content.decode()
    redrawn = client.post(
        reverse("submit"),
        {"product": cast.products["erp"].pk, "description": WORDS, "redraw": "1"},
    )
    assert redrawn.status_code == 200
    assert WORDS in redrawn.content.decode()
    assert "费用报销" in redrawn.content.decode()
    assert Ticket.objects.count() == 0


def test_only_staff_submit_for_a_colleague(cast: Cast, client_of: ClientOf) -> None:
    sent = {
        "product": cast.products["crm"].pk, "description": WORDS, "requester": "王珂 (wangke)",
    }  # fmt: skip
    client_of(cast.linzhixia).post(reverse("submit"), sent)
    ticket = Ticket.objects.get()
    assert (ticket.requester, ticket.channel) == (cast.wangke, Channel.ON_BEHALF)
    client_of(cast.liuyang).post(reverse("submit"), sent)
    assert Ticket.objects.latest("pk").requester == cast.liuyang
    unknown = client_of(cast.linzhixia).post(reverse("submit"), {**sent, "requester": "查无此人"})
    assert "查无此人" in str(unknown.context["form"].errors["requester"])


def test_custom_fields_of_the_product_are_asked(
    cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    create_field(
        FieldDefinition(
            target=FieldTarget.TICKET, key="order_no", label="单号", kind="text",
            is_required=True, product=cast.products["erp"],
        ),
        acting_user=cast.admin, now=now,
    )  # fmt: skip
    client = client_of(cast.zhaoyi)
    sent = {"product": cast.products["erp"].pk, "description": WORDS}
    refused = client.post(reverse("submit"), sent)
    assert "custom.order_no" in refused.context["form"].errors
    client.post(reverse("submit"), {**sent, "custom.order_no": "PO-1"})
    assert Ticket.objects.get().custom == {"order_no": "PO-1"}
    assert "custom.order_no" not in client.get(reverse("submit") + "?product=crm").content.decode()


def test_known_issues_are_offered_while_typing(
    cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    ticket = screened(cast, now)
    cause = open_cause(
        title="部门编码变更后视图不同步", product=cast.products["crm"], acting_user=cast.linzhixia,
        now=now,
    )  # fmt: skip
    link_cause(ticket, cause, acting_user=cast.linzhixia, now=now)
    client = client_of(cast.liuyang)
    address = reverse("submit_suggestions")
    assert "按填写人" not in client.get(address, {"description": WORDS}).content.decode()
    declare_known_issue(cause, "列表改为“按填写人”筛选", acting_user=cast.linzhixia, now=now)
    found = client.get(address, {"description": WORDS}).content.decode()
    assert "按填写人" in found
    assert ticket.title not in found
    assert "按填写人" in client.get(reverse("help_home")).content.decode()


def test_help_home_puts_what_waits_for_me_first(
    cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    waiting = screened(cast, now)
    claim_ticket(waiting, acting_user=cast.linzhixia, now=now)
    ask_requester(waiting, "是哪位主管？", acting_user=cast.linzhixia, now=now)
    later = screened(cast, now)
    rows = client_of(cast.wangke).get(reverse("help_home")).context["rows"]
    assert [row.ticket.pk for row in rows] == [waiting.pk, later.pk]
    mine = client_of(cast.wangke).get(reverse("my_tickets"))
    assert [row.ticket.pk for row in mine.context["waiting"]] == [waiting.pk]
    assert client_of(cast.liuyang).get(reverse("help_home")).context["rows"] == []
