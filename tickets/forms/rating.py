"""How the course of a ticket was: a score, reasons in one tap, words if one likes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tickets.actions.rating import WORDS_MAX
from tickets.choices import RatingReason, Score
from tickets.forms.verbs import VerbForm
from tickets.models import Rating
from tickets.policies.rating import reasons_for


class RateForm(VerbForm):
    """Only the score is needed; reasons that do not go with it are left out."""

    score = forms.TypedChoiceField(
        label=_("How did it go?"), coerce=int, choices=list(reversed(Score.choices)),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one of the three.")},
    )  # fmt: skip
    reasons = forms.MultipleChoiceField(
        label=_("Why? (optional)"), required=False, choices=RatingReason.choices,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    words = forms.CharField(
        label=_("In your words (optional)"), required=False, max_length=WORDS_MAX,
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip

    def __init__(self, *args: Any, rating: Rating | None = None, **kwargs: Any) -> None:
        if rating is not None:
            known = {"score": rating.score, "reasons": rating.reasons, "words": rating.words}
            kwargs["initial"] = {**known, **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("score") and "reasons" in data:
            fitting = set(reasons_for(data["score"], self.ticket.family))
            data["reasons"] = [reason for reason in data["reasons"] if reason in fitting]
        return data

    def chips(self) -> list[tuple[str, str, bool, str]]:
        """Each reason this ticket may be given: value, label, chosen, the scores it goes with."""
        chosen = set(self["reasons"].value() or ())
        offered = {score: reasons_for(score, self.ticket.family) for score in Score}
        return [
            (
                reason.value, str(reason.label), reason.value in chosen,
                " ".join(str(score.value) for score in Score if reason in offered[score]),
            )
            for reason in RatingReason
            if any(reason in fitting for fitting in offered.values())
        ]  # fmt: skip
