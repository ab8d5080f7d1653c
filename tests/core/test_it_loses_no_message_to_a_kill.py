"""Worker, Redis and mail server are killed at random while notices are told by every channel.

In-app exactly once; of mails and chat messages none lost, and at most one repeat a kill, under the
same id and written down on its row. The stand-ins count raw arrivals, they do not de-duplicate.

`make soak` runs the long one; alone: `python3 stack/test.py
"tests/core/test_it_loses_no_message_to_a_kill.py" -m soak -s -q` (500 notices, 30 kills).
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
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import redis
from django.db import transaction
from redis.exceptions import RedisError

from core import outbox
from core.channels.addresses import keep_address
from core.channels.mail import message_id
from core.models import Notice, OutboxRow
from opsdesk.demo.cast import Cast
from stack.places import PROJECT
from stack.programs import valkey_program
from stack.testing import HAVE_SERVERS
from stack.valkey import Valkey
from tests.standins import ChatServer, chat_server, free_port
from tickets.actions import TicketDraft, submit_ticket

LONG_AGO = dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC)
_ID = re.compile(r"#(kill:\S+)")
#: A kind that by default goes out in-app, by mail and by chat, each under the same key.
KIND = "ticket.reply"
CHANNELS = ("mail", "chat")


@dataclass
class Killable:
    """A process in a group of its own that is killed and started again."""

    command: list[str]
    environment: Mapping[str, str]
    is_ready: Callable[[Killable], bool]
    log: Path
    folder: Path = PROJECT
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("wb") as stream:
            self.process = subprocess.Popen(
                self.command, cwd=self.folder, env=dict(self.environment), stdin=subprocess.PIPE,
                stdout=stream, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        until = time.monotonic() + 60
        while not self.is_ready(self):
            if self.process.poll() is not None or time.monotonic() > until:
                pytest.fail(f"{self.command} did not start:\n{self.log.read_text()}")
            time.sleep(0.05)

    def kill(self) -> None:
        process = self.process
        assert process is not None
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)
        if process.stdin is not None:
            process.stdin.close()


def _says(word: bytes) -> Callable[[Killable], bool]:
    return lambda one: word in one.log.read_bytes()


@dataclass
class House:
    """Everything a message passes, each killable, and what arrived."""

    worker: Killable
    redis: Killable
    post: Killable
    chats: ChatServer
    redis_url: str
    mails: Path
    kills: Counter[str] = field(default_factory=Counter)

    def arrivals(self) -> int:
        return len(self.mails.read_bytes().splitlines()) + len(self.chats.arrived)

    def kill(self, what: str) -> None:
        """Kill one and start it again; the minutes that a dead one costs are let pass."""
        self.kills[what] += 1
        one: Killable = getattr(self, what)
        one.kill()
        if what == "worker":
            # Nobody holds a lease any more; a minute later another worker takes over.
            OutboxRow.objects.filter(claimed_until__isnull=False, done_at__isnull=True).update(
                claimed_until=LONG_AGO
            )
        one.start()

    def let_waits_pass(self) -> None:
        """Back-off, the rest of a silent server and the pace of a robot are let pass."""
        waiting = OutboxRow.objects.filter(done_at__isnull=True, claimed_until__isnull=True)
        waiting.update(due_at=LONG_AGO)
        try:
            client = redis.Redis.from_url(self.redis_url, socket_timeout=1)
            keys = [*client.scan_iter("*core.channels.away*"), *client.scan_iter("*.pace:*")]
            if keys:
                client.delete(*keys)
            client.close()
        except RedisError:
            pass


@contextmanager
def _house(environment: dict[str, str], folder: Path) -> Iterator[House]:
    redis_port, mail_port = free_port(), free_port()
    mails = folder / "arrived"
    mails.touch()
    valkey = Valkey(valkey_program(), folder / "valkey", folder / "valkey.log", "secret")
    child = valkey.child(redis_port)
    redis_url = f"redis://:secret@127.0.0.1:{redis_port}/0"
    with chat_server() as chats:
        told = {
            **environment, "REDIS_URL": redis_url, "PYTHONUNBUFFERED": "1",
            "OPSDESK_EMAIL_HOST": "127.0.0.1", "OPSDESK_EMAIL_PORT": str(mail_port),
            "OPSDESK_CHAT_GATEWAYS": f"feishu={chats.url}",
        }  # fmt: skip
        told.pop(HAVE_SERVERS, None)
        worker = [
            sys.executable, "-m", "celery", "-A", "opsdesk", "worker", "--beat", "--concurrency",
            "2", "--without-gossip", "--without-mingle", "--loglevel", "INFO",
            "--schedule", str(folder / "beat"),
        ]  # fmt: skip
        post = [sys.executable, "-m", "tests.mail_process", str(mail_port), str(mails)]
        house = House(
            Killable(worker, told, _says(b"ready."), folder / "worker.log"),
            Killable(
                list(child.command), {**os.environ, **child.environment},
                lambda _one: valkey.ready(redis_port), folder / "redis.log", child.folder,
            ),
            Killable(post, told, _says(b"ready"), folder / "post.log"),
            chats, redis_url, mails,
        )  # fmt: skip
        started = []
        try:
            for one in (house.redis, house.post, house.worker):
                one.start()
                started.append(one)
            yield house
        finally:
            for one in reversed(started):
                one.kill()


def _tell(cast: Cast, notices: int, now: dt.datetime) -> None:
    people = [
        cast.gaoyuan, cast.linzhixia, cast.zhoumin, cast.chenlu, cast.shenyi, cast.wangke,
        cast.liuyang, cast.zhaoyi,
    ]  # fmt: skip
    tickets = {}
    for person in people:
        url = f"https://open.feishu.cn/open-apis/bot/v2/hook/of-{person.pk}"
        keep_address("user", person.pk, "feishu", url, "", acting_user=person, now=LONG_AGO)
        draft = TicketDraft(product=cast.products["crm"], description="导不出", requester=person)
        tickets[person.pk] = submit_ticket(draft, acting_user=cast.linzhixia, now=now)
    OutboxRow.objects.all().delete()
    for first in range(0, notices, 20):
        with transaction.atomic():
            for number in range(first, min(first + 20, notices)):
                ticket = tickets[people[number % len(people)].pk]
                said = {"ref": ticket.ref, "title": ticket.title, "author": "x", "words": "y"}
                outbox.notify(
                    ticket.requester_id, KIND, said, key=f"kill:{number}", now=LONG_AGO,
                    subject="ticket", subject_id=ticket.pk,
                )  # fmt: skip


def _kill_at_random(house: House, kills: int, notices: int, source: random.Random) -> None:
    """One after the other, each amid the work; every part is killed as often as the others."""
    victims = [("worker", "redis", "post")[number % 3] for number in range(kills)]
    source.shuffle(victims)
    whole = notices * len(CHANNELS)
    for number, victim in enumerate(victims):
        wanted = int(whole * (number + source.random()) / (kills + 1))
        until = time.monotonic() + 40
        while house.arrivals() < wanted and time.monotonic() < until:
            house.let_waits_pass()
            time.sleep(0.2)
        time.sleep(source.random() / 20)
        house.kill(victim)


def _finish(house: House, seconds: int) -> None:
    left = OutboxRow.objects.filter(done_at__isnull=True, key__startswith="kill:")
    until = time.monotonic() + seconds
    while left.exists() and time.monotonic() < until:
        house.let_waits_pass()
        time.sleep(0.5)


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize(
    ("kills", "notices"),
    [(3, 60), pytest.param(30, 500, marks=pytest.mark.soak)],
)
def test_none_lost_and_at_most_one_repeat_a_kill(
    product_environment: dict[str, str],
    cast: Cast,
    now: dt.datetime,
    tmp_path: Path,
    kills: int,
    notices: int,
) -> None:
    began = time.monotonic()
    source = random.Random(11)
    with _house(product_environment, tmp_path) as house:
        _tell(cast, notices, now)
        _kill_at_random(house, kills, notices, source)
        _finish(house, 60 if notices < 100 else 400)
        mails = Counter(house.mails.read_text().split())
        chat = Counter(
            found[0]
            for a in house.chats.arrived
            if (found := _ID.findall(a.json["content"]["text"]))
        )

    rows = OutboxRow.objects.filter(key__startswith="kill:")
    assert list(rows.filter(done_at__isnull=True).values_list("key", "last_error")) == []
    ids = {
        message_id(row.key, f"ticket-{row.payload['subject_id']}"): row
        for row in rows.filter(kind="mail")
    }
    assert len(ids) == rows.filter(kind="chat").count() == notices
    assert set(mails) == set(ids), "a mail was lost, or changed its id"
    assert set(chat) == set(rows.filter(kind="chat").values_list("key", flat=True))
    keys = list(Notice.objects.values_list("key", flat=True))
    assert len(keys) == len(set(keys)) == notices, "in-app is not exactly once"
    again = mails.total() - len(mails) + chat.total() - len(chat)
    assert again <= sum(house.kills.values())
    # Whatever arrived more than once says so on its row: a lost lease, or a try that failed.
    by_key = {row.key: row for row in rows}
    arrived = {ids[one].key: n for one, n in mails.items()} | dict(chat)
    unsaid = [key for key, n in arrived.items() if n > by_key[key].repeats + by_key[key].attempts]
    assert unsaid == []
    print(
        f"\n{notices} notices, {dict(house.kills)} killed: {len(keys)} in-app,"
        f" {mails.total()} mails ({mails.total() - len(mails)} repeats),"
        f" {chat.total()} chat messages ({chat.total() - len(chat)} repeats),"
        f" {time.monotonic() - began:.0f} s"
    )
