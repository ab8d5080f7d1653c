"""People, departments, positions, and what they may do."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Department, Position, User
from catalog.choices import ExceptionKind, PermissionRole
from catalog.forms.settings import PersonField, SettingsForm
from catalog.models import Product, ProductRole


class DayInput(forms.DateInput):
    """The browser's own date field, which wants ISO dates."""

    input_type = "date"

    def __init__(self, **options: Any) -> None:
        super().__init__(format="%Y-%m-%d", **options)


class DepartmentChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A department with the ones above it, so that two of one name can be told apart."""

    _names: dict[int, str] | None = None

    def __init__(self, **options: Any) -> None:
        super().__init__(Department.objects.filter(is_active=True).order_by("path"), **options)

    def label_from_instance(self, obj: Any) -> str:
        return self._paths().get(obj.pk, str(obj))

    def _paths(self) -> dict[int, str]:
        """Names from the top by id, read once per form."""
        if self._names is None:
            names = dict(Department.objects.values_list("pk", "name"))
            self._names = {
                pk: " / ".join(names[int(part)] for part in path.strip("/").split("/") if part)
                for pk, path in Department.objects.values_list("pk", "path")
            }
        return self._names


class RoleChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.product} · {obj.name}"


class RolesChoice(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.product} · {obj.name}"


def _roles() -> Any:
    return ProductRole.objects.select_related("product").order_by("product__position", "pk")


class PersonForm(SettingsForm):
    columns = ("username", "name", "email", "department", "position", "language")

    username = forms.CharField(label=_("User name"), max_length=60)
    name = forms.CharField(label=_("Full name"), max_length=80)
    email = forms.EmailField(label=_("E-mail"), required=False)
    department = DepartmentChoice(
        label=_("Department"), required=False, empty_label=_("No department")
    )
    position = forms.ModelChoiceField(
        Position.objects.order_by("name"),
        label=_("Position"),
        required=False,
        empty_label=_("No position"),
    )
    language = forms.ChoiceField(label=_("Language"), choices=User.Language.choices)


class LeaveForm(forms.Form):
    left_on = forms.DateField(label=_("Last day"), widget=DayInput())
    successor = PersonField(
        label=_("Successor"),
        required=False,
        help_text=_("Is told what the person would have been told."),
    )


class GrantForm(forms.Form):
    role = forms.ChoiceField(label=_("Permission role"), choices=PermissionRole.choices)
    product = forms.ModelChoiceField(
        Product.objects.filter(is_active=True),
        label=_("Only for the product"),
        required=False,
        empty_label=_("Every product"),
    )
    department = DepartmentChoice(
        label=_("Only for the department and below"),
        required=False,
        empty_label=_("Every department"),
    )


class ExceptionForm(forms.Form):
    role = RoleChoice(
        ProductRole.objects.none(),
        label=_("Product role"),
        empty_label=_("Choose a product role"),
    )
    kind = forms.ChoiceField(label=_("The person"), choices=ExceptionKind.choices)
    first_day = forms.DateField(label=_("From"), widget=DayInput())
    last_day = forms.DateField(label=_("Until"), widget=DayInput(), required=False)
    note = forms.CharField(label=_("Reason"), max_length=200, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].queryset = _roles()  # type: ignore[attr-defined]


class DepartmentForm(SettingsForm):
    columns = ("name", "parent", "contact", "is_active")

    name = forms.CharField(label=_("Name"), max_length=80)
    parent = DepartmentChoice(
        label=_("Belongs to"), required=False, empty_label=_("Nothing: it stands at the top")
    )
    contact = PersonField(
        label=_("Contact"),
        required=False,
        help_text=_("Is told what people who left without a successor would have been told."),
    )
    is_active = forms.BooleanField(label=_("Active"), required=False, initial=True)


class PositionForm(SettingsForm):
    columns = ("name",)

    name = forms.CharField(label=_("Name"), max_length=80)
    roles = RolesChoice(
        ProductRole.objects.none(),
        label=_("Product roles that come with it"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["roles"].queryset = _roles()  # type: ignore[attr-defined]

    @classmethod
    def initial_of(cls, row: Any) -> dict[str, Any]:
        held = list(row.product_roles.values_list("role_id", flat=True))
        return {**super().initial_of(row), "roles": held}
