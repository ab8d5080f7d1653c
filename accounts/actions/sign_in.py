"""Counting failed sign-ins, so that guessing a password takes longer than it is worth."""

from __future__ import annotations

import datetime as dt

from django.db.models import F
from django.db.models.functions import Greatest

from accounts.models import SignInFailure
from accounts.policies import FORGET_AFTER, failure_key


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


def _forget(key: str, now: dt.datetime) -> None:
    SignInFailure.objects.filter(key=key, last_at__lt=now - FORGET_AFTER).delete()
