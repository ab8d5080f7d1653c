"""A form sent twice acts once: one after the other, at once, and never for somebody else's key."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connections
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.test import RequestFactory

from accounts.models import User
from core.formkeys import FIELD, new_form_key, once_only
from core.models import FormKey, Touched
from core.templatetags.formkeys import form_key


@once_only
def act(request: HttpRequest) -> HttpResponse:
    """Writes a row and leads on; answers 422 to `wrong`, having written by mistake."""
    Touched.objects.create(subject="form", subject_id=1)
    if request.POST.get("wrong"):
        return HttpResponse("look here", status=422)
    if request.POST.get("crash"):
        raise RuntimeError
    return HttpResponseRedirect(f"/done/{acts()}")


def acts() -> int:
    """How often the form was acted on."""
    return Touched.objects.filter(subject="form").count()


def person(name: str) -> User:
    return User.objects.create(username=f"{name}-of-forms", name=name)


def post(user: Any, key: str, **more: str) -> HttpResponse:
    request = RequestFactory().post("/form/", {FIELD: key, **more} if key else more)
    request.user = user
    return act(request)


def test_the_second_gets_the_first_ones_redirect(db: None) -> None:
    user, key = person("wangke"), new_form_key()
    first, again = post(user, key), post(user, key)
    assert first["Location"] == again["Location"] == "/done/1"
    assert acts() == 1
    assert post(user, new_form_key())["Location"] == "/done/2"


@pytest.mark.parametrize("how", ["wrong", "crash"])
def test_an_error_gives_the_key_back_and_writes_nothing(db: None, how: str) -> None:
    user, key = person("wangke"), new_form_key()
    if how == "crash":
        with pytest.raises(RuntimeError):
            post(user, key, crash="1")
    else:
        assert post(user, key, wrong="1").status_code == 422
    assert acts() == 0
    assert FormKey.objects.count() == 0
    assert post(user, key).status_code == 302


def test_nobody_meets_the_keys_of_others(db: None) -> None:
    key = "the same key"
    assert post(person("wangke"), key)["Location"] == "/done/1"
    assert post(person("liuyang"), key)["Location"] == "/done/2"


def test_without_a_key_or_a_person_it_just_acts(db: None) -> None:
    user = person("wangke")
    assert [post(user, "")["Location"], post(user, "")["Location"]] == ["/done/1", "/done/2"]
    assert post(AnonymousUser(), "k").status_code == 302
    assert FormKey.objects.count() == 0


def test_an_endless_or_odd_key_is_no_crash(db: None) -> None:
    user = person("wangke")
    for key in ("x" * 100_000, "钥匙", "\x00", "' OR 1=1"):
        assert post(user, key).status_code == 302
        assert post(user, key).status_code == 302
    assert acts() == 4


@pytest.mark.django_db(transaction=True)
def test_a_double_click_acts_once() -> None:
    user = person("wangke")
    for _ in range(10):
        Touched.objects.all().delete()
        key, barrier = new_form_key(), threading.Barrier(4)
        answers: list[str] = []

        def click(
            key: str = key, barrier: threading.Barrier = barrier, into: list[str] = answers
        ) -> None:
            try:
                barrier.wait(60)
                into.append(post(user, key)["Location"])
            finally:
                connections.close_all()

        threads = [threading.Thread(target=click) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(90)
        assert answers == ["/done/1"] * 4
        assert acts() == 1


def test_each_form_has_a_fresh_key() -> None:
    assert form_key() != form_key()
    assert f'name="{FIELD}"' in form_key()


@pytest.mark.django_db
def test_what_is_refused_leaves_nothing_behind_also_without_a_key() -> None:
    user = person("ann")
    assert post(user, "", wrong="1").status_code == 422
    assert acts() == 0
    assert post(user, "").status_code == 302
    assert acts() == 1
    assert not FormKey.objects.exists()
