"""Domain words of demands as chainable querysets; the one visibility rule."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.apps import apps
from django.db import models
from django.db.models import Exists, OuterRef, Q

from accounts.models import User
from catalog.access import product_roles_of, rights_of
from catalog.choices import PermissionRole
from catalog.models import ProductRole
from core.searchkey import terms
from feedback.choices import DemandStatus, RoundKind
from tickets.querysets import view_seen_by

if TYPE_CHECKING:
    # Named in base classes, which ruff overlooks.
    from feedback.models import (  # noqa: F401
        Demand,
        DemandView,
        FeedbackItem,
        Insight,
        Obligation,
        Release,
        Round,
    )

#: A released demand is tried in production within so many days.
VERIFY_DAYS = 3
#: People who wait for a demand hear of it at least so often.
SILENT_DAYS = 30
#: Demands with a planned day to keep, and those somebody may wait for.
DATED = (DemandStatus.SCHEDULED, DemandStatus.IN_DEVELOPMENT, DemandStatus.TESTING)
WAITED_FOR = (
    DemandStatus.COLLECTED, DemandStatus.EVALUATING, DemandStatus.ACCEPTED, *DATED,
    DemandStatus.ROLLED_BACK,
)  # fmt: skip

#: How the life of a decided demand reads to the people it is for.
PLANNED = (DemandStatus.ACCEPTED, DemandStatus.SCHEDULED)
BUILDING = (DemandStatus.IN_DEVELOPMENT, DemandStatus.TESTING)
LIVE = (DemandStatus.RELEASED, DemandStatus.CLOSED)
READING_ROLES = (PermissionRole.AGENT, PermissionRole.MANAGER, PermissionRole.ANALYST)


def products_read_by(user: User) -> frozenset[int] | None:
    """Ids of the products whose demands, releases and insights this person reads; None: all."""
    rights = rights_of(user)
    products: set[int] = set()
    for role in READING_ROLES:
        for scope in rights.scopes.get(role, ()):
            if scope.product_id is None:
                return None
            products.add(scope.product_id)
    return frozenset(products)


def _heard_by(user: User) -> Q:
    """Obligations this person hears about: their own, and those of people who left to them."""
    left = Q(obligations__person__is_active=False) | Q(obligations__person__left_on__isnull=False)
    return (
        Q(obligations__person=user)
        | Q(obligations__person__successor=user)
        | (left & Q(obligations__person__department__contact=user))
        # What they heard of a demand that was merged leads there still, and on from there.
        | Q(carried_away__people__before__person=user, carried_away__undone_at__isnull=True)
    )


class DemandQuerySet(models.QuerySet["Demand"]):
    def visible_to(self, user: User) -> DemandQuerySet:
        """Staff of the product, its product owner, and the people who hear about it."""
        products = products_read_by(user)
        if products is None:
            return self.all()
        mine = Q(product_owner=user) | Q(
            pk__in=self.model._default_manager.filter(_heard_by(user)).values("pk")
        )
        return self.filter(mine | Q(product_id__in=products))

    def open_to(self, user: User, day: dt.date) -> DemandQuerySet:
        """What everybody reads of the products in which they hold a role: decided and not declined.

        Such a demand is shown to them by its title and by how far it is, never with its people
        and their words.
        """
        products = ProductRole.objects.filter(pk__in=product_roles_of(user, day))
        return self.filter(
            status__in=(*PLANNED, *BUILDING, *LIVE), product__is_active=True,
            product_id__in=products.values("product_id"),
        )  # fmt: skip

    def asked_by(self, user: User) -> DemandQuerySet:
        """What this person is owed word on, or hears about for somebody who left."""
        return self.filter(pk__in=self.model._default_manager.filter(_heard_by(user)).values("pk"))

    def steered_by(self, user: User) -> DemandQuerySet:
        """What the demand table lists: the products one works for, and the demands one owns.

        A part of `visible_to`; what a person is merely owed stands on their own pages.
        """
        products = products_read_by(user)
        if products is None:
            return self.all()
        return self.filter(Q(product_owner=user) | Q(product_id__in=products))

    def matching(self, query: str) -> DemandQuerySet:
        """Every word of `query` occurs in title, problem, proposal or reference."""
        found = self
        for term in terms(query):
            found = found.filter(search_key__contains=term.needle)
        return found

    def unfinished(self) -> DemandQuerySet:
        return self.exclude(
            status__in=(DemandStatus.CLOSED, DemandStatus.DECLINED, DemandStatus.MERGED)
        )

    def overdue(self, today: dt.date) -> DemandQuerySet:
        """Past their planned day, past the day to look again, or live for days and not verified."""
        late = Q(status__in=DATED, planned_on__lt=today)
        again = Q(status=DemandStatus.DEFERRED, deferred_until__lte=today)
        untried = Q(
            status=DemandStatus.RELEASED, verified_at__isnull=True,
            released_at__date__lt=today - dt.timedelta(days=VERIFY_DAYS),
        )  # fmt: skip
        return self.filter(late | again | untried)

    def silent(self, now: dt.datetime) -> DemandQuerySet:
        """Somebody waits for it, and nobody was sent a word for `SILENT_DAYS`."""
        since = now - dt.timedelta(days=SILENT_DAYS)
        obligations = apps.get_model("feedback", "Obligation")._default_manager
        owed = obligations.filter(demand=OuterRef("pk"), joined_to__isnull=True)
        return self.filter(status__in=WAITED_FOR).filter(
            Exists(owed.filter(created_at__lt=since)),
            ~Exists(owed.filter(rounds__opened_at__gte=since)),
        )


class ReleaseQuerySet(models.QuerySet["Release"]):
    def visible_to(self, user: User) -> ReleaseQuerySet:
        """Staff and analysts of the product: what is planned is not announced yet."""
        products = products_read_by(user)
        return self.all() if products is None else self.filter(product_id__in=products)


class InsightQuerySet(models.QuerySet["Insight"]):
    def visible_to(self, user: User) -> InsightQuerySet:
        """Staff and analysts of the product."""
        products = products_read_by(user)
        return self.all() if products is None else self.filter(product_id__in=products)


class FeedbackItemQuerySet(models.QuerySet["FeedbackItem"]):
    def visible_to(self, user: User) -> FeedbackItemQuerySet:
        """Staff and analysts of the product; one's own words are read on one's own pages."""
        products = products_read_by(user)
        return self.all() if products is None else self.filter(product_id__in=products)

    def waiting(self) -> FeedbackItemQuerySet:
        """Neither in a demand nor set aside."""
        return self.filter(demand__isnull=True, set_aside_at__isnull=True)

    def set_aside(self) -> FeedbackItemQuerySet:
        return self.filter(demand__isnull=True, set_aside_at__isnull=False)

    def gathered(self) -> FeedbackItemQuerySet:
        return self.filter(demand__isnull=False)

    def matching(self, query: str) -> FeedbackItemQuerySet:
        """Every word of `query` occurs in what was said."""
        found = self
        for term in terms(query):
            found = found.filter(search_key__contains=term.needle)
        return found


class DemandViewQuerySet(models.QuerySet["DemandView"]):
    def visible_to(self, user: User) -> DemandViewQuerySet:
        return self.filter(view_seen_by(user))


class ObligationQuerySet(models.QuerySet["Obligation"]):
    def standing(self) -> ObligationQuerySet:
        """Those that count: one per person and demand, without the ones joined to another."""
        return self.filter(joined_to__isnull=True)


class RoundQuerySet(models.QuerySet["Round"]):
    def about(self, demand: Demand) -> RoundQuerySet:
        """Rounds of everybody owed word on a demand, with those that a merge joined to theirs."""
        own = Q(obligation__demand=demand, obligation__joined_to__isnull=True)
        joined = Q(obligation__joined_to__demand=demand, obligation__joined_to__joined_to=None)
        twice = Q(
            obligation__joined_to__joined_to__demand=demand,
            obligation__joined_to__joined_to__joined_to=None,
        )
        return self.filter(own | joined | twice)

    def questions(self) -> RoundQuerySet:
        """Asked and not answered yet."""
        return self.filter(kind=RoundKind.RELEASE, ended_at__isnull=True, queued_at__isnull=False)
