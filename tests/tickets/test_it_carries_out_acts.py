"""Acts as data: one vocabulary for rules, macros and bulk runs, each through its single action."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from django.utils import translation

from accounts.models import User
from catalog.actions import create_field
from catalog.models import FieldDefinition
from core.errors import BadInput, NotAllowed
from core.events import history, unfolded
from opsdesk.demo.cast import Cast
from tests.tickets.ladder import answered, routed, submitted
from tickets.actions import open_cause
from tickets.actions.acts import ACTS, Act, carry_out, carry_out_all, check_act
from tickets.choices import Status
from tickets.errors import ContractUnmet
from tickets.rendering.acts import ACT_NAMES, act_said

pytestmark = pytest.mark.django_db


def ask_for_the_shop(cast: Cast, now: dt.datetime) -> None:
    """A field of the company's own, which an act may fill."""
    shop = FieldDefinition(target="ticket", key="shop", label="门店", kind="text")
    create_field(shop, acting_user=cast.admin, now=now)


def wrong_fields(act: Act, user: User | None) -> list[str]:
    with pytest.raises(BadInput) as refusal:
        check_act(act, acting_user=user)
    assert all(problem.remedy for problem in refusal.value.problems)
    return sorted(problem.field for problem in refusal.value.problems)


@pytest.fixture
def samples(cast: Cast, now: dt.datetime) -> dict[str, dict[str, Any]]:
    """Parameters for every act of the table that check out."""
    cause = open_cause(
        title="视图按旧部门过滤", product=cast.products["crm"], acting_user=cast.linzhixia, now=now
    )
    module = cast.modules["visits"].pk
    ask_for_the_shop(cast, now)
    return {
        "claim": {}, "restore": {},
        "assign": {"assignee": cast.zhoumin.pk},
        "transfer": {"team": cast.teams["operations"].pk, "assignee": None},
        "edit": {"type": "bug", "impact": 2, "module": module, "custom": {"shop": "1"}},
        "reply": {"body": "已处理"}, "note": {"body": "查过日志"},
        "ask": {"question": "哪个页面？"},
        "relay": {"team": cast.teams["crm_development"].pk, "note": "请看"},
        "move_up": {"level": 2},
        "return": {"level": 1, "reason": "incomplete", "note": "缺截图"},
        "link_cause": {"cause": cause.pk}, "push": {"cause": cause.pk},
        "resolve": {"resolution": "answered", "reply": "见文档"},
        "reopen": {"reason": "还是不行"}, "reject": {"reason": "重复提交"},
        "merge": {"into": submitted(cast, now).pk},
        "watch": {"user": "me"}, "unwatch": {"user": "me"},
        "add_tag": {"tag": "大促"}, "remove_tag": {"tag": "大促"},
        "assign_by": {"method": "least_loaded"},
        "tell": {"user": cast.zhoumin.pk, "team": None, "words": "请看一下"},
    }  # fmt: skip


def test_every_act_checks_out_travels_as_json_and_is_said_in_both_languages(
    cast: Cast, samples: dict[str, dict[str, Any]]
) -> None:
    assert set(samples) == set(ACTS) <= set(ACT_NAMES)
    for verb, params in samples.items():
        act = Act.from_json(json.loads(json.dumps(Act(verb, params).as_json())))
        assert act == Act(verb, params)
        check_act(act, acting_user=cast.linzhixia)
        said = {}
        for language in ("en", "zh-hans"):
            with translation.override(language):
                said[language] = act_said(act.verb, act.params)
        assert said["en"] != said["zh-hans"], verb
        assert "%(" not in said["en"] + said["zh-hans"]


def test_bad_parameters_are_named_with_what_would_be_accepted(cast: Cast) -> None:
    agent = cast.linzhixia
    assert wrong_fields(Act("escalate"), agent) == ["verb"]
    assert wrong_fields(Act("assign"), agent) == ["assignee"]
    assert wrong_fields(Act("assign", {"assignee": 987654321}), agent) == ["assignee"]
    assert wrong_fields(Act("assign", {"assignee": True}), agent) == ["assignee"]
    assert wrong_fields(Act("move_up", {"level": 9}), agent) == ["level"]
    assert wrong_fields(Act("move_up", {"level": 2, "note": "x"}), agent) == ["note"]
    assert wrong_fields(Act("reply", {"body": "  "}), agent) == ["body"]
    assert wrong_fields(Act("edit"), agent) == ["params"]
    assert wrong_fields(Act("edit", {"type": "wish", "impact": 7}), agent) == ["impact", "type"]
    no_acts: tuple[Any, ...] = (
        None, [], "assign", {"verb": 1}, {"verb": "note", "params": []}, {"act": 1},
    )  # fmt: skip
    for value in no_acts:
        with pytest.raises(BadInput):
            Act.from_json(value)


def test_an_act_names_only_rows_that_its_person_may_see(cast: Cast, now: dt.datetime) -> None:
    ticket = submitted(cast, now)
    act = Act("merge", {"into": ticket.pk})
    check_act(act, acting_user=cast.linzhixia)
    assert wrong_fields(act, cast.liuyang) == ["into"]


def test_acts_go_through_the_single_action_and_its_guards(cast: Cast, now: dt.datetime) -> None:
    ask_for_the_shop(cast, now)
    ticket = routed(cast, now)
    said: dict[str, Any] = {"acting_user": cast.linzhixia, "now": now}
    row = carry_out_all(
        ticket,
        [
            Act("assign", {"assignee": "me"}),
            Act("edit", {"urgency": 3, "custom": {"shop": "华东一店"}}),
            Act("move_up", {"level": 2}),
        ],
        **said,
    )
    assert (row.assignee, row.urgency, row.level) == (cast.linzhixia, 3, 2)
    verbs = history("ticket", ticket.pk).values_list("verb", flat=True)
    assert list(verbs)[-3:] == ["assign", "edit", "move_up"]
    with pytest.raises(ContractUnmet):
        carry_out(row, Act("resolve", {"resolution": "answered", "reply": "见文档"}), **said)
    # The reply went with the resolution that was refused.
    assert not ticket.comments.exists()
    with pytest.raises(NotAllowed):
        carry_out(row, Act("note", {"body": "偷看"}), acting_user=cast.liuyang, now=now)
    row.refresh_from_db()
    assert unfolded(row) == {}


def test_an_answer_with_the_resolution_is_no_change_by_somebody_else(
    cast: Cast, now: dt.datetime
) -> None:
    ticket = answered(cast, now)
    row = carry_out(
        ticket, Act("resolve", {"resolution": "answered", "reply": "这样就好了"}),
        acting_user=cast.linzhixia, now=now, seen_version=ticket.version,
    )  # fmt: skip
    assert row.status == Status.RESOLVED
    assert ticket.comments.filter(body="这样就好了").exists()


def test_a_rule_acts_without_a_person_and_never_counts_as_the_first_response(
    cast: Cast, now: dt.datetime
) -> None:
    ticket = routed(cast, now)
    row = carry_out_all(
        ticket,
        [
            Act("assign", {"assignee": cast.zhoumin.pk}), Act("edit", {"urgency": 3}),
            Act("reply", {"body": "我们已收到"}), Act("note", {"body": "由规则分派"}),
            Act("watch", {"user": cast.chenlu.pk}), Act("ask", {"question": "哪个页面？"}),
        ],
        acting_user=None, now=now,
    )  # fmt: skip
    assert row.assignee == cast.zhoumin
    assert row.first_response_at is None
    assert ticket.comments.count() == 3
    assert not ticket.comments.exclude(is_auto=True, author=None).exists()
    assert history("ticket", ticket.pk).filter(actor_id=None).count() == 6
    needs_a_person = Act("move_up", {"level": 2})
    with pytest.raises(NotAllowed):
        carry_out(row, needs_a_person, acting_user=None, now=now)
    carry_out(routed(cast, now), needs_a_person, acting_user=cast.linzhixia, now=now)
