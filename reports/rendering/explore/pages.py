"""The explore pages by name: what each is called, what it can be narrowed by, who builds it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from reports.rendering.explore.backlog import backlog_page
from reports.rendering.explore.blocks import Ask, Explored
from reports.rendering.explore.bottlenecks import bottlenecks_page
from reports.rendering.explore.causes import causes_page, recurrence_page
from reports.rendering.explore.first_pass import first_pass_page
from reports.rendering.explore.ladder import ladder_page
from reports.rendering.explore.loop import loop_page
from reports.rendering.explore.prevention import prevention_page
from reports.rendering.explore.returns import returns_page
from reports.rendering.explore.service import service_page
from reports.rendering.explore.trends import trends_page

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

_PERIOD = ("from", "to", "grain")
_SPAN = ("from", "to")
_PLACE = ("product", "module", "type", "department")
_STAFF = ("team", "person", "channel")


@dataclass(frozen=True)
class ExplorePage:
    label: StrPromise
    build: Callable[[Ask], Explored]
    uses: Sequence[str]


PAGES: dict[str, ExplorePage] = {
    "trends": ExplorePage(
        _("Trends"), trends_page, ("figure", *_PERIOD, *_PLACE, "level", *_STAFF, "split")
    ),
    "ladder": ExplorePage(_("Level ladder"), ladder_page, (*_PERIOD, *_PLACE, *_STAFF)),
    "bottlenecks": ExplorePage(
        _("Bottlenecks"), bottlenecks_page, (*_SPAN, *_PLACE, "level", *_STAFF)
    ),
    "returns": ExplorePage(
        _("Returns and declines"), returns_page, (*_PERIOD, *_PLACE, "team", "channel")
    ),
    "service": ExplorePage(
        _("Service targets"), service_page, (*_PERIOD, *_PLACE, "level", *_STAFF)
    ),
    "backlog": ExplorePage(_("Backlog age"), backlog_page, (*_PLACE, "level", *_STAFF)),
    "first-pass": ExplorePage(
        _("First-pass yield"), first_pass_page, (*_PERIOD, *_PLACE, "level", *_STAFF)
    ),
    "causes": ExplorePage(_("Causes"), causes_page, (*_SPAN, *_PLACE, *_STAFF)),
    "recurrence": ExplorePage(_("Recurrence"), recurrence_page, (*_PERIOD, "product", "module")),
    "loop": ExplorePage(
        _("Loop closure"), loop_page, (*_PERIOD, "product", "module", "department")
    ),
    "prevention": ExplorePage(_("Prevention"), prevention_page, (*_SPAN, "product", "module")),
}
