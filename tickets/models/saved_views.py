"""What the desk keeps for its people: saved views, and the tags anybody may put on a ticket."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.models import Recorded
from tickets.querysets import SavedViewQuerySet

USER = settings.AUTH_USER_MODEL


class Tag(models.Model):
    """A tag somebody has used (标签); tickets carry names, this list offers them again."""

    name = models.CharField(_("name"), max_length=40, unique=True)

    def __str__(self) -> str:
        return self.name


class KeptView(Recorded):
    """What every list that somebody named has: its words, order, columns, and who sees it.

    Each kind has its `owner` besides, under a name of its own from the person's side.
    """

    owner: models.ForeignKey[Any, Any]
    owner_id: int
    name = models.CharField(_("name"), max_length=60)
    query = models.CharField(_("words"), max_length=200, blank=True, default="")
    filters = models.JSONField(_("filter"), default=list, blank=True)
    sort = models.CharField(_("sort"), max_length=80, blank=True, default="")
    columns = models.JSONField(_("columns"), default=list, blank=True)
    group = models.CharField(_("group by"), max_length=40, blank=True, default="")
    #: Whose members see it beside its owner.
    team_ids = ArrayField(
        models.BigIntegerField(), verbose_name=_("teams"), default=list, blank=True
    )
    is_for_everyone = models.BooleanField(_("for everyone on the desk"), default=False)
    is_pinned = models.BooleanField(_("pinned"), default=False)
    position = models.PositiveSmallIntegerField(default=0)
    #: A deleted view is kept, so that deleting can be undone.
    is_active = models.BooleanField(default=True)

    class Meta:
        abstract = True
        ordering = ["-is_pinned", "position", "name", "id"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_shared(self) -> bool:
        return self.is_for_everyone or bool(self.team_ids)


class SavedView(KeptView):
    """A list of tickets somebody named (视图): its filter, order, columns, grouping and layout.

    The filter is kept as its address says it (`tickets.search.filters`), so that a product or a
    person that has gone since is named and not lost.
    """

    SUBJECT: ClassVar[str] = "saved_view"
    EVENT_FIELDS: ClassVar[tuple[str, ...]] = (
        "name", "owner_id", "queue", "query", "filters", "sort", "columns", "group", "layout",
        "board", "team_ids", "is_for_everyone", "is_pinned", "position", "is_active",
    )  # fmt: skip

    class Layout(models.TextChoices):
        LIST = "list", _("List")
        TABLE = "table", _("Table")
        BOARD = "board", _("Board")

    owner = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="saved_views")
    queue = models.CharField(max_length=20, default="all")
    layout = models.CharField(
        _("layout"), max_length=5, choices=Layout.choices, default=Layout.LIST
    )
    board = models.CharField(max_length=10, blank=True, default="")
    #: Derived: counting it takes long, so its count is made when somebody asks for it.
    is_slow = models.BooleanField(default=False, editable=False)

    objects = SavedViewQuerySet.as_manager()

    class Meta(KeptView.Meta):
        abstract = False
        indexes = [
            models.Index(
                fields=["owner"], name="saved_view_owner", condition=models.Q(is_active=True)
            )
        ]
