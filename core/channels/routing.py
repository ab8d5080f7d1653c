"""From a notice to what leaves of it: between the outbox's `notify` and the channels.

Called in the transaction that delivers the notice, so that a notice and what it sends out are
written once, together.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from core import outbox, registry
from core.channels.mail import is_configured
from core.channels.reachability import is_unreachable
from core.models import ChatAddress, OutboxRow
from core.registry import Reader
from core.telling import Channel, Leaving, plan

_KINDS = {Channel.MAIL: OutboxRow.Kind.MAIL, Channel.CHAT: OutboxRow.Kind.CHAT}


def route(row: OutboxRow, now: dt.datetime) -> bool:
    """Write what leaves of a notice by mail and chat; whether it stands in the inbox as well.

    A kind without a row in the preferences, and a person who cannot sign in, get it in-app alone.
    """
    group = registry.group_of(row.name)
    reader = registry.reader_of(row.payload["recipient"])
    if group is None or reader is None or reader.wish is None:
        return True
    decided = plan(
        group, reader.wish, _open_ways(reader, row.payload["recipient"]), now,
        obligation=registry.is_obligation(row.name), urgent=registry.is_urgent(row.name),
    )  # fmt: skip
    outside = {} if group.messages else decided.outside
    for channel, leaving in outside.items():
        _put(row, _KINDS[channel], leaving, now)
    return decided.in_app


def _open_ways(reader: Reader, user_id: int) -> frozenset[str]:
    """The channels that reach this person. Without a mail server, mail reaches nobody."""
    ways = set()
    if is_configured() and reader.email and not is_unreachable(reader.email):
        ways.add(Channel.MAIL)
    if ChatAddress.objects.filter(subject="user", subject_id=user_id, is_active=True).exists():
        ways.add(Channel.CHAT)
    return frozenset(ways)


def _put(row: OutboxRow, kind: OutboxRow.Kind, leaving: Leaving, now: dt.datetime) -> None:
    notice = row.payload
    if leaving.is_bundled:
        bundle(
            kind, notice["recipient"], {"kind": row.name, "key": row.key, **notice}, leaving.at, now
        )
        return
    outbox.put(
        kind,
        row.name,
        {
            "to": notice["recipient"], "address": None, "params": notice["params"],
            "subject": notice["subject"], "subject_id": notice["subject_id"], "notice": row.key,
        },
        key=outside_key(row.key, kind),
        now=now,
        delay=leaving.at - now,
    )  # fmt: skip


def outside_key(notice_key: str, kind: str) -> str:
    """The key, hence the message id, of what leaves of a notice by one channel."""
    base, _colon, recipient = notice_key.rpartition(":")
    return f"{base}:{kind}:{recipient}"


#: What a row that carries several notices is called.
DIGEST = "core.digest"


def bundle(
    kind: OutboxRow.Kind, to: int, item: dict[str, Any], at: dt.datetime, now: dt.datetime
) -> None:
    """Add one notice to the digest that leaves for this person at `at`.

    A digest is one row that takes items until a worker has it. Whoever comes too late, in the
    moment between, begins the next one: nothing is added to what is being sent.
    """
    number = 0
    while True:
        key = f"digest:{kind}:{to}:{at:%Y%m%dT%H%M}" + (f":{number}" if number else "")
        payload: dict[str, Any] = {
            "to": to,
            "address": None,
            "params": {},
            "subject": "",
            "subject_id": None,
        }
        outbox.put(kind, DIGEST, {**payload, "items": []}, key=key, now=now, delay=at - now)
        open_row = (
            OutboxRow.objects.select_for_update()
            .filter(
                key=key, done_at__isnull=True, claimed_until__isnull=True, attempts=0,
                failed_at__isnull=True, parked_at__isnull=True,
            )
            .first()
        )  # fmt: skip
        if open_row is not None:
            open_row.payload["items"].append(item)
            open_row.save(update_fields=["payload"])
            return
        number += 1
