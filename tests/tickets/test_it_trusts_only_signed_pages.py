"""The widget lets in whom a product's back end signed for, once, for as little as it needs."""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import settings as budget
from hypothesis import strategies as st

from core.errors import BadInput
from core.models import Notice
from opsdesk.demo.cast import Cast
from tickets import actions
from tickets.actions import TicketDraft
from tickets.choices import Channel, Impact
from tickets.errors import WidgetRefused
from tickets.models import Ticket, WidgetSession, WidgetSite
from tickets.policies import widget_tokens

pytestmark = pytest.mark.django_db
HOW_TO = Path(settings.BASE_DIR) / "docs/how-to/add-the-widget.md"


@dataclass
class Back:
    """The back end of 星图 CRM: it holds the secret and signs as the how-to says."""

    site: WidgetSite
    key_id: str
    secret: str
    now: dt.datetime

    def claims(self, **more: Any) -> dict[str, Any]:
        made = int(self.now.timestamp())
        return {
            "sub": "wangke", "product": "crm", "iat": made, "exp": made + 300,
            "jti": widget_tokens.new_nonce(), "module": "拜访", "page": "https://crm.test/v/1?s=2",
            **more,
        }  # fmt: skip

    def token(self, **more: Any) -> str:
        claims = {k: v for k, v in self.claims(**more).items() if v is not None}
        return widget_tokens.sign(claims, self.key_id, self.secret)

    def open(self, token: str) -> tuple[WidgetSession, str]:
        return actions.open_widget_session(self.site, token, now=self.now)


@pytest.fixture
def back(cast: Cast, now: dt.datetime) -> Back:
    by: dict[str, Any] = {"acting_user": cast.admin, "now": now}
    site = actions.set_widget_site(cast.products["crm"], ["https://crm.test"], **by)
    row, secret = actions.create_widget_secret(site, **by)
    return Back(site, row.key_id, secret, now)


def why(back: Back, token: str) -> str:
    with pytest.raises(WidgetRefused) as refused:
        back.open(token)
    assert not WidgetSession.objects.exists()
    return refused.value.code


def test_a_signed_token_opens_one_session(back: Back, cast: Cast) -> None:
    token = back.token(module=cast.modules["visits"].name)
    session, key = back.open(token)
    assert (session.user, session.module) == (cast.wangke, cast.modules["visits"])
    assert session.page == "https://crm.test/v/1"  # a query may hold what is secret
    assert key not in str(WidgetSession.objects.values())
    with pytest.raises(WidgetRefused) as again:
        back.open(token)
    assert again.value.code == "used"
    assert WidgetSession.objects.count() == 1


def test_a_mail_address_names_a_person_too(back: Back, cast: Cast) -> None:
    assert back.open(back.token(sub=cast.wangke.email.upper()))[0].user == cast.wangke


def test_what_is_forged_over_or_foreign_opens_nothing(back: Back, cast: Cast) -> None:
    by: dict[str, Any] = {"acting_user": cast.admin, "now": back.now}
    made = int(back.now.timestamp())
    head, body, mac = back.token().split(".")
    none = widget_tokens._encoded(b'{"alg":"none","typ":"JWT","kid":"%s"}' % back.key_id.encode())
    erp = actions.set_widget_site(cast.products["erp"], ["https://erp.test"], **by)
    other, other_secret = actions.create_widget_secret(erp, **by)
    of_other = widget_tokens.sign(back.claims(), other.key_id, other_secret)
    for token in (
        "", "x", "a.b.c", f"{head}.{body}.", f"{none}.{body}.", f"{none}.{body}.{mac}",
        f"{head}.{back.token(sub='admin').split('.')[1]}.{mac}",
        widget_tokens.sign(back.claims(), back.key_id, "x" * 43),
        widget_tokens.sign(back.claims(), "w0000000000", back.secret), of_other,
        back.token(jti="short"), back.token(jti=None), back.token(sub=None), back.token(exp="5"),
        back.token(exp=10**40), back.token(iat=True), back.token(sub="a\x00b"),
    ):  # fmt: skip
        assert why(back, token) == "bad_token", token
    assert why(back, back.token(product="erp")) == "wrong_product"
    assert why(back, back.token(exp=made - 61)) == "expired"
    assert why(back, back.token(iat=made + 120)) == "expired"
    assert why(back, back.token(exp=made + 601)) == "expired"
    for nobody in ("nobody", cast.departed.username if hasattr(cast, "departed") else "nobody2"):
        assert why(back, back.token(sub=nobody)) == "unknown_person"
    back.site.refresh_from_db()
    assert back.site.refused_why == "unknown_person"


@budget(max_examples=60)
@given(st.text(max_size=60), st.integers(0, 400))
def test_no_text_is_taken_for_a_token(text: str, place: int) -> None:
    token = widget_tokens.sign({"sub": "wangke"}, "w1", "s")
    for sent in (text, text + "." + text + "." + text, token[:place] + text + token[place:]):
        try:
            read = widget_tokens.read(sent)
        except widget_tokens.NoToken:
            continue
        assert not widget_tokens.is_genuine(read, "another")


def test_secrets_overlap_and_stop(back: Back, cast: Cast) -> None:
    by: dict[str, Any] = {"acting_user": cast.admin, "now": back.now}
    row, secret = actions.create_widget_secret(back.site, **by)
    new = Back(back.site, row.key_id, secret, back.now)
    old = back.site.secrets.get(key_id=back.key_id)
    actions.stop_widget_secret(old, back.now + dt.timedelta(days=7), **by)
    session, _key = back.open(back.token())
    new.open(new.token())
    actions.stop_widget_secret(old, back.now, **by)
    session.refresh_from_db()
    assert session.expires_at <= back.now
    with pytest.raises(WidgetRefused):
        back.open(back.token())
    new.open(new.token())
    with pytest.raises(BadInput):
        actions.stop_widget_secret(old, None, **by)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("https://CRM.example.com/", "https://crm.example.com"),
        ("https://crm.example.com:443", "https://crm.example.com"),
        ("http://127.0.0.1:8090", "http://127.0.0.1:8090"),
        ("https://协作.example.com", "https://xn--2qq09g.example.com"),
        ("*", None), ("https://*.example.com", None), ("crm.example.com", None), ("null", None),
        ("https://crm.example.com/app", None), ("javascript:alert(1)", None), ("https://", None),
        ("https://a@crm.example.com", None), ("https://crm.example.com:x", None),
        ("https://crm.example.com; script-src *", None), ("https://crm.example.com?x", None),
    ],
)  # fmt: skip
def test_origins_are_written_as_browsers_write_them(
    back: Back, cast: Cast, sent: str, kept: str | None
) -> None:
    by: dict[str, Any] = {"acting_user": cast.admin, "now": back.now}
    if kept is None:
        with pytest.raises(BadInput) as refused:
            actions.set_widget_site(cast.products["crm"], [sent], **by)
        assert refused.value.problems[0].field == "origins"
    else:
        assert actions.set_widget_site(cast.products["crm"], [sent], **by).origins == [kept]


def test_only_the_frame_may_be_framed_and_only_there(back: Back, client: Client) -> None:
    frame = client.get(reverse("widget_frame", args=["crm"]))
    assert "frame-ancestors 'self' https://crm.test;" in frame["Content-Security-Policy"] + ";"
    assert "X-Frame-Options" not in frame
    assert not frame.cookies
    for name, arguments in (("sign_in", []), ("widget_session", ["crm"]), ("widget_home", ["crm"])):
        other = client.get(reverse(name, args=arguments))
        assert "frame-ancestors 'none'" in other["Content-Security-Policy"]
        assert other["X-Frame-Options"] == "DENY"
    assert client.get(reverse("widget_frame", args=["erp"])).status_code == 404


def _session_key(client: Client, token: str, **headers: str) -> Any:
    return client.post(reverse("widget_session", args=["crm"]), {"token": token}, headers=headers)


def test_a_session_reads_its_own_tickets_of_its_product_and_submits(
    back: Back, cast: Cast, client_of: Any, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)
    product = cast.products
    mine = _ticket(product["crm"], cast.wangke, "我的拜访记录不见了", now)
    _ticket(product["erp"], cast.wangke, "我的月结问题", now)
    _ticket(product["crm"], cast.liuyang, "别人的拜访记录", now)
    # Somebody else is signed in at this browser: the frame must not care.
    client = client_of(cast.admin)
    answer = _session_key(client, back.token())
    assert answer.status_code == 200
    key = answer.json()["key"]
    home = reverse("widget_home", args=["crm"])
    assert client.get(home).status_code == 401
    assert client.get(home, headers={"Authorization": f"Widget {key}x"}).status_code == 401
    other = reverse("widget_home", args=["erp"])
    assert client.get(other, headers={"Authorization": f"Widget {key}"}).status_code == 401
    held = {"Authorization": f"Widget {key}"}
    text = client.get(home, headers=held).content.decode()
    assert mine.title in text
    assert "我的月结问题" not in text
    assert "别人的拜访记录" not in text
    # The key opens nothing else.
    assert Client().get(reverse("my_tickets"), headers=held).status_code == 302
    sent = {
        "product": product["crm"].pk, "description": "看板打不开", "module": "",
        "impact": Impact.ONLY_ME, "form_key": "once", "requester": "liuyang",
    }  # fmt: skip
    submit = reverse("widget_submit", args=["crm"])
    for _twice in range(2):
        client.post(submit, sent, headers=held)
    new = Ticket.objects.get(description="看板打不开")
    assert (new.requester, new.submitted_by, new.channel) == (
        cast.wangke, cast.wangke, Channel.WIDGET,
    )  # fmt: skip
    foreign = client.post(
        submit, {**sent, "form_key": "2", "product": product["erp"].pk}, headers=held
    )
    assert foreign.status_code == 422
    Notice.objects.create(
        recipient=cast.wangke, kind="ticket.status", subject="ticket", subject_id=new.pk,
        key="n1", created_at=now,
    )  # fmt: skip
    news = client.get(reverse("widget_news", args=["crm"]), headers=held).json()
    assert news["news"] == 1


def test_a_page_of_the_product_itself_gets_no_key(back: Back, client: Client) -> None:
    token = back.token()
    assert _session_key(client, token, **{"Sec-Fetch-Site": "cross-site"}).status_code == 404
    assert _session_key(client, token, **{"Sec-Fetch-Site": "same-site"}).status_code == 404


def test_a_refusal_says_one_sentence_and_nothing_of_anybody(back: Back, client: Client) -> None:
    forged = _session_key(client, widget_tokens.sign(back.claims(), back.key_id, "no"))
    unknown = _session_key(client, widget_tokens.sign(back.claims(sub="nobody"), back.key_id, "no"))
    assert forged.status_code == unknown.status_code == 401
    assert forged.json() == unknown.json()
    assert set(forged.json()) == {"code", "message", "remedy"}


def test_the_script_is_small_and_may_be_kept(client: Client) -> None:
    answer = client.get(reverse("widget_script"))
    assert len(answer.content) < 6 * 1024
    assert answer["Cache-Control"] == "public, max-age=3600"
    again = client.get(reverse("widget_script"), headers={"If-None-Match": answer["ETag"]})
    assert again.status_code == 304


def test_a_secret_is_shown_once(cast: Cast, client_of: Any, back: Back) -> None:
    client = client_of(cast.admin)
    address = reverse("settings_widget_secret", args=[cast.products["crm"].pk])
    shown = client.post(address, {"form_key": "once"})
    newest = back.site.secrets.order_by("-pk")[0]
    secret = widget_tokens.secret_of(newest.nonce)
    assert secret in shown.content.decode()
    assert shown["Cache-Control"] == "no-store"
    again = client.post(address, {"form_key": "once"}, follow=True)
    assert secret not in again.content.decode()
    assert back.site.secrets.count() == 2
    page = client.get(reverse("settings_widget_edit", args=[cast.products["crm"].pk]))
    assert secret not in page.content.decode()


def test_the_python_of_the_how_to_signs_a_good_token(back: Back) -> None:
    code = re.search(r"```python\n(.*?)```", HOW_TO.read_text("utf-8"), re.DOTALL)
    assert code is not None
    there: dict[str, Any] = {}
    exec(code.group(1), there)
    token = there["opsdesk_token"]("wangke", "crm", back.key_id, back.secret)
    made = json.loads(widget_tokens._decoded(token.split(".")[1]))["iat"]
    at = dt.datetime.fromtimestamp(made, dt.UTC)
    session, _key = actions.open_widget_session(back.site, token, now=at)
    assert session.user.username == "wangke"


def _ticket(product: Any, requester: Any, words: str, now: dt.datetime) -> Ticket:
    return actions.submit_ticket(TicketDraft(product, words), acting_user=requester, now=now)
