"""`{% form_key %}`: the one-time key of a form (`core.formkeys`)."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.formkeys import FIELD, new_form_key

register = template.Library()


@register.simple_tag
def form_key() -> SafeString:
    """A hidden input; `core.formkeys.once_only` acts on it."""
    return format_html('<input type="hidden" name="{}" value="{}">', FIELD, new_form_key())
