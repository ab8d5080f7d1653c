"""kill -9 of the worker while mails and chat messages leave: none lost, at most one repeat a kill.

The stand-ins count raw arrivals. In-app notices beside them arrive exactly once.
"""

from __future__ import annotations

import datetime as dt
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping

import pytest
from django.db import transaction

from core import outbox
from core.channels.addresses import keep_address
from core.channels.mail import message_id
from core.models import Notice, OutboxRow
from core.registry import channels_of
from opsdesk.demo.cast import Cast
from stack.places import PROJECT
from tests.standins import ChatServer, MailServer, chat_server, mail_server
from tests.tickets import ladder

LONG_AGO = dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC)
_ID = re.compile(r"#(kill:\S+)")
WORKER = """
import os, time
os.environ["DJANGO_SETTINGS_MODULE"] = "opsdesk.settings"
import django
django.setup()
from core.tasks import deliver_outbox
print("ready", flush=True)
while True:
    deliver_outbox()
    time.sleep(0.01)
"""
#: A kind that goes out in-app, by mail and by chat, each under the same key.
KIND = "cause.bounced"


def _told(post: MailServer, chats: ChatServer) -> list[str]:
    return [
        "OPSDESK_EMAIL_HOST=127.0.0.1",
        f"OPSDESK_EMAIL_PORT={post.port}",
        f"OPSDESK_CHAT_GATEWAYS=feishu={chats.url}",
    ]


def _start(
    environment: Mapping[str, str], post: MailServer, chats: ChatServer
) -> subprocess.Popen[bytes]:
    more = dict(entry.split("=", 1) for entry in _told(post, chats))
    process = subprocess.Popen(
        [sys.executable, "-c", WORKER], cwd=PROJECT, env={**environment, **more},
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    process.stdout.close()
    return process


def _kill(process: subprocess.Popen[bytes]) -> None:
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(10)


def _arrivals(post: MailServer, chats: ChatServer) -> int:
    return len(post.arrived) + len(chats.arrived)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("kills", "told"),
    [(3, 30), pytest.param(60, 600, marks=pytest.mark.soak)],
)
def test_none_lost_and_at_most_one_repeat_a_kill(
    product_environment: dict[str, str],
    cast: Cast,
    kills: int,
    told: int,
) -> None:
    source = random.Random(7)
    # Several people: what one address takes in a minute is no part of this test.
    people = [cast.gaoyuan, cast.linzhixia, cast.zhoumin, cast.chenlu, cast.shenyi]
    for person in people:
        url = f"https://open.feishu.cn/open-apis/bot/v2/hook/of-{person.pk}"
        keep_address("user", person.pk, "feishu", url, "", acting_user=person, now=LONG_AGO)
    cause = ladder.cause(cast, LONG_AGO)
    with mail_server() as post, chat_server() as chats:
        per_round = told // kills
        for turn in range(kills):
            with transaction.atomic():
                for number in range(per_round):
                    outbox.notify(
                        source.choice(people).pk, KIND, {"ref": cause.ref, "title": "x"},
                        key=f"kill:{turn}:{number}", now=LONG_AGO, subject="cause",
                        subject_id=cause.pk,
                    )  # fmt: skip
            before = _arrivals(post, chats)
            worker = _start(product_environment, post, chats)
            wanted = before + source.randint(1, per_round)
            until = time.monotonic() + 60
            while _arrivals(post, chats) < wanted and time.monotonic() < until:
                time.sleep(source.random() / 200)
            _kill(worker)
            # The minutes of a dead worker's lease are let pass.
            OutboxRow.objects.filter(claimed_until__isnull=False).update(claimed_until=LONG_AGO)
        _finish(product_environment, post, chats)
        mails = Counter({k: n for k, n in post.ids().items() if k.startswith("<kill.")})
        chat = Counter(
            ids[0] for a in chats.arrived if (ids := _ID.findall(a.json["content"]["text"]))
        )
    rows = OutboxRow.objects.filter(key__startswith="kill:")
    assert not rows.filter(done_at__isnull=True).exists()
    expected = {message_id(row.key) for row in rows.filter(kind="mail")}
    assert set(mails) == expected, "a mail was lost, or changed its id"
    assert set(chat) == set(rows.filter(kind="chat").values_list("key", flat=True))
    again = mails.total() - len(mails) + chat.total() - len(chat)
    assert again <= kills
    # One message may be on its way at two kills: each arrival more stands on its row.
    arrived = mails + Counter({message_id(key): n for key, n in chat.items()})
    late = [r.key for r in rows.filter(kind__in=outbox.OUTSIDE)
            if arrived[message_id(r.key)] > 1 + r.repeats]  # fmt: skip
    assert late == []
    assert Notice.objects.filter(kind=KIND).count() == kills * per_round
    print(f"{kills} kills, {mails.total() + chat.total()} arrivals, {again} repeats")


def _finish(environment: Mapping[str, str], post: MailServer, chats: ChatServer) -> None:
    """A worker that lives long enough delivers the rest; rate limits and rests are let pass."""
    worker = _start(environment, post, chats)
    until = time.monotonic() + 400
    try:
        left = OutboxRow.objects.filter(done_at__isnull=True)
        while left.exists() and time.monotonic() < until:
            left.filter(claimed_until__isnull=True).update(due_at=LONG_AGO)
            time.sleep(0.5)
    finally:
        _kill(worker)


def test_what_is_sent_here_goes_out_by_both_channels(db: None) -> None:
    """The kind used above goes out by both channels: else it would prove nothing."""
    assert set(channels_of(KIND)) == {"mail", "chat"}
