"""The form of an announcement: four short texts, for whom, from when to when."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Department, User
from catalog.models import Product, ProductRole
from docs_portal.access import writable_products
from docs_portal.actions import AnnouncementDraft
from docs_portal.models import Announcement
from docs_portal.policies import may_announce

_TEXTS = ("title", "what", "solves", "concerns", "how")


class _ManyFiles(forms.FileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files at once; the action looks at each."""

    widget = _ManyFiles

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        return [file for file in (data or []) if file]


class RoleField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, role: Any) -> str:
        return f"{role.product} · {role.name}"


class DepartmentField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, department: Any) -> str:
        depth = max(department.path.count("/") - 2, 0)
        return f"{'　' * depth}{department.name}"


def _text(label: Any, rows: int = 3, *, required: bool = False, help_text: Any = "") -> Any:
    return forms.CharField(
        label=label, widget=forms.Textarea(attrs={"rows": rows}), required=required, strip=False,
        help_text=help_text,
    )  # fmt: skip


class AnnouncementForm(forms.Form):
    """What a writer fills in; lists with nobody chosen are for everybody."""

    title = forms.CharField(label=_("Title"), max_length=120)
    what = _text(_("What it is"), 4, required=True, help_text=_("Markdown works in all four."))
    solves = _text(_("What it solves"))
    concerns = _text(_("Whom it concerns"))
    how = _text(_("How to use it"), 4)
    files = FilesField(  # type: ignore[assignment]
        label=_("Pictures and videos"), required=False,
        help_text=_("PNG, JPEG, GIF, WebP, MP4, WebM or PDF, 20 MB each."),
    )  # fmt: skip
    product = forms.ModelChoiceField(
        label=_("About"), queryset=Product.objects.none(), required=False,
        empty_label=_("No product in particular"),
    )  # fmt: skip
    products = forms.ModelMultipleChoiceField(
        label=_("Users of"), queryset=Product.objects.filter(is_active=True, is_other=False),
        required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: users of every product."),
    )  # fmt: skip
    roles = RoleField(
        label=_("With the product role"),
        queryset=ProductRole.objects.select_related("product").order_by("product__position", "pk"),
        required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("One is enough. Ticked roles count instead of the products above."),
    )  # fmt: skip
    departments = DepartmentField(
        label=_("In the department"), queryset=Department.objects.order_by("path"),
        required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("Those below belong to it. None ticked: every department."),
    )  # fmt: skip
    starts_at = forms.DateTimeField(
        label=_("Publish at"), required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text=_("Left empty: when you publish it."),
    )  # fmt: skip
    ends_at = forms.DateTimeField(
        label=_("Banner until"), required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text=_("Left empty: until it is withdrawn."),
    )  # fmt: skip
    asks_acknowledgement = forms.BooleanField(
        label=_("Ask everybody to acknowledge it"), required=False
    )
    acknowledge_by = forms.DateField(
        label=_("Acknowledge by"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    source = forms.CharField(required=False, max_length=60, widget=forms.HiddenInput)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    #: Fields that decide who is reached; changing one counts anew.
    AUDIENCE = ("products", "roles", "departments")

    def __init__(self, *args: Any, user: User, row: Announcement | None = None, **kwargs: Any):
        super().__init__(*args, **kwargs)
        product = self.fields["product"]
        assert isinstance(product, forms.ModelChoiceField)  # noqa: S101  (for the type checker)
        self.row_product = row.product if row is not None else None
        if row is not None:
            # What it is about decides who may write it: that stays.
            del self.fields["product"]
        else:
            product.queryset = writable_products(user)
            if not may_announce(user, None):
                product.empty_label = None
                product.required = True
        for name in self.AUDIENCE:
            self.fields[name].widget.attrs |= {
                "hx-post": reverse("announcement_reach"), "hx-target": "#reach",
                "hx-trigger": "change", "hx-sync": "closest form:replace", "hx-include":
                "closest form",
            }  # fmt: skip

    @classmethod
    def initial_of(cls, row: Announcement) -> dict[str, Any]:
        """The form as the row stands."""
        return {
            **{name: getattr(row, name) for name in _TEXTS},
            "products": row.product_ids, "roles": row.role_ids, "departments": row.department_ids,
            "starts_at": row.starts_at, "ends_at": row.ends_at, "version": row.version,
            "asks_acknowledgement": row.asks_acknowledgement, "source": row.source,
            "acknowledge_by": row.acknowledge_by,
        }  # fmt: skip

    @staticmethod
    def prefilled(asked: Any, products: Any) -> dict[str, Any]:
        """What an address fills in, for example that of a release: texts, product, source."""
        given = {name: asked.get(name, "").replace("\x00", "")[:20_000] for name in _TEXTS}
        product = products.filter(code=asked.get("product", "").replace("\x00", "")).first()
        found: dict[str, Any] = {name: value for name, value in given.items() if value}
        if product is not None:
            found |= {"product": product.pk, "products": [product.pk]}
        return found | {"source": asked.get("source", "").replace("\x00", "")[:60]}

    def draft(self) -> AnnouncementDraft:
        """What the actions take; only after `is_valid()`."""
        said = self.cleaned_data
        return AnnouncementDraft(
            **{name: said[name] for name in _TEXTS},
            product=said.get("product", self.row_product),
            products=list(said["products"]), roles=list(said["roles"]),
            departments=list(said["departments"]), starts_at=said["starts_at"],
            ends_at=said["ends_at"], asks_acknowledgement=said["asks_acknowledgement"],
            acknowledge_by=said["acknowledge_by"], source=said["source"],
        )  # fmt: skip

    def clean_acknowledge_by(self) -> Any:
        day = self.cleaned_data["acknowledge_by"]
        if day is not None and day < timezone.localdate() and "acknowledge_by" in self.changed_data:
            raise forms.ValidationError(_("This day is over; choose a later one."))
        return day


class PlaceForm(forms.Form):
    """Where a poster hangs."""

    name = forms.CharField(
        label=_("Where it hangs"), max_length=80, help_text=_("For example: 3rd floor, pantry.")
    )
