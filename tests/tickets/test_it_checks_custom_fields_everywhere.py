"""A ticket's custom fields hold the same rules in the form, the API, on the desk and in imports."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from catalog.actions import create_field, create_field_section, edit_field
from catalog.models import FieldDefinition, FieldSection
from core.errors import BadInput
from opsdesk.demo.cast import Cast
from tests.api.calling import Api
from tests.tickets.imports import HEADER, MAPPING, import_log, write_mapping
from tickets.actions import TicketDraft, edit_ticket, submit_ticket
from tickets.choices import Channel
from tickets.models import Ticket

ClientOf = Callable[..., Client]
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(64)
WORDS = "采购单保存不了。"


@pytest.fixture
def fields(cast: Cast, now: dt.datetime) -> dict[str, FieldDefinition]:
    """Every kind, one section that is asked only for purchases, one field of bugs only."""
    admin: dict[str, Any] = {"acting_user": cast.admin, "now": now}
    made: dict[str, FieldDefinition] = {}

    def add(key: str, kind: str, **said: Any) -> None:
        row = FieldDefinition(
            target="ticket", key=key, label=key, kind=kind, product=cast.products["erp"],
            position=len(made), **said,
        )  # fmt: skip
        made[key] = create_field(row, **admin)

    add("doc", "choice", choices=["报销", "采购"], choices_en=["Expenses", "Purchase"],
        is_required=True)  # fmt: skip
    section = create_field_section(
        FieldSection(
            target="ticket", label="采购", label_en="Purchase", when_field="doc",
            when_values=["采购"],
        ),
        **admin,
    )  # fmt: skip
    add("order_no", "text", section=section, is_required=True)
    add("amount", "number", section=section)
    add("needed_on", "date", section=section, when_field="amount")
    add("approver", "person", section=section)
    add("receipt", "file", section=section)
    add("steps", "text", types=["bug"], is_required=True)
    return made


GOOD = {"doc": "采购", "order_no": " PO-1 ", "amount": "1,280.50", "needed_on": "2026-12-01",
        "approver": "wangke"}  # fmt: skip
BAD = [
    ({"doc": ""}, "doc"),
    ({"doc": "差旅"}, "doc"),
    ({"order_no": ""}, "order_no"),
    ({"amount": "много"}, "amount"),
    ({"needed_on": "01/12/2026"}, "needed_on"),
    ({"approver": "nobody"}, "approver"),
    ({"nothing": "x"}, "nothing"),
]


def _by_form(cast: Cast, client_of: ClientOf, custom: dict[str, str]) -> set[str]:
    sent = {"product": cast.products["erp"].pk, "description": WORDS}
    sent |= {f"custom.{key}": value for key, value in custom.items()}
    answer = client_of(cast.zhaoyi).post(reverse("submit"), sent)
    return set(answer.context["form"].errors) if answer.status_code == 422 else set()


def _by_api(cast: Cast, custom: dict[str, str]) -> set[str]:
    sent = {"product": cast.products["erp"].pk, "description": WORDS, "custom": custom}
    answer = Api(cast.zhaoyi).post("/tickets", sent)
    if answer.status_code == 201:
        return set()
    assert answer.status_code == 400
    return {problem["field"] for problem in answer.json()["problems"]}


def _by_action(cast: Cast, now: dt.datetime, custom: dict[str, str]) -> set[str]:
    draft = TicketDraft(product=cast.products["erp"], description=WORDS, custom=custom)
    try:
        submit_ticket(draft, acting_user=cast.zhaoyi, now=now)
    except BadInput as refused:
        return {problem.field for problem in refused.problems}
    return set()


@pytest.mark.parametrize(("changed", "wrong"), BAD)
def test_each_way_in_refuses_the_same_by_name(
    cast: Cast, now: dt.datetime, client_of: ClientOf, fields: Any, changed: Any, wrong: str
) -> None:
    custom = {**GOOD, **changed}
    said = _by_api(cast, custom)
    assert said == {f"custom.{wrong}"} == _by_action(cast, now, custom)
    if wrong != "nothing":  # a form has no field of that name
        assert _by_form(cast, client_of, custom) == {f"custom.{wrong}"}
    assert not Ticket.objects.exists()


def test_each_way_in_keeps_the_same(
    cast: Cast, now: dt.datetime, client_of: ClientOf, fields: Any
) -> None:
    stored = {"doc": "采购", "order_no": "PO-1", "amount": "1280.5", "needed_on": "2026-12-01",
              "approver": cast.wangke.pk}  # fmt: skip
    assert not _by_form(cast, client_of, {**GOOD, "approver": "王珂 (wangke)"})
    assert not _by_api(cast, GOOD)
    assert not _by_action(cast, now, GOOD)
    assert [ticket.custom for ticket in Ticket.objects.order_by("pk")] == [stored] * 3
    # What the condition hides is left out, whoever sends it.
    assert not _by_form(cast, client_of, {**GOOD, "doc": "报销"})
    assert not _by_api(cast, {**GOOD, "doc": "报销"})
    assert [t.custom for t in Ticket.objects.order_by("pk")[3:]] == [{"doc": "报销"}] * 2


def test_files_of_a_field_come_as_files(
    cast: Cast, now: dt.datetime, client_of: ClientOf, fields: dict[str, FieldDefinition]
) -> None:
    edit_field(fields["receipt"], {"is_required": True}, acting_user=cast.admin, now=now)
    assert _by_form(cast, client_of, GOOD) == {"custom.receipt"}
    assert _by_api(cast, {**GOOD, "receipt": "发票.png"}) == {"custom.receipt"}
    sent = {"product": cast.products["erp"].pk, "description": WORDS}
    sent |= {f"custom.{key}": value for key, value in GOOD.items()}
    picture = SimpleUploadedFile("发票.png", PICTURE)
    answer = client_of(cast.zhaoyi).post(reverse("submit"), {**sent, "custom.receipt": picture})
    assert answer.status_code == 302
    wrong = SimpleUploadedFile("setup.exe", b"MZ")
    refused = client_of(cast.zhaoyi).post(reverse("submit"), {**sent, "custom.receipt": wrong})
    assert "setup.exe" in str(refused.context["form"].errors)
    by_api = Api(cast.zhaoyi).upload(
        "/tickets", {**sent, "custom.receipt": SimpleUploadedFile("发票.png", PICTURE)}
    )
    assert by_api.status_code == 201, by_api.json()
    for ticket in Ticket.objects.all():
        assert ticket.custom["receipt"] == ["发票.png"]
        assert [(a.field_key, a.name) for a in ticket.attachments.all()] == [
            ("receipt", "发票.png")
        ]


def test_an_edit_changes_what_it_names_and_keeps_the_rest(
    cast: Cast, now: dt.datetime, fields: dict[str, FieldDefinition]
) -> None:
    ticket = submit_ticket(
        TicketDraft(product=cast.products["erp"], description=WORDS, custom=GOOD),
        acting_user=cast.zhaoyi, now=now,
    )  # fmt: skip
    staff: dict[str, Any] = {"acting_user": cast.zhoumin, "now": now}
    edit_field(fields["amount"], {"label": "金额"}, acting_user=cast.admin, now=now)
    edit_field(fields["approver"], {"is_active": False}, acting_user=cast.admin, now=now)
    edited = edit_ticket(ticket, {"custom": {"order_no": "PO-2"}}, **staff)
    # Retired, but what it held stays.
    assert edited.custom == {**ticket.custom, "order_no": "PO-2"}
    with pytest.raises(BadInput) as refused:
        edit_ticket(edited, {"custom": {"order_no": ""}}, **staff)
    assert [problem.field for problem in refused.value.problems] == ["custom.order_no"]
    # A type that asks for more is given first; only then is what it asks required.
    edited = edit_ticket(edited, {"type": "bug"}, **staff)
    assert edit_ticket(edited, {"custom": {"steps": "保存"}}, **staff).custom["steps"] == "保存"
    only = edit_ticket(edited, {"custom": {"doc": "报销"}}, **staff)
    assert only.custom == {
        "doc": "报销", "approver": cast.wangke.pk, "steps": "保存",
    }  # fmt: skip


def test_a_message_from_outside_is_not_refused_for_what_nobody_asked(
    cast: Cast, now: dt.datetime, fields: Any
) -> None:
    for channel in (Channel.CHAT, Channel.MAIL):
        draft = TicketDraft(product=cast.products["erp"], description=WORDS, channel=channel)
        assert submit_ticket(draft, acting_user=cast.zhaoyi, now=now).custom == {}


def test_an_import_refuses_bad_cells_by_name_and_shows_what_it_brought(
    cast: Cast, now: dt.datetime, client_of: ClientOf, fields: Any, tmp_path: Path
) -> None:
    text = MAPPING.replace('code = "small"', 'code = "erp"').replace("Small log", "禾账 ERP")
    mapping = write_mapping(
        tmp_path, text + '\n[custom]\ndoc = "Doc"\norder_no = "Order"\namount = "Amount"\n'
    )
    log = tmp_path / "orders.csv"
    log.write_text(
        f"{HEADER},Doc,Order,Amount,Old site\n"
        'A1,Open,2020-01-06 09:00,Ann,Mail,low,采购,PO-1,"1,280.50",华东\n'
        "A2,Open,2020-01-06 09:00,Ann,Mail,low,采购,PO-2,许多,\n"
        "A3,Open,2020-01-06 09:00,Ann,Mail,low,采购,,1,\n"
        "A4,Open,2020-01-06 09:00,Ann,Mail,low,差旅,PO-4,1,\n",
        encoding="utf-8",
    )
    errors = tmp_path / "errors.csv"
    import_log(log, mapping, errors=errors)
    (ticket,) = Ticket.objects.filter(external_source="small")
    assert ticket.external_id == "A1"
    assert ticket.custom == {
        "doc": "采购", "order_no": "PO-1", "amount": "1280.5", "old_site": "华东",
    }  # fmt: skip
    told = errors.read_text("utf-8-sig")
    for line, column, value in ((3, "Amount", "许多"), (4, "Order", ""), (5, "Doc", "差旅")):
        assert f"{line},{column},{value}," in told, told
    page = client_of(cast.chenlu).get(reverse("ticket", args=[ticket.pk])).content.decode()
    for shown in ("1280.5", "old site", "华东"):
        assert shown in page
