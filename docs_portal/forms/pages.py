"""Forms of the writing page: shape only; the actions check and save."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.models import Module, Product, ProductRole
from docs_portal.actions import PageDraft, RevisionDraft
from docs_portal.actions.writing import latest_position
from docs_portal.choices import PageKind
from docs_portal.models import Page


class RevisionForm(forms.Form):
    """A new text of a page."""

    title = forms.CharField(label=_("Title"))
    body = forms.CharField(
        label=_("Text of the page"),
        widget=forms.Textarea(attrs={"rows": 22, "spellcheck": "false"}),
        strip=False, help_text=_("Markdown: ## heading, 1. step, **bold**, | table |, > remark."),
    )  # fmt: skip
    roles = forms.ModelMultipleChoiceField(
        label=_("For"), queryset=ProductRole.objects.none(), required=False,
        widget=forms.CheckboxSelectMultiple, help_text=_("None ticked: for everybody."),
    )  # fmt: skip
    note = forms.CharField(
        label=_("What changed"), max_length=200, required=False,
        help_text=_("Readers of the history see it."),
    )  # fmt: skip
    is_material = forms.BooleanField(
        label=_("The meaning changed, not only the wording"), required=False, initial=True
    )
    based_on = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    def __init__(self, *args: Any, product: Product, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roles = self.fields["roles"]
        assert isinstance(roles, forms.ModelMultipleChoiceField)  # noqa: S101
        roles.queryset = ProductRole.objects.filter(product=product)

    def draft(self) -> RevisionDraft:
        """What `save_revision` takes; only after `is_valid()`."""
        said = self.cleaned_data
        return RevisionDraft(
            title=said["title"], body=said["body"], based_on=said["based_on"], note=said["note"],
            is_material=said["is_material"], roles=list(said["roles"]),
        )  # fmt: skip


class PageForm(RevisionForm):
    """A new page: its place in the manual, and its first text."""

    kind = forms.ChoiceField(label=_("Kind"), choices=PageKind.choices, initial="feature_guide")
    slug = forms.CharField(
        label=_("Address"), max_length=120, required=False,
        help_text=_("Pages of different roles may share one; left empty, it follows the title."),
    )  # fmt: skip
    module = forms.ModelChoiceField(
        label=_("Module"), queryset=Module.objects.none(), required=False, empty_label="—"
    )
    parent = forms.ModelChoiceField(
        label=_("Below"), queryset=Page.objects.none(), required=False,
        empty_label=_("Top of the manual"),
    )  # fmt: skip

    def __init__(self, *args: Any, product: Product, **kwargs: Any) -> None:
        super().__init__(*args, product=product, **kwargs)
        self.product = product
        for name in ("note", "is_material", "based_on"):
            del self.fields[name]
        choices: dict[str, Any] = {
            "module": Module.objects.filter(product=product, is_active=True),
            "parent": Page.objects.filter(manual__product=product).order_by("position", "id"),
        }
        for name, queryset in choices.items():
            self.fields[name].queryset = queryset  # type: ignore[attr-defined]

    def page_draft(self) -> PageDraft:
        """What `create_page` takes; only after `is_valid()`."""
        said = self.cleaned_data
        return PageDraft(
            product=self.product, title=said["title"], body=said["body"], kind=said["kind"],
            roles=list(said["roles"]), slug=said["slug"], module=said["module"],
            parent=said["parent"], position=latest_position(self.product),
        )  # fmt: skip
