"""Forms of a demand: a new one, and one per verb."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from catalog.choices import PermissionRole
from catalog.models import Module, Product
from core.text import excerpt
from feedback.actions import DemandDraft
from feedback.choices import DemandKind, FeedbackSource, Initiator, ReleaseStatus
from feedback.forms.fields import IMPORTANCE, day_field, module_groups, staff_products, words_field
from feedback.models import Demand, FeedbackItem, Release
from feedback.policies import MERGES_INTO
from feedback.suggest import nearest
from tickets.choices import Priority
from tickets.forms.fields import PersonField

#: In a choice of demands: none of those offered.
OTHER = "other"
#: Demands offered because they are near.
OFFERED = 5


class NewDemandForm(forms.Form):
    """What is to change. Only title, product and kind are needed."""

    title = forms.CharField(
        label=_("What is to change?"),
        max_length=160,
        error_messages={
            "required": _("Say in a few words what is to change."),
            "max_length": _("At most 160 characters; put the rest into the problem."),
        },
    )
    product = forms.ModelChoiceField(
        label=_("Product"), queryset=Product.objects.none(), empty_label=None
    )
    module = forms.ChoiceField(label=_("Module"), required=False)
    kind = forms.ChoiceField(label=_("Kind"), choices=DemandKind.choices)
    initiated_by = forms.ChoiceField(label=_("Initiated by"), choices=Initiator.choices)
    problem = words_field(_("Problem"), required=False, rows=4)
    proposal = words_field(_("Proposal"), required=False, rows=3)
    product_owner = forms.ModelChoiceField(
        label=_("Product owner"), queryset=User.objects.none(), required=False,
        empty_label=_("The owner of the product"),
    )  # fmt: skip
    proposer = PersonField(
        label=_("Proposer"), required=False,
        help_text=_("Who put it forward; add their words on the demand's page."),
    )  # fmt: skip
    source = forms.ChoiceField(
        label=_("Source"), required=False, choices=[("", "—"), *FeedbackSource.choices]
    )
    priority = forms.TypedChoiceField(
        label=_("Priority"), required=False, coerce=int, empty_value=None,
        choices=[("", "—"), *Priority.choices],
    )  # fmt: skip
    effort = forms.DecimalField(
        label=_("Effort, person-days"), required=False, min_value=0, max_digits=6, decimal_places=1
    )
    wanted_on = day_field(_("Wanted by"), required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        products = staff_products(user)
        product, owner, module = (self.fields[n] for n in ("product", "product_owner", "module"))
        assert isinstance(product, forms.ModelChoiceField)  # noqa: S101  (for the type checker)
        assert isinstance(owner, forms.ModelChoiceField)  # noqa: S101
        assert isinstance(module, forms.ChoiceField)  # noqa: S101
        product.queryset = products
        owner.queryset = (
            User.objects.working_here()
            .filter(grants__role=PermissionRole.OWNER, grants__is_active=True)
            .distinct()
            .order_by("name")
        )
        module.choices = module_groups(products)

    def clean_module(self) -> Module | None:
        return Module.objects.filter(pk=self.cleaned_data["module"] or 0).first()

    def draft(self) -> DemandDraft:
        """What `create_demand` starts from. Only after `is_valid()`."""
        return DemandDraft(**self.cleaned_data)


class DemandVerbForm(forms.Form):
    """What every verb of a demand carries: the version that the page showed."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, demand: Demand, user: User, **kwargs: Any) -> None:
        self.demand, self.user = demand, user
        kwargs["initial"] = {"version": demand.version, **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)


class AcceptForm(DemandVerbForm):
    reason = words_field(
        _("What do the requesters read?"), required=False,
        help_text=_("Everybody who is owed word is told that it will be done, with these words."),
    )  # fmt: skip


class DeclineForm(DemandVerbForm):
    reason = words_field(
        _("Why not?"), help_text=_("Written for the requesters; they may appeal."),
    )  # fmt: skip


class DeferForm(DemandVerbForm):
    until = day_field(_("Look at it again on"), help_text=_("At most 90 days from now."))
    reason = words_field(_("Why not now?"), help_text=_("Written for the requesters."))


class ScheduleForm(DemandVerbForm):
    planned_on = day_field(
        _("Planned date"), help_text=_("The requesters are told this day, and each change of it.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.demand.planned_on is not None:
            self.initial.setdefault("planned_on", self.demand.planned_on)


class CarryForm(DemandVerbForm):
    release = forms.ModelChoiceField(
        label=_("Release"), queryset=Release.objects.none(), required=False,
        empty_label=_("None"),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["release"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101  (for the type checker)
        field.queryset = Release.objects.filter(
            product=self.demand.product_id, status=ReleaseStatus.PLANNED
        ).order_by("-pk")
        self.initial.setdefault("release", self.demand.release_id)


class CloseForm(DemandVerbForm):
    review = words_field(
        _("What did it do?"),
        help_text=_("Look at tickets, usage and what people say after the release."),
    )


class AppealForm(DemandVerbForm):
    words = words_field(_("Why should it be done after all?"))


class FailForm(DemandVerbForm):
    words = words_field(_("What does not work?"), help_text=_("For those who build it again."))


class ProgressForm(DemandVerbForm):
    words = words_field(
        _("What shall they read?"), help_text=_("How it stands, in their words; no promise.")
    )


class MergeForm(DemandVerbForm):
    """Where it goes on: a near demand of the product, or another one by its number."""

    into = forms.ChoiceField(label=_("Goes on in"), widget=forms.RadioSelect)
    ref = forms.CharField(
        label=_("Which other demand?"), required=False, max_length=24,
        widget=forms.TextInput(attrs={"placeholder": "D-12"}),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["into"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  (for the type checker)
        near = self._near()
        field.choices = [
            *((d.ref, f"{d.ref} {excerpt(d.title, 60)} · {d.get_status_display()}") for d in near),
            (OTHER, _now("Another one …")),
        ]
        self.initial.setdefault("into", near[0].ref if near else OTHER)

    def _near(self) -> list[Demand]:
        words = f"{self.demand.title} {self.demand.problem}"[:500]
        others = Demand.objects.visible_to(self.user).filter(
            product=self.demand.product_id, status__in=MERGES_INTO
        )
        return nearest(others.exclude(pk=self.demand.pk), words, OFFERED)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        chosen = data.get("into")
        field = "ref" if chosen == OTHER else "into"
        named = (data.get("ref") or "") if chosen == OTHER else chosen
        if chosen:
            try:
                data["into"] = demand_named(named or "", self.demand.product_id, self.user)
            except forms.ValidationError as error:
                self.add_error(field, error)
        return data


class SplitForm(DemandVerbForm):
    """Which words become a demand of their own, and what that is called."""

    words = forms.ModelMultipleChoiceField(
        label=_("Whose words?"), queryset=FeedbackItem.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one of them.")},
    )  # fmt: skip
    title = forms.CharField(
        label=_("Title of the new demand"), max_length=160,
        error_messages={"required": _("Say in a few words what is to change.")},
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["words"]
        assert isinstance(field, forms.ModelMultipleChoiceField)  # noqa: S101
        field.queryset = (
            FeedbackItem.objects.filter(demand=self.demand).select_related("person").order_by("-pk")
        )
        field.label_from_instance = _quoted  # type: ignore[method-assign,assignment]


def _quoted(item: FeedbackItem) -> str:
    return f"{item.person.name}: “{excerpt(item.words, 120)}”"


class NotSolvedForm(DemandVerbForm):
    words = words_field(_("What does not work?"))


class QuoteForm(DemandVerbForm):
    """Verbatim words of one person, who is owed word from then on."""

    person = PersonField(label=_("Who said it?"))
    words = words_field(_("Their words"), help_text=_("Verbatim; they stay theirs."))
    source = forms.ChoiceField(
        label=_("Heard through"),
        choices=[c for c in FeedbackSource.choices if c[0] != FeedbackSource.TICKET],
    )
    importance = forms.TypedChoiceField(
        label=_("How much does it matter to them?"), coerce=int, choices=IMPORTANCE, initial=1
    )
    hours_per_week = forms.DecimalField(
        label=_("Hours it costs them a week"), required=False, min_value=0, max_value=168,
        decimal_places=1, help_text=_("Leave it empty when they did not say."),
    )  # fmt: skip


def demand_named(text: str, product_id: int, user: User) -> Demand:
    """The demand called `D-12` or `12` of a product. Raises ValidationError naming the text."""
    digits = text.strip().upper().removeprefix("D-")
    found = None
    if digits.isdecimal() and len(digits) < 18:
        found = Demand.objects.visible_to(user).filter(pk=int(digits), product=product_id).first()
    if found is None:
        raise forms.ValidationError(
            _now("There is no demand “%(value)s” of this product. Write a number like D-12.")
            % {"value": text}
        )
    return found
