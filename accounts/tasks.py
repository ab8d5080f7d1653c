"""Mails about an account, delivered from the outbox."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.contrib.auth.tokens import default_token_generator
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from accounts.models import User


def send_password_reset(payload: Mapping[str, Any], now: dt.datetime) -> None:
    """Mail a person the link that sets a new password, in their language.

    The link is made here and not in the action: a token must not lie in the outbox. Sent again
    after a crash it says the same thing.
    """
    person = User.objects.working_here().filter(pk=payload["user_id"]).first()
    if person is None:
        return
    path = reverse(
        "password_reset_confirm",
        args=[
            urlsafe_base64_encode(force_bytes(person.pk)),
            default_token_generator.make_token(person),
        ],
    )
    with translation.override(person.language):
        there = {"person": person, "url": f"{payload['base_url']}{path}"}
        subject = render_to_string("accounts/mail/password_reset_subject.txt", there).strip()
        body = render_to_string("accounts/mail/password_reset.txt", there)
    EmailMessage(subject, body, to=[person.email]).send()
