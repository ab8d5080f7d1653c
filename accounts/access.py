"""Doors to what belongs to one person."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest

from accounts.models import Company, SignInFailure, Telling, User
from accounts.policies import failure_key, wish
from core.models import Notice
from core.registry import Reader, calendar_of
from core.telling import Wish
from core.worktime import WorkCalendar


def get_notice_for_view(user: User, pk: int) -> Notice:
    """A notice of the person's own inbox; anybody else's does not exist."""
    notice = Notice.objects.of(user.pk).filter(pk=pk).first()
    if notice is None:
        raise Http404
    return notice


def signed_in(request: HttpRequest) -> User:
    """The person whose request this is, behind `login_required`."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def company_name() -> str:
    """What the company is called: as it was said in the settings, else by the environment."""
    named = Company.objects.filter(pk=Company.ONLY).values_list("name", flat=True).first()
    return named or str(settings.COMPANY_NAME)


def nobody_works_here() -> bool:
    """Whether this installation still waits for its first person."""
    return not User.objects.working_here().exists()


def failures_of(username: str, address: str) -> SignInFailure | None:
    return SignInFailure.objects.filter(key=failure_key(username, address)).first()


def reader_of(user_id: int) -> Reader | None:
    """Whom a mail or chat message is for; None for who left, was switched off or imported."""
    person = User.objects.filter(pk=user_id).first()
    if person is None or not person.may_sign_in:
        return None
    return Reader(person.language, person.name, person.email, person, wish_of(person))


def telling_of(person: User | None) -> Telling | None:
    """What a person, or the house (None), chose about being told; None when nothing was."""
    if person is None:
        return Telling.objects.filter(user__isnull=True).first()
    return Telling.objects.filter(user=person).first()


def house_wish() -> Wish:
    """How everybody is told who chose nothing."""
    return wish(None, telling_of(None), WorkCalendar)


def wish_of(person: User) -> Wish:
    """How the person wants to be told: their own choice before the house's (one query).

    The working hours are asked for only where they decide.
    """
    rows = {
        row.user_id: row for row in Telling.objects.filter(Q(user=person) | Q(user__isnull=True))
    }
    own, house = rows.get(person.pk), rows.get(None)
    return wish(own, house, lambda: calendar_of(person.pk))
