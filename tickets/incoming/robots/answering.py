"""What a robot says back, where the message came from: a job of the outbox, at least once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from core.channels.errors import Unsent
from core.channels.shapes import absolute
from tickets.incoming.providers import provider_named
from tickets.models import ChatRobot, IncomingMessage

#: The jobs, as the outbox and the registry know them.
ANSWER = "tickets.answer_chat"
TRY = "tickets.try_robot"
NOTED_EVERY = dt.timedelta(minutes=1)


class Said(StrEnum):
    """What there is to say."""

    SUBMITTED = "submitted"
    ADDED = "added"
    HELD = "held"
    REFUSED = "refused"
    EMPTY = "empty"


def answer_chat(payload: Mapping[str, Any], now: dt.datetime) -> None:
    """Write the answer; a failure is kept on the robot and tried again by the outbox."""
    row = IncomingMessage.objects.select_related("robot", "ticket", "person").get(
        pk=payload["message_id"]
    )
    robot = row.robot
    if robot is None or not robot.is_active:
        return
    language = row.person.language if row.person is not None else settings.LANGUAGE_CODE
    with translation.override(language):
        text = words(row, Said(payload["said"]), payload.get("left") or [])
    key = f"incoming-answer:{row.pk}:{payload['said']}"
    try:
        provider_named(robot.app).answer(robot, row, text, key=key, now=now)
    except Unsent as error:
        _note(robot, str(error), now)
        raise
    _note(robot, "", now)


def _note(robot: ChatRobot, error: str, now: dt.datetime) -> None:
    """What the chat said last; the same again within a minute is not written."""
    column = "failed_at" if error else "answered_at"
    last: dt.datetime | None = getattr(robot, column)
    if last is not None and now - last < NOTED_EVERY and robot.last_error == error[:300]:
        return
    ChatRobot.objects.filter(pk=robot.pk).update(**{column: now, "last_error": error[:300]})


def words(row: IncomingMessage, said: Said, left: list[str]) -> str:
    """The answer in the language that is active; the group reads it, so it quotes nobody."""
    lines = [_first(row, said)]
    if row.ticket is not None and said in (Said.SUBMITTED, Said.ADDED):
        lines.append(absolute(reverse("my_ticket", args=[row.ticket_id])))
    if left:
        names = ", ".join(left)
        lines.append(_("Not taken along: %(names)s. Add it on the page.") % {"names": names})
    return "\n".join(lines)


def _first(row: IncomingMessage, said: Said) -> str:
    ref = row.ticket.ref if row.ticket is not None else ""
    if said == Said.SUBMITTED:
        return _("%(ref)s is with product operations. Follow it here:") % {"ref": ref}
    if said == Said.ADDED:
        return _("Added to %(ref)s:") % {"ref": ref}
    if said == Said.HELD:
        return _("Received. A colleague of product operations looks at it first.")
    if said == Said.REFUSED:
        return _("OpsDesk does not know your account. Please submit it here: %(url)s") % {
            "url": absolute(reverse("submit"))
        }
    return _("Say what happened after my name, in one message; a picture may follow.")


def try_robot(payload: Mapping[str, Any], now: dt.datetime) -> None:
    """Ask the chat for a token: shows whether the credentials work. Tried once, on demand."""
    robot = ChatRobot.objects.filter(pk=payload["robot_id"]).first()
    if robot is None:
        return
    try:
        provider_named(robot.app).token(robot)
    except Unsent as error:
        _note(robot, str(error), now)
    else:
        _note(robot, "", now)
