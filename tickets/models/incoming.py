"""What came in from outside: mails, messages to a chat robot, messages of a pasted chat log."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.models import Product
from core.models import Recorded, StoredFile
from core.sealing import SealedField
from tickets.choices import Channel, ChatApp, IncomingState, Strangers
from tickets.models.conversation import Comment
from tickets.models.tickets import Ticket

USER = settings.AUTH_USER_MODEL


class ChatRobot(Recorded):
    """A robot in a company chat that people write to (机器人), with what checks and answers them.

    `key` stands in the address that the chat calls. What the secrets are called differs by chat:
    `tickets.incoming.providers` names them; events hold a hash of them and no page shows them.
    """

    SUBJECT: ClassVar[str] = "chat_robot"
    EVENT_FIELDS: ClassVar[tuple[str, ...]] = (
        "name", "app", "called", "product_id", "strangers", "stand_in_id", "user_ids_are_names",
        "account", "agent", "token", "aes_key", "secret", "is_active",
    )  # fmt: skip
    SEALED_FIELDS: ClassVar[frozenset[str]] = frozenset({"token", "aes_key", "secret"})

    name = models.CharField(_("name"), max_length=80, unique=True)
    app = models.CharField(_("chat"), max_length=8, choices=ChatApp.choices)
    key = models.CharField(max_length=43, unique=True, editable=False)
    #: How people mention it in a group, without the @.
    called = models.CharField(_("name in the chat"), max_length=60, blank=True, default="")
    #: What its tickets are about when the words name no product.
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
    #: The chat's user ids are the user names of this house, set by the same administrators.
    user_ids_are_names = models.BooleanField(_("user ids are user names"), default=False)
    #: Corporation (WeCom) or app (DingTalk, Feishu) and, for WeCom, the app's number in it.
    account = models.CharField(_("corporation or app"), max_length=80, blank=True, default="")
    agent = models.CharField(_("agent id"), max_length=20, blank=True, default="")
    token = SealedField(max_length=120, blank=True, default="")
    aes_key = SealedField(max_length=120, blank=True, default="")
    secret = SealedField(max_length=200, blank=True, default="")
    is_active = models.BooleanField(default=True)
    #: Bookkeeping of the door, no part of the history: what came last, and what was refused last.
    arrived_at = models.DateTimeField(null=True)
    arrived = models.CharField(max_length=200, blank=True, default="")
    refused_at = models.DateTimeField(null=True)
    refused = models.CharField(max_length=200, blank=True, default="")
    answered_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=300, blank=True, default="")

    def __str__(self) -> str:
        return self.name


class ChatPerson(models.Model):
    """Whom a chat means by a user id, or a pasted log by a name: learnt from an agent's choice.

    `source` is "robot:<id>" for user ids, "log" for the names of pasted logs.
    """

    source = models.CharField(max_length=40)
    name = models.CharField(max_length=120)
    person = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    learnt_from = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, related_name="+")
    learnt_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "name"], name="chat_person_once")]

    def __str__(self) -> str:
        return f"{self.source}: {self.name}"


class IncomingMessage(models.Model):
    """One message as it came in, kept before anything is made of it, and what became of it.

    `source` names the way in ("robot:<id>", "mailbox:<id>", "log"); with it the provider's own
    `message_id` is unique, so what is delivered again is the same row. `thread` is what later
    messages of the same conversation name (for mails: the first Message-ID). `data` is what was
    read out of `raw` and what an answer needs.
    """

    channel = models.CharField(
        max_length=10,
        choices=[(channel.value, channel.label) for channel in (Channel.MAIL, Channel.CHAT)],
    )
    source = models.CharField(max_length=40)
    message_id = models.CharField(max_length=255)
    thread = models.CharField(max_length=255, blank=True, default="")
    #: The writer as the provider knows them: a mail address, a chat user id, a name in a log.
    sender = models.CharField(max_length=254, blank=True, default="")
    sender_name = models.CharField(max_length=120, blank=True, default="")
    subject = models.CharField(max_length=200, blank=True, default="")
    #: When it was written, by the provider's clock; None where that was not to be read.
    said_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField()
    raw = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")
    state = models.CharField(
        max_length=8, choices=IncomingState.choices, default=IncomingState.RECEIVED
    )
    #: Why it is held, skipped or failed, for agents.
    error = models.CharField(max_length=500, blank=True, default="")
    attempts = models.PositiveSmallIntegerField(default=0)
    done_at = models.DateTimeField(null=True)
    robot = models.ForeignKey(
        ChatRobot, on_delete=models.PROTECT, null=True, related_name="messages"
    )
    person = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, related_name="+")
    #: Who brought it in by hand (a pasted log); None when it came by itself.
    brought_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, related_name="+")
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, null=True, related_name="incoming")
    #: Set where it was added to a ticket that was there before.
    comment = models.ForeignKey(
        Comment, on_delete=models.PROTECT, null=True, related_name="incoming"
    )
    data = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "message_id"], name="incoming_once")
        ]
        indexes = [
            models.Index(fields=["source", "thread"], name="incoming_thread"),
            models.Index(
                fields=["-id"],
                name="incoming_to_do",
                condition=models.Q(state__in=["received", "held", "failed"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.message_id}"
