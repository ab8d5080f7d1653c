"""What follows from the text that is published: its material version, and for whom it is."""

from __future__ import annotations

from typing import Any

from catalog.models import ProductRole
from docs_portal.models import Page, Revision
from docs_portal.policies import split_sections

#: No product role has this id: the page has nothing for anybody.
NOBODY = 0


def marks_of(page: Page, revision: Revision) -> dict[str, Any]:
    """The derived columns of a page (not yet changed) whose `revision` is being published."""
    return {
        "material_revision_id": material_of(page, revision),
        "part_role_ids": part_role_ids(revision.body, page.manual.product_id),
    }


def material_of(page: Page, revision: Revision) -> int:
    """Id of the revision whose meaning stands once `revision` is published: itself, unless all
    that was written since the page was last published is wording.
    """
    before = page.published_revision
    if before is None or page.material_revision_id is None:
        return revision.pk
    # Going back to an older text is a change of what the newer ones meant.
    if revision.number <= before.number:
        return revision.pk
    since = page.revisions.filter(number__gt=before.number, number__lte=revision.number)
    return revision.pk if since.filter(is_material=True).exists() else page.material_revision_id


def part_role_ids(body: str, product_id: int) -> list[int]:
    """Ids of the roles whose parts are all there is of the text; [] where every reader finds
    something. Headings alone are nothing.
    """
    named: set[str] = set()
    for section in split_sections(body):
        if not section.body.strip():
            continue
        if not section.role_codes:
            return []
        named |= section.role_codes
    if not named:
        # Headings and nothing below them: as empty for one as for the other.
        return []
    roles = ProductRole.objects.filter(product_id=product_id, code__in=named)
    return sorted(roles.values_list("pk", flat=True)) or [NOBODY]
