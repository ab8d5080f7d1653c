"""What an owner is told by mail and chat: at most one message per cause, day and owner.

Precisely: the first thing worth saying on a day (of the company's zone) leaves at once, with
everything that waited. What comes later that day - a chase, another ticket, a reminder - is noted
and leaves with the next message, which the clock sends on the next working day from opening on,
or sooner if something new is worth saying on another day. In-app notices are not bundled.
"""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from catalog.models import TeamMember
from core import outbox
from core.channels.addresses import address_of
from core.models import ChatAddress, OutboxRow
from tickets.choices import CauseState
from tickets.models import Cause, OwnerLink, PushItem, PushMessage
from tickets.policies.owner_links import LINK_DAYS, hash_of, new_nonce, token_of

#: The kind of message, as the outbox and the registry name it.
OWNER_MESSAGE = "cause.owner_message"


def owe_word(cause: Cause, kind: PushItem.Kind, occasion: str, *, now: dt.datetime) -> bool:
    """Note one thing the owner is to be told; False when this occasion was noted before.

    The caller holds the cause's lock. It leaves now if nothing left today.
    """
    if cause.owner_id is None:
        return False
    key = f"{cause.pk}:{cause.owner_id}:{kind}:{occasion}"
    if PushItem.objects.filter(key=key).exists():
        return False
    PushItem.objects.create(
        cause=cause, owner_id=cause.owner_id, kind=kind, key=key, created_at=now
    )
    send_words(cause, now=now)
    return True


def send_words(cause: Cause, *, now: dt.datetime) -> PushMessage | None:
    """Send everything that waits to be said, unless today's message is out. Under the lock."""
    owner_id, pushed_at = cause.owner_id, cause.pushed_at
    if owner_id is None or pushed_at is None:
        return None
    waiting = PushItem.objects.filter(cause=cause, owner_id=owner_id, message__isnull=True)
    day = timezone.localdate(now)
    if not waiting.exists() or told_today(cause, now=now):
        return None
    message = PushMessage.objects.create(cause=cause, owner_id=owner_id, day=day, created_at=now)
    waiting.update(message=message)
    nonce = new_nonce()
    OwnerLink.objects.create(
        message=message, cause=cause, owner_id=owner_id, nonce=nonce,
        token_hash=hash_of(token_of(nonce)), pushed_at=pushed_at, created_at=now,
        expires_at=now + dt.timedelta(days=LINK_DAYS),
    )  # fmt: skip
    _put(message, now)
    return message


def told_today(cause: Cause, *, now: dt.datetime) -> bool:
    """Whether today's message to the present owner is out."""
    return PushMessage.objects.filter(
        cause=cause, owner_id=cause.owner_id, day=timezone.localdate(now)
    ).exists()


def _put(message: PushMessage, now: dt.datetime) -> None:
    """A mail, and a chat message to the owner's own address or else to their team's group."""
    params = {"message": message.pk}
    key = f"push:{message.cause_id}:{message.pk}"
    outbox.send(
        OutboxRow.Kind.MAIL, OWNER_MESSAGE, params, key=key, now=now, to=message.owner_id,
        subject=Cause.SUBJECT, subject_id=message.cause_id,
    )  # fmt: skip
    own = address_of("user", message.owner_id)
    if own is not None:
        outbox.send(
            OutboxRow.Kind.CHAT, OWNER_MESSAGE, params, key=key, now=now, to=message.owner_id,
            subject=Cause.SUBJECT, subject_id=message.cause_id,
        )  # fmt: skip
        return
    teams = TeamMember.objects.filter(
        user_id=message.owner_id, team__is_active=True, team__is_product_operations=False
    )
    groups = ChatAddress.objects.filter(
        subject="team", subject_id__in=teams.values("team_id"), is_active=True
    )
    for group in groups.order_by("pk"):
        outbox.send(
            OutboxRow.Kind.CHAT, OWNER_MESSAGE, params, key=key, now=now, address=group.pk,
            subject=Cause.SUBJECT, subject_id=message.cause_id,
        )  # fmt: skip


def forget_words(cause: Cause) -> None:
    """The round is over: what was not said yet is not said any more."""
    PushItem.objects.filter(cause=cause, message__isnull=True).delete()


def revoke_links(cause: Cause, *, now: dt.datetime) -> None:
    """Links of earlier pushes open nothing any more."""
    OwnerLink.objects.filter(cause=cause, revoked_at__isnull=True).update(revoked_at=now)


def waiting_causes() -> list[int]:
    """Ids of causes with something left to say."""
    waiting = PushItem.objects.filter(message__isnull=True, cause__state__in=(
        CauseState.PUSHED, CauseState.ACCEPTED,
    ))  # fmt: skip
    return sorted(set(waiting.values_list("cause_id", flat=True)))
