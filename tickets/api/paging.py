"""Pages by key: no page costs more than the first, and none is counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db import models
from rest_framework.request import Request

PAGE_SIZE = 50
M = TypeVar("M", bound=models.Model)


@dataclass(frozen=True)
class KeyPage(Generic[M]):
    """The rows of one page and the addresses of its neighbours."""

    rows: list[M]
    next: str | None
    previous: str | None


def key_page(
    rows: models.QuerySet[M], request: Request, asked: Mapping[str, Any], *, newest_first: bool
) -> KeyPage[M]:
    """One page of `rows` by id. `before` and `after` in `asked` are ids of the page's edges.

    A neighbour's address is given only when there is such a page, at the price of one row more
    than is shown.
    """
    before, after = asked.get("before"), asked.get("after")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    if after is not None:
        rows = rows.filter(pk__gt=after)
    # Walk away from the edge that was named, so that a page is filled next to it.
    upwards = after is not None if newest_first else before is None
    found = list(rows.order_by("pk" if upwards else "-pk")[: PAGE_SIZE + 1])
    more = len(found) > PAGE_SIZE
    found = found[:PAGE_SIZE]
    if upwards == newest_first:
        found.reverse()
    low, high = sorted((found[0].pk, found[-1].pk)) if found else (None, None)
    below = more if not upwards else after is not None
    above = more if upwards else before is not None
    older = _address(request, before=low) if below and low is not None else None
    newer = _address(request, after=high) if above and high is not None else None
    return KeyPage(found, *((older, newer) if newest_first else (newer, older)))


def _address(request: Request, **edge: int) -> str:
    query = request.query_params.copy()
    query.pop("before", None)
    query.pop("after", None)
    for name, value in edge.items():
        query[name] = str(value)
    return f"{request.path}?{query.urlencode()}"
