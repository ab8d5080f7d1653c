"""The only doors to a ticket, a cause or an attachment: not visible is 404, not allowed is 403."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from accounts.models import User
from catalog.access import read_rights, rights_of
from catalog.choices import PermissionRole
from core.prepared import Prepared
from tickets.choices import CommentKind
from tickets.models import (
    Attachment,
    Cause,
    Comment,
    DraftFile,
    IncomingMessage,
    Mailbox,
    OwnerLink,
    SameHere,
    SavedView,
    SubmitDraft,
    SubmitDraftFile,
    Ticket,
    WidgetSession,
    WidgetSite,
)
from tickets.models.saved_views import KeptView
from tickets.policies import Who, may_help, stands_as, widget_tokens
from tickets.policies.owner_links import hash_of
from tickets.querysets import READING_ROLES, TicketQuerySet, view_seen_by

V = TypeVar("V", bound=KeptView)

_WORKERS = frozenset({Who.AGENT, Who.MANAGER, Who.OUTSIDE, Who.OWNER, Who.HELPER})
#: What nearly every ticket has and every page of one shows. The rest (feature, outside team,
#: page, the cause's owner) is asked for where there is any: with it the query had seventeen joins
#: and took twice as long.
RELATED = (
    "product", "module", "requester__department", "requester__position", "department", "team",
    "assignee", "cause",
)  # fmt: skip


def _visible(user: User) -> TicketQuerySet:
    return Ticket.objects.visible_to(user).select_related(*RELATED)


@Prepared
def _by_number(pk: int) -> QuerySet[Ticket]:
    return Ticket.objects.filter(pk=pk).select_related(*RELATED)


@Prepared
def _by_number_with_drafts(pk: int, user: int) -> QuerySet[Ticket]:
    return _with_drafts(User(pk=user)).filter(pk=pk).select_related(*RELATED)


def _with_drafts(user: User) -> TicketQuerySet:
    return Ticket.objects.with_drafts_of(user).with_procedure()


def _found(
    user: User, pk: int, read: Callable[[], list[Ticket]], tickets: Callable[[], TicketQuerySet]
) -> Ticket:
    """The ticket that `read` reads (one of `tickets`), if this person may see it. Raises Http404.

    Nearly every ticket is opened by its holder or an agent of its product, and that the row says
    itself: putting the whole rule into the query costs more than reading the ticket. Everybody
    else, and an agent with any other tie, is let in by the rule alone.
    """
    rights = rights_of(user)
    if rights.is_agent:
        found = read()
        if not found:
            raise Http404
        ticket = found[0]
        if user.pk in (ticket.requester_id, ticket.assignee_id) or (
            not ticket.confidential and rights.covers(PermissionRole.AGENT, ticket.product_id)
        ):
            return ticket
    return get_object_or_404(tickets().visible_to(user).select_related(*RELATED), pk=pk)


def get_ticket_for_view(user: User, pk: int) -> Ticket:
    """A ticket this person may see in any way. Raises Http404."""
    return _found(user, pk, lambda: _by_number(pk=pk), Ticket.objects.all)


def tickets_for_view(user: User, pks: Iterable[int]) -> list[Ticket]:
    """Those of several tickets that this person may see, in no order."""
    return list(_visible(user).filter(pk__in=list(pks)))


def get_ticket_with_drafts(user: User, pk: int) -> Ticket:
    """The same with the person's own drafts (`own_drafts`), in one query. Raises Http404."""
    return _found(
        user, pk,
        lambda: _by_number_with_drafts(pk=pk, user=user.pk), lambda: _with_drafts(user),
    )  # fmt: skip


def get_own_draft_file(user: User, pk: int) -> DraftFile:
    """A file of a draft of this very person, on a ticket they still see. Raises Http404."""
    file: DraftFile = get_object_or_404(
        DraftFile.objects.select_related("draft__ticket", "file"),
        pk=pk,
        draft__person=user,
        draft__ticket__in=Ticket.objects.visible_to(user).values("pk"),
    )
    return file


def get_own_submit_draft(user: User, pk: int) -> SubmitDraft:
    """A ticket this very person began to write. Raises Http404."""
    draft: SubmitDraft = get_object_or_404(SubmitDraft, pk=pk, person=user)
    return draft


def get_own_submit_draft_file(user: User, pk: int) -> SubmitDraftFile:
    """A file that waits with a ticket this very person began to write. Raises Http404."""
    file: SubmitDraftFile = get_object_or_404(
        SubmitDraftFile.objects.select_related("draft", "file"), pk=pk, draft__person=user
    )
    return file


def get_ticket_for_staff(user: User, pk: int) -> Ticket:
    """A ticket with its internal notes: for who works on it. Raises Http404 or PermissionDenied."""
    ticket = get_ticket_for_view(user, pk)
    if not may_read_notes(ticket, user):
        raise PermissionDenied
    return ticket


def get_ticket_for_edit(user: User, pk: int) -> Ticket:
    """A ticket this person may work on as staff. Raises Http404 or PermissionDenied."""
    ticket = get_ticket_for_view(user, pk)
    if not stands_as(ticket, user) & {Who.AGENT, Who.MANAGER}:
        raise PermissionDenied
    return ticket


def get_ticket_as_requester(user: User, pk: int) -> Ticket:
    """One's own ticket, or one watched. Raises Http404."""
    ticket: Ticket = get_object_or_404(_visible(user), pk=pk)
    return ticket


def may_read_notes(ticket: Ticket, user: User) -> bool:
    """Internal notes are for those who work on the ticket, never for its requester as such.

    Analysts read figures and tickets, so they read notes as well.
    """
    standing = stands_as(ticket, user)
    if standing & _WORKERS:
        return True
    return Who.REQUESTER not in standing and _reads_by_role(ticket, user)


def _reads_by_role(ticket: Ticket, user: User) -> bool:
    return Ticket.objects.on_desk_of(user).filter(pk=ticket.pk).exists()


def readable_notes(tickets: Sequence[Ticket], user: User) -> frozenset[int]:
    """Ids of those `tickets` whose notes the person may read: one query for a whole list.

    The tickets need their department and cause loaded.
    """
    rights = rights_of(user)
    standing = {ticket.pk: stands_as(ticket, user, rights) for ticket in tickets}
    others = [pk for pk, found in standing.items() if not found & (_WORKERS | {Who.REQUESTER})]
    by_role = (
        Ticket.objects.on_desk_of(user).filter(pk__in=others).values_list("pk", flat=True)
        if others and rights.is_staff
        else ()
    )
    return frozenset({pk for pk, found in standing.items() if found & _WORKERS}.union(by_role))


def people_on(ticket: Ticket) -> list[User]:
    """Who is on the ticket already: requester, holder, watchers, owner, who wrote in public."""
    tied = Q(pk__in=[ticket.requester_id, ticket.assignee_id or 0])
    tied |= Q(pk__in=ticket.watchers.values("user_id"))
    tied |= Q(pk__in=ticket.comments.filter(kind=CommentKind.PUBLIC).values("author_id"))
    if ticket.cause_id is not None and ticket.cause is not None:
        tied |= Q(pk=ticket.cause.owner_id or 0)
    return list(User.objects.working_here().filter(tied).order_by("name", "pk"))


@dataclass(frozen=True)
class Reach:
    """What of one ticket a person sees, and whether being added would show them its notes."""

    ticket: bool
    notes: bool
    notes_if_added: bool


def reach_of(ticket: Ticket, people: Iterable[User]) -> dict[int, Reach]:
    """What each of `people` sees of `ticket`, by the rule of `visible_to`: three queries at most.

    For asking about others; a request asks about its own person at the doors above.
    """
    people = list(people)
    read_rights(people)
    watchers = dict(ticket.watchers.values_list("user_id", "added_by_id"))
    return {user.pk: _reach(ticket, user, watchers) for user in people}


def _reach(ticket: Ticket, user: User, watchers: Mapping[int, int]) -> Reach:
    rights = rights_of(user)
    standing = stands_as(ticket, user, rights, watchers)
    path = ticket.department.path if ticket.department is not None else ""
    by_role = not ticket.confidential and any(
        rights.covers(role, ticket.product_id, path) for role in READING_ROLES
    )
    sees = bool(standing) or by_role or ticket.assignee_id == user.pk or user.pk in watchers
    notes = bool(standing & _WORKERS) or (by_role and Who.REQUESTER not in standing)
    return Reach(sees, notes, notes or (may_help(rights) and Who.REQUESTER not in standing))


def get_saved_view_for_view(user: User, pk: int) -> SavedView:
    """A view of one's own, or one that is shared with one. Raises Http404."""
    require_staff(user)
    view: SavedView = get_object_or_404(SavedView.objects.visible_to(user), pk=pk)
    return view


def get_saved_view_for_edit(user: User, pk: int) -> SavedView:
    """A view this person may change, also a deleted one. Raises Http404 or PermissionDenied."""
    require_staff(user)
    return view_for_edit(SavedView, user, pk)


def view_for_edit(model: type[V], user: User, pk: int) -> V:
    """A kept view of any noun this person may change, also a deleted one."""
    mine = view_seen_by(user) | Q(owner=user, is_active=False)
    if rights_of(user).is_administrator:
        mine |= Q(is_active=False, is_for_everyone=True) | Q(is_active=False, team_ids__len__gt=0)
    view: V = get_object_or_404(model._default_manager.filter(mine), pk=pk)
    if not may_edit_saved_view(view, user):
        raise PermissionDenied
    return view


def may_edit_saved_view(view: KeptView, user: User) -> bool:
    """Its owner, and for shared ones administrators."""
    return view.owner_id == user.pk or (view.is_shared and rights_of(user).is_administrator)


def require_staff(user: User) -> None:
    """Views belong to the desk. Raises PermissionDenied."""
    if not rights_of(user).is_staff:
        raise PermissionDenied


def get_cause_for_view(user: User, pk: int) -> Cause:
    """A cause of a product of this person's, or one pushed to them. Raises Http404."""
    causes = Cause.objects.visible_to(user).select_related("product", "module", "owner")
    cause: Cause = get_object_or_404(causes, pk=pk)
    return cause


def get_cause_as_owner(user: User, pk: int) -> Cause:
    """A cause pushed to this person. Raises Http404 or PermissionDenied."""
    cause = get_cause_for_view(user, pk)
    if cause.owner_id != user.pk:
        raise PermissionDenied
    return cause


def get_known_issue(user: User, pk: int) -> Cause:
    """A known issue that is not fixed yet: everybody may read these. Raises Http404."""
    causes = Cause.objects.known_issues().select_related("product", "module")
    cause: Cause = get_object_or_404(causes, pk=pk)
    return cause


def get_cause_for_edit(user: User, pk: int) -> Cause:
    """A cause whose product this person works for as staff. Raises Http404 or PermissionDenied."""
    cause = get_cause_for_view(user, pk)
    rights = rights_of(user)
    roles = (PermissionRole.AGENT, PermissionRole.MANAGER)
    if not any(rights.covers(role, cause.product_id) for role in roles):
        raise PermissionDenied
    return cause


def get_own_same_here(user: User, pk: int) -> SameHere:
    """One's own "same here". Raises Http404."""
    rows = SameHere.objects.select_related("cause__product", "cause__module", "ticket", "led_to")
    row: SameHere = get_object_or_404(rows, pk=pk, person=user)
    return row


def get_owner_link(token: str) -> OwnerLink:
    """The signed link behind a token; the token is all it asks for. Raises Http404."""
    link: OwnerLink = get_object_or_404(
        OwnerLink.objects.select_related("cause__product", "cause__module", "owner"),
        token_hash=hash_of(token),
    )
    return link


def get_widget_site(code: str) -> WidgetSite:
    """The widget of a product that is in use and may stand somewhere. Raises Http404."""
    site: WidgetSite = get_object_or_404(
        WidgetSite.objects.select_related("product"),
        product__code=code, product__is_active=True, is_active=True,
    )  # fmt: skip
    return site


def get_widget_session(code: str, key: str, now: dt.datetime) -> WidgetSession | None:
    """The session of a key, for this product only; None when it is over or was never one."""
    sessions = WidgetSession.objects.filter(
        key_hash=widget_tokens.hash_of(key), expires_at__gt=now,
        site__product__code=code, site__is_active=True, site__product__is_active=True,
    ).select_related("site__product", "module", "user")  # fmt: skip
    session: WidgetSession | None = sessions.first()
    return session if session is not None and session.user.may_sign_in else None


def get_attachment(user: User, pk: int) -> Attachment:
    """A file of a ticket this person may see; a note's file only with the note. Raises Http404."""
    attachment: Attachment = get_object_or_404(
        Attachment.objects.select_related("ticket__department", "ticket__cause", "comment", "file"),
        pk=pk,
        ticket__in=Ticket.objects.visible_to(user).values("pk"),
    )
    if _is_note(attachment.comment) and not may_read_notes(attachment.ticket, user):
        raise PermissionDenied
    return attachment


def _is_note(comment: Comment | None) -> bool:
    return comment is not None and comment.kind == CommentKind.NOTE


def incoming_for_edit(user: User) -> QuerySet[IncomingMessage]:
    """Messages from outside that this person may take care of. Raises PermissionDenied.

    Administrators all; agents those of the mailboxes and robots of their products, and what they
    brought in themselves.
    """
    rights = rights_of(user)
    messages: QuerySet[IncomingMessage] = IncomingMessage.objects.all()
    if rights.is_administrator:
        return messages
    if not rights.is_agent:
        raise PermissionDenied
    products = rights.products_as(PermissionRole.AGENT)
    if products is None:
        return messages
    boxes = Mailbox.objects.filter(product__in=products).values_list("pk", flat=True)
    own = Q(brought_by=user) | Q(robot__product__in=products)
    return messages.filter(own | Q(source__in=[f"mailbox:{pk}" for pk in boxes]))


def get_incoming_for_edit(user: User, pk: int) -> IncomingMessage:
    """One message from outside that waits for somebody. Raises Http404 or PermissionDenied."""
    messages = incoming_for_edit(user).select_related("raw", "ticket", "person", "robot")
    message: IncomingMessage = get_object_or_404(messages, pk=pk)
    return message
