"""Domain words of tickets and causes as chainable querysets; the one visibility rule per noun."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.apps import apps
from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import Case, Exists, ExpressionWrapper, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce, JSONObject

from accounts.models import Department, User
from catalog.access import Rights, rights_of
from catalog.choices import PermissionRole
from core.searchkey import terms
from tickets.choices import UNRESOLVED, RuleState, SameHereState, Status

if TYPE_CHECKING:
    # Named in base classes, which ruff overlooks.
    from tickets.models import (  # noqa: F401
        BulkRun,
        Cause,
        HelpSession,
        Macro,
        Rule,
        SavedView,
        Ticket,
    )

#: Roles that read the tickets of their scope.
READING_ROLES = (PermissionRole.AGENT, PermissionRole.MANAGER, PermissionRole.ANALYST)


def _in_scope(rights: Rights, roles: tuple[PermissionRole, ...]) -> Q | None:
    """Tickets within the scopes of `roles`; None means every ticket."""
    found = Q(pk__in=[])
    whole_products: set[int] = set()
    for role in roles:
        for scope in rights.scopes.get(role, ()):
            if scope.product_id is None and not scope.department_path:
                return None
            if not scope.department_path and scope.product_id is not None:
                whole_products.add(scope.product_id)
                continue
            part = Q()
            if scope.product_id is not None:
                part &= Q(product_id=scope.product_id)
            below = Department.objects.filter(path__startswith=scope.department_path)
            found |= part & Q(department__in=below)
    # One list of products instead of a chain of ORs: the planner reads it as one condition.
    return found | Q(product_id__in=sorted(whole_products)) if whole_products else found


class TicketQuerySet(models.QuerySet["Ticket"]):
    def visible_to(self, user: User) -> TicketQuerySet:
        """Invariant 6: requester, watchers, agents of the product's teams, the pushed owner,
        members of the outside team it was relayed to, managers and analysts in scope.
        A confidential ticket: requester, holder, watchers, pushed owner and managers only.
        """
        rights = rights_of(user)
        ties = self._ties(user, rights)
        if not any(rights.has(role) for role in READING_ROLES):
            # Few tickets, each found by an index of its own; an OR would walk all of them.
            first, *others = (self.model._default_manager.filter(tie).values("pk") for tie in ties)
            return self.filter(pk__in=first.union(*others))
        shown = self._by_role(rights)
        if shown is None:
            return self.all()
        for tie in ties:
            shown |= tie
        return self.filter(shown)

    @staticmethod
    def _ties(user: User, rights: Rights) -> list[Q]:
        """What ties a person to single tickets, each without a join: one test of one row."""
        watched = apps.get_model("tickets", "Watcher")._default_manager.filter(user=user)
        pushed = apps.get_model("tickets", "Cause")._default_manager.filter(owner=user)
        ties = [
            Q(requester=user),
            Q(assignee=user),
            Q(pk__in=watched.values("ticket_id")),
            Q(cause__in=pushed.values("pk")),
        ]
        return [*ties, Q(relayed_to__in=rights.team_ids)] if rights.team_ids else ties

    def on_desk_of(self, user: User) -> TicketQuerySet:
        """The tickets a queue of the desk lists: what the person's roles cover.

        A part of `visible_to` (personal ties are left out), so that the list walks one index.
        """
        by_role = self._by_role(rights_of(user))
        return self.all() if by_role is None else self.filter(by_role)

    @staticmethod
    def _by_role(rights: Rights) -> Q | None:
        """What roles alone show; None means every ticket."""
        managed = _in_scope(rights, (PermissionRole.MANAGER,))
        if managed is None:
            return None
        reading = _in_scope(rights, READING_ROLES)
        open_part = Q(confidential=False) if reading is None else Q(confidential=False) & reading
        return open_part | managed if rights.is_manager else open_part

    def with_procedure(self) -> TicketQuerySet:
        """`has_procedure`: whether steps may stand on the ticket; it saves asking for them."""
        procedures = apps.get_model("tickets", "Procedure")._default_manager
        fits = procedures.filter(is_active=True, type=OuterRef("type")).filter(
            Q(product=None) | Q(product=OuterRef("product"))
        )
        ticks = apps.get_model("tickets", "StepTick")._default_manager
        return self.annotate(
            has_procedure=Exists(fits) | Exists(ticks.filter(ticket=OuterRef("pk")))
        )

    def with_draft_mark(self, user: User) -> TicketQuerySet:
        """`has_draft`: whether the person has something unsent there, for a list."""
        drafts = apps.get_model("tickets", "Draft")._default_manager.filter(person=user)
        return self.annotate(has_draft=Exists(drafts.filter(ticket=OuterRef("pk"))))

    def with_drafts_of(self, user: User) -> TicketQuerySet:
        """`own_drafts`: what the person wrote and has not sent, in the query of the ticket."""
        files = apps.get_model("tickets", "DraftFile")._default_manager.filter(draft=OuterRef("pk"))
        said = JSONObject(id="pk", name="name", type="content_type", size="file__size")
        drafts = apps.get_model("tickets", "Draft")._default_manager.filter(
            ticket=OuterRef("pk"), person=user
        )
        return self.annotate(
            own_drafts=ArraySubquery(
                drafts.order_by("pk").values(
                    said=JSONObject(
                        kind="kind", body="body", revision="revision", saved_at="saved_at",
                        files=ArraySubquery(files.order_by("pk").values(said=said)),
                    )
                )
            )
        )  # fmt: skip

    def unresolved(self) -> TicketQuerySet:
        return self.filter(status__in=UNRESOLVED)

    def unheld(self) -> TicketQuerySet:
        """Nobody holds these and somebody of product operations should."""
        return self.filter(status__in=(Status.NEW, Status.OPEN), assignee__isnull=True)

    def at_risk(self, now: dt.datetime) -> TicketQuerySet:
        """The running clock warns or is over: who waits for these waits too long already."""
        return self.filter(warn_at__lte=now)

    def overdue(self, now: dt.datetime) -> TicketQuerySet:
        """The running clock (first response, then resolution) is over."""
        return self.at_risk(now).filter(due_at__lt=now)

    def matching(self, query: str) -> TicketQuerySet:
        """Every word of `query` occurs in title, description or reference."""
        found = self
        for term in terms(query):
            found = found.filter(search_key__contains=term.needle)
        return found

    def with_row_data(self) -> TicketQuerySet:
        """What one row of a list shows, in one query."""
        return self.select_related("product", "module", "assignee", "requester", "team")


class CauseQuerySet(models.QuerySet["Cause"]):
    def visible_to(self, user: User) -> CauseQuerySet:
        """Staff of the product, and the owner it is pushed to."""
        rights = rights_of(user)
        found = _in_scope_of_products(rights)
        if found is None:
            return self.all()
        return self.filter(Q(owner=user) | found)

    def pushed_to(self, user: User) -> CauseQuerySet:
        return self.filter(owner=user)

    def known_issues(self) -> CauseQuerySet:
        return self.filter(is_known_issue=True, delivered_at__isnull=True)


class MacroQuerySet(models.QuerySet["Macro"]):
    def offered_to(self, user: User) -> MacroQuerySet:
        """What a person may use: their own, everybody's, and those of their teams."""
        teams = rights_of(user).team_ids
        shared = Q(owner=None) & (Q(team=None) | Q(team__in=teams))
        return self.filter(Q(owner=user) | shared, is_active=True)

    def matching(self, words: str) -> MacroQuerySet:
        """Every word stands in the name or in one of the texts."""
        found = self
        for word in words.split():
            found = found.filter(
                Q(name__icontains=word) | Q(text_zh__icontains=word) | Q(text_en__icontains=word)
            )
        return found


def _in_scope_of_products(rights: Rights) -> Q | None:
    """Causes carry no department: any scope within a product shows the product's causes."""
    products: set[int] = set()
    for role in READING_ROLES:
        for scope in rights.scopes.get(role, ()):
            if scope.product_id is None:
                return None
            products.add(scope.product_id)
    return Q(product_id__in=products)


def view_seen_by(user: User) -> Q:
    """One's own views, those of one's teams, and those for everyone; not deleted ones."""
    shared = Q(is_for_everyone=True) | Q(team_ids__overlap=sorted(rights_of(user).team_ids))
    return Q(is_active=True) & (Q(owner=user) | shared)


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def visible_to(self, user: User) -> SavedViewQuerySet:
        return self.filter(view_seen_by(user))


class RuleQuerySet(models.QuerySet["Rule"]):
    def active(self) -> RuleQuerySet:
        """Those that are considered when something happens, in their order."""
        return self.filter(state=RuleState.ACTIVE).order_by("position", "pk")


class BulkRunQuerySet(models.QuerySet["BulkRun"]):
    def of(self, user: User) -> BulkRunQuerySet:
        """A run is its starter's alone: it names tickets as they may see them."""
        return self.filter(started_by=user)


#: How long a "this solved it" has to prove itself (domain.md, *Self-service*).
SELF_SERVICE_WINDOW = dt.timedelta(days=7)


class HelpSessionQuerySet(models.QuerySet["HelpSession"]):
    def on_desk_of(self, user: User) -> HelpSessionQuerySet:
        """Those of the products and departments that the person reads."""
        scope = _in_scope(rights_of(user), READING_ROLES)
        return self.all() if scope is None else self.filter(scope)

    def with_follow_up(self, now: dt.datetime) -> HelpSessionQuerySet:
        """`solved_at` (None: never said, or taken back), `until` (when the window ends), `is_over`,
        `followed_ticket` and `followed_voice`: the first of the same person on the same product
        from the session's start until then.
        """
        tickets = apps.get_model("tickets", "Ticket")._default_manager.filter(
            requester=OuterRef("person"), product=OuterRef("product"),
            submitted_at__gte=OuterRef("started_at"), submitted_at__lt=OuterRef("until"),
        )  # fmt: skip
        voices = apps.get_model("tickets", "SameHere")._default_manager.filter(
            Q(cause__product=OuterRef("product"))
            | Q(cause=None, ticket__product=OuterRef("product")),
            person=OuterRef("person"),
            said_at__gte=OuterRef("started_at"), said_at__lt=OuterRef("until"),
        ).exclude(state=SameHereState.TAKEN_BACK)  # fmt: skip
        return self.annotate(
            solved_at=Case(
                When(solved__taken_back_at=None, then=F("solved__solved_at")),
                output_field=models.DateTimeField(null=True),
            ),
            until=ExpressionWrapper(
                Coalesce(F("solved_at"), F("started_at")) + Value(SELF_SERVICE_WINDOW),
                output_field=models.DateTimeField(),
            ),
            is_over=Case(
                When(until__lte=now, then=Value(value=True)), default=Value(value=False),
                output_field=models.BooleanField(),
            ),
            followed_ticket=Subquery(tickets.order_by("pk").values("pk")[:1]),
            followed_voice=Subquery(voices.order_by("pk").values("pk")[:1]),
        )  # fmt: skip
