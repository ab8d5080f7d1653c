"""Messages from outside that wait for somebody: seen by whom, tried again, or laid aside."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from core import outbox
from core.changes import checked_text, refuse
from tickets.choices import Channel, IncomingState
from tickets.incoming.reasons import because
from tickets.models import IncomingMessage

#: The job that makes something of one message of a channel, by the channel.
JOBS: dict[str, str] = {}


def register_handler(channel: Channel, job: str) -> None:
    """`job` takes {"message_id"}, and does nothing for a message that is not `received`."""
    JOBS[channel] = job


def try_again(
    message: IncomingMessage, person: User | None, *, acting_user: User, now: dt.datetime
) -> IncomingMessage:
    """Have a worker handle the message once more, as the words of `person` if one is named.

    Whoever says whose words they are answers for it; that is kept. Raises `BadInput`.
    """
    with transaction.atomic():
        row = _waiting(message)
        row.state, row.error, row.done_at = IncomingState.RECEIVED, "", None
        row.data = {name: kept for name, kept in row.data.items() if name != "why"}
        if person is not None:
            row.person = person
            row.data = {**row.data, "chosen": True, "chosen_by": acting_user.pk}
        row.data = _noted(row, "try_again", acting_user, now)
        row.save()
        outbox.job(
            JOBS[row.channel], {"message_id": row.pk},
            key=f"incoming-again:{row.pk}:{row.attempts}", now=now,
        )  # fmt: skip
    return row


def discard(
    message: IncomingMessage, reason: str, *, acting_user: User, now: dt.datetime
) -> IncomingMessage:
    """Lay the message aside; it stays where it is kept, with who did so and why."""
    reason = checked_text("reason", reason, maximum=200)
    with transaction.atomic():
        row = _waiting(message)
        row.state, row.done_at = IncomingState.SKIPPED, now
        said = {"name": acting_user.name, "reason": reason}
        kept = because(row.data, lambda: _("Discarded by %(name)s: %(reason)s") % said)
        row.error, row.data = kept["error"], kept["data"]
        row.data = _noted(row, "discard", acting_user, now)
        row.save()
    return row


def _waiting(message: IncomingMessage) -> IncomingMessage:
    row: IncomingMessage = IncomingMessage.objects.select_for_update(of=("self",)).get(
        pk=message.pk
    )
    if row.state in (IncomingState.DONE, IncomingState.RECEIVED):
        refuse("", _("Somebody took care of this message already."), _("Reload the page."),
               row.get_state_display())  # fmt: skip
    return row


def _noted(row: IncomingMessage, verb: str, user: User, now: dt.datetime) -> dict[str, object]:
    acts = [*row.data.get("acts", []), {"verb": verb, "by": user.pk, "at": now.isoformat()}]
    return {**row.data, "acts": acts[-20:]}
