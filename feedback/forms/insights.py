"""The form of an insight (研究结论)."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from catalog.models import Product
from feedback.forms.fields import staff_products, words_field
from tickets.models import Ticket

_SPLIT = re.compile(r"[\s,，、;；]+")
_REFERENCE = re.compile(r"^(?:OPS-)?(\d{1,18})$", re.IGNORECASE)
CITED_MAX = 200


class InsightForm(forms.Form):
    """What tickets taught, citing them by reference."""

    title = forms.CharField(
        label=_("Title"), max_length=160,
        error_messages={"required": _("Say the conclusion in one line.")},
    )  # fmt: skip
    product = forms.ModelChoiceField(
        label=_("Product"), queryset=Product.objects.none(), empty_label=None
    )
    body = words_field(
        _("Conclusion"), rows=10,
        help_text=_("Scenario, habit, weak point, suggestion. Markdown works."),
    )  # fmt: skip
    tickets = forms.CharField(
        label=_("Tickets it rests on"),
        help_text=_("For example OPS-12, OPS-31."),
        error_messages={"required": _("Name at least one ticket, as OPS-<number>.")},
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        field = self.fields["product"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101  (for the type checker)
        field.queryset = staff_products(user)

    def clean_tickets(self) -> list[Ticket]:
        """The tickets named, each of them visible to the author."""
        named = [text for text in _SPLIT.split(self.cleaned_data["tickets"]) if text]
        wrong = [text for text in named if not _REFERENCE.match(text)]
        pks = {int(m[1]) for text in named if (m := _REFERENCE.match(text))}
        if len(named) > CITED_MAX:
            raise forms.ValidationError(
                _now("These are too many tickets; name at most %(limit)s.") % {"limit": CITED_MAX}
            )
        found = list(Ticket.objects.visible_to(self.user).filter(pk__in=pks))
        wrong += [f"OPS-{pk}" for pk in sorted(pks - {ticket.pk for ticket in found})]
        if wrong:
            raise forms.ValidationError(
                _now("“%(value)s” is no ticket that you may see. Write numbers like OPS-1024.")
                % {"value": ", ".join(wrong)}
            )
        return found
