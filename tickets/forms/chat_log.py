"""A pasted chat log: what the agent ticks, whose words they are, of which product."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from catalog.models import Product
from tickets.forms.fields import PersonField, shown_person

#: Characters of a log; a long working day of a busy group has some twenty thousand.
LOG_MAX = 200_000
LINES_MAX = 5_000
OWN = "own"
#: Cards up to which each message offers all of them; beyond, cards are joined as a whole.
OFFERED = 12


class ChatLogForm(forms.Form):
    """The text as it was copied."""

    log = forms.CharField(
        label=_("Chat log"),
        widget=forms.Textarea,
        max_length=LOG_MAX,
        strip=False,
        error_messages={
            "required": _("Paste the messages you copied from the chat."),
            "max_length": _("This log is too long; paste at most 200,000 characters of it."),
        },
    )

    def clean_log(self) -> str:
        log: str = self.cleaned_data["log"]
        if not log.strip():
            raise forms.ValidationError(_("Paste the messages you copied from the chat."))
        if log.count("\n") >= LINES_MAX:
            raise forms.ValidationError(
                _("This log is too long; paste at most %(count)s lines of it."),
                params={"count": LINES_MAX},
            )
        return log


@dataclass(frozen=True)
class CardAsked:
    """What the form must know of one proposed ticket."""

    number: int
    name: str
    person: User | None
    candidates: Sequence[User]
    product: Product


class ChatTicketsForm(forms.Form):
    """The ticks, the tickets and their persons. Fields are numbered as lines and cards are."""

    def __init__(
        self, *args: Any, cards: Sequence[CardAsked], lines: Mapping[int, tuple[int, bool]],
        **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.cards, self.lines = cards, lines
        products = Product.objects.filter(is_active=True)
        numbers = [(str(card.number), f"{card.number} · {card.name or '?'}") for card in cards]
        for card in cards:
            self._add_card(card, products, numbers)
        for index, (number, is_ticked) in lines.items():
            self.fields[f"take-{index}"] = forms.BooleanField(required=False, initial=is_ticked)
            self.fields[f"to-{index}"] = forms.ChoiceField(
                label=_("Ticket"), required=False, initial=str(number),
                choices=[*_offered(numbers, number), (OWN, _("its own ticket"))],
            )  # fmt: skip

    def _add_card(self, card: CardAsked, products: Any, numbers: Sequence[tuple[str, str]]) -> None:
        if card.candidates:
            self.fields[f"pick-{card.number}"] = forms.ChoiceField(
                label=_("Which of them?"), required=False, widget=forms.RadioSelect,
                choices=[(str(p.pk), _place(p)) for p in card.candidates],
            )  # fmt: skip
        self.fields[f"who-{card.number}"] = PersonField(
            label=_("Somebody else") if card.candidates else _("Person"), required=False,
            initial=shown_person(card.person) if card.person else "",
        )  # fmt: skip
        self.fields[f"product-{card.number}"] = forms.ModelChoiceField(
            label=_("Product"), queryset=products, initial=card.product, required=False,
            error_messages={"invalid_choice": _("Choose a product of the list.")},
        )  # fmt: skip
        others = [choice for choice in numbers if choice[0] != str(card.number)]
        self.fields[f"into-{card.number}"] = forms.ChoiceField(
            label=_("Join with"), required=False,
            choices=[("", _("a ticket of its own")), *others],
        )  # fmt: skip

    def ticked(self) -> dict[str, list[int]]:
        """Card (or `own-<line>`) → the lines that make its ticket, after joining."""
        data, found = self.cleaned_data, dict[str, list[int]]()
        for index in self.lines:
            if data.get(f"take-{index}"):
                to = data.get(f"to-{index}") or str(self.lines[index][0])
                key = f"own-{index}" if to == OWN else self._joined(to)
                found.setdefault(key, []).append(index)
        return found

    def _joined(self, number: str) -> str:
        """Where a card's messages go; joining in a circle ends where it began."""
        seen: list[str] = []
        while (into := self.cleaned_data.get(f"into-{number}")) and number not in seen:
            seen.append(number)
            number = into
        return number

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for key, lines in self.ticked().items():
            number = key if not key.startswith("own-") else str(self.lines[lines[0]][0])
            if f"who-{number}" not in self.errors and self.person(number) is None:
                self.add_error(f"who-{number}", _("Say whose words these are."))
        return data

    def person(self, number: str) -> User | None:
        """The person of a card: written, else picked among those of the name."""
        written: User | None = self.cleaned_data.get(f"who-{number}")
        if written is not None:
            return written
        picked = self.cleaned_data.get(f"pick-{number}")
        card = next(card for card in self.cards if str(card.number) == number)
        return next((p for p in card.candidates if str(p.pk) == picked), None)

    def product(self, number: str) -> Product:
        card = next(card for card in self.cards if str(card.number) == number)
        chosen: Product | None = self.cleaned_data.get(f"product-{number}")
        return chosen or card.product


def _offered(numbers: Sequence[tuple[str, str]], own: int) -> Sequence[tuple[str, str]]:
    if len(numbers) <= OFFERED:
        return numbers
    return [choice for choice in numbers if choice[0] == str(own)]


def _place(person: User) -> str:
    department = person.department.name if person.department else ""
    return " · ".join(part for part in (person.name, department, person.username) if part)
