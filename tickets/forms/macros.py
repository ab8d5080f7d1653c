"""Macros as forms: what one says and does, and one that is about to be sent."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from catalog.forms import SettingsForm
from catalog.models import Team
from tickets.choices import CommentKind, Impact, Level, Resolution, Type, Urgency
from tickets.forms.verbs import ReplyForm
from tickets.models import Macro, Ticket
from tickets.rendering.macros import VARIABLES

_KEEP = ("", _("leave as it is"))


def _thens() -> list[tuple[str, Any]]:
    levels = [
        (f"move_up:{level.value}", _("Move up to L%(level)s %(name)s") % {
            "level": level.value, "name": level.label
        })
        for level in (Level.RESOLVE, Level.PRODUCT_DRIVE)
    ]  # fmt: skip
    codes = [
        (f"resolve:{code}", _("Resolve: %(code)s") % {"code": label})
        for code, label in Resolution.choices
    ]
    return [("", _("nothing more")), ("claim", _("Claim")), *levels, *codes]


class MacroForm(SettingsForm):
    """Name, both texts, and the acts that go with them."""

    columns: tuple[str, ...] = ("name", "kind", "text_zh", "text_en")

    name = forms.CharField(label=_("Name"), max_length=80)
    kind = forms.ChoiceField(label=_("It is written as"), choices=CommentKind.choices)
    text_zh = forms.CharField(
        label=_("Chinese text"), required=False, widget=forms.Textarea(attrs={"rows": 5})
    )
    text_en = forms.CharField(
        label=_("English text"), required=False, widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("The requester reads the text in their language; without one, the other."),
    )  # fmt: skip
    type = forms.ChoiceField(label=_("Type"), required=False, choices=[_KEEP, *Type.choices])
    impact = forms.ChoiceField(label=_("Impact"), required=False)
    urgency = forms.ChoiceField(label=_("Urgency"), required=False)
    tag = forms.CharField(label=_("Add a tag"), required=False, max_length=40)
    holder = forms.ChoiceField(
        label=_("Holder"), required=False,
        choices=[_KEEP, ("me", _("whoever uses it")), ("nobody", _("nobody"))],
    )  # fmt: skip
    team = forms.ModelChoiceField(
        label=_("Transfer to"),
        required=False,
        empty_label=_("leave as it is"),
        queryset=Team.objects.filter(is_product_operations=True, is_active=True),
    )
    then = forms.ChoiceField(label=_("Then"), required=False)
    field_order = [
        "name", "kind", "text_zh", "text_en", "type", "impact", "urgency", "tag", "holder", "team",
        "then",
    ]  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in (
            ("impact", [_KEEP, *((str(k), v) for k, v in Impact.choices)]),
            ("urgency", [_KEEP, *((str(k), v) for k, v in Urgency.choices)]),
            ("then", _thens()),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)  # noqa: S101  (for the type checker)
            field.choices = choices
        known = " ".join(f"{{{{{name}}}}}" for name in VARIABLES)
        self.fields["text_zh"].help_text = _now("Known variables: %(names)s") % {"names": known}

    @classmethod
    def initial_of(cls, row: Any) -> dict[str, Any]:
        return {**super().initial_of(row), **_initial_acts(row.acts)}

    def fields_of_row(self) -> dict[str, Any]:
        return {**super().fields_of_row(), "acts": self._acts()}

    def _acts(self) -> list[dict[str, Any]]:
        """What was chosen, in the order in which it is carried out."""
        data = self.cleaned_data
        acts: list[dict[str, Any]] = []
        edited = {name: data[name] for name in ("type", "impact", "urgency") if data[name]}
        edited |= {name: int(edited[name]) for name in ("impact", "urgency") if name in edited}
        if edited:
            acts.append({"verb": "edit", "params": edited})
        if data["tag"]:
            acts.append({"verb": "add_tag", "params": {"tag": data["tag"]}})
        if data["team"]:
            acts.append({"verb": "transfer", "params": {"team": data["team"].pk}})
        if data["holder"]:
            who = "me" if data["holder"] == "me" else None
            acts.append({"verb": "assign", "params": {"assignee": who}})
        verb, _colon, value = data["then"].partition(":")
        if verb == "move_up":
            acts.append({"verb": verb, "params": {"level": int(value)}})
        elif verb == "resolve":
            acts.append({"verb": verb, "params": {"resolution": value}})
        elif verb:
            acts.append({"verb": verb, "params": {}})
        return acts


def _initial_acts(acts: list[dict[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for act in acts:
        verb, params = act["verb"], act["params"]
        if verb == "edit":
            found |= params
        elif verb == "add_tag":
            found["tag"] = params["tag"]
        elif verb == "transfer":
            found["team"] = params["team"]
        elif verb == "assign":
            found["holder"] = "me" if params["assignee"] == "me" else "nobody"
        elif verb == "move_up":
            found["then"] = f"move_up:{params['level']}"
        elif verb == "resolve":
            found["then"] = f"resolve:{params['resolution']}"
        else:
            found["then"] = verb
    return found


class SharedMacroForm(MacroForm):
    """The same for everybody, or for the people of one team."""

    columns = (*MacroForm.columns, "of_team")

    of_team = forms.ModelChoiceField(
        label=_("Who may use it"),
        required=False,
        empty_label=_("everybody on the desk"),
        queryset=Team.objects.filter(is_active=True),
    )
    field_order = ["name", "of_team", *MacroForm.field_order[1:]]

    @classmethod
    def initial_of(cls, row: Any) -> dict[str, Any]:
        row.of_team = row.team_id
        return super().initial_of(row)

    def fields_of_row(self) -> dict[str, Any]:
        found = super().fields_of_row()
        team_id = found.pop("of_team_id")
        return {**found, "team_id": team_id}


class UseMacroForm(ReplyForm):
    """A macro before it is sent: its text as it will read, which may still be changed."""

    note = None  # type: ignore[assignment]
    files = None  # type: ignore[assignment]
    body = forms.CharField(
        label=_("Text"), required=False, max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 7}),
    )  # fmt: skip

    def __init__(self, *args: Any, macro: Macro, ticket: Ticket, **kwargs: Any) -> None:
        super().__init__(*args, ticket=ticket, **kwargs)
        self.fields["body"].label = str(CommentKind(macro.kind).label)
