"""The form of a saved view: its name, with whom it is shared, where it stands."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from catalog.access import rights_of
from catalog.models import Team
from tickets.models.saved_views import KeptView


class SavedViewForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=60)
    is_pinned = forms.BooleanField(label=_("Pinned: before the other views"), required=False)
    position = forms.IntegerField(
        label=_("Place among the views"), required=False, min_value=0, max_value=999,
        help_text=_("Smaller numbers stand first."),
    )  # fmt: skip
    is_for_everyone = forms.BooleanField(label=_("Share with everyone on the desk"), required=False)
    team_ids = forms.ModelMultipleChoiceField(
        Team.objects.none(), label=_("Share with teams"), required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)

    def __init__(self, data: Any = None, *, user: User, view: KeptView | None = None) -> None:
        super().__init__(data)
        rights = rights_of(user)
        teams = Team.objects.filter(is_active=True)
        if not (rights.is_administrator or rights.is_manager):
            teams = teams.filter(pk__in=[*rights.team_ids, *(view.team_ids if view else ())])
        self.fields["team_ids"].queryset = teams  # type: ignore[attr-defined]
        if view is not None:
            names = ("name", "is_pinned", "position", "is_for_everyone", "team_ids", "version")
            self.initial = {name: getattr(view, name) for name in names}

    def settings(self) -> dict[str, Any]:
        """What the action sets."""
        data = self.cleaned_data
        return {
            "name": data["name"], "is_pinned": data["is_pinned"],
            "position": data["position"] or 0, "is_for_everyone": data["is_for_everyone"],
            "team_ids": [team.pk for team in data["team_ids"]],
        }  # fmt: skip
