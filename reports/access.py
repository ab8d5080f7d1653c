"""Who may read reports, and which rows are theirs: a narrower scope gets its own figures."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404

from accounts.models import Department, User
from catalog.access import EVERYWHERE, rights_of
from catalog.choices import PermissionRole
from catalog.models import TeamMember
from reports.choices import FIGURES, PREFIXES
from reports.models import AgreedAction, Outlook, Snapshot, Subscription
from reports.policies.periods import Period, period_named

#: Roles that read reports, as they read tickets. Only managers' figures hold confidential ones.
READING_ROLES = (PermissionRole.AGENT, PermissionRole.MANAGER, PermissionRole.ANALYST)


@dataclass(frozen=True)
class Part:
    """One place a reader covers; `product_id` None is every product."""

    product_id: int | None
    department_path: str
    with_confidential: bool


@dataclass(frozen=True)
class ReportScope:
    """What of a report a person reads."""

    parts: tuple[Part, ...]

    def holds_all(self, snapshot: Snapshot) -> bool:
        """Whether every row of the snapshot is in scope, so its own figures are theirs."""
        free = [
            part
            for part in self.parts
            if not part.department_path
            and (part.with_confidential or not snapshot.has_confidential)
        ]
        if any(part.product_id is None for part in free):
            return True
        covered = {str(part.product_id) for part in free}
        return covered.issuperset(snapshot.names.get("product", {}))

    def rows(self) -> Q:
        """Filter for snapshot rows, and live ones, in scope."""
        found = Q(pk__in=[])
        for part in self.parts:
            rows = Q() if part.with_confidential else Q(confidential=False)
            if part.product_id is not None:
                rows &= Q(product_id=part.product_id)
            if part.department_path:
                below = Department.objects.filter(path__startswith=part.department_path)
                rows &= Q(department_id__in=below.values("pk"))
            if not rows:
                return Q()
            found |= rows
        return found

    @property
    def product_ids(self) -> list[int]:
        return sorted({part.product_id for part in self.parts if part.product_id is not None})

    @property
    def department_paths(self) -> list[str]:
        return sorted({part.department_path for part in self.parts if part.department_path})


#: Columns of a snapshot that hold its figures.
HEAVY = ("figures", "breakdowns", "trend")
#: Everything there is, confidential rows included: for the command line.
EVERYTHING = ReportScope((Part(None, "", True),))


def scope_of(user: User) -> ReportScope:
    """Raises PermissionDenied for who reads no reports."""
    rights = rights_of(user)
    parts = [
        Part(scope.product_id, scope.department_path, role == PermissionRole.MANAGER)
        for role in READING_ROLES
        for scope in rights.scopes.get(role, ())
    ]
    if not parts:
        raise PermissionDenied
    return ReportScope(tuple(dict.fromkeys(parts)))


def may_order(user: User) -> bool:
    """Whether the person may have a missing report computed: managers and analysts."""
    rights = rights_of(user)
    return rights.is_manager or rights.is_analyst


def may_edit(user: User, snapshot: Snapshot) -> bool:
    """Whether the person writes the conclusion and agrees on actions: managers and analysts who
    read the whole report, because the words are about all of it."""
    return may_order(user) and scope_of(user).holds_all(snapshot)


def may_set_targets(user: User) -> bool:
    """Administrators, and managers of everything: targets are the whole company's."""
    rights = rights_of(user)
    return rights.is_administrator or rights.products_as(PermissionRole.MANAGER) is EVERYWHERE


def require_setting_targets(user: User) -> None:
    """Raises PermissionDenied for who may not."""
    if not may_set_targets(user):
        raise PermissionDenied


def get_snapshot_for_edit(user: User, period: Period) -> Snapshot:
    """Raises Http404 where the period has none, PermissionDenied for who only reads."""
    scope_of(user)
    snapshot = get_snapshot_for_view(period)
    if not may_edit(user, snapshot):
        raise PermissionDenied
    return snapshot


def get_action_for_end(user: User, pk: int) -> AgreedAction:
    """An agreed action its owner or an editor of its report may end. Raises Http404."""
    action: AgreedAction = get_object_or_404(AgreedAction.objects.select_related("owner"), pk=pk)
    snapshot = get_snapshot(period_named(action.period))
    if action.owner_id == user.pk:
        return action
    if snapshot is None or not rights_of(user).is_staff or not may_edit(user, snapshot):
        raise Http404
    return action


def period_or_404(name: str) -> Period:
    try:
        return period_named(name)
    except ValueError as error:
        raise Http404(str(error)) from error


def get_snapshot(period: Period, *, leave_out: tuple[str, ...] = ()) -> Snapshot | None:
    """The report in force for a period, or None; without the columns to leave out."""
    found = Snapshot.objects.in_force().of_periods([period.name]).select_related("replaces")
    replaced = (f"replaces__{name}" for name in HEAVY)
    return found.defer(*leave_out, *replaced).first()


def get_snapshot_for_view(period: Period) -> Snapshot:
    """Raises Http404 where the period has none."""
    snapshot = get_snapshot(period)
    if snapshot is None:
        raise Http404
    return snapshot


def newest_outlook() -> Outlook | None:
    """What was reckoned ahead last; every reader of reports reads their part of it."""
    return Outlook.objects.order_by("-period").first()


def get_outlook_for_view(period: Period) -> Outlook:
    """What followed from a week. Raises Http404 where nothing was reckoned."""
    return get_object_or_404(Outlook, period=period.name)


def require_figure(figure: str) -> str:
    """Raises Http404 for a name that is no figure."""
    if figure not in FIGURES and not figure.startswith(PREFIXES):
        raise Http404
    return figure


def people_seen_by(user: User) -> frozenset[int]:
    """Whose own figures the person may see: their own, and as a manager those of the teams'
    members whom they manage, by department or by a product of the team."""
    managed = rights_of(user).scopes.get(PermissionRole.MANAGER, ())
    if not managed:
        return frozenset({user.pk})
    members = TeamMember.objects.all()
    if not any(scope.product_id is None and not scope.department_path for scope in managed):
        found = Q(pk__in=[])
        for scope in managed:
            theirs = Q(user__department__path__startswith=scope.department_path)
            if scope.product_id is not None:
                # Who is in no department is below none of them, the whole company apart.
                theirs = Q() if not scope.department_path else theirs
                theirs &= Q(team__products=scope.product_id)
            found |= theirs
        members = members.filter(found)
    return frozenset({user.pk, *members.values_list("user_id", flat=True)})


def get_subscription_for_end(user: User, snapshot: Snapshot, pk: int) -> Subscription:
    """One's own subscription, or by who edits the reports anybody's. Raises Http404."""
    scope_of(user)
    found = Subscription.objects.select_related("person").filter(kind=snapshot.period_kind)
    subscription: Subscription = get_object_or_404(found, pk=pk)
    if subscription.person_id != user.pk and not may_edit(user, snapshot):
        raise Http404
    return subscription
