"""Mails about an account, delivered from the outbox."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import translation

from accounts.access import company_name
from accounts.models import User
from accounts.policies import password_path


def send_password_reset(payload: Mapping[str, Any], now: dt.datetime) -> None:
    """Mail a person the link that sets a new password, in their language.

    The link is made here and not in the action: a token must not lie in the outbox. Sent again
    after a crash it says the same thing.
    """
    person = User.objects.working_here().filter(pk=payload["user_id"]).first()
    if person is None:
        return
    _mail_link(person, "password_reset", payload["base_url"])


def send_sign_in_link(payload: Mapping[str, Any], now: dt.datetime) -> None:
    """Mail a person that they have an account, and the link by which they sign in first."""
    person = User.objects.working_here().filter(pk=payload["user_id"]).first()
    if person is not None and person.email:
        _mail_link(person, "sign_in_link", payload["base_url"])


def _mail_link(person: User, letter: str, base_url: str) -> None:
    with translation.override(person.language):
        there = {
            "person": person, "company": company_name(),
            "url": f"{base_url}{password_path(person)}",
        }  # fmt: skip
        subject = render_to_string(f"accounts/mail/{letter}_subject.txt", there).strip()
        body = render_to_string(f"accounts/mail/{letter}.txt", there)
    EmailMessage(subject, body, to=[person.email]).send()
