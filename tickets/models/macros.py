"""Prepared answers: a text in both languages and what is done to the ticket with it."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.models import Team
from core.models import Recorded
from tickets.choices import CommentKind
from tickets.querysets import MacroQuerySet

USER = settings.AUTH_USER_MODEL


class Macro(Recorded):
    """A quick answer (快捷回复): personal (`owner`), of a team, or of everybody on the desk.

    `acts` is a list of `tickets.actions.acts.Act` as JSON, carried out after the text is written.
    """

    SUBJECT: ClassVar[str] = "macro"
    EVENT_FIELDS: ClassVar[tuple[str, ...]] = (
        "name", "owner_id", "team_id", "kind", "text_zh", "text_en", "acts", "is_active",
    )  # fmt: skip
    SEALED_FIELDS: ClassVar[frozenset[str]] = frozenset({"text_zh", "text_en"})

    name = models.CharField(_("name"), max_length=80)
    owner = models.ForeignKey(
        USER, on_delete=models.PROTECT, null=True, blank=True, related_name="macros"
    )
    team = models.ForeignKey(
        Team, on_delete=models.PROTECT, null=True, blank=True, related_name="macros"
    )
    kind = models.CharField(max_length=6, choices=CommentKind.choices, default=CommentKind.PUBLIC)
    text_zh = models.TextField(_("Chinese text"), blank=True, default="")
    text_en = models.TextField(_("English text"), blank=True, default="")
    acts = models.JSONField(default=list, blank=True)
    is_active = models.BooleanField(default=True)
    #: Counted, not recorded: how often it was sent, and when last.
    uses = models.PositiveIntegerField(default=0)
    used_at = models.DateTimeField(null=True)

    objects = MacroQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(owner__isnull=True) | Q(team__isnull=True),
                name="macro_personal_or_shared",
            ),
            models.UniqueConstraint(
                fields=["name", "owner"], name="macro_name_of_owner",
                condition=Q(owner__isnull=False, is_active=True),
            ),
            models.UniqueConstraint(
                fields=["name"], name="macro_name_shared",
                condition=Q(owner__isnull=True, is_active=True),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    @property
    def is_personal(self) -> bool:
        return self.owner_id is not None
