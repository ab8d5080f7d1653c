"""What every form of the settings pages shares."""

from __future__ import annotations

import re
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.errors import Refused, StaleWrite
from core.forms import add_refusal

_USERNAME_IN_BRACKETS = re.compile(r"\(([^()]+)\)\s*$")
#: The id of the list of people that PersonField suggests; the page carries it once.
PEOPLE_LIST = "people"


class PersonField(forms.CharField):
    """A person, written as user name or name; the page suggests "name (user name)".

    Not a select: a company has thousands of people.
    """

    def __init__(self, **options: Any) -> None:
        widget = forms.TextInput(attrs={"list": PEOPLE_LIST, "autocomplete": "off"})
        super().__init__(widget=widget, max_length=160, **options)

    def among(self) -> Any:
        """Who may be named."""
        return User.objects.working_here()

    def clean(self, value: Any) -> User | None:
        text = str(super().clean(value))
        if not text:
            return None
        in_brackets = _USERNAME_IN_BRACKETS.search(text)
        username = in_brackets.group(1) if in_brackets else text
        people = self.among()
        found: User | None = people.filter(username__iexact=username).first()
        if found is not None:
            return found
        named: list[User] = list(people.filter(name=text)[:2])
        if len(named) == 1:
            return named[0]
        if named:
            message = _("Several people are called “%(value)s”. Write the user name.")
        else:
            message = _("Nobody called “%(value)s” works here. Write a user name or a full name.")
        raise ValidationError(message, params={"value": text})

    def prepare_value(self, value: Any) -> Any:
        return person_text(value) if isinstance(value, User) else value


def person_text(person: User) -> str:
    """A person as the field shows and reads them."""
    return f"{person.name} ({person.username})"


class SettingsForm(forms.Form):
    """A form that edits one row: it carries the version it was opened with."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    #: Form fields that are columns of the row, in the order of the form.
    columns: tuple[str, ...] = ()

    def __init__(self, *args: Any, row: Model | None = None, **kwargs: Any) -> None:
        self.row = row
        super().__init__(*args, **kwargs)

    @classmethod
    def initial_of(cls, row: Any) -> dict[str, Any]:
        """What the form shows of a row."""
        values = {name: getattr(row, name) for name in cls.columns}
        return {**values, "version": getattr(row, "version", None)}

    def fields_of_row(self) -> dict[str, Any]:
        """The cleaned columns by attribute name: `owner` as `owner_id`."""
        found: dict[str, Any] = {}
        for name in self.columns:
            value = self.cleaned_data[name]
            if isinstance(self.fields[name], PersonField | forms.ModelChoiceField):
                found[f"{name}_id"] = value.pk if value is not None else None
            else:
                found[name] = value
        return found

    def show_refusal(self, refusal: Refused) -> None:
        """Carry a refusal to the fields; after a stale write the form may be sent again."""
        if not isinstance(refusal, StaleWrite):
            add_refusal(self, refusal)
            return
        actors = User.objects.filter(pk__in=[one.actor_id for one in refusal.conflicts])
        names: dict[int | None, str] = dict(actors.values_list("pk", "name"))
        for conflict in refusal.conflicts:
            field = conflict.field.removesuffix("_id")
            message = _("%(name)s changed this meanwhile. Look again, then save once more.")
            text = str(message) % {"name": names.get(conflict.actor_id, "?")}
            self.add_error(field if field in self.fields else None, text)
        sent = dict(cast("MultiValueDict[str, Any]", self.data).lists())
        sent[self.add_prefix("version")] = [str(refusal.current_version)]
        self.data = MultiValueDict(sent)


def lines(value: str) -> list[str]:
    """The lines of a text without empty ones and repetitions, in their order."""
    return list(dict.fromkeys(line.strip() for line in value.splitlines() if line.strip()))
