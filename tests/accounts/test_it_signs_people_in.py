"""Signing in, being made to wait, signing out."""

import datetime as dt
from collections.abc import Callable

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.actions import deactivate_person, mark_left
from accounts.models import SignInFailure, User
from accounts.periodic import tidy
from opsdesk.demo.cast import DEMO_PASSWORD, Cast

ClientOf = Callable[[User], Client]


def _try(username: str, password: str, client: Client | None = None, **sent: str) -> int:
    client = client or Client()
    answer = client.post(reverse("sign_in"), {"username": username, "password": password, **sent})
    return answer.status_code


def test_the_user_name_may_be_written_in_any_case(cast: Cast) -> None:
    assert _try("LinZhiXia", DEMO_PASSWORD) == 302
    assert _try("linzhixia", DEMO_PASSWORD.upper()) == 422


def test_one_goes_on_to_the_page_asked_for_but_never_to_another_site(cast: Cast) -> None:
    there = {"username": "liuyang", "password": DEMO_PASSWORD}
    inbox = reverse("inbox")
    assert Client().post(reverse("sign_in"), there | {"next": inbox}).headers["Location"] == inbox
    for foreign in ("https://evil.example/", "//evil.example/", "javascript:alert(1)"):
        answer = Client().post(reverse("sign_in"), there | {"next": foreign})
        assert answer.headers["Location"] == reverse("home")


def test_who_left_or_was_switched_off_cannot_sign_in(cast: Cast, now: dt.datetime) -> None:
    assert _try("zhaoyi", DEMO_PASSWORD) == 302
    assert _try("emma", DEMO_PASSWORD) == 302
    deactivate_person(cast.zhaoyi, acting_user=cast.admin, now=now)
    mark_left(cast.emma, now.date(), None, acting_user=cast.admin, now=now)
    assert _try("zhaoyi", DEMO_PASSWORD) == 422
    assert _try("emma", DEMO_PASSWORD) == 422


def test_an_open_session_ends_with_the_account(
    cast: Cast, client_of: ClientOf, now: dt.datetime
) -> None:
    client = client_of(cast.zhaoyi)
    assert client.get(reverse("preferences")).status_code == 200
    deactivate_person(cast.zhaoyi, acting_user=cast.admin, now=now)
    assert client.get(reverse("preferences")).status_code == 302


def test_guessing_waits_longer_and_longer_and_says_how_long(cast: Cast) -> None:
    with time_machine.travel(dt.datetime(2026, 11, 16, 2, 0, tzinfo=dt.UTC), tick=False) as clock:
        assert [_try("liuyang", "wrong") for _ in range(5)] == [422, 422, 422, 422, 429]
        client = Client(headers={"accept-language": "en"})
        answer = client.post(reverse("sign_in"), {"username": "LIUYANG", "password": DEMO_PASSWORD})
        assert answer.status_code == 429
        assert answer.headers["Retry-After"] == "30"
        assert "Try again in 30 seconds" in answer.content.decode()
        # Nobody else waits, and neither does the same person elsewhere.
        assert _try("zhaoyi", DEMO_PASSWORD) == 302
        assert _try("liuyang", DEMO_PASSWORD, Client(REMOTE_ADDR="10.0.0.9")) == 302
        clock.shift(31)
        assert _try("liuyang", "wrong") == 429
        clock.shift(31)
        assert _try("liuyang", DEMO_PASSWORD) == 429
        clock.shift(30)
        assert _try("liuyang", DEMO_PASSWORD) == 302
        assert not SignInFailure.objects.exists()


def test_old_failures_are_forgotten(cast: Cast) -> None:
    with time_machine.travel(dt.datetime(2026, 11, 16, 2, 0, tzinfo=dt.UTC), tick=False) as clock:
        for _ in range(4):
            _try("liuyang", "wrong")
        clock.shift(dt.timedelta(hours=1, seconds=1))
        assert _try("liuyang", "wrong") == 422
        assert SignInFailure.objects.get().failures == 1
        clock.shift(dt.timedelta(hours=1, seconds=1))
        for _round in range(2):
            tidy()
        assert not SignInFailure.objects.exists()


def test_signing_out_is_a_post(cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast.liuyang)
    assert client.get(reverse("sign_out")).status_code == 405
    assert client.get(reverse("preferences")).status_code == 200
    assert client.post(reverse("sign_out")).status_code == 302
    assert client.get(reverse("preferences")).status_code == 302


@pytest.mark.parametrize("sent", [{}, {"username": "", "password": ""}, {"username": "x" * 61}])
def test_an_incomplete_form_is_refused(db: None, sent: dict[str, str]) -> None:
    assert Client().post(reverse("sign_in"), sent).status_code == 422
    assert not SignInFailure.objects.exists()
