"""A forgotten password: a mail in the person's language, a link that works once."""

import re
from collections.abc import Callable

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from core.events import history
from core.models import OutboxRow
from core.tasks import deliver_row
from opsdesk.demo.cast import Cast

NEW = "a-new-pass-phrase-7"


def _ask(email: str) -> int:
    return Client().post(reverse("password_reset"), {"email": email}).status_code


def _deliver() -> None:
    for row in OutboxRow.objects.filter(done_at__isnull=True, name="accounts.send_password_reset"):
        deliver_row(row, timezone.now())


def _link() -> str:
    found = re.search(r"http://testserver(/password/\S+)", str(mail.outbox[-1].body))
    assert found is not None
    return found.group(1)


def test_the_mail_is_in_the_language_of_the_person(cast: Cast) -> None:
    for person, word in ((cast.emma, "Hello Emma Clark,"), (cast.wangke, "王珂，您好：")):
        assert _ask(person.email) == 302
        _deliver()
        assert mail.outbox[-1].to == [person.email]
        assert word in mail.outbox[-1].body


def test_the_link_sets_a_password_once(cast: Cast, client_of: Callable[[User], Client]) -> None:
    elsewhere = client_of(cast.emma)
    _ask("EMMA@yuanhe.example")
    _deliver()
    client = Client()
    form = client.get(_link())
    there = form.headers["Location"]
    assert client.get(there).status_code == 200
    refused = client.post(there, {"new_password1": NEW, "new_password2": NEW + "x"})
    assert refused.status_code == 422
    weak = client.post(there, {"new_password1": "12345678", "new_password2": "12345678"})
    assert weak.status_code == 422
    assert client.post(there, {"new_password1": NEW, "new_password2": NEW}).status_code == 302
    emma = User.objects.get(pk=cast.emma.pk)
    assert emma.check_password(NEW)
    last = history("user", emma.pk).last()
    assert last is not None
    assert (last.verb, last.changes, last.data) == ("set_password", {}, {})
    # Other sessions end, and the link is spent.
    assert elsewhere.get(reverse("preferences")).status_code == 302
    again = Client()
    assert again.get(_link()).context["validlink"] is False


@pytest.mark.parametrize("email", ["nobody@yuanhe.example", "left@yuanhe.example"])
def test_an_unknown_address_is_answered_the_same_and_told_nothing(cast: Cast, email: str) -> None:
    User.objects.filter(pk=cast.zhaoyi.pk).update(email="left@yuanhe.example", is_active=False)
    assert _ask(email) == _ask(cast.emma.email) == 302
    _deliver()
    assert [message.to for message in mail.outbox] == [[cast.emma.email]]


def test_asking_again_within_the_minute_sends_one_mail(cast: Cast) -> None:
    for _ in range(3):
        _ask(cast.emma.email)
    asked = OutboxRow.objects.filter(name="accounts.send_password_reset").count()
    assert asked in {1, 2}, "two only when the minute turned"


def test_the_own_password_is_changed_with_the_present_one(
    cast: Cast, client_of: Callable[[User], Client]
) -> None:
    client, other = client_of(cast.emma), client_of(cast.emma)
    address = reverse("preferences_password")
    sent = {"old_password": "wrong", "new_password1": NEW, "new_password2": NEW}
    assert client.post(address, sent).status_code == 422
    assert not User.objects.get(pk=cast.emma.pk).check_password(NEW)
    assert client.post(address, sent | {"old_password": "yuanhe-demo"}).status_code == 302
    assert User.objects.get(pk=cast.emma.pk).check_password(NEW)
    assert client.get(reverse("preferences")).status_code == 200
    assert other.get(reverse("preferences")).status_code == 302
