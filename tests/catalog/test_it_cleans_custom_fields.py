"""Custom fields accept the same values in forms, API and imports, and refuse by name."""

from typing import Any

import pytest

from catalog.access import fields_for, people_of_fields
from catalog.actions import create_field, edit_field
from catalog.choices import FieldTarget
from catalog.models import FieldDefinition
from core.customfields import Definition, clean_values, form_fields
from core.errors import BadInput
from opsdesk.demo.cast import Cast

NUMBER = Definition("amount", "金额", "number")
DAY = Definition("day", "日期", "date")
KIND = Definition("kind", "单据", "choice", is_required=True, choices=("报销", "采购"))
ORDER = Definition(
    "order", "采购单号", "text", is_required=True, when_field="kind", when_values=("采购",)
)


@pytest.mark.parametrize(
    ("definition", "sent", "stored"),
    [
        (NUMBER, "1,280.50", "1280.5"),
        (NUMBER, 1000, "1000"),
        (NUMBER, "", None),
        (DAY, "2026-11-16", "2026-11-16"),
        (KIND, " 采购 ", "采购"),
    ],
)
def test_a_good_value_is_stored_in_one_form(definition: Definition, sent: Any, stored: Any) -> None:
    values = clean_values([definition], {definition.key: sent})
    assert values.get(definition.key) == stored


@pytest.mark.parametrize(
    ("definition", "sent"),
    [
        (NUMBER, "много"), (NUMBER, "NaN"), (NUMBER, "1e999"), (NUMBER, ["1"]), (NUMBER, True),
        (DAY, "16/11/2026"), (DAY, "2026-02-30"), (KIND, "差旅"), (KIND, ""), (KIND, None),
        (Definition("note", "备注", "text"), "字" * 2001),
    ],
)  # fmt: skip
def test_a_bad_value_is_refused_by_field_and_value(definition: Definition, sent: Any) -> None:
    with pytest.raises(BadInput) as refused:
        clean_values([definition], {definition.key: sent})
    (problem,) = refused.value.problems
    assert problem.field == f"custom.{definition.key}"
    assert problem.message
    assert problem.remedy


def test_a_conditional_field_is_asked_only_then() -> None:
    assert clean_values([ORDER, KIND], {"kind": "报销", "order": "PO-1"}) == {"kind": "报销"}
    assert clean_values([ORDER, KIND], {"kind": "采购", "order": "PO-1"}) == {
        "kind": "采购", "order": "PO-1",
    }  # fmt: skip
    with pytest.raises(BadInput) as refused:
        clean_values([ORDER, KIND], {"kind": "采购"})
    assert [problem.field for problem in refused.value.problems] == ["custom.order"]


def test_an_unknown_field_is_refused_and_the_known_ones_named() -> None:
    with pytest.raises(BadInput) as refused:
        clean_values([NUMBER], {"amuont": "1"})
    (problem,) = refused.value.problems
    assert (problem.field, problem.value) == ("custom.amuont", "1")
    assert "amount" in problem.remedy


def test_a_person_is_found_by_user_name(cast: Cast) -> None:
    who = Definition("approver", "审批人", "person")
    people = people_of_fields()
    assert clean_values([who], {"approver": "WangKe"}, people=people) == {
        "approver": cast.wangke.pk
    }
    with pytest.raises(BadInput):
        clean_values([who], {"approver": "nobody"}, people=people)


def test_fields_follow_product_and_module(cast: Cast, now: Any) -> None:
    def add(key: str, **asked: Any) -> None:
        row = FieldDefinition(target="ticket", key=key, label=key, kind="text", **asked)
        create_field(row, acting_user=cast.chenlu, now=now)

    add("everywhere")
    add("crm", product=cast.products["crm"])
    add("visits", product=cast.products["crm"], module=cast.modules["visits"])

    def keys(product: str, module: str | None = None) -> list[str]:
        found = fields_for(
            FieldTarget.TICKET, cast.products[product], cast.modules[module] if module else None
        )
        return [one.key for one in found]

    assert keys("erp") == ["everywhere"]
    assert keys("crm") == ["everywhere", "crm"]
    assert keys("crm", "visits") == ["everywhere", "crm", "visits"]
    assert fields_for(FieldTarget.DEMAND, cast.products["crm"]) == []
    crm = FieldDefinition.objects.get(key="crm")
    edit_field(crm, {"is_active": False}, acting_user=cast.chenlu, now=now)
    assert keys("crm", "visits") == ["everywhere", "visits"]
    with pytest.raises(BadInput):
        edit_field(crm, {"kind": "number"}, acting_user=cast.chenlu, now=now)


def test_a_condition_names_a_choice_field(cast: Cast, now: Any) -> None:
    def add(key: str, **said: Any) -> FieldDefinition:
        row = FieldDefinition(
            **{"target": "ticket", "key": key, "label": key, "kind": "text"} | said
        )
        return create_field(row, acting_user=cast.chenlu, now=now)

    add("kind", kind="choice", choices=["报销", "采购"])
    add("note")
    for wrong in (
        {"when_field": "nothing", "when_values": ["采购"]},
        {"when_field": "note", "when_values": ["采购"]},
        {"when_field": "kind", "when_values": ["差旅"]},
        {"kind": "choice", "choices": ["一个"]},
    ):
        with pytest.raises(BadInput):
            add("order", **wrong)
    assert not FieldDefinition.objects.filter(key="order").exists()
    add("order", when_field="kind", when_values=["采购"])


def test_a_form_carries_the_fields_of_the_definitions() -> None:
    fields = form_fields([KIND, ORDER])
    assert list(fields) == ["custom.kind", "custom.order"]
    assert fields["custom.order"].widget.attrs["data-when-field"] == "custom.kind"
