"""One-time keys: a form sent twice (double click, reload, retry) acts once."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone

from core.models import FormKey

FIELD = "form_key"


def new_form_key() -> str:
    """A fresh key for a form that is being shown (`{% form_key %}`)."""
    return secrets.token_urlsafe(18)


def once_only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let the POST of one form act once; the second gets the first one's redirect.

    The key and what the view writes are one transaction. An answer that is no redirect (a form
    with errors) gives the key back, so that the corrected form can be sent.
    """

    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        key = request.POST.get(FIELD, "")[:40]
        if request.method != "POST" or not key or not request.user.is_authenticated:
            return view(request, *args, **kwargs)
        try:
            with transaction.atomic():
                row = FormKey.objects.create(
                    key=key, user_id=request.user.pk, used_at=timezone.now()
                )
                response = view(request, *args, **kwargs)
                if isinstance(response, HttpResponseRedirect):
                    row.answer_url = response.url
                    row.save(update_fields=["answer_url"])
                elif response.status_code >= 400:
                    transaction.set_rollback(True)
                return response
        except IntegrityError:
            used = FormKey.objects.filter(key=key, user_id=request.user.pk).first()
            if used is None:
                raise
            return HttpResponseRedirect(used.answer_url or request.path)

    return wrapper
