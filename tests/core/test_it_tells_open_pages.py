"""Open pages hear what changed, from Redis and without a query; nobody hears more than they may."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import redis
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core import live, polling
from opsdesk.demo.cast import Cast
from tests.tickets.ladder import submitted
from tickets import actions

pytestmark = pytest.mark.django_db
Capture = Callable[..., Any]


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """No rest after a Redis that another test took away, nobody left here."""
    live._Heard.rest_until, live._Heard.missed = 0.0, False
    live.server().delete(live._HERE)
    yield
    live._Heard.rest_until, live._Heard.missed = 0.0, False


def _client(user: Any) -> tuple[Client, str]:
    client = Client()
    client.force_login(user, backend="accounts.backends.PeopleBackend")
    return client, client.cookies["opsdesk_session"].value


def _pass(user: Any, session: str, *keys: str, meets: bool = True) -> str:
    return live.signed(live.Pass(user.pk, user.name, keys, meets), session)


def _poll(client: Client, text: str, since: int, **headers: str) -> Any:
    return client.get("/live/", headers={"x-live": f"{text} {since}", **headers})


def test_a_change_is_told_after_its_commit_and_to_its_keys_alone(
    cast: Cast, django_capture_on_commit_callbacks: Capture
) -> None:
    client, session = _client(cast.linzhixia)
    text = _pass(cast.linzhixia, session, "ticket:1", "ticket:2")
    since = live.now_number()
    with django_capture_on_commit_callbacks(execute=True) as waiting:
        live.changed("ticket:2")
        live.changed("ticket:3")
        assert _poll(client, text, since).json()["changed"] == []
    assert len(waiting) == 1
    news = _poll(client, text, since).json()
    assert news["changed"] == ["ticket:2"]
    assert _poll(client, text, news["number"]).json()["changed"] == []


def test_what_is_rolled_back_is_not_told(
    cast: Cast, django_capture_on_commit_callbacks: Capture
) -> None:
    client, session = _client(cast.linzhixia)
    since = live.now_number()
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        live.changed("ticket:1")
        transaction.set_rollback(True)
    text = _pass(cast.linzhixia, session, "ticket:1")
    assert _poll(client, text, since).json()["changed"] == []


def test_nothing_new_is_304_without_a_single_query(cast: Cast) -> None:
    client, session = _client(cast.linzhixia)
    live.bump(["ticket:1"])
    text, since = _pass(cast.linzhixia, session, "ticket:1"), live.now_number()
    tag = _poll(client, text, since)["ETag"]
    with CaptureQueriesContext(connection) as asked:
        answer = _poll(client, text, since, **{"if-none-match": tag})
    assert (answer.status_code, answer.content, len(asked)) == (304, b"", 0)


@pytest.mark.parametrize("wrong", ["", "x", "forged", "other session", "two people"])
def test_a_pass_is_good_only_where_it_was_given(cast: Cast, wrong: str) -> None:
    client, session = _client(cast.linzhixia)
    good = _pass(cast.linzhixia, session, "ticket:1")
    sent = {
        "": "", "x": "x 0", "forged": f"{good[:-2]}zz 0",
        "other session": f"{_pass(cast.linzhixia, 'another', 'ticket:1')} 0",
        "two people": f"{good} 0,{_pass(cast.zhoumin, session, 'ticket:2')} 0",
    }[wrong]  # fmt: skip
    assert client.get("/live/", headers={"x-live": f"{good} 0"}).status_code == 200
    assert client.get("/live/", headers={"x-live": sent}).status_code == 403


def test_a_pass_grows_old(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    client, session = _client(cast.linzhixia)
    text = _pass(cast.linzhixia, session, "ticket:1")
    monkeypatch.setattr(live, "PASS_AGE", -1)
    assert _poll(client, text, 0).status_code == 403


def test_people_who_meet_see_each_other_and_others_see_nobody(cast: Cast) -> None:
    lin, lin_session = _client(cast.linzhixia)
    zhou, zhou_session = _client(cast.zhoumin)
    wang, wang_session = _client(cast.wangke)
    _poll(
        lin, _pass(cast.linzhixia, lin_session, "ticket:1"), 0, **{"x-live-at": "ticket:1 editing"}
    )
    seen = _poll(zhou, _pass(cast.zhoumin, zhou_session, "ticket:1"), 0).json()["here"]
    assert seen == [["ticket:1", cast.linzhixia.name, 1]]
    elsewhere = _poll(zhou, _pass(cast.zhoumin, zhou_session, "ticket:2"), 0).json()["here"]
    as_requester = _pass(cast.wangke, wang_session, "ticket:1", meets=False)
    assert elsewhere == [] == _poll(wang, as_requester, 0).json()["here"]


def test_who_may_not_meet_is_not_seen_either(cast: Cast) -> None:
    lin, lin_session = _client(cast.linzhixia)
    wang, wang_session = _client(cast.wangke)
    own = _pass(cast.wangke, wang_session, "ticket:1", meets=False)
    _poll(wang, own, 0, **{"x-live-at": "ticket:1"})
    assert _poll(lin, _pass(cast.linzhixia, lin_session, "ticket:1"), 0).json()["here"] == []


def test_who_stops_asking_is_gone_after_ten_seconds(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = live.Pass(1, "A", ("ticket:1",), meets=True)
    other = live.Pass(2, "B", ("ticket:1",), meets=True)
    clock = [1000.0]
    monkeypatch.setattr("core.live.time.time", lambda: clock[0])
    live.look([here], 0, at="ticket:1")
    clock[0] += live.HERE_SECONDS
    assert [one.user_id for one in live.look([other], 0).here] == [1]
    clock[0] += 1.1
    assert live.look([other], 0).here == ()
    assert live.server().hgetall(live._HERE) == {}


def _away(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> redis.Redis:
        raise redis.exceptions.ConnectionError("away")

    monkeypatch.setattr(live, "server", gone)


def test_with_redis_away_the_event_log_answers(
    cast: Cast, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = submitted(cast, now)
    client, session = _client(cast.linzhixia)
    key, other = f"ticket:{ticket.pk}", "ticket:999999"
    text = _pass(cast.linzhixia, session, key, other, "queue:1")
    _away(monkeypatch)
    first = _poll(client, text, 0).json()
    assert first["changed"] == [key, other, "queue:1"]
    again = _poll(client, text, 0, **{"x-live-event": str(first["event"])}).json()
    assert again["changed"] == []
    actions.add_comment(ticket, "好了吗？", acting_user=cast.linzhixia, now=now)
    after = _poll(client, text, 0, **{"x-live-event": str(again["event"])}).json()
    assert after["changed"] == [key, "queue:1"]


def test_what_redis_missed_counts_as_everything_once_it_is_back(cast: Cast) -> None:
    client, session = _client(cast.linzhixia)
    text, since = _pass(cast.linzhixia, session, "ticket:1", "ticket:2"), live.now_number()
    with pytest.MonkeyPatch.context() as patch:
        _away(patch)
        live.bump(["ticket:1"])
    live._Heard.rest_until = 0.0
    live.bump(["ticket:3"])
    assert _poll(client, text, since).json()["changed"] == ["ticket:1", "ticket:2"]


def test_a_redis_that_began_anew_is_noticed(cast: Cast) -> None:
    client, session = _client(cast.linzhixia)
    live.bump(["ticket:1"])
    text = _pass(cast.linzhixia, session, "ticket:1")
    assert _poll(client, text, live.now_number() + 10**6).json()["changed"] == ["ticket:1"]


def test_a_ticket_moves_its_queues_only_when_a_list_could_show_it(
    cast: Cast, now: dt.datetime, django_capture_on_commit_callbacks: Capture
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        ticket = submitted(cast, now)
    assert ticket.live_keys({"evidence": ["", "x"]}) == (f"ticket:{ticket.pk}",)
    moved = ticket.live_keys({"product_id": [1, ticket.product_id], "status": ["new", "open"]})
    assert set(moved) == {
        f"ticket:{ticket.pk}", "queue:all", "queue:1", f"queue:{ticket.product_id}"
    }  # fmt: skip
    since = live.now_number()
    with django_capture_on_commit_callbacks(execute=True):
        actions.claim_ticket(ticket, acting_user=cast.linzhixia, now=now)
    told = live.look(
        [live.Pass(1, "", (f"ticket:{ticket.pk}", f"queue:{ticket.product_id}", "queue:0"))], since
    )
    assert told.changed == (f"ticket:{ticket.pk}", f"queue:{ticket.product_id}")


def test_a_page_asks_for_so_many_keys_at_most() -> None:
    whole = live.Pass(1, "", tuple(f"ticket:{pk}" for pk in range(2 * live.MOST_KEYS)))
    live.bump(f"ticket:{pk}" for pk in range(2 * live.MOST_KEYS))
    assert len(live.look([whole], 1).changed) == live.MOST_KEYS
    assert polling.MOST_PASSES >= 8
