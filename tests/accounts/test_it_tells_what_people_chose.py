"""The preferences of being told, the house's defaults, and the link that stops mails."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.access import wish_of
from accounts.models import Telling, User
from core.channels.reachability import mark_unreachable
from core.channels.routing import DIGEST
from core.channels.stopping import stop_path
from core.events import history, unfolded
from core.models import UnreachableAddress
from core.registry import notice_groups
from opsdesk.demo.cast import Cast

ClientOf = Callable[[User], Client]


def sent(page: Any, **changes: str) -> dict[str, str]:
    """What the page's form would send, with changes; "" leaves a box unticked."""
    form = page.context["form"]
    values = {}
    for name in form.fields:
        value = form[name].value()
        if value not in (False, None, ""):
            values[name] = "on" if value is True else str(value)
    return {name: value for name, value in {**values, **changes}.items() if value}


def mode(person: User, group: str, channel: str) -> str:
    found = next(g for g in notice_groups() if g.name == group)
    return wish_of(User.objects.get(pk=person.pk)).mode(found, channel)


def test_a_choice_is_kept_with_its_event_and_the_rest_follows_the_house(
    cast: Cast, client_of: ClientOf
) -> None:
    client = client_of(cast.wangke)
    page = client.get(reverse("preferences_told"))
    assert "cause-news" not in str(page.context["form"].fields), "a requester pushes no causes"
    changed = sent(page, **{"mail-ticket-reply": "digest", "quiet": "hours", "rhythm": "hourly"})
    assert client.post(reverse("preferences_told"), changed).status_code == 302
    row = Telling.objects.get(user=cast.wangke)
    assert row.modes == {"ticket-reply": {"mail": "digest"}}
    assert (row.quiet, row.rhythm) == ("hours", "hourly")
    assert unfolded(row) == {}
    last = history("telling", row.pk).last()
    assert last is not None
    assert last.actor_id == cast.wangke.pk
    # The house changes its mind: what nobody chose follows, what was chosen stays.
    admin = client_of(cast.admin)
    house = sent(
        admin.get(reverse("settings_told")),
        **{"mail-ticket-reply": "off", "mail-ticket-state": "off"},
    )
    assert admin.post(reverse("settings_told"), house).status_code == 302
    assert mode(cast.wangke, "ticket-reply", "mail") == "digest"
    assert mode(cast.wangke, "ticket-state", "mail") == "off"
    assert mode(cast.emma, "ticket-reply", "mail") == "off"
    client.post(reverse("preferences_told_reset"))
    assert mode(cast.wangke, "ticket-reply", "mail") == "off"


@pytest.mark.parametrize("last", ["", "on"])
def test_an_obligation_keeps_one_channel(cast: Cast, client_of: ClientOf, last: str) -> None:
    client = client_of(cast.emma)
    page = client.get(reverse("preferences_told"))
    nowhere = {
        "inbox-demand-release": last, "mail-demand-release": "off", "chat-demand-release": "off",
    }  # fmt: skip
    answer = client.post(reverse("preferences_told"), sent(page, **nowhere))
    if last:
        assert answer.status_code == 302
        return
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["inbox-demand-release"]
    assert "What I asked for is released" in str(answer.context["form"].errors)
    assert not Telling.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [("zone", "Mars/Olympus"), ("mail-ticket-reply", "loudly"), ("quiet_to", "25:00"),
     ("quiet_to", "22:00"), ("rhythm", "never")],
)  # fmt: skip
def test_a_wrong_choice_names_its_field(
    cast: Cast, client_of: ClientOf, field: str, value: str
) -> None:
    client = client_of(cast.wangke)
    page = client.get(reverse("preferences_told"))
    wrong = sent(page, **{"quiet": "hours", field: value})
    answer = client.post(reverse("preferences_told"), wrong)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert not Telling.objects.exists()


def test_the_link_in_a_mail_stops_such_mails_by_post_alone(cast: Cast) -> None:
    """Signed out, without a page of ours or its token: as a mail program does it (RFC 8058)."""
    path = stop_path(cast.emma.pk, "ticket-reply")
    program = Client(enforce_csrf_checks=True)
    assert "Somebody writes to me" in program.get(path).content.decode()
    assert mode(cast.emma, "ticket-reply", "mail") == "now"
    answer = program.post(path, {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert mode(cast.emma, "ticket-reply", "mail") == "off"
    assert mode(cast.emma, "ticket-reply", "inbox") == "now"
    assert mode(cast.emma, "ticket-state", "mail") == "now"
    assert mode(cast.wangke, "ticket-reply", "mail") == "now"
    program.post(path, {"List-Unsubscribe": "One-Click"})
    program.post(path, {"resume": "1"})
    assert mode(cast.emma, "ticket-reply", "mail") == "now"


def test_an_obligation_that_is_stopped_by_mail_goes_on_in_the_inbox(
    cast: Cast, client_of: ClientOf
) -> None:
    client = client_of(cast.emma)
    page = client.get(reverse("preferences_told"))
    by_mail = {"inbox-demand-release": "", "chat-demand-release": "off"}
    assert client.post(reverse("preferences_told"), sent(page, **by_mail)).status_code == 302
    path = stop_path(cast.emma.pk, "demand-release")
    assert "promised to tell you" in Client().get(path).content.decode()
    Client().post(path)
    assert mode(cast.emma, "demand-release", "mail") == "off"
    assert mode(cast.emma, "demand-release", "inbox") == "now"


def test_a_digest_stops_everything_that_may_stop(cast: Cast) -> None:
    Client().post(stop_path(cast.emma.pk, DIGEST))
    assert mode(cast.emma, "ticket-state", "mail") == "off"
    assert mode(cast.emma, "demand-release", "mail") == "now"


@pytest.mark.parametrize("case", ["forged", "another's", "left", "true"])
def test_only_a_link_of_ours_stops_anything(cast: Cast, case: str) -> None:
    path = stop_path(cast.emma.pk, "ticket-reply")
    if case == "forged":
        path = path[:-3] + "xx/"
    elif case == "another's":
        theirs = stop_path(cast.wangke.pk, "ticket-reply")
        path = theirs.rsplit(":", 1)[0] + ":" + path.rsplit(":", 1)[1]
    elif case == "left":
        User.objects.filter(pk=cast.emma.pk).update(is_active=False)
    answer = Client().post(path)
    assert (answer.status_code, Telling.objects.count()) == (
        (200, 1) if case == "true" else (404, 0)
    )


def test_who_has_an_address_that_fails_sees_it_and_may_try_again(
    cast: Cast, client_of: ClientOf, now: Any
) -> None:
    mark_unreachable(cast.emma.email, "550 5.1.1 no such user", now=now)
    client = client_of(cast.emma)
    assert "550 5.1.1 no such user" in client.get(reverse("preferences_told")).content.decode()
    shown = client_of(cast.admin).get(reverse("settings_channels")).content.decode()
    assert "550 5.1.1 no such user" in shown
    assert cast.emma.name in shown
    client.post(reverse("preferences_address_again"))
    assert not UnreachableAddress.objects.exists()
    assert "no such user" not in client.get(reverse("preferences_told")).content.decode()
