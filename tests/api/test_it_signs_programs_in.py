"""Programs use the API by tokens: as their person, only to read unless said otherwise."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.actions import deactivate_person, issue_token, revoke_token
from accounts.models import ApiToken, User
from core.events import history
from opsdesk.demo.cast import Cast
from tickets.actions import TicketDraft, submit_ticket
from tickets.models import Ticket

pytestmark = pytest.mark.django_db
PATH = "/api/v1/tickets"


def _token(cast: Cast, **more: object) -> tuple[ApiToken, str]:
    return issue_token(
        cast.wangke, "报表", acting_user=cast.admin, now=timezone.now(),
        **{"reads_only": True, "expires_on": None, **more},  # type: ignore[arg-type]
    )  # fmt: skip


def test_a_token_reads_what_its_person_may(cast: Cast, now: dt.datetime) -> None:
    draft = TicketDraft(product=cast.products["crm"], description="打不开")
    own = submit_ticket(draft, acting_user=cast.wangke, now=now)
    foreign = submit_ticket(draft, acting_user=cast.zhaoyi, now=now)
    token, text = _token(cast)
    assert Client().get(PATH).status_code == 403
    answer = Client(headers={"Authorization": f"Bearer {text}"}).get(PATH)
    assert answer.status_code == 200
    found = {row["id"] for row in answer.json()["results"]}
    assert own.pk in found
    assert foreign.pk not in found
    token.refresh_from_db()
    assert token.last_used_at is not None
    assert text not in str(ApiToken.objects.values().get())
    assert all(text not in str(event.changes) for event in history("api_token", token.pk))


def test_only_a_token_that_may_writes(cast: Cast) -> None:
    _row, reads = _token(cast)
    _row, writes = _token(cast, reads_only=False)
    body = {"product": cast.products["crm"].pk, "description": "导出失败"}
    before = Ticket.objects.count()
    client = Client(headers={"Authorization": f"Bearer {reads}"})
    refused = client.post(PATH, body, content_type="application/json")
    assert (refused.status_code, refused.json()["code"]) == (403, "token_only_reads")
    assert Ticket.objects.count() == before
    client = Client(headers={"Authorization": f"Bearer {writes}"}, enforce_csrf_checks=True)
    assert client.post(PATH, body, content_type="application/json").status_code == 201
    assert Ticket.objects.latest("pk").requester == cast.wangke


@pytest.mark.parametrize("why", ["unknown", "empty", "revoked", "over", "switched off"])
def test_what_opens_nothing_says_so_alike(why: str, cast: Cast) -> None:
    now = timezone.now()
    token, text = _token(cast, expires_on=timezone.localdate(now))
    good = Client(headers={"Authorization": f"Bearer {text}"})
    assert good.get(PATH).status_code == 200, "the last day counts"
    if why == "revoked":
        revoke_token(token, acting_user=cast.admin, now=now)
    elif why == "over":
        ApiToken.objects.update(expires_on=timezone.localdate(now) - dt.timedelta(days=1))
    elif why == "switched off":
        deactivate_person(cast.wangke, acting_user=cast.admin, now=now)
    else:
        text = {"unknown": text[:-1] + "_", "empty": ""}[why]
    answer = Client(headers={"Authorization": f"Bearer {text}"}).get(PATH)
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
    assert answer.json()["code"] == "token_refused"


def test_the_page_shows_a_token_once_and_takes_it_back(
    cast: Cast, client_of: Callable[[User], Client]
) -> None:
    admin = client_of(cast.admin)
    page = reverse("settings_tokens")
    sent = {"name": "看板", "person": "wangke", "expires_on": ""}
    refused = admin.post(page, {**sent, "expires_on": "2001-01-01"})
    assert refused.status_code == 422
    assert "expires_on" in refused.context["form"].errors
    assert not ApiToken.objects.exists()
    text = admin.post(page, sent).context["text"]
    assert text not in admin.get(page).content.decode()
    assert Client(headers={"Authorization": f"Bearer {text}"}).get(PATH).status_code == 200
    token = ApiToken.objects.earliest("pk")
    revoke = reverse("settings_tokens_revoke", args=[token.pk])
    assert client_of(cast.linzhixia).post(revoke).status_code == 403
    assert admin.post(revoke).status_code == 302
    assert Client(headers={"Authorization": f"Bearer {text}"}).get(PATH).status_code == 401
