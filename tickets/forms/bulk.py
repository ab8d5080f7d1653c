"""One form per act of a bulk run; none of them knows a single ticket."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from catalog.models import Module, Product, Team
from tickets.actions.acts import Act
from tickets.actions.tagging import TAG_MAX
from tickets.choices import Impact, Level, Resolution, Type, Urgency
from tickets.forms.fields import PersonField
from tickets.models import Cause, Tag, Ticket

#: `12.3` is ticket 12 as of version 3; `12` takes it as it is.
_CHOSEN = re.compile(r"(\d{1,18})(?:\.(\d{1,9}))?")
#: Tickets that are offered by name, to merge into.
OFFERED = 100
SAME = ""

Chosen = list[tuple[int, int | None]]


class ChosenField(forms.CharField):
    """The tickets of a selection, as the address says them: `12.3,14.1`."""

    widget = forms.HiddenInput

    def clean(self, value: Any) -> Chosen:
        text = str(super().clean(value) or "")
        parts = [part for part in text.split(",") if part]
        found = [_CHOSEN.fullmatch(part) for part in parts]
        if not all(found):
            raise forms.ValidationError(_now("These are no tickets. Select them in the list."))
        return [(int(m[1]), int(m[2]) if m[2] else None) for m in found if m]


class BulkForm(forms.Form):
    """What every bulk act carries: the selection, or the whole place."""

    tickets = ChosenField(required=False)
    whole = forms.BooleanField(required=False, widget=forms.HiddenInput)
    verb = ""

    def __init__(self, *args: Any, user: User, chosen: Sequence[int] = (), **kwargs: Any) -> None:
        self.user, self.chosen = user, chosen
        super().__init__(*args, **kwargs)

    def choose(self, name: str, choices: Any) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  (for the type checker)
        field.choices = list(choices)

    def act(self) -> Act:
        """Only after `is_valid()`."""
        return Act(self.verb, self.params())

    def params(self) -> dict[str, Any]:
        return {}


class ClaimForm(BulkForm):
    verb = "claim"


class AssignForm(BulkForm):
    verb = "assign"
    assignee = forms.ChoiceField(label=_("Holder"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choose("assignee", [("", _now("Nobody")), *_agents(self.user)])
        self.initial.setdefault("assignee", self.user.pk)

    def params(self) -> dict[str, Any]:
        return {"assignee": int(self.cleaned_data["assignee"] or 0) or None}


def _agents(user: User) -> list[tuple[int, str]]:
    """Members of the teams of product operations; who acts comes first."""
    people = (
        User.objects.working_here()
        .filter(memberships__team__is_product_operations=True, memberships__team__is_active=True)
        .distinct()
        .order_by("name")
        .values_list("pk", "name")
    )
    return sorted(people, key=lambda pair: pair[0] != user.pk)


class TransferForm(BulkForm):
    verb = "transfer"
    team = forms.ModelChoiceField(
        label=_("Team"), empty_label=None,
        queryset=Team.objects.filter(is_product_operations=True, is_active=True),
    )  # fmt: skip
    assignee = PersonField(
        label=_("Person"), required=False, help_text=_("Left empty, the whole team sees it.")
    )

    def params(self) -> dict[str, Any]:
        person = self.cleaned_data["assignee"]
        return {
            "team": self.cleaned_data["team"].pk, "assignee": person.pk if person else None
        }  # fmt: skip


class _ModuleChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.product} · {obj}"


class _CauseChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.ref} {obj.title} · {obj.product}"


class ClassifyForm(BulkForm):
    """What is left on "as it is" is not touched."""

    verb = "edit"
    type = forms.ChoiceField(label=_("Type"), required=False)
    product = forms.ModelChoiceField(
        label=_("Product"), required=False, empty_label=_("as it is"),
        queryset=Product.objects.filter(is_active=True),
    )  # fmt: skip
    module = _ModuleChoice(
        label=_("Module"), required=False, empty_label=_("as it is"),
        queryset=Module.objects.filter(is_active=True).select_related("product"),
    )  # fmt: skip
    impact = forms.TypedChoiceField(label=_("Impact"), required=False, coerce=int, empty_value=None)
    urgency = forms.TypedChoiceField(
        label=_("Urgency"), required=False, coerce=int, empty_value=None
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in (
            ("type", Type.choices), ("impact", Impact.choices), ("urgency", Urgency.choices)
        ):  # fmt: skip
            self.choose(name, [(SAME, _now("as it is")), *choices])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and not self.params():
            self.add_error("type", _now("Nothing is set. Choose at least one value."))
        return data

    def params(self) -> dict[str, Any]:
        set_to = {
            name: self.cleaned_data.get(name)
            for name in ("type", "product", "module", "impact", "urgency")
        }
        return {
            name: getattr(value, "pk", value)
            for name, value in set_to.items()
            if value not in (None, "")
        }


class LevelForm(BulkForm):
    verb = "move_up"
    level = forms.TypedChoiceField(
        label=_("Level"), coerce=int,
        choices=[(lv.value, f"L{lv.value}") for lv in Level if lv > Level.RELAY],
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choose(
            "level", [(lv.value, f"L{lv.value} {lv.label}") for lv in Level if lv > Level.RELAY]
        )

    def params(self) -> dict[str, Any]:
        return {"level": self.cleaned_data["level"]}


class ResolveForm(BulkForm):
    verb = "resolve"
    resolution = forms.ChoiceField(label=_("How was it resolved?"), choices=Resolution.choices)
    reply = forms.CharField(
        label=_("Say it to each requester"), required=False, max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )  # fmt: skip

    def params(self) -> dict[str, Any]:
        reply = self.cleaned_data["reply"].strip()
        return {
            "resolution": self.cleaned_data["resolution"],
            **({"reply": reply} if reply else {}),
        }


class _WordsForm(BulkForm):
    """One text, under the name of the act's parameter."""

    param = "body"

    def params(self) -> dict[str, Any]:
        return {self.param: self.cleaned_data[self.param]}


def _words(label: Any) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=4000, widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Write a few words; the reader sees them.")},
    )  # fmt: skip


class ReplyForm(_WordsForm):
    verb = "reply"
    body = _words(_("Reply"))


class NoteForm(_WordsForm):
    verb = "note"
    body = _words(_("Internal note"))


class AskForm(_WordsForm):
    verb = "ask"
    param = "question"
    question = _words(_("What do you need to know?"))


class RejectForm(_WordsForm):
    verb = "reject"
    param = "reason"
    reason = _words(_("Why?"))


class TagForm(BulkForm):
    """A tag that is known, or a new one."""

    verb = "add_tag"
    tag = forms.CharField(
        label=_("Tag"), max_length=TAG_MAX,
        widget=forms.TextInput(attrs={"list": "tags", "autocomplete": "off"}),
    )  # fmt: skip

    @property
    def tags(self) -> list[str]:
        return list(Tag.objects.order_by("name").values_list("name", flat=True)[:500])

    def params(self) -> dict[str, Any]:
        return {"tag": self.cleaned_data["tag"]}


class UntagForm(TagForm):
    verb = "remove_tag"


class WatchForm(BulkForm):
    verb = "watch"
    user_name = PersonField(label=_("Who should follow them?"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("user_name", self.user.username)

    def params(self) -> dict[str, Any]:
        return {"user": self.cleaned_data["user_name"].pk}


class MergeForm(BulkForm):
    """Into one of the selected: the oldest, unless another is chosen."""

    verb = "merge"
    tickets = ChosenField(
        error_messages={"required": _("These are no tickets. Select them in the list.")}
    )
    into = forms.TypedChoiceField(label=_("Into which ticket?"), coerce=int)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = Ticket.objects.visible_to(self.user).filter(pk__in=self.chosen[:OFFERED])
        rows = found.select_related("requester").order_by("pk")
        self.choose("into", [(t.pk, f"{t.ref} {t.title} ({t.requester.name})") for t in rows])

    def params(self) -> dict[str, Any]:
        return {"into": self.cleaned_data["into"]}


class CauseForm(BulkForm):
    verb = "link_cause"
    cause = _CauseChoice(label=_("Root cause"), queryset=Cause.objects.none(), empty_label=None)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["cause"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101  (for the type checker)
        open_causes = Cause.objects.visible_to(self.user).filter(delivered_at=None)
        field.queryset = open_causes.select_related("product").order_by("-id")

    def params(self) -> dict[str, Any]:
        return {"cause": self.cleaned_data["cause"].pk}
