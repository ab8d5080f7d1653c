"""One-time keys: a form or an API request sent twice (double click, reload, retry) acts once.

The key and what was written are one transaction: the second request waits for the first at the
key's row, then gets the first one's answer. Keys are stored as a hash with the person's id, so
nobody meets the keys of others.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from core.errors import BadInput, Problem, Refused
from core.models import FormKey

FIELD = "form_key"
HEADER = "Idempotency-Key"
HEADER_MAX = 200
#: Headers of an answer that a repeated request gets again.
_KEPT_HEADERS = ("ETag", "Location")


class KeyReused(Refused):
    """The same `Idempotency-Key` came with another request."""

    code = "key_reused"
    status = 422


def new_form_key() -> str:
    """A fresh key for a form that is being shown (`{% form_key %}`)."""
    return secrets.token_urlsafe(18)


def stored_key(user_id: int, key: str) -> str:
    """What the table holds for a person's key."""
    return hashlib.sha256(f"{user_id}\x00{key}".encode()).hexdigest()[:40]


def once_only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let the POST of one form act once; the second gets the first one's redirect.

    The view is one transaction, also without a key: what is answered with 4xx left nothing behind.
    A form with errors is answered with a 4xx status (422), and a page that only asks back says so
    (`response.only_asks`): both give the key back, so that the form can be sent again. One that
    keeps what was sent for the next try (`response.keeps`) is not rolled back.
    """

    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method != "POST" or not request.user.is_authenticated:
            return view(request, *args, **kwargs)
        sent = request.POST.get(FIELD, "")
        key = stored_key(request.user.pk, sent)
        try:
            with transaction.atomic():
                row = sent and FormKey.objects.create(
                    key=key, user_id=request.user.pk, used_at=timezone.now()
                )
                response = view(request, *args, **kwargs)
                if getattr(response, "keeps", False):
                    FormKey.objects.filter(key=key).delete()
                elif response.status_code >= 400 or getattr(response, "only_asks", False):
                    transaction.set_rollback(True)
                elif row and isinstance(response, HttpResponseRedirect):
                    row.answer_url = response.url[:500]
                    row.save(update_fields=["answer_url"])
                return response
        except IntegrityError:
            used = FormKey.objects.filter(key=key).first()
            if used is None:
                raise
            return HttpResponseRedirect(used.answer_url or request.path)

    return wrapper


def answer_once(request: Request, act: Callable[[], Response]) -> Response:
    """Run `act` once per `Idempotency-Key` of this person; a repeat gets the same answer.

    Without the header every request acts. An `act` that raises gives the key back. Raises
    `KeyReused` when the key came with another method, path or body.
    """
    sent = request.headers.get(HEADER, "").strip()
    if not sent:
        return act()
    if len(sent) > HEADER_MAX:
        raise BadInput(
            Problem(HEADER, _("This key is too long."), _("Use at most 200 characters."), sent[:80])
        )
    user_id: int = request.user.pk  # type: ignore[assignment]  # nobody unnamed comes this far
    key, asked = stored_key(user_id, f"{HEADER}:{sent}"), _fingerprint(request)
    try:
        with transaction.atomic():
            row = FormKey.objects.create(key=key, user_id=user_id, used_at=timezone.now())
            response = act()
            row.answer = _kept(response, asked)
            row.save(update_fields=["answer"])
            return response
    except IntegrityError:
        used = FormKey.objects.filter(key=key).first()
        if used is None or used.answer is None:
            raise
        if used.answer["asked"] != asked:
            raise KeyReused(
                Problem(
                    HEADER, _("This key was used for another request."),
                    _("Make a new key for each request; repeat it only to try again."), sent,
                )
            ) from None  # fmt: skip
        return Response(
            used.answer["body"], status=used.answer["status"], headers=used.answer["headers"]
        )


def _kept(response: Response, asked: str) -> dict[str, Any]:
    body = None if response.data is None else json.loads(JSONRenderer().render(response.data))
    headers = {name: response[name] for name in _KEPT_HEADERS if name in response}
    return {"asked": asked, "status": response.status_code, "body": body, "headers": headers}


def _fingerprint(request: Request) -> str:
    """What was asked: method, path, version and fields; of files their names and sizes."""
    digest = hashlib.sha256()
    for part in (request.method, request.path, request.headers.get("If-Match", "")):
        digest.update(f"{part}\x00".encode())
    fields: Any = request.data
    if hasattr(fields, "lists"):
        fields = [
            (name, [(v.name, v.size) if hasattr(v, "chunks") else v for v in values])
            for name, values in sorted(fields.lists())
        ]
    digest.update(json.dumps(fields, sort_keys=True, default=str).encode())
    return digest.hexdigest()
