"""The tags every template may use without loading them (settings name this library a builtin).

`{% component %}…{% endcomponent %}` and `{% part %}` render a file of `templates/components/`; the
others draw the small pieces of `core.markup`. `templates/components/README.md` shows each in use.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms, template
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.forms.boundfield import BoundField
from django.template.base import FilterExpression, NodeList, Parser, Token, token_kwargs
from django.template.context import Context
from django.template.exceptions import TemplateSyntaxError
from django.template.loader import get_template
from django.utils import timezone
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from core import keys, markup
from core.folding import fixed
from core.formkeys import FIELD, new_form_key
from core.toasts import UNDO

register = template.Library()

# What a component sees of the page besides its own inputs.
_SLOTS = "component slots"
_SHARED = ("request", "csrf_token", "user", "now")


class SlotNode(template.Node):
    """A named part of a component's content; it shows nothing where it is written."""

    def __init__(self, name: str, nodelist: NodeList) -> None:
        self.name = name
        self.nodelist = nodelist

    def render(self, context: Context) -> SafeString:
        if _SLOTS not in context:
            raise TemplateSyntaxError(f"slot {self.name!r} stands outside a component")
        context[_SLOTS][self.name] = self.nodelist.render(context)
        return SafeString("")


class ComponentNode(template.Node):
    """A file of `templates/components/` with inputs and, for block use, its content as `slot`."""

    def __init__(
        self,
        name: FilterExpression,
        inputs: Mapping[str, FilterExpression],
        nodelist: NodeList | None = None,
    ) -> None:
        self.name = name
        self.inputs = inputs
        self.nodelist = nodelist

    def render(self, context: Context) -> SafeString:
        values: dict[str, Any] = {key: context[key] for key in _SHARED if key in context}
        values |= {key: value.resolve(context) for key, value in self.inputs.items()}
        if self.nodelist is not None:
            slots: dict[str, str] = {}
            with context.push(**{_SLOTS: slots}):
                values["slot"] = self.nodelist.render(context)
            values |= slots
        return render_component(str(self.name.resolve(context)), values, context)


def render_component(name: str, values: dict[str, Any], context: Context) -> SafeString:
    """Render a component file with nothing but `values` in sight."""
    file = get_template(f"components/{name}.html")
    return SafeString(file.template.render(context.new(values)))  # type: ignore[attr-defined]


def _component_parts(
    parser: Parser, token: Token
) -> tuple[FilterExpression, dict[str, FilterExpression]]:
    tag, *bits = token.split_contents()
    if not bits:
        raise TemplateSyntaxError(f"{tag} needs the name of a component")
    name = parser.compile_filter(bits.pop(0))
    inputs = token_kwargs(bits, parser)
    if bits:
        raise TemplateSyntaxError(f"{tag}: {bits[0]!r} is no name=value pair")
    return name, inputs


@register.tag
def component(parser: Parser, token: Token) -> ComponentNode:
    """`{% component "card" title=… %}content{% slot "footer" %}…{% endslot %}{% endcomponent %}`"""
    name, inputs = _component_parts(parser, token)
    nodelist = parser.parse(("endcomponent",))
    parser.delete_first_token()
    return ComponentNode(name, inputs, nodelist)


@register.tag
def part(parser: Parser, token: Token) -> ComponentNode:
    """`{% part "stat" label=… value=… %}`: a component without content of its own."""
    return ComponentNode(*_component_parts(parser, token))


@register.tag
def slot(parser: Parser, token: Token) -> SlotNode:
    """`{% slot "footer" %}…{% endslot %}` inside a component."""
    bits = token.split_contents()
    if len(bits) != 2:
        raise TemplateSyntaxError('slot needs one name, as in {% slot "footer" %}')
    nodelist = parser.parse(("endslot",))
    parser.delete_first_token()
    return SlotNode(bits[1].strip("\"'"), nodelist)


# ---- forms --------------------------------------------------------------------------------------


def _field_kind(widget: forms.Widget) -> str:
    """Which of the shapes of components/field.html a widget takes."""
    if isinstance(widget, forms.CheckboxInput):
        return "check"
    if isinstance(widget, (forms.RadioSelect, forms.CheckboxSelectMultiple)):
        return "choices"
    if isinstance(widget, forms.FileInput):
        return "file"
    return "input"


@register.simple_tag(takes_context=True)
def field(context: Context, bound: BoundField, **inputs: Any) -> SafeString:
    """A form field with label, control, help and errors: `{% field form.name hint=… %}`.

    Inputs besides the field: `hint` (text beside the label), `placeholder`, `rows`, `autofocus`,
    `hide_label` (for screen readers only), `mark_empty` (still to be filled).
    """
    if bound.is_hidden:
        return bound.as_widget()
    kind = _field_kind(bound.field.widget)
    described = [f"{bound.auto_id}_help"] if bound.help_text else []
    described += [f"{bound.auto_id}_error"] if bound.errors else []
    attrs: dict[str, Any] = {
        "class": "check" if kind in {"check", "choices"} else "input",
        **{key: inputs[key] for key in ("placeholder", "rows") if key in inputs},
    }
    if described:
        attrs["aria-describedby"] = " ".join(described)
    if bound.errors:
        attrs["aria-invalid"] = "true"
    if inputs.get("autofocus"):
        attrs["autofocus"] = True
    if inputs.get("mark_empty") and not bound.value() and not bound.errors:
        attrs["data-empty"] = True
    values = {
        **inputs,
        "field": bound,
        "kind": kind,
        "control": bound.as_widget(attrs=attrs),
        "several": getattr(bound.field.widget, "allow_multiple_selected", False),
    }
    return render_component("field", values, context)


@register.simple_tag(takes_context=True)
def form_errors(
    context: Context,
    form: forms.BaseForm,
    rows: "forms.BaseFormSet[Any] | None" = None,
    *,
    asked: bool = False,
) -> SafeString:
    """The summary above a refused form: every field by name, linked, with what is wrong.

    `rows` is the formset that is sent with the form; its faults stand in the same summary.
    `asked`: the form is a question in an address, and nothing would have been saved.
    """
    parts = [form, *(rows.forms if rows is not None else ())]
    others = [*form.non_field_errors(), *(rows.non_form_errors() if rows is not None else ())]
    faults = [(bound, bound.errors) for p in parts for bound in p.visible_fields() if bound.errors]
    hidden = [(bound, bound.errors) for p in parts for bound in p.hidden_fields() if bound.errors]
    if not (others or faults or hidden):
        return SafeString("")
    values = {"faults": faults, "hidden": hidden, "others": others, "asked": asked}
    return render_component("form_errors", values, context)


@register.simple_tag
def form_key() -> SafeString:
    """`{% form_key %}`: the one-time key of a form whose view is `once_only`."""
    return format_html('<input type="hidden" name="{}" value="{}">', FIELD, new_form_key())


# ---- small pieces -------------------------------------------------------------------------------


@register.simple_tag
@fixed
def icon(name: str, label: str = "") -> SafeString:
    """`{% icon "clock" %}`; with a label where no word stands beside it."""
    return markup.icon(name, label)


@register.simple_tag
@fixed
def mark() -> SafeString:
    """The logo."""
    return markup.mark()


@register.simple_tag
@fixed
def badge(
    label: str, status: str = "", tone: str = "", icon: str = "", plain: bool = False
) -> SafeString:
    """`{% badge _("Open") status="open" %}`, `{% badge _("Draft") tone="amber" icon="doc" %}`"""
    return markup.badge(label, status=status, tone=tone, icon=icon, plain=plain)


@register.simple_tag
@fixed
def level(number: int, label: str = "", boxed: bool = False) -> SafeString:
    """`{% level 3 _("push") %}`"""
    return markup.level_glyph(number, label, boxed=boxed)


@register.simple_tag
@fixed
def sla(risk: str, text: str, share_left: int = 100, title: str = "") -> SafeString:
    """`{% sla "soon" text share_left=18 %}`"""
    return markup.sla_clock(risk, text, share_left=share_left, title=title)


@register.simple_tag
@fixed
def avatar(name: str, kind: str = "", live: str = "", large: bool = False) -> SafeString:
    """`{% avatar person.name kind="user" %}`"""
    return markup.avatar(name, kind=kind, live=live, large=large)


@register.simple_tag
@fixed
def kbd(*caps: str) -> SafeString:
    """`{% kbd "j" "k" %}`, `{% kbd "Mod" "↵" %}`"""
    return markup.kbd(*caps)


@register.simple_tag
@fixed
def key(name: str) -> SafeString:
    """`{% key "reply" %}`: the caps of a key of the table (core.keys)."""
    return markup.kbd(*keys.key_named(name).caps)


@register.simple_tag
@fixed
def key_hints(*names: str) -> SafeString:
    """`{% key_hints "next" "reply" %}`: caps, each with its word."""
    return keys.hints_html(*names)


@register.simple_tag
@fixed
def keys_of(place: str) -> SafeString:
    """`{% keys_of "desk" %}`: every key of a place and those that work everywhere."""
    return keys.table_html(place)


@register.simple_tag
def figure(value: object, href: str = "", title: str = "") -> SafeString:
    """`{% figure 214 rows_url %}`"""
    return markup.figure(value, href, title)


@register.simple_tag
def file_chip(
    name: str, size: int | None = None, href: str = "", image: bool = False
) -> SafeString:
    """`{% file_chip attachment.name attachment.size attachment_url image=True %}`"""
    return markup.file_chip(name, size, href, image=image)


@register.simple_tag(takes_context=True)
def when(context: Context, moment: datetime | None) -> SafeString:
    """`{% when ticket.created_at %}`: relative words, exact time on hover.

    Measured from the page's `now` when the view gives one, so that a page tells one time.
    """
    return markup.when(moment, _now(context))


@register.simple_tag(takes_context=True)
def message(context: Context, author: str, at: datetime, body: str, **inputs: Any) -> SafeString:
    """What components/message.html draws."""
    given = {name: value for name, value in inputs.items() if value}
    return markup.message(str(author), conditional_escape(body), at=at, now=_now(context), **given)


@register.simple_tag(takes_context=True)
def event_line(context: Context, text: str, at: datetime, icon: str = "") -> SafeString:
    """What components/event.html draws."""
    return markup.event_line(text, at=at, now=_now(context), icon=icon)


def _now(context: Context) -> datetime:
    """The page's own time, so that it tells one time throughout."""
    now = context.get("now")
    return now if isinstance(now, datetime) else timezone.now()


@register.simple_tag
def change(
    delta: float | Decimal | None, kind: str = "count", good: str = "", decimals: int = 0
) -> SafeString:
    """`{% change 18 good="down" %}`: the change since last week in words."""
    return markup.change(delta, kind=kind, good=good, decimals=decimals)


@register.filter
def number(value: float | Decimal | None, decimals: int = 0) -> str:
    """`{{ count|number }}`, `{{ share|number:1 }}`"""
    return markup.number(value, decimals)


@register.filter
def initials(value: object) -> str:
    """`{{ user|initials }}`"""
    return markup.initials(str(value))


@register.filter
def toast_tone(message: Message) -> str:
    """The tone of a toast: failures stand out, everything else is plain."""
    return "seal" if message.level >= constants.ERROR else ""


@register.filter
def undo_address(message: Message) -> str:
    """Where a toast's undo is POSTed; empty when it has none."""
    tags = message.extra_tags or ""
    return tags.removeprefix(UNDO) if tags.startswith(UNDO) else ""


@register.filter
def file_size(value: int) -> str:
    """`{{ attachment.size|file_size }}`"""
    return markup.file_size(value)


@register.simple_tag(takes_context=True)
def query(context: Context, **changes: object) -> SafeString:
    """The page's own address with some parameters changed or, by None, left out:
    `<a href="{% query after=page.next_key before=None %}">`."""
    parameters = context["request"].GET.copy()
    for key, value in changes.items():
        parameters.pop(key, None)
        if value is not None and value != "":
            parameters[key] = str(value)
    return mark_safe(f"?{parameters.urlencode()}".replace("&", "&amp;"))  # noqa: S308
