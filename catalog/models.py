"""Products and their parts, teams, who has which product role and which right where."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Department, Position
from catalog.choices import (
    AssignmentMethod,
    ExceptionKind,
    FieldKind,
    FieldTarget,
    PermissionRole,
    ProductKind,
)
from core.models import Recorded

USER = settings.AUTH_USER_MODEL


class Product(Recorded):
    """A back-office product. `is_other` is the one "other / not sure" (其他/不确定)."""

    SUBJECT: ClassVar[str] = "product"
    EVENT_FIELDS: ClassVar[tuple[str, ...]] = (
        "name", "code", "kind", "is_other", "owner_id", "is_active",
    )  # fmt: skip

    name = models.CharField(_("name"), max_length=80, unique=True)
    code = models.SlugField(_("code"), max_length=40, unique=True)
    kind = models.CharField(_("kind"), max_length=10, choices=ProductKind.choices)
    is_other = models.BooleanField(default=False, editable=False)
    owner = models.ForeignKey(
        USER, on_delete=models.PROTECT, null=True, blank=True, related_name="owned_products"
    )
    is_active = models.BooleanField(_("active"), default=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["is_other", "position", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_other"], condition=Q(is_other=True), name="product_one_other"
            )
        ]

    def __str__(self) -> str:
        # The one product every company has is a word of ours, not a name somebody chose.
        return str(_("Other / not sure")) if self.is_other else self.name


class Module(Recorded):
    """A part of a product; its owner answers what is pushed there."""

    SUBJECT: ClassVar[str] = "module"
    EVENT_FIELDS: ClassVar[tuple[str, ...]] = ("product_id", "name", "owner_id", "is_active")

    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="modules")
    name = models.CharField(_("name"), max_length=80)
    owner = models.ForeignKey(
        USER, on_delete=models.PROTECT, null=True, blank=True, related_name="owned_modules"
    )
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering = ["product", "name"]
        constraints = [
            models.UniqueConstraint(fields=["product", "name"], name="module_name_in_product")
        ]

    def __str__(self) -> str:
        return self.name


class Feature(Recorded):
    """A named thing one does in a module (功能点)."""

    SUBJECT: ClassVar[str] = "feature"
    EVENT_FIELDS: ClassVar[tuple[str, ...]] = ("module_id", "name", "is_active")

    module = models.ForeignKey(Module, on_delete=models.PROTECT, related_name="features")
    name = models.CharField(_("name"), max_length=80)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering = ["module", "name"]
        constraints = [
            models.UniqueConstraint(fields=["module", "name"], name="feature_name_in_module")
        ]

    def __str__(self) -> str:
        return self.name


class ServiceCalendar(Recorded):
    """Working hours of teams (服务日历)."""

    SUBJECT: ClassVar[str] = "calendar"
    EVENT_FIELDS: ClassVar[tuple[str, ...]] = (
        "name", "zone", "hours", "weekdays", "public_holidays", "local_years",
    )  # fmt: skip

    name = models.CharField(_("name"), max_length=80, unique=True)
    zone = models.CharField(_("time zone"), max_length=40, default="Asia/Shanghai")
    #: [["09:00", "12:00"], ["13:00", "18:00"]]
    hours = models.JSONField(_("hours"))
    #: ISO numbers of the usual working days.
    weekdays = models.JSONField(_("working days"))
    public_holidays = models.BooleanField(_("Chinese public holidays"), default=True)
    #: Years whose holidays were all entered here by hand, because none are published yet.
    local_years = models.JSONField(
        _("years entered by hand"), default=list, db_default=models.Value([], models.JSONField()),
        blank=True,
    )  # fmt: skip

    def __str__(self) -> str:
        return self.name


class CalendarDay(models.Model):
    """One day that differs from the rule: a local holiday, or a make-up working day (调休)."""

    calendar = models.ForeignKey(ServiceCalendar, on_delete=models.CASCADE, related_name="days")
    day = models.DateField(_("day"))
    is_working = models.BooleanField(_("working day"))
    note = models.CharField(_("note"), max_length=80, blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["calendar", "day"], name="calendar_one_day")]

    def __str__(self) -> str:
        return f"{self.day}"


class Team(Recorded):
    """A group that holds tickets (处理组), of product operations or outside it."""

    SUBJECT: ClassVar[str] = "team"
    EVENT_FIELDS: ClassVar[tuple[str, ...]] = (
        "name", "is_product_operations", "calendar_id", "is_active", "assignment",
        "assignment_cap",
    )  # fmt: skip

    name = models.CharField(_("name"), max_length=80, unique=True)
    is_product_operations = models.BooleanField(_("product operations"), default=True)
    products = models.ManyToManyField(Product, related_name="teams", blank=True)
    members: models.ManyToManyField[Any, Any] = models.ManyToManyField(
        USER, through="TeamMember", related_name="teams"
    )
    calendar = models.ForeignKey(ServiceCalendar, on_delete=models.PROTECT, related_name="teams")
    is_active = models.BooleanField(_("active"), default=True)
    #: How new tickets of the team find their holder.
    assignment = models.CharField(
        max_length=12,
        choices=AssignmentMethod.choices,
        default=AssignmentMethod.NONE,
        db_default="none",
    )
    #: New and open tickets a member may hold before nothing more is assigned; null: no cap.
    assignment_cap = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["-is_product_operations", "name"]

    def __str__(self) -> str:
        return self.name


class TeamMember(models.Model):
    team = models.ForeignKey(Team, on_delete=models.CASCADE)
    user = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="memberships")
    #: The member's own cap; null: that of the team.
    cap = models.PositiveSmallIntegerField(null=True, blank=True)
    #: Modules the member knows; their tickets go to those who know them while one is free.
    modules = models.ManyToManyField(Module, related_name="+", blank=True)
    #: When a ticket was last assigned in turn: whoever waited longest is next.
    last_assigned_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "user"], name="team_member_once")]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.team_id}"


class Absence(Recorded):
    """Days on which a person is away (休假): nothing is assigned to them."""

    SUBJECT: ClassVar[str] = "absence"
    EVENT_FIELDS: ClassVar[tuple[str, ...]] = (
        "user_id", "first_day", "last_day", "note", "is_active",
    )  # fmt: skip

    user = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="absences")
    first_day = models.DateField(_("from"))
    last_day = models.DateField(_("until"))
    note = models.CharField(_("note"), max_length=200, blank=True, default="")
    #: An absence that was taken back.
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["first_day", "id"]
        indexes = [
            models.Index(
                fields=["user", "last_day"], name="absence_coming", condition=Q(is_active=True)
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")), name="absence_not_backwards"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.first_day}–{self.last_day}"


class DutyShift(models.Model):
    """Who is on duty for a team, from the first to the last day (值班表)."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="duty")
    user = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="duty_shifts")
    first_day = models.DateField(_("from"))
    last_day = models.DateField(_("until"))

    class Meta:
        ordering = ["first_day"]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")), name="duty_not_backwards"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.first_day}–{self.last_day}"


class ProductRole(Recorded):
    """A role in one product (产品角色): sales representative in CRM."""

    SUBJECT: ClassVar[str] = "product_role"
    EVENT_FIELDS: ClassVar[tuple[str, ...]] = ("product_id", "name", "code")

    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="roles")
    name = models.CharField(_("name"), max_length=80)
    code = models.SlugField(_("code"), max_length=40)

    class Meta:
        ordering = ["product", "id"]
        constraints = [
            models.UniqueConstraint(fields=["product", "code"], name="role_code_in_product"),
            models.UniqueConstraint(fields=["product", "name"], name="role_name_in_product"),
        ]

    def __str__(self) -> str:
        return self.name


class PositionRole(models.Model):
    """The product role that comes with a position."""

    position = models.ForeignKey(Position, on_delete=models.PROTECT, related_name="product_roles")
    role = models.ForeignKey(ProductRole, on_delete=models.PROTECT, related_name="positions")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["position", "role"], name="position_role_once")
        ]

    def __str__(self) -> str:
        return f"{self.position_id} → {self.role_id}"


class RoleException(Recorded):
    """A dated exception: a second post, a stand-in, or a role a person does not hold."""

    SUBJECT: ClassVar[str] = "role_exception"
    EVENT_FIELDS: ClassVar[tuple[str, ...]] = (
        "user_id", "role_id", "kind", "first_day", "last_day", "note", "is_active",
    )  # fmt: skip

    user = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="role_exceptions")
    role = models.ForeignKey(ProductRole, on_delete=models.PROTECT, related_name="exceptions")
    kind = models.CharField(max_length=4, choices=ExceptionKind.choices)
    first_day = models.DateField(_("from"))
    last_day = models.DateField(_("until"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True, default="")
    #: A mistaken exception is taken back; it never held.
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(last_day__isnull=True) | Q(last_day__gte=F("first_day")),
                name="role_exception_not_backwards",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.kind} {self.role_id}"


class Grant(Recorded):
    """A permission role of a person, everywhere or for one product or department and below."""

    SUBJECT: ClassVar[str] = "grant"
    EVENT_FIELDS: ClassVar[tuple[str, ...]] = (
        "user_id", "role", "product_id", "department_id", "is_active",
    )  # fmt: skip

    user = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="grants")
    role = models.CharField(max_length=14, choices=PermissionRole.choices)
    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, null=True, blank=True, related_name="grants"
    )
    department = models.ForeignKey(
        Department, on_delete=models.PROTECT, null=True, blank=True, related_name="grants"
    )
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role", "product", "department"],
                name="grant_once",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role}"


class FieldSection(Recorded):
    """Custom fields that stand together under a heading, and may be asked together only.

    With `when_field` all of them are asked only while that field holds one of `when_values`.
    """

    SUBJECT: ClassVar[str] = "field_section"
    EVENT_FIELDS: ClassVar[tuple[str, ...]] = (
        "target", "label", "label_en", "help_text", "help_text_en", "when_field", "when_values",
        "position", "is_active",
    )  # fmt: skip

    target = models.CharField(max_length=8, choices=FieldTarget.choices)
    label = models.CharField(_("label"), max_length=80)
    label_en = models.CharField(_("label in English"), max_length=80, blank=True, default="")
    help_text = models.CharField(_("help"), max_length=200, blank=True, default="")
    help_text_en = models.CharField(_("help in English"), max_length=200, blank=True, default="")
    when_field = models.SlugField(max_length=40, blank=True, default="")
    when_values = models.JSONField(default=list, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["target", "label"], name="field_section_once")
        ]

    def __str__(self) -> str:
        return self.label


class FieldDefinition(Recorded):
    """A custom field: which rows carry it, what it accepts, when it is asked.

    Asked for `product` (all its modules) or one `module`, of rows of one of `types` (none: of
    any); with `when_field` only while that other custom field holds one of `when_values`, or
    anything where none is named. `choices_en` stand beside `choices`, which are what is stored.
    """

    SUBJECT: ClassVar[str] = "field"
    EVENT_FIELDS: ClassVar[tuple[str, ...]] = (
        "target", "key", "label", "label_en", "help_text", "help_text_en", "kind", "choices",
        "choices_en", "is_required", "section_id", "product_id", "module_id", "types",
        "when_field", "when_values", "position", "is_active",
    )  # fmt: skip

    target = models.CharField(max_length=8, choices=FieldTarget.choices)
    key = models.SlugField(max_length=40)
    label = models.CharField(_("label"), max_length=80)
    label_en = models.CharField(_("label in English"), max_length=80, blank=True, default="")
    help_text = models.CharField(_("help"), max_length=200, blank=True, default="")
    help_text_en = models.CharField(
        _("help in English"), max_length=200, blank=True, default="", db_default=""
    )
    kind = models.CharField(max_length=8, choices=FieldKind.choices)
    choices = models.JSONField(default=list, blank=True)
    choices_en = models.JSONField(default=list, db_default=[], blank=True)
    is_required = models.BooleanField(_("required"), default=False)
    section = models.ForeignKey(
        FieldSection, on_delete=models.PROTECT, null=True, blank=True, related_name="fields"
    )
    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, null=True, blank=True, related_name="fields"
    )
    module = models.ForeignKey(
        Module, on_delete=models.PROTECT, null=True, blank=True, related_name="fields"
    )
    types = models.JSONField(default=list, db_default=[], blank=True)
    when_field = models.SlugField(max_length=40, blank=True, default="")
    when_values = models.JSONField(default=list, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["target", "key"], name="field_key_once")]

    def __str__(self) -> str:
        return self.label
