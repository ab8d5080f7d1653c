"""What the guards need of the conversation: drafts, macros, a procedure, and what is sent there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from django.core.files.uploadedfile import SimpleUploadedFile

from tests.tickets import ladder
from tickets import actions as tickets
from tickets.choices import Type
from tickets.models import DraftFile, Macro, Procedure, ProcedureStep

if TYPE_CHECKING:
    from tests.guards.places import Route
    from tests.guards.world import World

Data = dict[str, Any]
STEPS = [tickets.StepDraft("核对 **权限**", is_required=True), tickets.StepDraft("告知提单人")]
_ACTS = [{"verb": "add_tag", "params": {"tag": "季末"}}]


class _Upload(SimpleUploadedFile):
    """A file that can be sent again and again, as each role does."""

    def read(self, *args: Any) -> bytes:
        self.seek(0)
        found: bytes = super().read(*args)
        return found


def build(world: World) -> None:
    """Drafts of both sides on one ticket, a macro of each kind, a ticket with steps."""
    cast, now = world.cast, world.now
    opened = world.tickets["open"]
    for person, kind in ((cast.linzhixia, "note"), (cast.wangke, "public")):
        said: dict[str, Any] = {"kind": kind, "acting_user": person, "now": now}
        tickets.save_draft(opened, "还没写完", revision=0, **said)
        file = SimpleUploadedFile("draft.txt", "日志".encode())
        tickets.add_draft_file(opened, file, **said)
    own = Macro(name="季末答复", owner=cast.linzhixia, text_zh="{{requester}}您好。", acts=_ACTS)
    tickets.create_macro(own, acting_user=cast.linzhixia, now=now)
    shared = Macro(name="重新登录", text_zh="请重新登录。", text_en="Sign in again.")
    tickets.create_macro(shared, acting_user=cast.gaoyuan, now=now)
    slow = Procedure(name="慢时先查", type=Type.PERFORMANCE)
    tickets.create_procedure(slow, STEPS, acting_user=cast.gaoyuan, now=now)
    world.tickets["stepped"] = ladder.routed(cast, now, Type.PERFORMANCE)


def macro(name: str) -> Macro:
    return Macro.objects.get(name=name)


def procedure() -> Procedure:
    return Procedure.objects.get(name="慢时先查")


def step(at: int = 1) -> ProcedureStep:
    return ProcedureStep.objects.get(procedure=procedure(), edition=1, position=at)


def _file(owner: str) -> DraftFile:
    return DraftFile.objects.get(draft__person__username=owner)


def _file_cases(world: World, route: Route) -> Mapping[str, tuple[Any, ...]]:
    named = "<str:name>" in route.pattern
    return {
        case: (file.pk, file.name) if named else (file.pk,)
        for case, file in (("staff", _file("linzhixia")), ("requester", _file("wangke")))
    }


def _open_cases(world: World, route: Route) -> Mapping[str, tuple[Any, ...]]:
    return {name: (world.tickets[name].pk,) for name in ("open", "confidential", "foreign")}


ARGUMENTS: dict[str, Callable[[Any, Any], Mapping[str, tuple[Any, ...]]]] = {
    "draft_file": _file_cases,
    "ticket_draft": _open_cases,
    "ticket_draft_file": _open_cases,
    "ticket_preview": _open_cases,
    "ticket_people": _open_cases,
    "ticket_macros": _open_cases,
    "ticket_macro": lambda world, route: {
        "own": (world.tickets["open"].pk, macro("季末答复").pk),
        "shared": (world.tickets["open"].pk, macro("重新登录").pk),
    },
    "ticket_tick": lambda world, route: {"": (world.tickets["stepped"].pk,)},
    "macro": lambda world, route: {"": (macro("季末答复").pk,)},
    "shared_macro": lambda world, route: {"": (macro("重新登录").pk,)},
    "procedure": lambda world, route: {"": (procedure().pk,)},
}
_MACRO = {"name": "新的", "kind": "public", "text_zh": "{{requester}}您好"}
_PROCEDURE = {
    "name": "性能", "type": "data", "steps-TOTAL_FORMS": "1", "steps-INITIAL_FORMS": "0",
    "steps-0-place": "10", "steps-0-text": "看日志",
}  # fmt: skip
FORMS: dict[str, Callable[[Any], Data]] = {
    "ticket_draft": lambda w: {"kind": "public", "body": "还没"},
    "ticket_draft_file": lambda w: {"file": _Upload("a.txt", b"x")},
    "draft_file_remove": lambda w: {},
    "ticket_preview": lambda w: {"body": "**好**"},
    "ticket_macro": lambda w: {"body": "请重新登录。"},
    "ticket_tick": lambda w: {"step": step().pk},
    "macro_new": lambda w: _MACRO,
    "macro": lambda w: _MACRO,
    "macro_retire": lambda w: {},
    "macro_bring_back": lambda w: {},
    "shared_macro_new": lambda w: _MACRO,
    "shared_macro": lambda w: _MACRO,
    "shared_macro_retire": lambda w: {},
    "shared_macro_bring_back": lambda w: {},
    "procedure_new": lambda w: _PROCEDURE,
    "procedure": lambda w: _PROCEDURE,
    "procedure_retire": lambda w: {},
    "procedure_bring_back": lambda w: {},
}


def _by(w: Any, person: str) -> dict[str, Any]:
    from tests.guards.world import ASKED_AT

    return {"acting_user": getattr(w.cast, person), "now": ASKED_AT}


def _untick(w: Any, act: Callable[..., Any]) -> object:
    ticket = tickets.tick_step(w.tickets["stepped"], step(), **_by(w, "linzhixia"))
    return act(ticket, step(), **_by(w, "linzhixia"))


def _bring_back_macro(w: Any, act: Callable[..., Any]) -> object:
    retired = tickets.retire_macro(macro("季末答复"), **_by(w, "linzhixia"))
    return act(retired, **_by(w, "linzhixia"))


def _bring_back_procedure(w: Any, act: Callable[..., Any]) -> object:
    return act(tickets.retire_procedure(procedure(), **_by(w, "gaoyuan")), **_by(w, "gaoyuan"))


DEEDS: dict[str, Callable[[Any, Callable[..., Any]], object]] = {
    "create_macro": lambda w, act: act(Macro(name="新的", text_zh="好"), **_by(w, "gaoyuan")),
    "edit_macro": lambda w, act: act(macro("季末答复"), {"name": "改"}, **_by(w, "linzhixia")),
    "retire_macro": lambda w, act: act(macro("季末答复"), **_by(w, "linzhixia")),
    "bring_back_macro": _bring_back_macro,
    "run_macro": lambda w, act: act(
        w.tickets["open"], macro("季末答复"), "好", **_by(w, "linzhixia")
    ),
    "create_procedure": lambda w, act: act(
        Procedure(name="数据", type="data"), STEPS, **_by(w, "gaoyuan")
    ),
    "edit_procedure": lambda w, act: act(
        procedure(), {}, [tickets.StepDraft("看日志")], **_by(w, "gaoyuan")
    ),
    "retire_procedure": lambda w, act: act(procedure(), **_by(w, "gaoyuan")),
    "bring_back_procedure": _bring_back_procedure,
    "tick_step": lambda w, act: act(w.tickets["stepped"], step(), **_by(w, "linzhixia")),
    "untick_step": _untick,
}
_PRIVATE = "a draft is private and erasable, so it is no event (domain.md, invariant 1)"
WITHOUT_EVENT = {
    "save_draft": _PRIVATE,
    "discard_draft": _PRIVATE,
    "add_draft_file": _PRIVATE,
    "remove_draft_file": _PRIVATE,
    "preview_mentions": "it only reads",
    "rehearse_macro": "it takes everything back",
    "may_share": "it only asks",
}
