"""Language and theme: of the person when signed in, of the browser when not."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.actions import save_preferences
from accounts.models import User
from core.events import history
from opsdesk.demo.cast import Cast

ClientOf = Callable[[User], Client]


def test_a_person_sees_pages_in_their_language(cast: Cast, client_of: ClientOf) -> None:
    assert "界面与习惯" in client_of(cast.wangke).get(reverse("preferences")).content.decode()
    answer = client_of(cast.emma).get(reverse("preferences"))
    assert "How OpsDesk looks and behaves" in answer.content.decode()
    assert answer.headers["Content-Language"] == "en"


def test_preferences_are_saved_with_an_event(cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast.wangke)
    sent = {"language": "en", "theme": "dark", "after_act": "next"}
    assert client.post(reverse("preferences"), sent).status_code == 302
    person = User.objects.get(pk=cast.wangke.pk)
    assert (person.language, person.theme, person.after_act) == ("en", "dark", "next")
    last = history("user", person.pk).last()
    assert last is not None
    assert (last.verb, last.actor_id) == ("prefer", person.pk)
    page = client.get(reverse("preferences")).content.decode()
    assert "Your preferences are saved." in page
    assert 'data-theme="dark"' in page


def test_only_who_handles_tickets_is_asked_what_comes_after_one(
    cast: Cast, client_of: ClientOf, now: dt.datetime
) -> None:
    save_preferences(cast.wangke, {"after_act": "back"}, acting_user=cast.wangke, now=now)
    client = client_of(cast.wangke)
    assert 'name="after_act"' not in client.get(reverse("preferences")).content.decode()
    sent = {"language": "en", "theme": "dark"}
    assert client.post(reverse("preferences"), sent).status_code == 302
    person = User.objects.get(pk=cast.wangke.pk)
    assert (person.theme, person.after_act) == ("dark", "back")
    page = client_of(cast.linzhixia).get(reverse("preferences")).content.decode()
    assert 'name="after_act"' in page


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/search/manuals/?q=拜访", "手册"), ("/must-reads/", "手册"), ("/training/", "手册"),
        ("/announcements/", "手册"), ("/submit/", "我的工单"), ("/help/", "帮助首页"),
    ],
)  # fmt: skip
def test_the_top_bar_says_where_one_is(
    cast: Cast, client_of: ClientOf, path: str, place: str
) -> None:
    nav = client_of(cast.wangke).get(path).context["nav"]
    assert [str(one["label"]) for one in nav if one["current"]] == [place]


@pytest.mark.parametrize(
    "wrong", [{"language": "fr"}, {"theme": "sepia"}, {"after_act": ""}, {"language": ""}]
)
def test_a_wrong_choice_changes_nothing(
    cast: Cast, client_of: ClientOf, wrong: dict[str, str]
) -> None:
    client, version = client_of(cast.wangke), cast.wangke.version
    sent = {"language": "en", "theme": "dark", "after_act": "next"}
    answer = client.post(reverse("preferences"), sent | wrong)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == list(wrong)
    assert User.objects.get(pk=cast.wangke.pk).version == version


def test_the_browser_remembers_for_who_is_not_signed_in(db: None) -> None:
    client = Client(headers={"accept-language": "zh-CN"})
    assert "登录" in client.get(reverse("sign_in")).content.decode()
    there = {"next": reverse("sign_in")}
    answer = client.post(reverse("preferences_language"), there | {"language": "en"})
    assert answer.headers["Location"] == reverse("sign_in")
    client.post(reverse("preferences_theme"), there | {"theme": "dark"})
    page = client.get(reverse("sign_in")).content.decode()
    assert "Forgot your password?" in page
    assert 'data-theme="dark"' in page
    client.post(reverse("preferences_theme"), there | {"theme": "system"})
    assert "data-theme=" not in client.get(reverse("sign_in")).content.decode()


def test_the_switches_refuse_what_is_no_choice(cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast.wangke)
    assert client.post(reverse("preferences_language"), {"language": "fr"}).status_code == 400
    assert client.post(reverse("preferences_theme"), {"theme": ""}).status_code == 400
    answer = client.post(
        reverse("preferences_theme"), {"theme": "dark", "next": "https://evil.example/"}
    )
    assert answer.headers["Location"] == reverse("home")
    assert User.objects.get(pk=cast.wangke.pk).theme == "dark"
