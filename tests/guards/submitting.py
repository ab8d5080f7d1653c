"""What the guards need of submitting: a draft with a file, voices on known issues, a section."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from django.core.files.uploadedfile import SimpleUploadedFile

from catalog import actions as catalog
from catalog.models import FieldSection
from tickets import actions as tickets
from tickets.actions.voices import ask_same_heres
from tickets.choices import SameHereState
from tickets.models import Cause, SameHere, SubmitDraft, SubmitDraftFile

if TYPE_CHECKING:
    from tests.guards.places import Route
    from tests.guards.world import World

Data = dict[str, Any]


class _Upload(SimpleUploadedFile):
    """A file that can be sent again and again, as each role does."""

    def read(self, *args: Any) -> bytes:
        self.seek(0)
        found: bytes = super().read(*args)
        return found


def build(world: World) -> None:
    """A ticket somebody began, a section, and a voice that waits and one that is asked."""
    cast, now = world.cast, world.now
    own: dict[str, Any] = {"acting_user": cast.wangke, "now": now}
    draft = tickets.save_submit_draft(None, {"description": "还没写完"}, revision=0, **own)
    file = SimpleUploadedFile("begun.txt", "日志".encode())
    tickets.add_submit_draft_file(draft, file, **own)
    agent: dict[str, Any] = {"acting_user": cast.linzhixia, "now": now}
    for title in ("导出变慢", "图表不刷新"):
        cause = tickets.open_cause(title=title, product=cast.products["crm"], **agent)
        tickets.declare_known_issue(cause, "晚上再导出", **agent)
        tickets.same_here(cause, "我也是", **own)
    ask_same_heres(now, cause_id=Cause.objects.get(title="图表不刷新").pk)
    catalog.create_field_section(
        FieldSection(target="ticket", label="采购", label_en="Purchase"),
        acting_user=cast.admin, now=now,
    )  # fmt: skip


def voice(state: SameHereState = SameHereState.WAITING) -> SameHere:
    return SameHere.objects.get(state=state, person__username="wangke")


def draft() -> SubmitDraft:
    return SubmitDraft.objects.get(person__username="wangke")


def file() -> SubmitDraftFile:
    return SubmitDraftFile.objects.get(draft__person__username="wangke")


def section() -> FieldSection:
    return FieldSection.objects.get(label="采购")


def _voice_cases(world: World, route: Route) -> Mapping[str, tuple[Any, ...]]:
    asked = route.name.endswith("refuse")
    states = [SameHereState.ASKED] if asked else [SameHereState.WAITING, SameHereState.ASKED]
    return {str(state): (voice(state).pk,) for state in states}


ARGUMENTS: dict[str, Callable[[Any, Any], Mapping[str, tuple[Any, ...]]]] = {
    "submit_file": lambda world, route: {
        "": (file().pk, file().name) if "<str:name>" in route.pattern else (file().pk,)
    },
    "same_here": lambda world, route: {"": (voice().cause_id,)},
    "my_same_here": _voice_cases,
    "api_my_same_here": _voice_cases,
    "api_known_issue_same_here": lambda world, route: {"": (voice().cause_id,)},
}
FORMS: dict[str, Callable[[Any], Data]] = {
    "submit_draft": lambda w: {"description": "打不开"},
    "submit_draft_file": lambda w: {"file": _Upload("a.txt", b"x")},
    "submit_file_remove": lambda w: {},
    "same_here": lambda w: {"words": "我也是"},
    "my_same_here_confirm": lambda w: {},
    "my_same_here_refuse": lambda w: {"because": "还是空的"},
    "my_same_here_take_back": lambda w: {},
    "cause_ask_same_heres": lambda w: {},
    "ticket_fields": lambda w: {},
    "settings_sections_new": lambda w: {"target": "ticket", "label": "报销", "position": 1},
    "settings_fields_do": lambda w: {},
}


API_BODIES: dict[str, Callable[[Any], Data]] = {
    "api_known_issue_same_here": lambda w: {"words": "我也是"},
    "api_ticket_same_here": lambda w: {"words": "我也是"},
    "api_my_same_here_confirm": lambda w: {},
    "api_my_same_here_refuse": lambda w: {"because": "还是空的"},
    "api_my_same_here_take_back": lambda w: {},
}


def _by(w: Any, person: str) -> dict[str, Any]:
    from tests.guards.world import ASKED_AT

    return {"acting_user": getattr(w.cast, person), "now": ASKED_AT}


def _ask(w: Any, act: Callable[..., Any]) -> object:
    cause = w.causes["accepted"]
    tickets.declare_known_issue(cause, "先用手机版", **_by(w, "linzhixia"))
    tickets.same_here(cause, "我也是", **_by(w, "zhaoyi"))
    delivered = tickets.deliver_cause(cause, "已修复", **_by(w, "hesiyuan"))
    return act(delivered, **_by(w, "linzhixia"))


def _expire(w: Any, act: Callable[..., Any]) -> object:
    month = dt.timedelta(days=30)
    now = _by(w, "wangke")["now"]
    SameHere.objects.filter(pk=voice(SameHereState.ASKED).pk).update(asked_at=now - month)
    return act(now)


DEEDS: dict[str, Callable[[Any, Callable[..., Any]], object]] = {
    "same_here": lambda w, act: act(voice().cause, "我也是", **_by(w, "zhaoyi")),
    "confirm_same_here": lambda w, act: act(voice(), **_by(w, "wangke")),
    "refuse_same_here": lambda w, act: act(
        voice(SameHereState.ASKED), "还是空的", **_by(w, "wangke")
    ),
    "take_back_same_here": lambda w, act: act(voice(), **_by(w, "wangke")),
    "drive_same_here": lambda w, act: act(voice(), "D-1", now=_by(w, "wangke")["now"]),
    "expire_same_heres": _expire,
}
CATALOG_DEEDS: dict[str, Callable[[Any, Callable[..., Any]], object]] = {
    "create_field_section": lambda w, act: act(
        FieldSection(target="ticket", label="报销"), **_by(w, "admin")
    ),
    "edit_field_section": lambda w, act: act(section(), {"label": "采购单"}, **_by(w, "admin")),
    "move_field": lambda w, act: act(_second_field(w), -1, **_by(w, "admin")),
}


def _second_field(w: Any) -> Any:
    from catalog.models import FieldDefinition

    row = FieldDefinition(target="ticket", key="second", label="二", kind="text", position=9)
    return catalog.create_field(row, **_by(w, "admin"))


_PRIVATE = "a draft is private and erasable, so it is no event (domain.md, invariant 1)"
WITHOUT_EVENT = {
    "save_submit_draft": _PRIVATE,
    "discard_submit_draft": _PRIVATE,
    "add_submit_draft_file": _PRIVATE,
    "remove_submit_draft_file": _PRIVATE,
    "forget_submit_drafts": _PRIVATE,
    "ask_whether_it_works": "it orders a job, which asks each person with an event",
}


def people_asked(world: Any) -> None:
    """A job that asks: a delivered cause with a voice and no open ticket."""
    cause = tickets.open_cause(
        title="打印空白", product=world.cast.products["crm"], **_by(world, "linzhixia")
    )
    tickets.declare_known_issue(cause, "换浏览器", **_by(world, "linzhixia"))
    tickets.same_here(cause, "我也是", **_by(world, "wangke"))
    tickets.push_cause(cause, world.cast.hesiyuan, **_by(world, "linzhixia"))
    tickets.accept_cause(cause, world.now.date(), **_by(world, "hesiyuan"))
    tickets.deliver_cause(cause, "已修复", **_by(world, "hesiyuan"))
