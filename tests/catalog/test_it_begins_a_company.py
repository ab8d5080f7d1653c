"""A house without anybody: its first page, the first steps, and how people come to sign in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from accounts.access import company_name
from accounts.actions import deactivate_person, make_sign_in_link
from accounts.models import User
from accounts.policies import beginning_token
from catalog.access import rights_of
from core.errors import BadInput
from core.events import history
from core.models import OutboxRow
from core.registry import first_steps
from opsdesk.demo.cast import PEOPLE, Cast, is_demo
from tickets.actions import TicketDraft, submit_ticket

pytestmark = pytest.mark.django_db
SENT = {
    "company": "青石贸易", "name": "王一", "username": "wangyi", "email": "",
    "password": "steile-Wand-42", "again": "steile-Wand-42",
}  # fmt: skip


def _address(token: str = "") -> str:
    return reverse("begin", args=[token or beginning_token()])


def test_the_first_page_makes_the_administrator_and_closes_behind_them(cast: Cast) -> None:
    assert Client().get(_address()).status_code == 302, "people work here: nothing to begin"
    User.objects.update(is_active=False)
    client = Client()
    assert client.get(_address("0" * 40)).status_code == 404
    assert client.post(_address("0" * 40), SENT).status_code == 404
    assert client.get(_address()).status_code == 200
    answer = client.post(_address(), SENT)
    assert (answer.status_code, answer["Location"]) == (302, reverse("settings_home"))
    person = User.objects.get(username="wangyi")
    assert rights_of(person).is_administrator
    assert company_name() == "青石贸易"
    page = client.get(reverse("settings_home"))
    assert page.status_code == 200
    assert "青石贸易" in page.content.decode()
    other = Client().post(_address(), {**SENT, "username": "second"})
    assert other["Location"] == reverse("sign_in")
    assert not User.objects.filter(username="second").exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("password", "12345"), ("again", "other"), ("username", "a b"), ("company", " "),
        ("username", "LinZhixia"),
    ],
)  # fmt: skip
def test_a_bad_field_is_named_and_nobody_is_made(field: str, value: str, cast: Cast) -> None:
    User.objects.update(is_active=False)
    before = User.objects.count()
    answer = Client().post(_address(), {**SENT, field: value})
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert User.objects.count() == before
    assert Client().post(_address(), SENT).status_code == 302


def test_the_machine_prints_the_way_in(cast: Cast) -> None:
    with pytest.raises(CommandError, match="people here already"):
        call_command("sign_in_link", stdout=StringIO())
    told = StringIO()
    call_command("sign_in_link", "LiuYang", stdout=told)
    path = "/" + told.getvalue().strip().split("/", 3)[3]
    assert Client().get(path, follow=True).status_code == 200
    User.objects.update(is_active=False)
    told = StringIO()
    call_command("sign_in_link", stdout=told)
    assert _address() in told.getvalue()
    with pytest.raises(CommandError, match="may not sign in"):
        call_command("sign_in_link", "liuyang", stdout=StringIO())


def test_people_of_the_demo_never_move_in_with_real_ones(cast: Cast) -> None:
    assert is_demo()
    told = StringIO()
    call_command("demo_company", "--cast", stdout=told)
    assert "linzhixia" in told.getvalue()
    User.objects.filter(username="admin").update(username="chef")
    assert not is_demo()
    told = StringIO()
    call_command("demo_company", "--cast", stdout=told)
    assert told.getvalue() == ""
    assert not User.objects.filter(username=next(iter(PEOPLE))).exists()
    with pytest.raises(CommandError, match="People work here already"):
        call_command("demo_company", stdout=StringIO())


def test_first_steps_read_what_is_there(cast: Cast, now: dt.datetime) -> None:
    steps = {step.name: step for step in first_steps()}
    assert steps["departments"].done()
    assert steps["products"].done()
    assert not steps["ticket"].done()
    draft = TicketDraft(product=cast.products["crm"], description="打不开")
    submit_ticket(draft, acting_user=cast.wangke, now=now)
    assert steps["ticket"].done()
    assert [step.order for step in first_steps()] == sorted(step.order for step in first_steps())


def test_a_sign_in_link_works_once_and_is_recorded(
    cast: Cast, client_of: Callable[[User], Client], now: dt.datetime
) -> None:
    admin = client_of(cast.admin)
    answer = admin.post(reverse("settings_people_link", args=[cast.liuyang.pk]), {"way": "show"})
    url = answer.context["url"]
    assert answer["Cache-Control"].startswith("max-age=0")
    event = history("user", cast.liuyang.pk).last()
    assert event is not None
    assert (event.verb, event.actor_id) == ("make_sign_in_link", cast.admin.pk)
    person = Client()
    form = person.get(url, follow=True)
    sent = {"new_password1": "steile-Wand-42", "new_password2": "steile-Wand-42"}
    assert person.post(form.request["PATH_INFO"], sent).status_code == 302
    assert Client().login(username="liuyang", password="steile-Wand-42")
    again = Client().get(url, follow=True)
    assert "validlink" in again.context
    assert not again.context["validlink"]


def test_a_link_is_mailed_to_who_has_an_address_and_refused_to_who_left(
    cast: Cast, client_of: Callable[[User], Client], now: dt.datetime
) -> None:
    admin = client_of(cast.admin)
    path = reverse("settings_people_link", args=[cast.liuyang.pk])
    assert admin.post(path, {"way": "mail"}).status_code == 302
    assert OutboxRow.objects.filter(name="accounts.send_sign_in_link").count() == 1
    User.objects.filter(pk=cast.liuyang.pk).update(email="")
    admin.post(path, {"way": "mail"})
    assert OutboxRow.objects.filter(name="accounts.send_sign_in_link").count() == 1
    deactivate_person(cast.liuyang, acting_user=cast.admin, now=now)
    with pytest.raises(BadInput):
        make_sign_in_link(User.objects.get(pk=cast.liuyang.pk), acting_user=cast.admin, now=now)
    assert client_of(cast.linzhixia).post(path, {"way": "show"}).status_code == 403


def test_the_company_is_renamed_with_a_look_at_the_version(
    cast: Cast, client_of: Callable[[User], Client], now: dt.datetime
) -> None:
    admin = client_of(cast.admin)
    path = reverse("settings_company")
    version = admin.get(path).context["form"].initial["version"]
    assert admin.post(path, {"name": "远禾股份", "version": version}).status_code == 302
    assert "远禾股份" in client_of(cast.emma).get(reverse("help_home")).content.decode()
    assert admin.post(path, {"name": "别的", "version": version}).status_code == 409
    assert company_name() == "远禾股份"
