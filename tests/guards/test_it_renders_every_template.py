"""Every template is drawn by the walk through the pages, or is named with where it is drawn."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.template import Template
from django.test import Client, RequestFactory
from django.test.signals import template_rendered
from django.views import defaults

from accounts.tasks import send_password_reset, send_sign_in_link
from core.channels.shapes import as_html
from core.registry import Link, Message
from reports.models import Outlook
from stack.places import PROJECT
from tests.guards import access, helping
from tests.guards.announcing import out, widget_session
from tests.guards.crawl import fitting, pages
from tests.guards.places import places
from tests.guards.sendings import send
from tests.guards.spreadsheets import FORMULA_SENT
from tests.guards.world import ASKED_AT, World, undone
from tickets.actions import activate_rule
from tickets.actions.automating import Occasion, run_rule
from tickets.choices import Impact

pytestmark = pytest.mark.timeout(300)

TEMPLATES = PROJECT / "templates"
#: Drawn elsewhere: the test that does.
ELSEWHERE: dict[str, str] = {
    "catalog/begin.html": "tests/catalog/test_it_begins_a_company.py",
    "docs_portal/both_sides.html": "tests/docs_portal/test_it_brings_two_writers_together.py",
    "docs_portal/links_rows.html": "tests/docs_portal/test_it_keeps_links_through_renames.py",
    "docs_portal/course_due.html": "tests/docs_portal/test_it_trains.py",
}


def there() -> set[str]:
    return {
        str(file.relative_to(TEMPLATES))
        for file in TEMPLATES.rglob("*.*")
        if file.suffix in {".html", ".txt"}
    }


@contextmanager
def drawn() -> Iterator[set[str]]:
    found: set[str] = set()

    def note(template: Template, **more: Any) -> None:
        found.add(str(template.name))

    template_rendered.connect(note)
    try:
        yield found
    finally:
        template_rendered.disconnect(note)


def test_every_template_is_drawn(world: World) -> None:
    with drawn() as found, undone():
        for _place, _role, _response in pages(world):
            pass
        _as_others_see_it(world)
        _on_the_desk(world)
        _in_the_widget(world)
        helping.drawn(world)
        _asked(world)
        _demands_in_their_shapes(world)
        _foreseen(world)
        _refused(world)
        _empty(world)
        _broken()
        send_password_reset(
            {"user_id": world.cast.wangke.pk, "base_url": "http://127.0.0.1"}, ASKED_AT
        )
        send_sign_in_link(
            {"user_id": world.cast.wangke.pk, "base_url": "http://127.0.0.1"}, ASKED_AT
        )
        as_html(Message(title="推动给您", links=(Link("接单", "/o/x/", is_first=True),)))
    left = sorted(there() - found - ELSEWHERE.keys())
    assert left == [], "\n".join(left)
    assert sorted(ELSEWHERE.keys() - there()) == []


def _as_others_see_it(world: World) -> None:
    """Pages that differ by who looks at them, and the parts htmx asks for."""
    ticket = f"/desk/{world.tickets['open'].pk}/"
    world.client("agt").get(ticket, headers={"HX-Request": "true", "HX-Target": "main"})
    world.client("req").get(f"/demands/{world.demands['verified'].pk}/")
    world.client("agt").get("/people/", {"people": "林"})
    world.client("agt").get("/training/", {"all": "1"})
    world.client("req").get("/submit/suggestions/", {"description": "拜访"})
    for role in ("oth", "own", "mem", "mgr"):
        client = world.client(role)
        for path in ("/", "/help/", "/pushed/", "/manuals/crm/customer-export/"):
            client.get(path)


def _on_the_desk(world: World) -> None:
    """Layouts of the lists, guided mode, a ticket that lacks everything, a rule that acted."""
    client = world.client("agt")
    part = {"HX-Request": "true"}
    client.get("/desk/", {"queue": "all", "f": "status:any:new,open"})
    client.get("/desk/", {"queue": "all", "layout": "board"})
    client.get("/desk/board/column/", {"queue": "all", "column": "1"}, headers=part)
    client.get(f"/desk/views/{world.views['shared'].pk}/count/", headers=part)
    client.get(f"/desk/{world.tickets['new'].pk}/")
    client.get(f"/desk/{world.tickets['open'].pk}/", {"guided": "on"})
    assert world.rule is not None
    rule = activate_rule(world.rule, acting_user=world.cast.admin, now=ASKED_AT)
    run_rule(rule, world.tickets["open"].pk, Occasion("event:1"), now=ASKED_AT)
    client.get(f"/desk/{world.tickets['open'].pk}/rules/")


def _demands_in_their_shapes(world: World) -> None:
    """The table of demands as board and as roadmap, and two demands side by side."""
    client = world.client("agt")
    for layout in ("board", "roadmap"):
        client.get("/demands/", {"layout": layout})
    pair = {"a": world.demands["collected"].pk, "b": world.demands["accepted"].pk}
    client.get("/demands/compare/", pair)


def _in_the_widget(world: World) -> None:
    """The frame in a page of the product, opened by a signed token."""
    client = world.client("out")
    held, widget = widget_session(world, client), "/widget/crm"
    asks, plain = out().pk, out("看板更快了").pk
    client.get(f"{widget}/home/", headers=held)
    client.get(f"{widget}/submit/", headers=held)
    client.get(f"{widget}/found/", {"description": "视图不同步"}, headers=held)
    client.get(f"{widget}/announced/{asks}/", headers=held)
    client.get(f"{widget}/announcements/{plain}/", headers=held)
    sent = {
        "product": world.cast.products["crm"].pk, "description": "看板打不开", "module": "",
        "impact": Impact.ONLY_ME,
    }  # fmt: skip
    client.post(f"{widget}/submit/", sent, headers=held)
    # Its acknowledgement is asked for, so its banner is not put away.
    client.post(f"{widget}/announcements/{asks}/dismiss/", headers=held)


def _asked(world: World) -> None:
    """Whether what was done for them works now."""
    world.client("req").get("/help/")


def _foreseen(world: World) -> None:
    """What a change of working hours or of the score formula would do, before it is saved."""
    calendar = world.cast.calendar
    sent = {"name": calendar.name, "zone": calendar.zone, "hours": "10:00-11:00", "weekdays": "1"}
    world.client("adm").post(f"/settings/calendars/{calendar.pk}/", sent)
    formula = {name: value for name, value in FORMULA_SENT.items() if name != "seen"}
    world.client("adm").post("/settings/scores/", formula)


def _refused(world: World) -> None:
    """Each form sent empty, and each kind of refusal."""
    outcomes = access.reviewed()
    for place in places(world):
        role = fitting(place, "POST", outcomes)
        if role is not None and place.route.area != "api":
            with undone():
                send(world.client(role), world, place, {})
    ticket = f"/desk/{world.tickets['open'].pk}"
    client = world.client("agt")
    client.post(f"{ticket}/edit/", {"row": "title", "title": "一", "version": 1})
    client.post(f"{ticket}/edit/", {"row": "title", "title": "二", "version": 1})
    demand = world.demands["collected"].pk
    client.post(f"/demands/{demand}/accept/", {"reason": "要", "version": 1})
    client.post(f"{ticket}/restore/", headers={"HX-Request": "true"})
    client.get(f"{ticket}/edit/", headers={"HX-Request": "true"})
    client.post(f"{ticket}/restore/")
    Client(enforce_csrf_checks=True).post("/sign-in/", {"username": "wangke"})
    client.get("/nowhere/")
    world.client("req").get("/settings/")


def _empty(world: World) -> None:
    """Pages of somebody who has nothing yet."""
    client = world.client("mgx")
    for path in ("/inbox/", "/my/", "/help/", "/desk/?q=nothing-like-this", "/pushed/"):
        client.get(path)
    Outlook.objects.all().delete()
    world.client("mgr").get("/reports/ahead/")


def _broken() -> None:
    request = RequestFactory().get("/")
    defaults.server_error(request)
    defaults.bad_request(request, ValueError())
