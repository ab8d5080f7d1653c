"""One form per verb of a ticket; each offers only what may be chosen for its ticket."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from catalog.models import Module, Team
from core.forms import add_refusal
from tickets.choices import CauseCategory, Level, Resolution, ReturnReason
from tickets.errors import NotOnTicket, UnseenReply
from tickets.forms.composer import InvitedField
from tickets.forms.fields import FilesField, PersonField, agents_of, module_choices, owners_of
from tickets.models import Cause, Tag, Ticket
from tickets.policies import applies
from tickets.rendering.links import open_blockers

OPEN_NEW = "new"
#: Tags a form offers while one types.
TAGS_OFFERED = 200
_REFERENCE = re.compile(r"^(?:OPS-)?(\d{1,18})$", re.IGNORECASE)


def _why(label: Any, *, required: bool = True, rows: int = 3) -> forms.CharField:
    return forms.CharField(
        label=label, required=required, max_length=4000,
        widget=forms.Textarea(attrs={"rows": rows}),
        error_messages={"required": _("Write a few words; the reader sees them.")},
    )  # fmt: skip


class VerbForm(forms.Form):
    """What every verb carries: the version of the ticket that the page showed."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    #: Said above the fields: what speaks against the act without forbidding it.
    warnings: Sequence[str] = ()

    def __init__(self, *args: Any, ticket: Ticket, user: User, **kwargs: Any) -> None:
        self.ticket, self.user = ticket, user
        kwargs["initial"] = {"version": ticket.version, **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)

    def choose(self, name: str, choices: Any) -> None:
        """Give the choices of a field that depend on the ticket."""
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  (for the type checker)
        field.choices = list(choices)


class ReplyForm(VerbForm):
    """A public reply or an internal note, with files."""

    #: The newest public comment that the page showed.
    seen_comment = forms.IntegerField(widget=forms.HiddenInput, required=False)

    body = forms.CharField(
        label=_("Reply"), max_length=20_000, widget=forms.Textarea,
        error_messages={"required": _("Write a few words first.")},
    )  # fmt: skip
    note = forms.BooleanField(label=_("Internal note"), required=False)
    files = FilesField()  # type: ignore[assignment]

    #: Who is named in the text and becomes a watcher with it.
    invited = InvitedField()

    def show_unseen(self, unseen: UnseenReply) -> None:
        """Hold the reply once: sent again it goes out, its writer has read the other one now."""
        self.data = {**self.data.dict(), "seen_comment": unseen.comment.pk}  # type: ignore[attr-defined]
        add_refusal(self, unseen)

    def show_outsiders(self, refusal: NotOnTicket) -> None:
        """Offer to add those who are named and may not see the ticket."""
        invited = self.fields["invited"]
        assert isinstance(invited, InvitedField)  # noqa: S101  (for the type checker)
        invited.offer(refusal.asked)
        add_refusal(self, refusal)


class AskForm(VerbForm):
    question = _why(_("What do you need to know?"))


class AssignForm(VerbForm):
    assignee = forms.ChoiceField(label=_("Holder"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choose("assignee", [("", _now("Nobody")), *agents_of(self.ticket.product)])
        self.initial.setdefault("assignee", self.ticket.assignee_id or self.user.pk)

    def clean_assignee(self) -> User | None:
        return User.objects.filter(pk=self.cleaned_data["assignee"] or 0).first()


class TransferForm(VerbForm):
    team = forms.ModelChoiceField(
        label=_("Team"),
        queryset=Team.objects.filter(is_product_operations=True, is_active=True),
        empty_label=None,
    )
    assignee = PersonField(
        label=_("Person"), required=False, help_text=_("Left empty, the whole team sees it.")
    )


class RelayForm(VerbForm):
    team = forms.ModelChoiceField(
        label=_("Outside team"),
        queryset=Team.objects.filter(is_product_operations=False, is_active=True),
        empty_label=None,
    )
    note = _why(_("What they should know"), required=False)


class ReasonForm(VerbForm):
    """A reason from the list, and what it means here."""

    reason = forms.ChoiceField(label=_("Reason"), choices=ReturnReason.choices)
    note = _why(_("What is missing or wrong?"))


class ReturnForm(ReasonForm):
    level = forms.TypedChoiceField(label=_("Back to"), coerce=int)
    field_order = ["level", "reason", "note"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        below = [level for level in Level if level < (self.ticket.level or 0)]
        fit = [lv for lv in below if self.ticket.family is None or applies(self.ticket.family, lv)]
        self.choose(
            "level", [(lv.value, f"L{lv.value} {lv.label}") for lv in reversed(fit or below)]
        )


class LevelForm(VerbForm):
    level = forms.TypedChoiceField(label=_("Level"), coerce=int)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        above = [level for level in Level if level > (self.ticket.level or 0)]
        self.choose("level", [(lv.value, f"L{lv.value} {lv.label}") for lv in above])


class ResolveForm(VerbForm):
    resolution = forms.ChoiceField(label=_("How was it resolved?"), choices=Resolution.choices)
    reply = _why(_("Say it to the requester"), required=False)
    field_order = ["resolution", "reply"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ticket = self.ticket
        left_out = set()
        if ticket.status != "pending":
            left_out.add(Resolution.NO_REPLY)
        if ticket.relayed_to_id is None:
            left_out.add(Resolution.OUTSIDE)
        if not (ticket.level == Level.PRODUCT_DRIVE and ticket.family == "request"):
            left_out.add(Resolution.MOVED_TO_DEMAND)
        self.choose("resolution", [c for c in Resolution.choices if c[0] not in left_out])
        self.warnings = [
            _now("%(ref)s “%(title)s” blocks this ticket and is not resolved.")
            % {"ref": other.ref, "title": other.title}
            for other in open_blockers(ticket, self.user)
        ]
        self.initial.setdefault("resolution", _usual_resolution(ticket))


def _usual_resolution(ticket: Ticket) -> str:
    if ticket.family == "technical":
        return Resolution.FIXED
    return {"configuration": Resolution.CONFIGURED, "access": Resolution.CONFIGURED}.get(
        ticket.type, Resolution.ANSWERED
    )


class WhyForm(VerbForm):
    """A reason that the other side reads."""

    reason = _why(_("Why?"))


class WithdrawForm(VerbForm):
    reason = _why(_("Why?"), required=False)


class MergeForm(VerbForm):
    into = forms.CharField(
        label=_("Into which ticket?"),
        max_length=24,
        help_text=_("Another ticket of the same requester, for example OPS-1024."),
        error_messages={"required": _("Write its number, for example OPS-1024.")},
    )

    def clean_into(self) -> Ticket:
        text = str(self.cleaned_data["into"]).strip()
        match = _REFERENCE.match(text)
        found = match and Ticket.objects.visible_to(self.user).filter(pk=int(match[1])).first()
        if not found:
            raise forms.ValidationError(
                _now(
                    "There is no ticket “%(value)s” that you may see. Write a number like OPS-1024."
                )
                % {"value": text}
            )
        return found


class CauseForm(VerbForm):
    """Choose a cause of the product, or open one."""

    cause = forms.ChoiceField(label=_("Root cause"), required=False)
    title = forms.CharField(
        label=_("Title of the new cause"), required=False, max_length=160,
        help_text=_("Only when you open a new one."),
    )  # fmt: skip
    module = forms.ChoiceField(label=_("Module"), required=False)
    category = forms.ChoiceField(
        label=_("Category"), required=False, choices=[("", "—"), *CauseCategory.choices]
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ticket = self.ticket
        found = Cause.objects.visible_to(self.user).filter(
            product=ticket.product, delivered_at=None
        )
        listed = [(str(c.pk), f"{c.ref} {c.title}") for c in found.order_by("-id")[:100]]
        if ticket.cause is not None and str(ticket.cause_id) not in dict(listed):
            listed.insert(0, (str(ticket.cause_id), f"{ticket.cause.ref} {ticket.cause.title}"))
        listed += self._sent_cause({key for key, _label in listed})
        self.choose("cause", [(OPEN_NEW, _now("Open a new cause")), *listed])
        self.choose("module", module_choices(ticket.product, not_sure=False))
        self.initial.setdefault("cause", str(ticket.cause_id or OPEN_NEW))
        self.initial.setdefault("title", ticket.title[:160])
        self.initial.setdefault("module", ticket.suspected_module_id or ticket.module_id)
        self.initial.setdefault("category", ticket.suspected_category)

    def _sent_cause(self, listed: Collection[str]) -> list[tuple[str, str]]:
        """The cause that was sent, when the list left it out: older, or fixed and back again."""
        sent = str(self.data.get("cause") or "")
        if sent in listed or not sent.isdecimal() or len(sent) > 18:
            return []
        causes = Cause.objects.visible_to(self.user).filter(product=self.ticket.product)
        return [(str(c.pk), f"{c.ref} {c.title}") for c in causes.filter(pk=int(sent))]

    def clean_module(self) -> Module | None:
        return Module.objects.filter(pk=self.cleaned_data["module"] or 0).first()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("cause") in ("", OPEN_NEW) and not (data.get("title") or "").strip():
            self.add_error("title", _now("Name the new cause in a few words."))
        return data

    def chosen(self) -> Cause | None:
        """The cause that was chosen; None to open a new one. Only after `is_valid()`."""
        key = self.cleaned_data.get("cause")
        return Cause.objects.get(pk=key) if key and key != OPEN_NEW else None


class PushForm(CauseForm):
    owner = forms.ModelChoiceField(label=_("Owner"), queryset=User.objects.none(), empty_label=None)
    field_order = ["cause", "title", "module", "category", "owner"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owner = self.fields["owner"]
        assert isinstance(owner, forms.ModelChoiceField)  # noqa: S101  (for the type checker)
        owner.queryset = owners_of(self.ticket.product)
        self.initial.setdefault("owner", _usual_owner(self.ticket))


def _usual_owner(ticket: Ticket) -> int | None:
    """The cause's owner, else the suspected module's, else the product's."""
    if ticket.cause is not None and ticket.cause.owner_id is not None:
        return ticket.cause.owner_id
    module = ticket.suspected_module or ticket.module
    return (module.owner_id if module is not None else None) or ticket.product.owner_id


class WatchForm(VerbForm):
    user_name = PersonField(label=_("Who should follow this ticket?"))


class TagsForm(VerbForm):
    """All tags of the ticket, separated by commas; known ones are offered."""

    tags = forms.CharField(
        label=_("Tags"), required=False, max_length=1000,
        help_text=_("Separated by commas. Leave out what no longer applies."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "list": "tags", "data-several": ""}),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("tags", ", ".join(self.ticket.tags))
        known = Tag.objects.order_by("name").values_list("name", flat=True)
        self.datalists = {"tags": list(known[:TAGS_OFFERED])}

    def changes(self) -> dict[str, list[str]]:
        """Which to put on and which to take off, by what the ticket carries now."""
        sent = re.split("[,，、;；]", self.cleaned_data["tags"])
        wanted = [part.strip() for part in sent if part.strip()]
        kept = {name.casefold() for name in wanted}
        return {
            "add": wanted,
            "remove": [name for name in self.ticket.tags if name.casefold() not in kept],
        }
