"""Help before submit: what was offered to whom, who said that it solved their trouble (自助解决).

What a person typed and did not submit is theirs: a session keeps none of their words.
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Department
from catalog.models import Product
from core.models import Recorded
from tickets.choices import HelpPlace
from tickets.querysets import HelpSessionQuerySet

USER = settings.AUTH_USER_MODEL


class HelpSession(models.Model):
    """One person describing one trouble, while something was found for it.

    It goes on until half an hour passes, the person submits a ticket, or says what solved it.
    `is_held_out`: for the comparison, this person is shown no manual pages (known issues and
    demands always). `pages`, `issues` and `demands` are the ids of what was found; of a person who
    is held out the pages were not shown. `product` is the one chosen in the form, else that of the
    nearest thing found.
    """

    person = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    department = models.ForeignKey(
        Department, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    product = models.ForeignKey(Product, on_delete=models.PROTECT, null=True, related_name="+")
    place = models.CharField(max_length=8, choices=HelpPlace.choices)
    is_held_out = models.BooleanField(default=False)
    #: Whether anything stood on the page: what `is_held_out` left is nothing, or issues, demands.
    is_shown = models.BooleanField(default=False)
    pages = models.JSONField(default=list)
    issues = models.JSONField(default=list)
    demands = models.JSONField(default=list)
    started_at = models.DateTimeField()
    last_at = models.DateTimeField()

    objects = HelpSessionQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["person", "-last_at"], name="help_session_person"),
            models.Index(fields=["started_at"], name="help_session_started"),
        ]

    def __str__(self) -> str:
        return f"help session {self.pk}"


class SelfService(Recorded):
    """A person's explicit "this solved it" (自助解决), of what they were shown in a session.

    Whether it counts is asked anew each time: not when they submit a ticket or say "same here" on
    the same product within seven days.
    """

    SUBJECT: ClassVar[str] = "self_service"
    EVENT_FIELDS: ClassVar[tuple[str, ...]] = (
        "session_id", "person_id", "product_id", "kind", "ref", "solved_at", "taken_back_at",
    )  # fmt: skip

    session = models.OneToOneField(HelpSession, on_delete=models.PROTECT, related_name="solved")
    person = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    #: What helped: "page", "known_issue" or "demand", and its id.
    kind = models.CharField(max_length=12)
    ref = models.BigIntegerField()
    solved_at = models.DateTimeField()
    taken_back_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["kind", "ref"], name="self_service_of", condition=Q(taken_back_at=None)
            )
        ]

    def __str__(self) -> str:
        return f"{self.person_id} helped by {self.kind} {self.ref}"
