"""Forms of a release: a new one, the rows of its gate, and its verbs."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accounts.models import Department, User
from catalog.models import Product
from feedback.choices import DemandStatus
from feedback.forms.fields import day_field, staff_products, words_field
from feedback.models import Demand, Release
from tickets.forms.fields import PersonField

#: Statuses in which a release may carry a demand.
CARRIED = (
    DemandStatus.ACCEPTED, DemandStatus.SCHEDULED, DemandStatus.IN_DEVELOPMENT,
    DemandStatus.TESTING,
)  # fmt: skip


class NewReleaseForm(forms.Form):
    product = forms.ModelChoiceField(
        label=_("Product"), queryset=Product.objects.none(), empty_label=None
    )
    name = forms.CharField(
        label=_("Version"), max_length=80,
        widget=forms.TextInput(attrs={"placeholder": "5.8"}),
        error_messages={"required": _("Name the version, for example 5.8.")},
    )  # fmt: skip
    planned_on = day_field(_("Planned date"), required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["product"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101  (for the type checker)
        field.queryset = staff_products(user)


class ReleaseVerbForm(forms.Form):
    """What every verb of a release carries: the version that the page showed."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, release: Release, user: User, **kwargs: Any) -> None:
        self.release, self.user = release, user
        kwargs["initial"] = {"version": release.version, **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)


class RollBackForm(ReleaseVerbForm):
    reason = words_field(
        _("Why is it rolled back?"), help_text=_("Everybody who was told hears this.")
    )


class RollOutForm(ReleaseVerbForm):
    """Whom the release reaches first: a department with all below it, or one person."""

    department = forms.ModelChoiceField(
        label=_("Department"), queryset=Department.objects.none(), required=False,
        empty_label="—", help_text=_("With every department below it."),
    )  # fmt: skip
    person = PersonField(label=_("Or one person"), required=False)
    starts_on = day_field(_("From"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["department"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101  (for the type checker)
        field.queryset = Department.objects.filter(is_active=True).order_by("path")
        self.initial.setdefault("starts_on", timezone.localdate())

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and bool(data.get("department")) == bool(data.get("person")):
            self.add_error(None, _now("Choose a department or a person."))
        return data


class EverybodyForm(ReleaseVerbForm):
    starts_on = day_field(_("From"), help_text=_("Whoever asked is asked from this day on."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("starts_on", timezone.localdate())


class DateForm(ReleaseVerbForm):
    planned_on = day_field(_("Planned date"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("planned_on", self.release.planned_on)


class CarryDemandsForm(ReleaseVerbForm):
    """Which accepted demands of the product this release carries."""

    demands = forms.ModelMultipleChoiceField(
        label=_("Demands"), queryset=Demand.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one demand.")},
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["demands"]
        assert isinstance(field, forms.ModelMultipleChoiceField)  # noqa: S101
        field.queryset = Demand.objects.filter(
            product=self.release.product_id, status__in=CARRIED
        ).exclude(release=self.release).order_by("-pk")  # fmt: skip
        field.label_from_instance = _named  # type: ignore[method-assign,assignment]


def _named(demand: Any) -> str:
    return f"{demand.ref} {demand.title} · {demand.get_status_display()}"


class GateForm(forms.Form):
    """One row of the gate; which fields it has is the row's business."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    row = forms.CharField(widget=forms.HiddenInput)
    pages_note = words_field(_("Updated pages"), required=False, rows=2)
    pages_unchanged = forms.BooleanField(label=_("No page changes"), required=False)
    announcement = words_field(_("Announcement"), required=False, rows=4)
    measures = words_field(_("What to measure"), required=False, rows=2)
    measures_nothing = forms.BooleanField(label=_("Nothing needs measuring"), required=False)

    ROWS = {
        "pages_note": ("pages_note", "pages_unchanged"),
        "announcement": ("announcement",),
        "measures": ("measures", "measures_nothing"),
    }

    def __init__(self, *args: Any, release: Release, row: str, **kwargs: Any) -> None:
        shown = self.ROWS[row]
        kwargs["initial"] = {
            "version": release.version, "row": row,
            **{name: getattr(release, name) for name in shown}, **kwargs.get("initial", {}),
        }  # fmt: skip
        kwargs["auto_id"] = f"gate_{row}_%s"
        super().__init__(*args, **kwargs)
        for name in [n for names in self.ROWS.values() for n in names if n not in shown]:
            del self.fields[name]

    def values(self) -> dict[str, Any]:
        """What `fill_gate` writes. Only after `is_valid()`."""
        return {n: v for n, v in self.cleaned_data.items() if n not in ("version", "row")}
