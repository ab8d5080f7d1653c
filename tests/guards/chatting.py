"""What the guards need of chat in: a robot, a message it got, a pasted log."""

from __future__ import annotations

import atexit
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import cache
from typing import Any

from django.conf import settings
from django.utils import timezone

from tests import chat_robots as chats
from tickets import actions as tickets
from tickets.actions.robots import try_robot
from tickets.incoming.chatlog import read_log
from tickets.incoming.providers.base import Call
from tickets.incoming.robots.door import take_call
from tickets.incoming.robots.handling import handle_chat
from tickets.models import ChatRobot, IncomingMessage

Data = dict[str, Any]
LOG = "王珂 2026/11/16 9:02:33\n拜访记录主管看不到\n\n刘洋 2026/11/16 9:03:01\n报表导不出来"


def build(world: Any) -> None:
    """A robot of DingTalk that got one message, which waits for a worker."""
    row = tickets.create_robot(_fields(world), acting_user=world.cast.admin, now=world.now)
    arrive(row, "msg0001")


def arrive(row: ChatRobot, message_id: str) -> None:
    """One call of the chat, signed, taken by the door."""
    sent = chats.dingtalk("/", chats.ding_message("打印空白", msgId=message_id))
    take_call(row, Call("POST", {}, sent.headers, sent.body, timezone.now()))


def robot() -> ChatRobot:
    return ChatRobot.objects.get(name="钉钉小助手")


def _fields(world: Any, name: str = "钉钉小助手") -> Data:
    return {
        "name": name, "app": "dingtalk", "called": "小助手", "secret": chats.DING_SECRET,
        "product_id": world.cast.products["crm"].pk, "user_ids_are_names": True,
        "account": "ding1",
    }  # fmt: skip


def _form(world: Any) -> Data:
    return {
        "name": "飞书小助手", "called": "小助手", "product": world.cast.products["crm"].pk,
        "strangers": "hold", "is_active": "on", "account": "cli_a1b2", "secret": "s" * 20,
        "aes_key": "k" * 20, "token": "t" * 20,
    }  # fmt: skip


ARGUMENTS: dict[str, Callable[[Any, Any], Mapping[str, tuple[Any, ...]]]] = {
    "robot_call": lambda world, route: {"": (robot().key,), "unknown": ("no-such-robot",)},
    "settings_robots": lambda world, route: {"": (robot().pk,)},
    "settings_robots_new": lambda world, route: {"": ("feishu",), "unknown": ("icq",)},
}
FORMS: dict[str, Callable[[Any], Data]] = {
    "robot_call": lambda w: {},
    "chat_log": lambda w: {"log": LOG},
    "settings_robots_new": _form,
    "settings_robots_edit": lambda w: {**_form(w), "account": "ding1", "name": "小助手二号"},
    "settings_robots_try": lambda w: {},
}


def _by(w: Any, person: str) -> Data:
    from tests.guards.world import ASKED_AT

    return {"acting_user": getattr(w.cast, person), "now": ASKED_AT}


def _log(w: Any, act: Callable[..., Any]) -> object:
    (first, *_rest) = read_log(LOG, w.now).said
    words = tickets.ChatWords("m1", first.name, first.at, first.text)
    one = tickets.ChatTicket(w.cast.wangke, w.cast.products["crm"], first.text, [words])
    return act(tickets.ChatLog(LOG, [one]), source="log", **_by(w, "linzhixia"))


DEEDS: dict[str, Callable[[Any, Callable[..., Any]], object]] = {
    "take_in_chat_log": _log,
    "create_robot": lambda w, act: act(_fields(w, "第二个"), **_by(w, "admin")),
    "edit_robot": lambda w, act: act(robot(), {"called": "助手"}, **_by(w, "admin")),
}
WITHOUT_EVENT = {"try_robot": "it orders a job that asks the chat and changes nothing"}


def message_waits(world: Any) -> None:
    """A job that makes a ticket of a message, and one that answers."""
    reach_stand_in()
    arrive(robot(), "msg0002")


def message_handled(world: Any) -> None:
    message_waits(world)
    handle_chat({"message_id": IncomingMessage.objects.latest("pk").pk}, timezone.now())


@cache
def reach_stand_in() -> None:
    """The chats' APIs, for the rest of the run: nothing of a sealed test reaches the real ones."""
    stack = ExitStack()
    atexit.register(stack.close)
    server = stack.enter_context(chats.chat_api())
    settings.CHAT_GATEWAYS = {**settings.CHAT_GATEWAYS, "dingtalk": server.url}


def robot_tried(world: Any) -> None:
    reach_stand_in()
    try_robot(robot(), now=_by(world, "admin")["now"])
