"""Forms of courses: what they teach, whom they are asked of, when they are held, rules."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from django import forms
from django.conf import settings
from django.db.models import QuerySet
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Department, User
from catalog.forms import PersonField
from catalog.models import Product, ProductRole
from docs_portal.access import writable_products
from docs_portal.actions import AssignmentDraft, CourseDraft, RuleDraft, SessionDraft
from docs_portal.choices import CourseForm as Form
from docs_portal.forms.announcements import DepartmentField, FilesField, RoleField
from docs_portal.models import Course, CourseSession, Page, TrainingRule
from docs_portal.policies.training import may_train
from docs_portal.policies.troubles import all_troubles

#: What stands between two people.
_BETWEEN = re.compile(r"[,，、;；\n]")
_MOMENT = {"type": "datetime-local"}


class _PageField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, page: Any) -> str:
        return f"{page.manual.product} · {page.title}"


class _Colleague(PersonField):
    """A person by user name or full name; names are offered while one types (people.js)."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.widget.attrs["data-people"] = ""


class _Colleagues(PersonField):
    """Several people, one a line or parted by commas; each is named when wrong."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.max_length, self.validators = None, []
        self.widget = forms.Textarea(attrs={"rows": 3, "autocomplete": "off"})

    def clean(self, value: Any) -> list[User]:  # type: ignore[override]
        found, faults = {}, []
        for part in _BETWEEN.split(str(value or "")):
            try:
                if (person := super().clean(part.strip())) is not None:
                    found[person.pk] = person
            except forms.ValidationError as error:
                faults.append(error)
        if faults:
            raise forms.ValidationError(faults)
        return list(found.values())


def _roles() -> QuerySet[ProductRole]:
    return ProductRole.objects.select_related("product").order_by("product__position", "pk")


class CourseForm(forms.Form):
    """What a writer fills in; form and product stay as they were made."""

    title = forms.CharField(label=_("Title"), max_length=120)
    form = forms.ChoiceField(
        label=pgettext_lazy("of a course", "Form"), choices=Form.choices,
        widget=forms.RadioSelect, initial=Form.DOCUMENT,
        help_text=_("It decides what proves that somebody completed it, and stays."),
    )  # fmt: skip
    product = forms.ModelChoiceField(
        label=_("About"), queryset=Product.objects.none(), required=False,
        empty_label=_("No product in particular"),
    )  # fmt: skip
    about = forms.CharField(
        label=_("What one learns"), widget=forms.Textarea(attrs={"rows": 4}), required=False,
        strip=False, help_text=_("Markdown works."),
    )  # fmt: skip
    minutes = forms.IntegerField(
        label=_("Minutes to read it"), min_value=1, max_value=600, initial=10, required=False,
        help_text=_("Counted as learning time when it is completed."),
    )  # fmt: skip
    pages = _PageField(
        label=_("Pages to read"), queryset=Page.objects.none(), required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Each person is asked for the pages of their own product role."),
    )  # fmt: skip
    videos = FilesField(
        label=_("Add videos"), required=False,
        help_text=_("MP4 or WebM. Watched means nine tenths of each."),
    )  # fmt: skip
    is_open = forms.BooleanField(
        label=_("People may join by themselves"), required=False, initial=True
    )
    roles = RoleField(
        label=_("With the product role"), queryset=ProductRole.objects.none(), required=False,
        widget=forms.CheckboxSelectMultiple, help_text=_("None ticked: whatever their role."),
    )  # fmt: skip
    departments = DepartmentField(
        label=_("In the department"), queryset=Department.objects.none(), required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Those below belong to it. None ticked: every department."),
    )  # fmt: skip
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, user: User, row: Course | None = None, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.row = row
        self._queryset("roles", _roles())
        self._queryset("departments", Department.objects.order_by("path"))
        self.fields["videos"].widget.attrs |= {
            "accept": "video/mp4,video/webm", "data-max-bytes": settings.VIDEO_MAX_BYTES,
        }  # fmt: skip
        self.fields["videos"].help_text = _(
            "MP4 or WebM, up to %(size)s each. Watched means nine tenths of each."
        ) % {"size": filesizeformat(settings.VIDEO_MAX_BYTES)}
        if row is None:
            product = self._queryset("product", writable_products(user))
            if not may_train(user, None):
                product.empty_label, product.required = None, True
            for name in ("pages", "videos"):
                del self.fields[name]
        else:
            self._of_row(row)

    def _queryset(self, name: str, queryset: QuerySet[Any]) -> forms.ModelChoiceField[Any]:
        field = self.fields[name]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101  (for the type checker)
        field.queryset = queryset
        return field

    def _of_row(self, row: Course) -> None:
        del self.fields["form"], self.fields["product"]
        if row.form == Form.DOCUMENT:
            pages = Page.objects.published().select_related("manual__product")
            if row.product_id is not None:
                pages = pages.filter(manual__product_id=row.product_id)
            self._queryset("pages", pages.order_by("manual__product__position", "position", "pk"))
        else:
            del self.fields["pages"], self.fields["minutes"]
        if row.form != Form.VIDEO:
            del self.fields["videos"]

    @classmethod
    def initial_of(cls, row: Course) -> dict[str, Any]:
        """The form as the row stands (one query)."""
        return {
            "title": row.title, "about": row.about, "minutes": row.minutes, "is_open": row.is_open,
            "roles": row.role_ids, "departments": row.department_ids, "version": row.version,
            "pages": list(row.pages.values_list("page_id", flat=True)),
        }  # fmt: skip

    def draft(self) -> CourseDraft:
        """What the actions take; only after `is_valid()`."""
        said, row = self.cleaned_data, self.row
        return CourseDraft(
            title=said["title"], about=said["about"], is_open=said["is_open"],
            form=said.get("form") or (row.form if row else Form.DOCUMENT),
            product=said.get("product", row.product if row else None),
            minutes=said.get("minutes") or (row.minutes if row else 10),
            roles=list(said["roles"]), departments=list(said["departments"]),
        )  # fmt: skip


class AssignmentForm(forms.Form):
    """Whom a course is asked of, and by when."""

    roles = RoleField(
        label=_("With the product role"), queryset=ProductRole.objects.none(), required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Ticked in both lists: people of the department who hold the role."),
    )  # fmt: skip
    departments = DepartmentField(
        label=_("In the department"), queryset=Department.objects.none(), required=False,
        widget=forms.CheckboxSelectMultiple, help_text=_("Those below belong to it."),
    )  # fmt: skip
    people = _Colleagues(
        label=_("And these people"), required=False,
        help_text=_("User names or full names, one a line."),
    )  # fmt: skip
    due_on = forms.DateField(
        label=_("Due on"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    due_days = forms.IntegerField(
        label=_("Or days to do it"), required=False, min_value=1, max_value=365,
        help_text=_("Counted from when each person comes to it: fits newcomers."),
    )  # fmt: skip

    #: Fields that decide who is asked; changing one counts anew.
    AUDIENCE = ("roles", "departments", "people")

    def __init__(self, *args: Any, course: Course, **kwargs: Any):
        super().__init__(*args, **kwargs)
        for name, rows in (
            ("roles", _roles()), ("departments", Department.objects.order_by("path")),
        ):  # fmt: skip
            self.fields[name].queryset = rows  # type: ignore[attr-defined]
        for name in self.AUDIENCE:
            self.fields[name].widget.attrs |= {
                "hx-post": reverse("course_reach", args=[course.pk]), "hx-target": "#reach",
                "hx-trigger": "change", "hx-sync": "closest form:replace",
                "hx-include": "closest form",
            }  # fmt: skip

    def draft(self) -> AssignmentDraft:
        """What the action takes; only after `is_valid()`."""
        said = self.cleaned_data
        return AssignmentDraft(
            list(said["roles"]), list(said["departments"]), list(said["people"]),
            said["due_on"], said["due_days"],
        )  # fmt: skip


class SessionForm(forms.Form):
    """When and where a course is held."""

    starts_at = forms.DateTimeField(
        label=_("Begins"), widget=forms.DateTimeInput(attrs=_MOMENT, format="%Y-%m-%dT%H:%M")
    )
    ends_at = forms.DateTimeField(
        label=_("Ends"), widget=forms.DateTimeInput(attrs=_MOMENT, format="%Y-%m-%dT%H:%M")
    )
    place = forms.CharField(label=_("Place"), max_length=120, required=False)
    link = forms.CharField(
        label=_("Web address"), max_length=500, required=False,
        help_text=_("The address people join by. Shown to who has a seat."),
    )  # fmt: skip
    seats = forms.IntegerField(
        label=_("Seats"), required=False, min_value=1, max_value=10_000,
        help_text=_("Left empty: no limit. Beyond it there is a waiting list."),
    )  # fmt: skip
    trainer = _Colleague(
        label=_("Held by"), required=False, help_text=_("May show the code and note who came.")
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    @classmethod
    def initial_of(cls, row: CourseSession) -> dict[str, Any]:
        return {
            name: getattr(row, name)
            for name in ("starts_at", "ends_at", "place", "link", "seats", "version")
        } | {"trainer": row.trainer}

    @classmethod
    def usual(cls, now: dt.datetime) -> dict[str, Any]:
        """Two hours, this time next week."""
        begins = (now + dt.timedelta(days=7)).replace(minute=0, second=0, microsecond=0)
        return {"starts_at": begins, "ends_at": begins + dt.timedelta(hours=2), "seats": 20}

    def draft(self) -> SessionDraft:
        """What the actions take; only after `is_valid()`."""
        names = ("starts_at", "ends_at", "place", "link", "seats", "trainer")
        return SessionDraft(**{name: self.cleaned_data[name] for name in names})


class RuleForm(forms.Form):
    """When a course is assigned by itself."""

    trouble = forms.ChoiceField(label=_("When this happens to somebody"))
    threshold = forms.IntegerField(label=_("At least times"), min_value=1, max_value=100, initial=3)
    days = forms.IntegerField(label=_("Within days"), min_value=1, max_value=365, initial=30)
    due_days = forms.IntegerField(
        label=_("Days to complete it"), min_value=1, max_value=365, initial=14
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, course: Course, **kwargs: Any):
        super().__init__(*args, **kwargs)
        trouble = self.fields["trouble"]
        assert isinstance(trouble, forms.ChoiceField)  # noqa: S101  (for the type checker)
        trouble.choices = [(one.name, one.label) for one in all_troubles().values()]
        for name in ("trouble", "threshold", "days"):
            self.fields[name].widget.attrs |= {
                "hx-post": reverse("training_rule_preview", args=[course.pk]),
                "hx-target": "#hits", "hx-trigger": "change, input changed delay:400ms",
                "hx-sync": "closest form:replace", "hx-include": "closest form",
            }  # fmt: skip

    @classmethod
    def initial_of(cls, row: TrainingRule) -> dict[str, Any]:
        return {
            name: getattr(row, name)
            for name in ("trouble", "threshold", "days", "due_days", "version")
        }

    def draft(self) -> RuleDraft:
        """What the actions take; only after `is_valid()`."""
        names = ("trouble", "threshold", "days", "due_days")
        return RuleDraft(**{name: self.cleaned_data[name] for name in names})


class CodeForm(forms.Form):
    """The code on the screen."""

    code = forms.CharField(
        label=_("Code on the screen"), max_length=20,
        widget=forms.TextInput(attrs={
            "autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false",
        }),
    )  # fmt: skip


class ExcuseForm(forms.Form):
    """Why somebody need not take a course."""

    reason = forms.CharField(label=_("Why"), max_length=200)
