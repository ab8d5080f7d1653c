"""Forms of what ties a ticket to others: links, a split, watchers."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.text import excerpt
from tickets.choices import CommentKind
from tickets.forms.verbs import VerbForm
from tickets.models import Ticket, TicketLink
from tickets.rendering.links import LINK_CHOICES

_REFERENCE = re.compile(r"(?:OPS-)?(\d{1,18})", re.IGNORECASE)
#: Messages that are offered to be split off.
MESSAGES = 30


class TicketField(forms.CharField):
    """Another ticket by its number; the form gives the person, who must be able to see it."""

    user: User

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault(
            "error_messages", {"required": _("Write its number, for example OPS-1024.")}
        )
        super().__init__(max_length=24, **kwargs)

    def clean(self, value: Any) -> Ticket | None:
        text = str(super().clean(value) or "").strip()
        match = _REFERENCE.fullmatch(text)
        found = match and Ticket.objects.visible_to(self.user).filter(pk=int(match[1])).first()
        if not found:
            raise forms.ValidationError(
                _now(
                    "There is no ticket “%(value)s” that you may see. Write a number like OPS-1024."
                )
                % {"value": text}
            )
        return found


class LinkForm(VerbForm):
    kind = forms.ChoiceField(label=_("This ticket …"), choices=LINK_CHOICES)
    other = TicketField(label=_("Which ticket?"), help_text=_("For example OPS-1024."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        other = self.fields["other"]
        assert isinstance(other, TicketField)  # noqa: S101  (for the type checker)
        other.user = self.user


class UnlinkForm(VerbForm):
    """Which link of this ticket; sent by the button beside it."""

    link = forms.ModelChoiceField(
        queryset=TicketLink.objects.none(), widget=forms.HiddenInput,
        error_messages={"required": _("The link is gone already.")},
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        link = self.fields["link"]
        assert isinstance(link, forms.ModelChoiceField)  # noqa: S101  (for the type checker)
        link.queryset = self.ticket.links.all() | self.ticket.linked_from.all()


class SplitForm(VerbForm):
    """The words of the new ticket: those of a message, or written here."""

    message = forms.ChoiceField(label=_("Which message?"), required=False)
    words = forms.CharField(
        label=_("The words of the new ticket"), required=False, max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Left empty, those of the message."),
    )  # fmt: skip
    title = forms.CharField(
        label=_("Title"), required=False, max_length=200,
        help_text=_("Left empty, the first sentence."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        public = self.ticket.comments.filter(kind=CommentKind.PUBLIC).select_related("author")
        said = [
            (str(c.pk), f"{c.author or _now('The system')}: {excerpt(c.body, 70)}")
            for c in public.order_by("-id")[:MESSAGES]
        ]
        self.choose("message", [("", _now("Only the words below")), *said])
        own = public.filter(author=self.ticket.requester).last()
        self.initial.setdefault("message", str(own.pk) if own is not None else "")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not (data.get("words") or "").strip():
            picked = self.ticket.comments.filter(pk=data.get("message") or 0).first()
            if picked is None:
                self.add_error("words", _now("Choose a message, or write the words here."))
            else:
                data["words"] = picked.body
        return data


class UnwatchForm(VerbForm):
    """Whom to take off; oneself when nobody is named."""

    user_id = forms.ModelChoiceField(
        queryset=User.objects.none(), widget=forms.HiddenInput, required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        person = self.fields["user_id"]
        assert isinstance(person, forms.ModelChoiceField)  # noqa: S101  (for the type checker)
        person.queryset = User.objects.filter(watched__ticket=self.ticket)
