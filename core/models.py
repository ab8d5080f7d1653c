"""What every app stands on: events, touched rows, the outbox, in-app notices, form keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.querysets import NoticeQuerySet
from core.sealing import SealedField


class Event(models.Model):
    """One change of one subject, written in the same transaction as the change. Append-only.

    `changes` maps each recorded field to `[from, to]`; texts that may have to be erased stand
    there as a salted hash (`core.events.sealed`). `data` holds what the change needs to be told
    (a reason, a comment id). No foreign keys: history outlives everything.
    """

    id = models.BigAutoField(primary_key=True)
    subject = models.CharField(max_length=24)
    subject_id = models.BigIntegerField()
    version = models.PositiveIntegerField()
    verb = models.CharField(max_length=32)
    actor_id = models.BigIntegerField(null=True)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    changes = models.JSONField(default=dict)
    data = models.JSONField(default=dict)
    imported = models.BooleanField(default=False)
    request_id = models.CharField(max_length=32, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "subject_id", "version"], name="event_subject_version"
            )
        ]
        indexes = [
            BrinIndex(fields=["occurred_at"], name="event_occurred_brin"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.subject_id} v{self.version} {self.verb}"


class Recorded(models.Model):
    """A row whose every change is an event; `core.events` is the only way to change one.

    `SUBJECT` is the event's subject word. `EVENT_FIELDS` are the columns that the fold of the
    events must equal. `SEALED_FIELDS`, a part of them, are personal texts: the event keeps a
    hash of them salted with `salt`, so erasing the text keeps the history true.
    """

    SUBJECT: ClassVar[str]
    EVENT_FIELDS: ClassVar[tuple[str, ...]]
    SEALED_FIELDS: ClassVar[frozenset[str]] = frozenset()

    version = models.PositiveIntegerField(default=0, editable=False)
    salt = models.CharField(max_length=32, blank=True, default="", editable=False)

    class Meta:
        abstract = True

    def live_keys(self, changes: Mapping[str, Any]) -> tuple[str, ...]:
        """Which keys of `core.live` a change of `changes` (columns) moves."""
        return (f"{self.SUBJECT}:{self.pk}",)


class Touched(models.Model):
    """A subject whose derived rows (facts, counters) must be recomputed."""

    id = models.BigAutoField(primary_key=True)
    subject = models.CharField(max_length=24)
    subject_id = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["subject", "id"], name="touched_subject")]

    def __str__(self) -> str:
        return f"{self.subject} {self.subject_id}"


class OutboxRow(models.Model):
    """An effect that must happen outside the change: a notice, news to upper apps, a job, a mail.

    `key` is the stable message id: putting the same key twice is one effect. A worker claims a
    due row by a committed lease (`claimed_until`), acts, then marks it done. `repeats` counts how
    often a lease ran out with the row not marked: each may have been one more arrival outside.
    `parked_at` is set on a mail that had no mail server to go to; it waits for a person. A row that
    failed for good and was given up by a person is done, with who gave it up in `last_error`.
    """

    class Kind(models.TextChoices):
        NOTICE = "notice", _("Notice")
        NEWS = "news", _("News")
        JOB = "job", _("Job")
        MAIL = "mail", _("Mail")
        CHAT = "chat", _("Chat message")

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    name = models.CharField(max_length=64)
    key = models.CharField(max_length=160, unique=True)
    payload = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    claimed_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    done_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    parked_at = models.DateTimeField(null=True)
    repeats = models.PositiveSmallIntegerField(default=0, db_default=0)
    last_error = models.TextField(blank=True, default="")
    request_id = models.CharField(max_length=32, blank=True, default="")

    class Meta:
        indexes = [
            models.Index(
                fields=["due_at"],
                name="outbox_due",
                condition=models.Q(
                    done_at__isnull=True, failed_at__isnull=True, parked_at__isnull=True
                ),
            ),
            models.Index(
                fields=["failed_at"],
                name="outbox_failed",
                condition=models.Q(failed_at__isnull=False),
            ),
            models.Index(
                fields=["parked_at"],
                name="outbox_parked",
                condition=models.Q(parked_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.name} {self.key}"


class Notice(models.Model):
    """One in-app message to one person: kind and parameters, put into words when it is read."""

    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="notices"
    )
    kind = models.CharField(max_length=64)
    params = models.JSONField(default=dict)
    subject = models.CharField(max_length=24, blank=True, default="")
    subject_id = models.BigIntegerField(null=True)
    key = models.CharField(max_length=160, unique=True)
    created_at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["recipient", "-id"], name="notice_inbox"),
            models.Index(
                fields=["recipient"],
                name="notice_unread",
                condition=models.Q(read_at__isnull=True),
            ),
            # Who was told of a known issue; tickets have their conversation for that.
            models.Index(
                fields=["subject_id"],
                name="notice_of_cause",
                condition=models.Q(subject="cause"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.recipient_id}"


class ChatAddress(Recorded):
    """Where chat messages for one person, or for one team's group, go: a robot's web address.

    `subject` and `subject_id` name whose it is, as in an event ("user", "team"). Address and
    secret let anybody write there: events hold a hash of them, pages and logs show the host.
    """

    SUBJECT: ClassVar[str] = "chat_address"
    EVENT_FIELDS: ClassVar[tuple[str, ...]] = (
        "subject", "subject_id", "provider", "url", "secret", "is_active",
    )  # fmt: skip
    SEALED_FIELDS: ClassVar[frozenset[str]] = frozenset({"url", "secret"})

    subject = models.CharField(max_length=24)
    subject_id = models.BigIntegerField()
    provider = models.CharField(_("chat"), max_length=24)
    #: Sealed: whoever has a robot's address may write to its group.
    url = SealedField(_("address of the robot"), max_length=720)
    secret = SealedField(_("secret"), max_length=360, blank=True, default="")
    is_active = models.BooleanField(default=True)
    #: What the provider said last; bookkeeping of the worker, no part of the history.
    sent_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject", "subject_id"], name="chat_address_whose")
        ]

    def __str__(self) -> str:
        return f"{self.provider} of {self.subject} {self.subject_id}"


class TaskRun(models.Model):
    """The last run of each task of the clock: when, how long, and what went wrong.

    Bookkeeping of the workers for the health page; one row a task, written at its end.
    """

    name = models.CharField(max_length=100, primary_key=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField()
    #: Seconds the last run took.
    seconds = models.FloatField()
    failed_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=300, blank=True, default="")

    def __str__(self) -> str:
        return self.name


class UnreachableAddress(models.Model):
    """A mail address whose server said for good that nobody is there; nothing is sent to it.

    Kept by address and not by person: who gets a new address is reachable again by itself.
    """

    address = models.CharField(max_length=254, primary_key=True)
    since = models.DateTimeField()
    last_error = models.CharField(max_length=300, blank=True, default="")

    def __str__(self) -> str:
        return self.address


class FormKey(models.Model):
    """The one-time key of a form or API request that was acted on, and what it was answered.

    `answer_url` is where a form's answer went; `answer` keeps status, body and headers of an API
    answer, until the key is forgotten.
    """

    key = models.CharField(max_length=40, primary_key=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    answer_url = models.CharField(max_length=500, blank=True, default="")
    answer = models.JSONField(null=True, default=None)
    used_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["used_at"], name="formkey_used")]

    def __str__(self) -> str:
        return self.key


class StoredFile(models.Model):
    """A file by its content: the same bytes are stored once, named by their SHA-256."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    size = models.PositiveBigIntegerField()
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.sha256

    @property
    def path(self) -> str:
        """Where the bytes stand in the default storage."""
        return f"{self.sha256[:2]}/{self.sha256[2:4]}/{self.sha256}"


def default_of(field: models.Field[Any, Any]) -> Any:
    """The value a fold starts from when no event has set `field` yet."""
    return field.get_default()
