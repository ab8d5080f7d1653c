"""What a fitting person would send to each address that takes a POST: accepted as it stands."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

from django.core.files.base import File
from django.forms import BaseForm
from django.test import Client
from django.utils import timezone

from feedback.models import Demand, Release
from opsdesk.demo.cast import DEMO_PASSWORD
from reports.policies.weeks import Week
from tests.guards import (
    announcing,
    chatting,
    company,
    conversation,
    demand_table,
    helping,
    looping,
    mailing,
    pooling,
    requiring,
    spreadsheets,
    submitting,
    training,
    viewing,
    writing,
)
from tests.guards.places import PANELS, Place
from tests.guards.world import World
from tickets.models import Cause, Ticket

Data = dict[str, Any]
Sending = Callable[[World], Data]

#: A refusal of shape or state; whoever gets one may act here, or is told why not by the action.
REFUSED = frozenset({400, 409, 412, 415, 422, 428, 429})
PASSWORD = "a-long-new-one-7421"


def _nothing(world: World) -> Data:
    return {}


def _chosen(more: Data) -> Sending:
    """A bulk act on one ticket."""
    return lambda world: {"tickets": str(world.tickets["open"].pk), **more}


def _day(world: World, days: int = 4) -> str:
    return (world.now.date() + dt.timedelta(days=days)).isoformat()


def _new_cause(world: World) -> Data:
    module = world.cast.modules["visits"].pk
    return {"cause": "new", "title": "视图不同步", "module": module, "category": "code"}


_RULE = {
    "name": "移动端先看一下", "trigger": "submitted", "if_0_field": "product", "if_0_op": "is",
    "if_0_value": "crm", "then_0_verb": "note", "then_0_body": "请看一下", "hourly_cap": "5",
    "step": "save",
}  # fmt: skip
_RETURN = {"reason": "incomplete", "note": "缺少复现步骤"}
#: Verbs of a ticket on its pages.
TICKET_FORMS: dict[str, Sending] = {
    "reply": lambda w: {"body": "请再试一次。"},
    "ask": lambda w: {"question": "是哪个浏览器？"},
    "claim": _nothing,
    "skip": lambda w: {"reason": "later"},
    "release": _nothing,
    "assign": lambda w: {"assignee": w.cast.zhoumin.pk},
    "transfer": lambda w: {"team": w.cast.teams["operations"].pk, "assignee": "zhoumin"},
    "relay": lambda w: {"team": w.cast.teams["recognition"].pk, "note": "样张见附件"},
    "return_relay": lambda w: _RETURN,
    "deliver_relay": _nothing,
    "move_up": lambda w: {"level": 2},
    "return": lambda w: {"level": 1, **_RETURN},
    "link_cause": _new_cause,
    "push": lambda w: {**_new_cause(w), "owner": w.cast.hesiyuan.pk},
    "resolve": lambda w: {"resolution": "answered"},
    "reject": lambda w: {"reason": "不属于本系统"},
    "merge": lambda w: {"into": w.tickets["open"].ref},
    "restore": _nothing,
    "reopen": lambda w: {"reason": "还是看不到"},
    "watch": lambda w: {"user_name": "liuyang"},
    "rate": lambda w: {"score": "3", "reasons": "quick", "words": ""},
    "tag": lambda w: {"tags": "月结"},
    "unwatch": _nothing,
    "follow": _nothing,
    "link": lambda w: {"kind": "blocks", "other": w.tickets["new"].ref},
    "unlink": lambda w: {"link": w.link.pk if w.link else 0},
    "split": lambda w: {"message": "", "words": "导出按钮也是灰的"},
    "undo": _nothing,
    "confirm": _nothing,
    "withdraw": lambda w: {"reason": "自己好了"},
    "edit": lambda w: {"row": "title", "title": "拜访记录主管看不到"},
}
CAUSE_FORMS: dict[str, Sending] = {
    "accept": lambda w: {"promised_on": _day(w)},
    "date": lambda w: {"promised_on": _day(w)},
    "decline": lambda w: _RETURN,
    "deliver": lambda w: {
        "text": "按旧部门编码过滤。", "category": "permission_rule",
        "module": w.cast.modules["visits"].pk,
    },
    "push": lambda w: {"owner": w.cast.hesiyuan.pk},
    "chase": _nothing,
    "name_owner": lambda w: {"owner": w.cast.hesiyuan.pk},
    "describe": lambda w: {"title": "视图不同步", "category": "code", "evidence": "10:00 起"},
    "known_issue": lambda w: {"is_known_issue": "on", "workaround": "先用网页版。"},
}  # fmt: skip
#: The same through the API where its fields differ.
API_BODIES: dict[str, Sending] = {
    **requiring.API_BODIES,
    "api_tickets": lambda w: {"product": w.cast.products["crm"].pk, "description": "打不开"},
    "api_ticket": lambda w: {"title": "拜访记录主管看不到"},
    "api_comments": lambda w: {"body": "请再试一次。"},
    "api_causes": lambda w: {"title": "视图不同步", "product": w.cast.products["crm"].pk},
    "api_ticket_transfer": lambda w: {
        "team": w.cast.teams["operations"].pk, "assignee": w.cast.zhoumin.pk,
    },
    "api_ticket_link_cause": lambda w: {"cause": w.causes["accepted"].pk},
    "api_ticket_push": lambda w: {"cause": w.causes["accepted"].pk},
    "api_ticket_merge": lambda w: {"into": w.tickets["open"].pk},
    "api_ticket_rate": lambda w: {"score": 3, "reasons": ["quick"]},
    "api_ticket_watch": lambda w: {"user": w.cast.liuyang.pk},
    "api_ticket_link": lambda w: {"kind": "relates", "other": w.tickets["new"].pk},
    "api_ticket_unlink": lambda w: {"kind": "relates", "other": w.tickets["asked"].pk},
    "api_ticket_split": lambda w: {"words": "导出按钮也是灰的"},
    "api_ticket_undo": lambda w: {"version": w.tickets["open"].version},
    "api_bulk_runs": lambda w: {
        "act": {"verb": "add_tag", "params": {"tag": "季末"}},
        "tickets": [{"id": w.tickets["open"].pk}],
    },
    "api_bulk_run_stop": _nothing,
    **viewing.API_BODIES,
    **looping.API_BODIES,
    **pooling.API_BODIES,
    **submitting.API_BODIES,
    **helping.API_BODIES,
    **training.API_BODIES,
    "api_bulk_run_undo": _nothing,
    "api_cause_promised_date": CAUSE_FORMS["date"],
    "api_cause_known_issue": lambda w: {"workaround": "先用网页版。"},
}  # fmt: skip
_ROBOT = {
    "provider": "dingtalk", "url": "https://oapi.dingtalk.com/robot/send?access_token=a1",
    "secret": "",
}  # fmt: skip
FORMS: dict[str, Sending] = {
    **conversation.FORMS,
    **submitting.FORMS,
    **helping.FORMS,
    **requiring.FORMS,
    **announcing.FORMS,
    **writing.FORMS,
    **training.FORMS,
    **chatting.FORMS,
    **mailing.FORMS,
    **viewing.FORMS,
    **demand_table.FORMS,
    **pooling.FORMS,
    **spreadsheets.FORMS,
    **company.FORMS,
    "sign_in": lambda w: {"username": "wangke", "password": DEMO_PASSWORD},
    "sign_out": _nothing,
    "password_reset": lambda w: {"email": "wangke@yuanhe.example"},
    "password_reset_confirm": lambda w: {"new_password1": PASSWORD, "new_password2": PASSWORD},
    "preferences_password": lambda w: {
        "old_password": DEMO_PASSWORD, "new_password1": PASSWORD, "new_password2": PASSWORD,
    },
    "preferences_theme": lambda w: {"theme": "dark"},
    "preferences_after_act": lambda w: {"after_act": "next"},
    "guided_next": _nothing,
    "preferences_language": lambda w: {"language": "en"},
    "inbox_seen": lambda w: {"notice": [w.notice.pk if w.notice else 0]},
    "inbox_read": _nothing,
    "notice_open": _nothing,
    "preferences_told_reset": _nothing,
    "preferences_address_again": _nothing,
    "unsubscribe": _nothing,
    "settings_channels_address": lambda w: {"address": "gone@yuanhe.example"},
    "settings_health_give_up": _nothing,
    "submit": lambda w: {"product": w.cast.products["crm"].pk, "description": "打不开"},
    "page_preview": lambda w: {"body": "## 标题"},
    "page_new": lambda w: {
        "title": "合并客户", "body": "## 步骤", "kind": "feature_guide", "slug": "merge",
    },
    "page_publish": _nothing,
    "page_retire": _nothing,
    "settings_health_resend": _nothing,
    "settings_health_send_kept": _nothing,
    "settings_channels_edit": lambda w: _ROBOT,
    "settings_channels_remove": _nothing,
    "settings_channels_test": _nothing,
    "preferences_chat": lambda w: _ROBOT,
    "preferences_chat_remove": _nothing,
    "preferences_chat_test": _nothing,
    "owner_link": lambda w: {"act": "accept", "promised_on": _day(w)},
    "settings_health_resend_all": _nothing,
    "settings_people_new": lambda w: {
        "username": "newcomer", "name": "新人", "email": "new@yuanhe.example",
        "language": "zh-hans",
    },
    "settings_departments_new": lambda w: {"name": "法务部"},
    "settings_positions_new": lambda w: {"name": "法务专员"},
    "settings_products_new": lambda w: {"name": "云仓", "code": "wms", "kind": "optional"},
    "settings_teams_new": lambda w: {"name": "二线", "calendar": w.cast.calendar.pk},
    "settings_calendars_new": lambda w: {
        "name": "海外", "zone": "Europe/London", "hours": "09:00-17:00", "weekdays": ["1", "2"],
    },
    "settings_policies_new": lambda w: {
        "name": "销售加急", "position": "1", "warn_percent": "80", "response_1": "30 min",
        "resolution_1": "4 h", "confirm_days": "5", "seen": "1",
    },
    "settings_fields_new": lambda w: {
        "target": "ticket", "key": "browser", "label": "浏览器", "kind": "text", "position": 1,
    },
    "settings_people_do": _nothing,
    "settings_rule_new": lambda w: _RULE,
    "settings_rule": lambda w: _RULE,
    "settings_rule_try": _nothing,
    "settings_rule_activate": _nothing,
    "settings_rule_off": _nothing,
    "settings_rule_up": _nothing,
    "settings_rule_down": _nothing,
    "settings_rule_trial_stop": _nothing,
    **{
        f"bulk_{verb}": _chosen(more) for verb, more in (
            ("claim", {}), ("assign", {"assignee": ""}), ("classify", {"urgency": 3}),
            ("move_up", {"level": 2}), ("reply", {"body": "请再试一次。"}),
            ("note", {"body": "查过"}),
            ("resolve", {"resolution": "answered"}), ("tag", {"tag": "季末"}),
            ("untag", {"tag": "季末"}), ("watch", {"user_name": "liuyang"}),
            ("ask", {"question": "是哪个浏览器？"}), ("reject", {"reason": "不属于本系统"}),
        )
    },
    "bulk_merge": lambda w: {
        "tickets": f"{w.tickets['open'].pk},{w.tickets['new'].pk}", "into": w.tickets["open"].pk,
    },
    "bulk_link_cause": lambda w: {
        "tickets": str(w.tickets["open"].pk), "cause": w.causes["known"].pk,
    },
    "bulk_transfer": lambda w: {
        "tickets": str(w.tickets["open"].pk), "team": w.cast.teams["operations"].pk,
    },
    "bulk_stop": _nothing,
    "bulk_undo": _nothing,
    "ticket_undo": _nothing,
    "my_ticket_undo": _nothing,
    "burst_known_issue": lambda w: {"title": "拜访打不开", "workaround": "先用网页版。"},
    "burst_attach": _nothing,
    "burst_dismiss": _nothing,
    "cause_reply_all": lambda w: {"body": "已修复，请刷新。"},
    "absences": lambda w: {
        "user": "shenyi", "first_day": _day(w, 40), "last_day": _day(w, 41), "note": "",
    },
    "absence_take_back": _nothing,
    "hand_over": lambda w: {"how": "queue"},
}  # fmt: skip
PANEL_FORMS: dict[str, Sending] = {
    "grants": lambda w: {"role": "analyst"},
    "exceptions": lambda w: {
        "role": w.cast.roles["crm_director"].pk, "kind": "also", "first_day": _day(w, 1),
    },
    "departure": lambda w: {"left_on": _day(w, 0), "successor": "wangke"},
    "modules": lambda w: {"name": "线索"},
    "roles": lambda w: {"name": "访客", "code": "guest"},
    "features": lambda w: {"name": "拜访地图"},
    "members": lambda w: {"member": "gaoyuan"},
    "duty": lambda w: {"user": "zhoumin", "first_day": _day(w, 60), "last_day": _day(w, 66)},
    "days": lambda w: {"day": _day(w, 12), "is_working": "yes", "note": "补班"},
}  # fmt: skip
DEMAND_FORMS: dict[str, Sending] = {
    "new": lambda w: {
        "title": "批量导出", "product": w.cast.products["crm"].pk, "kind": "improvement",
        "initiated_by": "business",
    },
    "drive": lambda w: {
        "demand": "new", "title": "批量导出", "kind": "improvement", "words": "一个个导太慢",
        "importance": 1,
    },
    "answer": lambda w: {"answer": "confirmed"},
    "evaluate": _nothing,
    "accept": lambda w: {"reason": "三个大区都要"},
    "decline": lambda w: {"reason": "明年换系统"},
    "defer": lambda w: {"until": _day(w, 30), "reason": "等新系统"},
    "schedule": lambda w: {"planned_on": _day(w)},
    "date": lambda w: {"planned_on": _day(w, 20)},
    "develop": _nothing,
    "test": _nothing,
    "back_to_development": _nothing,
    "carry": lambda w: {"release": w.releases["planned"].pk},
    **looping.DEMAND_FORMS,
    "verify": _nothing,
    "close": lambda w: {"review": "工单少了一半"},
    "quote": lambda w: {
        "person": "liuyang", "words": "我也要", "source": "chat", "importance": 1,
    },
    "appeal": lambda w: {"words": "每周都要打印"},
}  # fmt: skip
RELEASE_FORMS: dict[str, Sending] = {
    "new": lambda w: {"product": w.cast.products["crm"].pk, "name": "6.0"},
    "gate": lambda w: {"row": "announcement", "announcement": "能看到现任下属了"},
    "take_out": _nothing,
    "date": lambda w: {"planned_on": _day(w, 20)},
    "carry": lambda w: {"demands": [w.demands["accepted"].pk]},
    "see_people": _nothing,
    "publish": _nothing,
    "roll_back": lambda w: {"reason": "审批页报错"},
    **looping.RELEASE_FORMS,
}
INSIGHT_FORMS: dict[str, Sending] = {
    "new": lambda w: {
        "title": "新主管看不到历史", "product": w.cast.products["crm"].pk, "body": "组织调整后。",
        "tickets": w.tickets["open"].ref,
    },
}  # fmt: skip
REPORT_FORMS: dict[str, Sending] = {
    "order_report": _nothing,
    "report_subscribe": _nothing,
    "report_unsubscribe": _nothing,
    "conclusion_edit": lambda w: {"text_zh": "积压下降。", "text_en": "The backlog fell."},
    "action_new": lambda w: {
        "text": "补一页手册", "owner": "shenyi", "due_on": _day(w, 9),
    },
    "action_end": lambda w: {"state": "done", "outcome": "退单少了一半"},
    "settings_target": lambda w: {
        "value": "97", "from_week": Week.of(timezone.now()).shift(1).name,
    },
}  # fmt: skip
FAMILIES = (
    ("my_ticket_", TICKET_FORMS), ("ticket_", TICKET_FORMS), ("cause_", CAUSE_FORMS),
    ("demand_", DEMAND_FORMS), ("release_", RELEASE_FORMS), ("insight_", INSIGHT_FORMS),
)  # fmt: skip
#: Routes whose own page shows the form to send back as it is.
ROUND_TRIPS = ("page_edit", "preferences", "preferences_told", "settings_told")


def data_for(world: World, place: Place, client: Client | None = None) -> Data | None:
    """What would be accepted at `place`; None when nobody has said what that is.

    `client` is a fitting person's, for forms that are sent back as their page shows them.
    """
    name = place.route.name
    if place.route.area == "api":
        return _api_body(world, name)
    if name in FORMS or name in REPORT_FORMS:
        return {**FORMS, **REPORT_FORMS}[name](world)
    for family, forms in FAMILIES:
        if name.startswith(family):
            verb = name.removeprefix(family)
            return forms[verb](world) if verb in forms else None
    if name.startswith("settings_") and name.endswith("_add"):
        panel = place.case or PANELS[name.split("_")[1]][0]
        sent = PANEL_FORMS[panel](world)
        return {f"{panel}-{field}": value for field, value in sent.items()}
    if name.startswith("settings_") and name.endswith("_remove"):
        return {}
    if name in ROUND_TRIPS or (name.startswith("settings_") and name.endswith("_edit")):
        return _as_shown(client, place) if client is not None else {}
    return None


def _api_body(world: World, name: str) -> Data | None:
    if name in API_BODIES:
        return API_BODIES[name](world)
    for family, forms in (("api_ticket_", TICKET_FORMS), ("api_cause_", CAUSE_FORMS)):
        verb = name.removeprefix(family)
        if name.startswith(family) and verb in forms:
            return forms[verb](world)
    return None


def _as_shown(client: Client, place: Place) -> Data:
    """The fields of the page's form with the values it shows."""
    form: BaseForm = client.get(place.path).context["form"]
    sent: Data = {}
    for bound in form:
        value = bound.value()
        prepared = bound.field.prepare_value(value)
        if prepared is None or prepared is False or prepared == "" or bound.field.disabled:
            continue
        sent[bound.html_name] = "on" if prepared is True else prepared
    return sent


def send(
    client: Client, world: World, place: Place, data: Data | None, method: str = "POST"
) -> Any:
    """Send `data` as a page's form does, or to the API as JSON with the present version."""
    call = getattr(client, method.lower())
    for value in (data or {}).values():
        if isinstance(value, File):
            value.seek(0)  # sent once already, by the role before
    if place.route.area != "api":
        return call(place.path, data or {})
    headers = {}
    row = _row_of(world, place)
    if row is not None:
        version = type(row)._default_manager.values_list("version", flat=True).get(pk=row.pk)
        headers["If-Match"] = f'"{version}"'
    body = json.dumps(data or {}, default=str)
    return call(place.path, body, content_type="application/json", headers=headers)


def _row_of(world: World, place: Place) -> Ticket | Cause | Demand | Release | None:
    """The row whose version an API request names."""
    if place.route.name.startswith("api_cause"):
        return world.causes.get(place.case)
    if place.route.name.startswith("api_demand"):
        return world.demands.get(place.case)
    if place.route.name.startswith("api_release"):
        return world.releases.get(place.case)
    return world.tickets.get(place.case)
