"""The door that chats call: check, keep, answer. Whatever takes longer is a worker's.

Chats wait 3 to 5 seconds and call again when nobody answers in time, so nothing but the database is
asked here. A call that is not signed with the robot's own secrets leaves no trace but a line in the
log and the time of it on the robot.
"""

from __future__ import annotations

import datetime as dt
import logging

from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.db.models import Q

from core import files as stored_files
from core import outbox
from tickets.choices import Channel, IncomingState
from tickets.incoming.providers import provider_named
from tickets.incoming.providers.base import Answer, Arrival, Call, Forged, Received
from tickets.models import ChatRobot, IncomingMessage

logger = logging.getLogger(__name__)

#: The job of one kept message, as the outbox and the registry know it.
HANDLE = "tickets.handle_chat"
#: Bookkeeping of refused calls is written this often at most: anybody can make refused calls.
_NOTED_EVERY = dt.timedelta(seconds=10)


def source_of(robot: ChatRobot) -> str:
    """How `IncomingMessage` and `ChatPerson` name a robot."""
    return f"robot:{robot.pk}"


def take_call(robot: ChatRobot, call: Call) -> Answer:
    """Check a call and keep its message. Raises `Forged`; then nothing was kept."""
    try:
        received = provider_named(robot.app).receive(robot, call)
    except Forged as reason:
        logger.warning("a call for robot %s (%s) was refused: %s", robot.pk, robot.app, reason)
        _note_refused(robot, str(reason), call.now)
        raise
    _keep(robot, received, call.now)
    return received.answer


def _keep(robot: ChatRobot, received: Received, now: dt.datetime) -> None:
    arrival = received.arrival
    what = received.what
    if arrival is not None and not (arrival.is_meant or _goes_on(robot, arrival)):
        # What people say to each other is none of our business.
        arrival, what = None, "a message of a group that is not for the robot"
    elif arrival is not None:
        what = f"{what}: {arrival.text[:120]}" if arrival.text else what
    ChatRobot.objects.filter(pk=robot.pk).update(arrived_at=now, arrived=what[:200])
    if arrival is None:
        return
    raw = stored_files.store(ContentFile(_without_addresses(received), "message"), now=now)
    row = IncomingMessage(
        channel=Channel.CHAT, source=source_of(robot), message_id=arrival.message_id[:255],
        thread=(arrival.thread or arrival.message_id)[:255], sender=arrival.user_id[:254],
        sender_name=arrival.user_name[:120], said_at=arrival.said_at, received_at=now, raw=raw,
        state=IncomingState.RECEIVED, robot=robot, data=_data(arrival),
    )  # fmt: skip
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            key = f"incoming:{row.source}:{row.pk}"
            outbox.job(HANDLE, {"message_id": row.pk}, key=key, now=now)
    except IntegrityError:
        # Called again because the chat did not hear the answer in time, or by whoever recorded it.
        logger.info("robot %s: message %s came again", robot.pk, arrival.message_id)


def _without_addresses(received: Received) -> bytes:
    """What came, without the addresses by which anybody could write to the group."""
    raw = received.raw
    for value in received.arrival.handle.values() if received.arrival is not None else ():
        if isinstance(value, str) and value.startswith("http"):
            for written in (value, value.replace("/", "\\/"), value.replace("&", "&amp;")):
                raw = raw.replace(written.encode(), b"https://-")
    return raw


def _data(arrival: Arrival) -> dict[str, object]:
    return {
        "text": arrival.text, "chat": arrival.chat, "parents": list(arrival.parents),
        "quoted": arrival.quoted, "files": [ref.plain() for ref in arrival.files],
        "is_group": arrival.is_group, "handle": dict(arrival.handle),
    }  # fmt: skip


def _goes_on(robot: ChatRobot, arrival: Arrival) -> bool:
    """An answer within a thread that began with a message to the robot."""
    if not arrival.parents:
        return False
    kept = IncomingMessage.objects.filter(source=source_of(robot), ticket__isnull=False)
    ids = list(arrival.parents)
    return kept.filter(Q(message_id__in=ids) | Q(thread__in=ids)).exists()


def _note_refused(robot: ChatRobot, reason: str, now: dt.datetime) -> None:
    rows = ChatRobot.objects.filter(pk=robot.pk)
    due = Q(refused_at__isnull=True) | Q(refused_at__lt=now - _NOTED_EVERY)
    rows.filter(due).update(refused_at=now, refused=reason[:200])
