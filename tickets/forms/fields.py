"""Kinds of fields that several forms of tickets share."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Q
from django.utils.functional import lazystr
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.querysets import UserQuerySet
from catalog.choices import PermissionRole
from catalog.models import Module, Product
from core.markup import file_size
from docs_portal.models import Page

NOT_SURE = "not_sure"
NO_PAGE = "gap"
PEOPLE_MAX = 20
PAGES_LISTED = 50
_BETWEEN = re.compile(r"[,，;；、\n]+")
_NUMBER = re.compile(r"[0-9]{1,18}\Z")
_IN_BRACKETS = re.compile(r"[(（]([\w.@+-]+)[)）]\s*$")


class FilesInput(forms.FileInput):
    """A file control that takes several files at once."""

    allow_multiple_selected = True

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"data-max-bytes": settings.ATTACHMENT_MAX_BYTES, **(attrs or {})})


class FilesField(forms.FileField):
    """Several files; what is accepted is checked by the action, in one place."""

    max_bytes = settings.ATTACHMENT_MAX_BYTES
    max_count = settings.ATTACHMENT_MAX_COUNT

    def __init__(self, **kwargs: Any) -> None:
        limits = {
            "count": settings.ATTACHMENT_MAX_COUNT, "size": file_size(settings.ATTACHMENT_MAX_BYTES)
        }  # fmt: skip
        kwargs.setdefault("label", gettext_lazy("Files"))
        kwargs.setdefault(
            "help_text", lazy_text(gettext_lazy("Up to %(count)s files of %(size)s each."), limits)
        )
        super().__init__(widget=FilesInput(), required=False, **kwargs)

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        files = data if isinstance(data, (list, tuple)) else [data] if data else []
        return [file for file in files if file]


def lazy_text(template: Any, values: dict[str, Any]) -> Any:
    """A lazy text with values, put together in the reader's language when it is shown."""
    return lazystr(_Filled(template, values))


class _Filled:
    def __init__(self, template: Any, values: dict[str, Any]) -> None:
        self.template, self.values = template, values

    def __str__(self) -> str:
        return str(self.template) % self.values


class PersonField(forms.CharField):
    """A colleague by user name or full name; offers names while one types (people.js)."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            max_length=120,
            widget=forms.TextInput(
                attrs={"list": "people", "autocomplete": "off", "data-people": ""}
            ),
            **kwargs,
        )

    def clean(self, value: Any) -> User | None:
        text = str(super().clean(value) or "").strip()
        if not text:
            return None
        inside = _IN_BRACKETS.search(text)
        people = User.objects.working_here()
        found = list(people.filter(username__iexact=inside.group(1) if inside else text)[:1])
        if not found and not inside:
            found = list(people.filter(name__iexact=text)[:2])
        if len(found) == 1:
            return found[0]
        if found:
            raise ValidationError(
                _("Several people are called “%(value)s”. Add the user name: %(value)s (…).")
                % {"value": text}
            )
        raise ValidationError(
            _("Nobody here is called “%(value)s”. Write a user name, or a full name.")
            % {"value": text}
        )


class PeopleField(PersonField):
    """Several colleagues in one line, parted by commas or line ends; each is named when wrong."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.max_length = None
        self.validators = []
        self.widget.attrs |= {"data-several": ""}
        self.widget.attrs.pop("maxlength", None)

    def clean(self, value: Any) -> list[User]:  # type: ignore[override]
        names = [name.strip() for name in _BETWEEN.split(str(value or "")) if name.strip()]
        if len(names) > PEOPLE_MAX:
            raise ValidationError(
                _("These are %(count)s people; name at most %(most)s.")
                % {"count": len(names), "most": PEOPLE_MAX}
            )
        found, problems = [], []
        for name in names:
            try:
                found.append(super().clean(name))
            except ValidationError as error:
                problems += error.error_list
        if problems:
            raise ValidationError(problems)
        return [person for person in dict.fromkeys(found) if person is not None]


def shown_person(user: User) -> str:
    """How a person stands in the list that a `PersonField` offers."""
    return f"{user.name} ({user.username})"


def module_choices(product: Product | None, *, not_sure: bool = True) -> list[tuple[str, Any]]:
    """The modules of a product, with "not sure" as an answer of its own."""
    choices: list[tuple[str, Any]] = [("", "—")]
    if not_sure:
        choices.append((NOT_SURE, _("Not sure")))
    if product is not None:
        modules = Module.objects.filter(product=product, is_active=True).values_list("pk", "name")
        choices += [(str(pk), name) for pk, name in modules]
    return choices


class PageField(forms.ChoiceField):
    """A published page of a product's manual, or "no page answers this".

    A manual of more than `PAGES_LISTED` pages is no list any more: the field then offers only the
    page it holds, `leaves_out` says so, and a page is found by its words; any of them is taken.
    """

    def __init__(self, product: Product, *, held: int | None) -> None:
        self.pages = Page.objects.published().filter(manual__product=product)
        columns = ("position", "pk", "title")
        rows = list(self.pages.order_by().values_list(*columns)[: PAGES_LISTED + 1])
        self.leaves_out = len(rows) > PAGES_LISTED
        if self.leaves_out:
            rows = list(Page.objects.filter(pk=held).values_list(*columns)) if held else []
        super().__init__(
            required=False,
            choices=[
                ("", "—"),
                (NO_PAGE, _("No page answers this")),
                *((str(pk), title) for _place, pk, title in sorted(rows)),
            ],
        )

    def valid_value(self, value: str) -> bool:
        if super().valid_value(value):
            return True
        return bool(_NUMBER.match(value)) and self.pages.filter(pk=int(value)).exists()


def agents_in(product: Product) -> UserQuerySet:
    """Members of the product-operations teams of a product."""
    return (
        User.objects.working_here()
        .filter(
            memberships__team__is_product_operations=True,
            memberships__team__is_active=True,
            memberships__team__products=product,
        )
        .distinct()
        .order_by("name")
    )


def agents_of(product: Product) -> Iterable[tuple[int, str]]:
    """Id and name of those who may hold a product's tickets."""
    return agents_in(product).values_list("pk", "name")


def owners_of(product: Product) -> Any:
    """People who hold the role of owner for a product."""
    return (
        User.objects.working_here()
        .filter(
            Q(grants__product=product) | Q(grants__product__isnull=True),
            grants__role=PermissionRole.OWNER,
            grants__is_active=True,
            grants__department__isnull=True,
        )
        .distinct()
        .order_by("name")
    )
