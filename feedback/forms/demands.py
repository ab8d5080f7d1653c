"""Forms of a demand: a new one, and one per verb."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from catalog.choices import PermissionRole
from catalog.models import Module, Product
from feedback.actions import DemandDraft
from feedback.choices import DemandKind, FeedbackSource, Initiator, ReleaseStatus
from feedback.forms.fields import IMPORTANCE, day_field, module_groups, staff_products, words_field
from feedback.models import Demand, Release
from tickets.forms.fields import PersonField


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
