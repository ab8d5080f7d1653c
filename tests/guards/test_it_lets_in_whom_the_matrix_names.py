"""Every address × method × role answers as the reviewed matrix says, and asking writes nothing.

When it fails: look at build/guards/access_matrix-<area>.txt, decide whether the line is right, and
put it into tests/guards/access_matrix.txt, or repair the door.
"""

from __future__ import annotations

import difflib

import pytest

from tests.api.calling import everything, writes
from tests.guards import access
from tests.guards.places import AREAS, Place, places
from tests.guards.world import World, undone

pytestmark = pytest.mark.timeout(300)

#: Tables that a GET may write to, and why.
BENIGN = {
    "django_session": "Django keeps who is signed in",
    "docs_portal_pageread": "who read which page",
    "docs_portal_missingpage": "addresses that were asked for in vain",
}
#: Tables that the GET of one route may write to besides.
BENIGN_AT = {
    "announcement": {"docs_portal_announcementreader": "who read an announcement"},
    "submit_suggestions": {"tickets_helpsession": "what was offered while somebody typed"},
    "announcement_banner": {"docs_portal_announcementreader": "whom an announcement reached"},
    "robot_call": {"tickets_chatrobot": "when the door last took a call or refused one"},
    "poster": {"docs_portal_posterplace": "how often the code of a poster was scanned"},
    "demand": {
        "feedback_round": "who is owed word has read it, which is an answer of its own",
        "core_event": "the same",
        "core_touched": "the same",
    },
}


@pytest.mark.parametrize("area", AREAS)
def test_every_role_gets_what_was_reviewed(world: World, area: str) -> None:
    reviewed = access.reviewed()
    found: dict[access.Key, access.Outcomes] = {}
    for place in places(world, area):
        found |= access.actual(world, place)
    lines = [access.line_of(key, outcomes) for key, outcomes in found.items()]
    access.ACTUAL.mkdir(parents=True, exist_ok=True)
    text = "\n".join([access.header(), *lines]) + "\n"
    (access.ACTUAL / f"access_matrix-{area}.txt").write_text(text, encoding="utf-8")
    wanted = [access.line_of(key, reviewed[key]) for key in found if key in reviewed]
    changed = [line for line in difflib.ndiff(wanted, lines) if line[0] in "+-"]
    assert changed == [], "the reviewed matrix (-) and the house (+) differ:\n" + "\n".join(
        [access.header(), *changed]
    )


def test_no_line_is_left_over(world: World) -> None:
    there = {(place.name, how) for place in places(world) for how in access.methods_of(place)}
    assert sorted(access.reviewed().keys() - there) == []


def test_every_form_is_accepted_from_somebody() -> None:
    """Else the matrix would only show that a wrong form is refused."""
    refused = [
        f"{place} {method}"
        for (place, method), outcomes in access.reviewed().items()
        if method != "GET" and "no" in outcomes.values() and "ok" not in outcomes.values()
    ]
    assert refused == sorted(NEVER_ACCEPTED, key=refused.index)


#: Forms nobody can get accepted in the world as it stands, and why that is right.
NEVER_ACCEPTED: dict[str, str] = {
    "ticket_skip:foreign POST": "nobody holds that ticket, and only its holder gives it back",
    "api_bulk_run_undo:going POST": "it has changed nothing yet, so nothing can be taken back",
}


@pytest.mark.parametrize("area", AREAS)
def test_asking_writes_nothing(world: World, area: str) -> None:
    changed: list[str] = []
    before = everything()
    for place in places(world, area):
        for role in ("req", "agt", "adm"):
            changed += [
                f"{place.name} as {role}: {table}" for table in _written(world, place, role, before)
            ]
    assert changed == []


def _written(
    world: World, place: Place, role: str, before: dict[str, tuple[int, str]]
) -> list[str]:
    with undone():
        client, so_far = world.client(role), writes()
        access.read(client.get(place.path))
        after = before if writes() == so_far else everything()
    benign = BENIGN | BENIGN_AT.get(place.route.name, {})
    return sorted(name for name in after if after[name] != before[name] and name not in benign)


def test_a_write_is_seen(world: World) -> None:
    """The check above would notice one changed row."""
    so_far, before = writes(), everything()
    with undone():
        world.cast.wangke.save()
        assert writes() > so_far
        world.cast.wangke.name += "!"
        world.cast.wangke.save()
        assert everything() != before
