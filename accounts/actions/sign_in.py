"""Counting failed sign-ins, so that guessing a password takes longer than it is worth.

Ours and not django-axes: that brings a middleware, an own lock-out page and a table that keeps
user names and addresses in the clear; what is needed is one row and a wait.
"""

from __future__ import annotations

import datetime as dt

from django.db.models import F
from django.db.models.functions import Greatest

from accounts.models import SignInFailure, User
from accounts.policies import FORGET_AFTER, failure_key
from core import outbox


def record_sign_in_failure(username: str, address: str, *, now: dt.datetime) -> SignInFailure:
    """Count one more failure of this name from this address."""
    key = failure_key(username, address)
    _forget(key, now)
    SignInFailure.objects.bulk_create(
        [SignInFailure(key=key, failures=0, last_at=now)], ignore_conflicts=True
    )
    SignInFailure.objects.filter(key=key).update(
        failures=F("failures") + 1, last_at=Greatest(F("last_at"), now)
    )
    return SignInFailure.objects.get(key=key)


def clear_sign_in_failures(username: str, address: str) -> None:
    """Forget the failures: the person is who they say."""
    SignInFailure.objects.filter(key=failure_key(username, address)).delete()


def forget_old_failures(*, now: dt.datetime) -> int:
    """Drop counts that no longer matter. Returns how many."""
    return SignInFailure.objects.filter(last_at__lt=now - FORGET_AFTER).delete()[0]


def request_password_reset(email: str, base_url: str, *, now: dt.datetime) -> None:
    """Have a worker mail the link to everybody with this address: one mail a minute at most.

    A worker, so that the time of the answer does not tell whether anybody has it.
    """
    for person in User.objects.working_here().filter(email__iexact=email):
        outbox.job(
            "accounts.send_password_reset",
            {"user_id": person.pk, "base_url": base_url},
            key=f"password_reset:{person.pk}:{now:%Y%m%d%H%M}",
            now=now,
        )


def _forget(key: str, now: dt.datetime) -> None:
    SignInFailure.objects.filter(key=key, last_at__lt=now - FORGET_AFTER).delete()
