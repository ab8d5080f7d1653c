"""Forms of the writing page: shape only; the actions check and save."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from catalog.models import Feature, Module, Product, ProductRole
from docs_portal.actions import PageDraft, RevisionDraft
from docs_portal.actions.writing import latest_position
from docs_portal.choices import PageKind, ReviewRule
from docs_portal.models import Page
from docs_portal.rendering.outlines import outline_of


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
    """A new page: its place in the manual, and its first text if there is one already."""

    body = forms.CharField(
        label=_("Text of the page"), widget=forms.Textarea(attrs={"rows": 12}), strip=False,
        required=False, help_text=_("Left empty, it begins with the outline of its kind."),
    )  # fmt: skip
    kind = forms.ChoiceField(label=_("Kind"), choices=PageKind.choices, initial="feature_guide")
    slug = forms.CharField(
        label=_("Address"), max_length=120, required=False,
        help_text=_("Pages of different roles may share one; left empty, it follows the title."),
    )  # fmt: skip
    module = forms.ModelChoiceField(
        label=_("Module"), queryset=Module.objects.none(), required=False, empty_label="—"
    )
    feature = forms.ModelChoiceField(
        label=_("Feature"), queryset=Feature.objects.none(), required=False, empty_label="—"
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
            "feature": Feature.objects.filter(module__product=product, is_active=True),
            "parent": Page.objects.filter(manual__product=product).order_by("position", "id"),
        }
        for name, queryset in choices.items():
            self.fields[name].queryset = queryset  # type: ignore[attr-defined]

    @classmethod
    def prefilled(cls, asked: QueryDict) -> dict[str, Any]:
        """What an address fills in: `?title=&body=&kind=&module=&feature=&parent=&slug=&roles=`."""
        named = ("title", "body", "kind", "slug", "module", "feature", "parent")
        found: dict[str, Any] = {name: asked[name] for name in named if asked.get(name)}
        if roles := asked.getlist("roles"):
            found["roles"] = roles
        return found

    def page_draft(self) -> PageDraft:
        """What `create_page` takes; only after `is_valid()`."""
        said = self.cleaned_data
        return PageDraft(
            product=self.product, title=said["title"],
            body=said["body"] if said["body"].strip() else outline_of(said["kind"]),
            kind=said["kind"],
            roles=list(said["roles"]), slug=said["slug"], module=said["module"],
            feature=said["feature"], parent=said["parent"], position=latest_position(self.product),
        )  # fmt: skip


class WritingDraftForm(forms.Form):
    """What was typed so far; its length is checked by the action."""

    title = forms.CharField(required=False)
    body = forms.CharField(required=False, strip=False)
    based_on = forms.IntegerField(min_value=1, max_value=2**31 - 1)
    revision = forms.IntegerField(min_value=0, max_value=2**31 - 1, required=False)
    discard = forms.BooleanField(required=False)

    def clean_revision(self) -> int:
        return int(self.cleaned_data["revision"] or 0)


class PageFileForm(forms.Form):
    """One file for a page."""

    file = forms.FileField(
        max_length=None, allow_empty_file=True, error_messages={"required": _("Choose a file.")}
    )


class WatchedForm(forms.Form):
    """What a player reports: parts as JSON, and what it takes for the length of the video."""

    parts = forms.JSONField(required=False, initial=list)
    length = forms.FloatField(min_value=0, max_value=86_400, required=False)


class AskReviewForm(forms.Form):
    """Whom to ask, and what to look at."""

    reviewer = forms.ModelChoiceField(
        label=_("Reviewer"), queryset=User.objects.none(), empty_label=_("Choose a colleague")
    )
    words = forms.CharField(
        label=_("What should they look at?"), required=False, max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reviewer"].queryset = people  # type: ignore[attr-defined]


class AnswerForm(forms.Form):
    """A reviewer's answer; `seen` is the number of the revision they had before them."""

    ANSWERS = (("publish", _("Approve and publish")), ("approve", _("Approve")),
               ("return", _("Ask for changes")))  # fmt: skip

    answer = forms.ChoiceField(choices=ANSWERS)
    comment = forms.CharField(
        label=_("Comment"), required=False, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Asking for changes needs one."),
    )  # fmt: skip
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=1)


class PagePlaceForm(forms.Form):
    """What a page is about, and its address."""

    kind = forms.ChoiceField(label=_("Kind"), choices=PageKind.choices)
    module = forms.ModelChoiceField(
        label=_("Module"), queryset=Module.objects.none(), required=False, empty_label="—"
    )
    feature = forms.ModelChoiceField(
        label=_("Feature"), queryset=Feature.objects.none(), required=False, empty_label="—"
    )
    slug = forms.CharField(
        label=_("Address"), max_length=120,
        help_text=_("Links to the page follow by themselves, and the old address leads here."),
    )  # fmt: skip

    def __init__(self, *args: Any, page: Page, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        product = page.manual.product_id
        modules = Module.objects.filter(product=product, is_active=True)
        features = Feature.objects.filter(module__product=product, is_active=True)
        self.fields["module"].queryset = modules  # type: ignore[attr-defined]
        self.fields["feature"].queryset = features.select_related("module")  # type: ignore[attr-defined]


class MoveForm(forms.Form):
    """Where a page goes in the tree: one step, or below another page."""

    STEPS = (("up", _("Up")), ("down", _("Down")), ("in", _("Below the one above")),
             ("out", _("One step out")), ("to", _("Below a page")))  # fmt: skip

    step = forms.ChoiceField(choices=STEPS)
    parent = forms.IntegerField(min_value=0, required=False)


class RulesForm(forms.Form):
    """Which publications need a review."""

    review = forms.ChoiceField(label=_("Review before publishing"), choices=ReviewRule.choices)
