"""`{% bulk_bar %}`: what may be done to the selected tickets of a list."""

from __future__ import annotations

from typing import Any

from django import template
from django.template import Context
from django.urls import reverse

from tickets.views.bulk import BULK, IN_BAR, BulkVerb

register = template.Library()


@register.inclusion_tag("tickets/parts/bulk_bar.html", takes_context=True)
def bulk_bar(context: Context) -> dict[str, Any]:
    """Hidden until a ticket is selected (select.js). Context: kept (the place's address), place."""
    kept = context.get("kept") or ""

    def shown(name: str, verb: BulkVerb) -> dict[str, Any]:
        url = reverse(f"bulk_{name}") + kept
        return {"url": url, "verb": verb, "cap": verb.code.removeprefix("Key").lower()}

    return {
        "bar": [shown(name, BULK[name]) for name in IN_BAR],
        "menu": [shown(name, verb) for name, verb in BULK.items() if name not in IN_BAR],
        "place": context["place"].said,
    }
