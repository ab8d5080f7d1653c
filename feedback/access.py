"""The only doors to demands, releases and insights, and who can be told what."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.shortcuts import get_object_or_404

from accounts.models import User
from catalog.access import require, rights_of
from catalog.choices import PermissionRole
from core.models import UnreachableAddress
from docs_portal.models import Announcement
from feedback.models import Demand, DemandImport, DemandView, Obligation, Release, Round
from feedback.policies import coverage_of, is_staff_of, may_steer
from tickets.access import view_for_edit
from tickets.models import Ticket

READERS = (PermissionRole.AGENT, PermissionRole.MANAGER, PermissionRole.ANALYST)
RELATED = (
    "product", "module", "product_owner", "release", "verified_by", "created_by", "proposer",
)  # fmt: skip


def get_demand_for_view(user: User, pk: int) -> Demand:
    """A demand this person may see. Raises Http404."""
    demand: Demand = get_object_or_404(
        Demand.objects.visible_to(user).select_related(*RELATED), pk=pk
    )
    return demand


def demand_called(ref: str) -> Demand:
    """The demand a ticket names as its driver ("D-7"). Raises Demand.DoesNotExist."""
    return Demand.objects.get(pk=int(ref.removeprefix("D-")))


def get_demand_for_edit(user: User, pk: int) -> Demand:
    """A demand this person may steer. Raises Http404 or PermissionDenied."""
    demand = get_demand_for_view(user, pk)
    if not may_steer(demand, user):
        raise PermissionDenied
    return demand


def get_demand_as_staff(user: User, pk: int) -> Demand:
    """A demand whose people and score this person may see. Raises Http404 or PermissionDenied."""
    demand = get_demand_for_view(user, pk)
    if not sees_everyone(demand, user):
        raise PermissionDenied
    return demand


def get_import(user: User, pk: int) -> DemandImport:
    """A file this person sent themselves. Raises Http404."""
    found: DemandImport = get_object_or_404(
        DemandImport.objects.select_related("product"), pk=pk, by=user
    )
    return found


def get_demand_for_support(user: User, pk: int, day: dt.date) -> Demand:
    """A demand of a product this person uses that is under way, or one they asked for.

    Raises Http404.
    """
    reached = Demand.objects.open_to(user, day) | Demand.objects.asked_by(user)
    demand: Demand = get_object_or_404(reached.unfinished().select_related(*RELATED), pk=pk)
    return demand


def source_of(release: Release) -> str:
    """What an announcement made from a release names as its source."""
    return f"release-{release.pk}"


def announced_release(release: Release) -> Announcement | None:
    """The newest announcement that was made from a release."""
    found: Announcement | None = (
        Announcement.objects.filter(source=source_of(release)).order_by("-pk").first()
    )
    return found


def sees_everyone(demand: Demand, user: User) -> bool:
    """Whether the people behind a demand are shown: to staff, never to who is merely owed."""
    rights = rights_of(user)
    return may_steer(demand, user) or any(
        rights.covers(role, demand.product_id) for role in READERS
    )


def get_release_for_view(user: User, pk: int) -> Release:
    """A release of a product this person works for. Raises Http404."""
    release: Release = get_object_or_404(Release.objects.select_related("product"), pk=pk)
    if not is_staff_of(release.product_id, user) and not rights_of(user).covers(
        PermissionRole.ANALYST, release.product_id
    ):
        # Like a release that does not exist: its name alone would tell what is planned.
        get_object_or_404(Release.objects.none())
    return release


def get_release_for_edit(user: User, pk: int) -> Release:
    """A release this person may publish. Raises Http404 or PermissionDenied."""
    release = get_release_for_view(user, pk)
    if not is_staff_of(release.product_id, user):
        raise PermissionDenied
    return release


def require_reader(user: User) -> None:
    """The table of demands is for staff, analysts and owners. Raises PermissionDenied."""
    require(user, *READERS, PermissionRole.OWNER)


def open_question(user: User, demand: Demand) -> Round | None:
    """The release round this person has not answered yet, their own or one passed on to them."""
    rounds = Round.objects.about(demand).questions().select_related(*_HEARD)
    return next((row for row in rounds.order_by("-pk") if may_answer(row, user)), None)


def questions_along(user: User, question: Round) -> list[Round]:
    """What else this person is asked about the same release: answered on the same card."""
    if question.release_id is None:
        return []
    rounds = Round.objects.questions().filter(release_id=question.release_id)
    others = rounds.exclude(pk=question.pk).select_related(*_HEARD).order_by("pk")
    mine = others.filter(Q(told_to=user) | Q(obligation__person=user))
    return [row for row in mine if may_answer(row, user)]


_HEARD = (
    "release", "obligation__demand", "obligation__person__department__contact",
    "obligation__person__successor",
)  # fmt: skip


def may_answer(row: Round, user: User) -> bool:
    person = row.obligation.person
    return person.pk == user.pk or recipient_of(person) == user


def recipient_of(person: User) -> User | None:
    """Who hears for this person: themselves; of who left, the successor or department contact."""
    if _reachable(person):
        return person
    for other in (
        person.successor,
        person.department.contact if person.department is not None else None,
    ):
        if other is not None and _reachable(other):
            return other
    return None


def _reachable(person: User) -> bool:
    return person.is_active and person.left_on is None and not person.imported


@dataclass(frozen=True)
class Told:
    """One line of the list a release shows before it is published."""

    person: User
    recipient: User | None
    demands: list[Demand]
    #: False: the roll-out does not reach them yet, so they are told later.
    is_covered: bool = True
    #: Their mails come back; they are told in the app alone.
    mail_fails: bool = False


def people_of_release(release: Release, today: dt.date) -> list[Told]:
    """Everyone who will be told, with who hears for them; `recipient` None cannot be reached."""
    found: dict[int, Told] = {}
    coverage = coverage_of(release, today)
    obligations = (
        Obligation.objects.standing()
        .filter(demand__release=release)
        .select_related(
            "demand", "person__department__contact", "person__successor", "person__position"
        )
        .order_by("person__name", "pk")
    )
    for obligation in obligations:
        person = obligation.person
        if person.pk not in found:
            found[person.pk] = Told(
                person, recipient_of(person), [], is_covered=coverage.covers(person)
            )
        found[person.pk].demands.append(obligation.demand)
    heard = {told.recipient.email.strip().lower() for told in found.values() if told.recipient}
    failing = set(
        UnreachableAddress.objects.filter(pk__in=heard - {""}).values_list("pk", flat=True)
    )
    return [
        replace(told, mail_fails=told.recipient.email.strip().lower() in failing)
        if told.recipient is not None
        else told
        for told in found.values()
    ]


def driven_tickets(demand: Demand, person: User | None = None) -> list[Ticket]:
    """Tickets this demand drives, all or one person's."""
    tickets = Ticket.objects.filter(driver=demand.ref)
    if person is not None:
        tickets = tickets.filter(requester=person)
    return list(tickets.order_by("pk"))


def get_demand_view_for_view(user: User, pk: int) -> DemandView:
    """A view of one's own, or one that is shared with one. Raises Http404 or PermissionDenied."""
    require_reader(user)
    view: DemandView = get_object_or_404(DemandView.objects.visible_to(user), pk=pk)
    return view


def get_demand_view_for_edit(user: User, pk: int) -> DemandView:
    """A view this person may change, also a deleted one. Raises Http404 or PermissionDenied."""
    require_reader(user)
    return view_for_edit(DemandView, user, pk)
