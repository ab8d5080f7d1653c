"""The widget's places and secrets, and the session a signed token is exchanged for."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Sequence
from urllib.parse import urlsplit

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from catalog.models import Module, Product
from core import events
from core.changes import actor_id, add, refuse, revise
from core.errors import Problem
from tickets.errors import WidgetRefused
from tickets.models import WidgetSecret, WidgetSession, WidgetSite
from tickets.policies.widget_tokens import (
    SESSION_LIFE,
    NoToken,
    Token,
    hash_of,
    is_current,
    is_genuine,
    new_key_id,
    new_nonce,
    read,
    secret_of,
)

#: Origins of one product, and secrets of it that are good at once.
ORIGINS_MAX, SECRETS_MAX = 20, 4
#: What a page is told when its token opens nothing; put into words where it is shown.
_SAID = {
    "bad_token": (
        gettext_lazy("The token of the page is not valid."),
        gettext_lazy("Tell whoever looks after the page: secret, key and form of the token."),
    ),
    "wrong_product": (
        gettext_lazy("The token is for another product."),
        gettext_lazy("Tell whoever looks after the page."),
    ),
    "expired": (
        gettext_lazy("The token of the page is over."),
        gettext_lazy("Load the page again."),
    ),
    "unknown_person": (
        gettext_lazy("Nobody of this name works here."),
        gettext_lazy("Ask the administrator of OpsDesk to add you."),
    ),
    "used": (
        gettext_lazy("The token of the page was used already."),
        gettext_lazy("Load the page again."),
    ),
}
#: How long an old secret goes on beside its successor.
OVERLAP = dt.timedelta(days=7)


def set_widget_site(
    product: Product,
    origins: Sequence[str],
    *,
    is_active: bool = True,
    acting_user: User,
    now: dt.datetime,
    seen_version: int | None = None,
) -> WidgetSite:
    """Say on which origins' pages the product's widget may stand; the first call makes it.

    Raises `BadInput` naming the origin that is none, and `StaleWrite`.
    """
    wanted = [checked_origin(origin) for origin in origins]
    wanted = list(dict.fromkeys(wanted))
    if len(wanted) > ORIGINS_MAX:
        refuse("origins", _("These are too many origins."),
               _("Name at most %(count)s.") % {"count": ORIGINS_MAX}, len(wanted))  # fmt: skip
    if product.is_other:
        refuse("product", _("“Other / not sure” has no pages of its own."),
               _("Choose a product."), product)  # fmt: skip
    site = WidgetSite.objects.filter(product=product).first()
    if site is None:
        row = WidgetSite(product=product, origins=wanted, is_active=is_active)
        return add(row, acting_user=acting_user, now=now)
    return revise(
        site, "edit", {"origins": wanted, "is_active": is_active}, acting_user=acting_user,
        now=now, seen_version=seen_version,
    )  # fmt: skip


def checked_origin(text: str) -> str:
    """An origin as browsers write it. Raises `BadInput` naming what is wrong with `text`."""
    sent = text.strip()
    remedy = _("Write it like https://crm.example.com, without a path; add the port if there is "
               "one.")  # fmt: skip
    try:
        parts = urlsplit(sent)
        host, port = (parts.hostname or "").lower(), parts.port
        host = host.encode("idna").decode() if not host.isascii() else host
    except (ValueError, UnicodeError):
        refuse("origins", _("“%(value)s” is no origin.") % {"value": sent[:80]}, remedy, sent)
    plain = host.replace(".", "").replace("-", "").replace(":", "")
    if parts.scheme not in ("http", "https") or not plain.isalnum() or parts.username is not None:
        refuse("origins", _("“%(value)s” is no origin.") % {"value": sent[:80]}, remedy, sent)
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        refuse("origins", _("“%(value)s” holds more than an origin.") % {"value": sent[:80]},
               remedy, sent)  # fmt: skip
    shown = f"[{host}]" if ":" in host else host
    usual = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{shown}" + (f":{port}" if port not in (None, usual) else "")


def create_widget_secret(
    site: WidgetSite, *, acting_user: User, now: dt.datetime
) -> tuple[WidgetSecret, str]:
    """A further secret of the site, and its text, which is told this once.

    The old ones stay good until they are stopped. Raises `BadInput` past `SECRETS_MAX`.
    """
    with transaction.atomic():
        events.lock(WidgetSite, site.pk)
        if site.secrets.filter(Q(stops_at=None) | Q(stops_at__gt=now)).count() >= SECRETS_MAX:
            refuse("secret", _("There are too many secrets already."),
                   _("Stop one that is not used any more."), SECRETS_MAX)  # fmt: skip
        row = WidgetSecret(site=site, key_id=new_key_id(), nonce=new_nonce(), created_at=now)
        add(row, acting_user=acting_user, now=now)
    return row, secret_of(row.nonce)


def stop_widget_secret(
    secret: WidgetSecret, at: dt.datetime | None, *, acting_user: User, now: dt.datetime
) -> WidgetSecret:
    """Refuse the secret from `at` on; None lets it go on, as long as it has not stopped.

    Stopped at once, the sessions that were opened for the site end as well. Raises `BadInput`.
    """
    with transaction.atomic():
        row = events.lock(WidgetSecret, secret.pk)
        if row.stops_at is not None and row.stops_at <= now:
            refuse("secret", _("This secret has stopped already."), _("Make a new one."),
                   row.key_id)  # fmt: skip
        if row.stops_at != at:
            events.change(
                row, "stop" if at else "keep", actor_id=actor_id(acting_user), now=now,
                fields={"stops_at": at},
            )  # fmt: skip
        if at is not None and at <= now:
            WidgetSession.objects.filter(site_id=row.site_id, expires_at__gt=now).update(
                expires_at=now
            )
    return row


def open_widget_session(
    site: WidgetSite, text: str, *, now: dt.datetime
) -> tuple[WidgetSession, str]:
    """Exchange a token for a session, and the session's key, which is told this once.

    Raises `WidgetRefused` with the code `bad_token` (malformed, unknown key, forged: all alike),
    `wrong_product`, `expired`, `unknown_person` or `used`. What it says about a person is said
    only to who holds the secret.
    """
    try:
        token = read(text)
        secret = site.secrets.filter(key_id=token.key_id).first()
        if secret is None or (secret.stops_at is not None and secret.stops_at <= now):
            raise _refusal("bad_token")
        if not is_genuine(token, secret_of(secret.nonce)):
            raise _refusal("bad_token")
        if token.product != site.product.code:
            raise _refusal("wrong_product")
        if not is_current(token, now):
            raise _refusal("expired")
        session, key = _session(site, token, _person(token.person), now)
    except (NoToken, WidgetRefused) as refusal:
        refused = refusal if isinstance(refusal, WidgetRefused) else _refusal("bad_token")
        WidgetSite.objects.filter(pk=site.pk).update(refused_at=now, refused_why=refused.code)
        raise refused from None
    WidgetSite.objects.filter(pk=site.pk).update(last_used_at=now)
    WidgetSecret.objects.filter(pk=secret.pk).update(last_used_at=now)
    return session, key


def _person(named: str) -> User:
    """Whom a token names: by user name (the employee number, in most companies) or by mail."""
    found = list(User.objects.working_here().filter(username__iexact=named)[:1])
    found = found or list(User.objects.working_here().filter(email__iexact=named)[:2])
    if len(found) != 1 or not found[0].may_sign_in:
        raise _refusal("unknown_person")
    return found[0]


def _session(
    site: WidgetSite, token: Token, person: User, now: dt.datetime
) -> tuple[WidgetSession, str]:
    key = secrets.token_urlsafe(32)
    module = Module.objects.filter(
        product_id=site.product_id, is_active=True, name=token.module
    ).first()
    session = WidgetSession(
        site=site, user=person, key_hash=hash_of(key), nonce_hash=hash_of(token.nonce),
        module=module, page=shown_page(token.page), opened_at=now, expires_at=now + SESSION_LIFE,
    )  # fmt: skip
    try:
        with transaction.atomic():
            session.save(force_insert=True)
    except IntegrityError:
        raise _refusal("used") from None
    return session, key


def shown_page(address: str) -> str:
    """The address of a page as a ticket keeps it: without what may be secret in its query."""
    parts = urlsplit(address) if address.startswith(("https://", "http://")) else None
    if parts is None or not parts.hostname:
        return ""
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{parts.hostname}{port}{parts.path}"[:500]


def _refusal(code: str) -> WidgetRefused:
    return WidgetRefused(Problem("token", *_SAID[code]), code=code)


def forget_widget_sessions(now: dt.datetime) -> int:
    """Drop sessions that ended a day ago: their tokens are long over. Returns how many."""
    dropped, _rows = WidgetSession.objects.filter(
        expires_at__lt=now - dt.timedelta(days=1)
    ).delete()
    return dropped
