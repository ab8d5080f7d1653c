"""Doors to what belongs to one person."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest

from accounts.models import SignInFailure, User
from accounts.policies import failure_key
from core.models import Notice
from core.registry import Reader


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


def failures_of(username: str, address: str) -> SignInFailure | None:
    return SignInFailure.objects.filter(key=failure_key(username, address)).first()


def reader_of(user_id: int) -> Reader | None:
    """Whom a mail or chat message is for; None for who left, was switched off or imported."""
    person = User.objects.filter(pk=user_id).first()
    if person is None or not person.may_sign_in:
        return None
    return Reader(person.language, person.name, person.email, person)
