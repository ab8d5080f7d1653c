"""Whose rows a reader of reports sees, product by product."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from accounts.models import User

if TYPE_CHECKING:
    from reports.access import ReportScope


def people_by_product(
    scope: ReportScope, product_ids: Iterable[int | None]
) -> dict[int | None, set[int] | None]:
    """For each product the people whose rows about it are in scope; None is everybody (one query).

    Somebody may read one product of the whole company and another of their own department only.
    """
    paths = {
        product: [
            part.department_path for part in scope.parts if part.product_id in (None, product)
        ]
        for product in product_ids
    }
    if all("" in found for found in paths.values()):
        return dict.fromkeys(paths)
    people = list(User.objects.values_list("pk", "department__path"))
    return {
        product: None
        if "" in found
        else {pk for pk, path in people if (path or "").startswith(tuple(found))}
        for product, found in paths.items()
    }
