"""People and the organisation they work in."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.querysets import UserManager
from core.models import Recorded
from core.telling import Quiet, Rhythm


class Department(Recorded):
    """A part of the company; the tree is kept by `parent` and a path of ids."""

    SUBJECT: ClassVar[str] = "department"
    EVENT_FIELDS: ClassVar[tuple[str, ...]] = ("name", "parent_id", "contact_id", "is_active")

    name = models.CharField(_("name"), max_length=80)
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children"
    )
    #: "/1/4/9/": ids from the root to this one, so "this one and below" is a prefix.
    path = models.CharField(max_length=200, blank=True, default="", editable=False)
    contact = models.ForeignKey(
        "accounts.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["parent", "name"],
                name="department_name_in_parent",
                nulls_distinct=False,
            )
        ]
        indexes = [
            models.Index(fields=["path"], name="department_path", opclasses=["text_pattern_ops"])
        ]

    def __str__(self) -> str:
        return self.name


class Position(Recorded):
    """What a person is (岗位): sales representative, finance clerk."""

    SUBJECT: ClassVar[str] = "position"
    EVENT_FIELDS: ClassVar[tuple[str, ...]] = ("name",)

    name = models.CharField(_("name"), max_length=80, unique=True)

    def __str__(self) -> str:
        return self.name


class User(AbstractBaseUser, Recorded):
    """A person. Never deleted: accounts are deactivated, and obligations pass to a successor."""

    SUBJECT: ClassVar[str] = "user"
    EVENT_FIELDS: ClassVar[tuple[str, ...]] = (
        "username",
        "name",
        "email",
        "department_id",
        "position_id",
        "is_active",
        "left_on",
        "successor_id",
        "language",
        "theme",
        "after_act",
    )
    SEALED_FIELDS: ClassVar[frozenset[str]] = frozenset({"username", "name", "email"})

    class Language(models.TextChoices):
        CHINESE = "zh-hans", "简体中文"
        ENGLISH = "en", "English"

    class Theme(models.TextChoices):
        SYSTEM = "", _("System")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    class AfterAct(models.TextChoices):
        STAY = "stay", _("Stay on the ticket")
        NEXT = "next", _("Go to the next ticket")
        BACK = "back", _("Go back to the list")

    username = models.CharField(
        _("user name"),
        max_length=60,
        validators=[RegexValidator(r"^[\w.@+-]+$", _("Letters, digits and . @ + - _ only."))],
    )
    name = models.CharField(_("name"), max_length=80)
    email = models.EmailField(_("e-mail"), blank=True, default="")
    department = models.ForeignKey(
        Department, on_delete=models.PROTECT, null=True, blank=True, related_name="people"
    )
    position = models.ForeignKey(
        Position, on_delete=models.PROTECT, null=True, blank=True, related_name="people"
    )
    is_active = models.BooleanField(_("active"), default=True)
    left_on = models.DateField(_("left on"), null=True, blank=True)
    successor = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    language = models.CharField(
        _("language"), max_length=8, choices=Language.choices, default=Language.CHINESE
    )
    theme = models.CharField(
        _("theme"), max_length=8, choices=Theme.choices, blank=True, default=Theme.SYSTEM
    )
    after_act = models.CharField(
        _("after an act"), max_length=8, choices=AfterAct.choices, default=AfterAct.STAY
    )
    #: Imported people cannot sign in and are told nothing.
    imported = models.BooleanField(default=False, editable=False)
    search_key = models.TextField(blank=True, default="", editable=False)
    joined_at = models.DateTimeField(null=True, blank=True, editable=False)

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    objects = UserManager()

    class Meta:
        constraints = [models.UniqueConstraint(Lower("username"), name="user_username_ci")]

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name

    @property
    def may_sign_in(self) -> bool:
        """Not switched off, not gone, not imported."""
        return self.is_active and self.left_on is None and not self.imported

    @property
    def initial(self) -> str:
        """One character for the avatar."""
        return self.name[:1].upper()


class Telling(Recorded):
    """How a person is told what happens; the row without a person is the house's own.

    `modes` holds what differs from the house's choice: group of notices → channel → mode. An empty
    `zone`, `quiet` or `rhythm` of a person is the house's too.
    """

    SUBJECT: ClassVar[str] = "telling"
    EVENT_FIELDS: ClassVar[tuple[str, ...]] = (
        "user_id", "modes", "zone", "quiet", "quiet_from", "quiet_to", "rhythm", "digest_at",
    )  # fmt: skip

    class QuietTime(models.TextChoices):
        NEVER = Quiet.NEVER, _("Never: messages come at any time")
        HOURS = Quiet.HOURS, _("Every day, between two times")
        OFF_WORK = Quiet.OFF_WORK, _("Outside the working hours of my team")

    class DigestRhythm(models.TextChoices):
        HOURLY = Rhythm.HOURLY, _("Every hour")
        DAILY = Rhythm.DAILY, _("Once a day")

    user = models.OneToOneField(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="telling"
    )
    modes = models.JSONField(_("what is told how"), default=dict, blank=True)
    zone = models.CharField(_("time zone"), max_length=40, blank=True, default="")
    quiet = models.CharField(
        _("quiet time"), max_length=8, choices=QuietTime.choices, blank=True, default=""
    )
    quiet_from = models.TimeField(_("from"), default=dt.time(22))
    quiet_to = models.TimeField(_("to"), default=dt.time(8))
    rhythm = models.CharField(
        _("digest"), max_length=8, choices=DigestRhythm.choices, blank=True, default=""
    )
    digest_at = models.TimeField(_("digest at"), default=dt.time(9))

    class Meta:
        constraints = [
            # A unique column takes any number of rows without a person; the house is one.
            models.UniqueConstraint(fields=["user"], name="telling_of_one", nulls_distinct=False)
        ]

    def __str__(self) -> str:
        return f"telling of {self.user_id or 'the house'}"


class SignInFailure(models.Model):
    """Failed sign-ins of one user name from one address, until one succeeds or they age away.

    A table and not the cache: a guess must not become free when Redis is away. Name and address
    are kept as one hash, because a mistyped user name is often a password.
    """

    key = models.CharField(max_length=64, primary_key=True)
    failures = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["last_at"], name="sign_in_failure_age")]

    def __str__(self) -> str:
        return f"{self.failures} until {self.last_at}"


class Company(Recorded):
    """What the company that works here is called; one row, made when somebody first says so."""

    SUBJECT: ClassVar[str] = "company"
    EVENT_FIELDS: ClassVar[tuple[str, ...]] = ("name",)
    #: The key of the one row.
    ONLY: ClassVar[int] = 1

    name = models.CharField(_("name"), max_length=80)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="company_is_one")]

    def __str__(self) -> str:
        return self.name


class ApiToken(Recorded):
    """A program's way in: it may do what its person may, or only read it.

    Only a hash of the token is kept; `start` is its first characters, by which people tell tokens
    apart. `last_used_at` is kept to the minute and is no part of the history.
    """

    SUBJECT: ClassVar[str] = "api_token"
    EVENT_FIELDS: ClassVar[tuple[str, ...]] = (
        "person_id", "name", "digest", "reads_only", "expires_on", "is_active",
    )  # fmt: skip
    SEALED_FIELDS: ClassVar[frozenset[str]] = frozenset({"digest"})

    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="api_tokens")
    name = models.CharField(_("name"), max_length=80)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    start = models.CharField(max_length=12, editable=False)
    reads_only = models.BooleanField(_("may only read"), default=True)
    expires_on = models.DateField(_("last day"), null=True, blank=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(editable=False)
    last_used_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        indexes = [models.Index(fields=["person"], name="api_token_person")]

    def __str__(self) -> str:
        return self.name


class PeopleImport(models.Model):
    """A spreadsheet of people somebody sent: judged row by row, carried out on their word.

    `rows` holds what the file says, one list of [line, cells by column] a row; they are judged
    anew whenever they are looked at, against the people there are then.
    """

    class State(models.TextChoices):
        CHECKED = "checked", pgettext_lazy("import", "Checked")
        IMPORTING = "importing", pgettext_lazy("import", "Being imported")
        DONE = "done", pgettext_lazy("import", "Imported")

    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="people_imports")
    at = models.DateTimeField()
    name = models.CharField(max_length=200)
    language = models.CharField(max_length=10)
    state = models.CharField(max_length=10, choices=State.choices, default=State.CHECKED)
    rows = models.JSONField(default=list)
    #: Headings nobody knows, which were left out.
    left_out = models.JSONField(default=list)
    #: Rows that were gone through, and what became of them: outcome → number.
    done = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict)
    #: Rows refused while they were carried out: [line, [[column, value, message, remedy], …]].
    refused = models.JSONField(default=list)
    finished_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name
