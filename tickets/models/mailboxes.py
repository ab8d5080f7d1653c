"""Mailboxes that are read into tickets and replies."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.models import Product
from core.models import Recorded
from core.sealing import SealedField
from tickets.choices import MailSecurity, Strangers

USER = settings.AUTH_USER_MODEL


class Mailbox(Recorded):
    """A folder on an IMAP server (收件邮箱). We read it and change nothing there.

    `confirmed_by` is the name of the company's own mail server as it stands in the header
    Authentication-Results: when given, a mail is its sender's only where that server says so.
    """

    SUBJECT: ClassVar[str] = "mailbox"
    EVENT_FIELDS: ClassVar[tuple[str, ...]] = (
        "name", "address", "host", "port", "security", "username", "secret", "folder",
        "product_id", "strangers", "stand_in_id", "confirmed_by", "tags_replies", "from_start",
        "is_active",
    )  # fmt: skip
    SEALED_FIELDS: ClassVar[frozenset[str]] = frozenset({"secret"})

    name = models.CharField(_("name"), max_length=80, unique=True)
    address = models.EmailField(_("address"), unique=True)
    host = models.CharField(_("IMAP server"), max_length=200)
    port = models.PositiveIntegerField(
        _("port"), default=993, validators=[MinValueValidator(1), MaxValueValidator(65535)]
    )
    security = models.CharField(
        _("encryption"), max_length=8, choices=MailSecurity.choices, default=MailSecurity.TLS
    )
    username = models.CharField(_("user name"), max_length=200)
    secret = SealedField(_("password"), max_length=500)
    folder = models.CharField(_("folder"), max_length=200, default="INBOX")
    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, related_name="+", verbose_name=_("product")
    )
    strangers = models.CharField(
        _("people nobody knows"), max_length=8, choices=Strangers.choices, default=Strangers.HOLD
    )
    stand_in = models.ForeignKey(
        USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("stand-in"),
    )  # fmt: skip
    confirmed_by = models.CharField(
        _("server that confirms senders"), max_length=200, blank=True, default=""
    )
    #: Answers to our mails go to `name+reference@…`, which the mail server must deliver here.
    tags_replies = models.BooleanField(_("reference in the address"), default=False)
    from_start = models.BooleanField(_("read what is there already"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    #: Bookkeeping of the worker, no part of the history. A changed `uid_validity` means that the
    #: server numbered its mails anew; `last_uid` is the last one that was kept.
    uid_validity = models.BigIntegerField(null=True)
    last_uid = models.BigIntegerField(default=0)
    leased_until = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)
    arrived_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def source(self) -> str:
        """The way in, as `IncomingMessage.source` names it."""
        return f"mailbox:{self.pk}"
