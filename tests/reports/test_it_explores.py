"""The explore pages: every figure opens a list as long as it is, in the reader's own scope."""

from __future__ import annotations

import datetime as dt
import html
import io
import re
from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from accounts.models import User
from catalog.actions import grant_role
from catalog.choices import PermissionRole
from opsdesk.demo.cast import Cast
from opsdesk.demo.worked_week import play_worked_week
from reports.access import people_seen_by, scope_of
from reports.actions import rebuild_facts
from reports.models import LiveRow
from reports.policies.clocks import Clocks
from reports.policies.explore import reading
from reports.policies.explore.asking import Asked
from reports.policies.explore.cells import SUMMED, Grain
from reports.policies.explore.flow import read_waits
from reports.policies.verifying import CHECKS
from reports.rendering.explore.pages import PAGES
from reports.rendering.explore.trends import FIGURES_OFFERED, splits_of
from tests.tickets import ladder
from tickets.actions import edit_ticket
from tickets.models import Ticket

ClientOf = Callable[[User], Client]
MONDAY = dt.date(2026, 11, 9)
PERIOD = "from=2026-10-05&to=2026-11-22"
TOTAL = re.compile(r"(\d+) rows?, as of now")
COUNTED = re.compile(r'<td class="num[^"]*"><a class="fig" href="([^"]+)">(\d+)</a>')


@pytest.fixture(autouse=True)
def _english(cast: Cast) -> None:
    User.objects.update(language="en")


@pytest.fixture
def played(cast: Cast, now: dt.datetime, monkeypatch: pytest.MonkeyPatch) -> Cast:
    """The worked week, two more tickets, and the clock of the fixtures."""
    play_worked_week(cast, MONDAY)
    ladder.answered(cast, now)
    secret = ladder.routed(cast, now)
    edit_ticket(secret, {"confidential": True}, acting_user=cast.gaoyuan, now=now)
    rebuild_facts(now)
    monkeypatch.setattr(timezone, "now", lambda: now)
    return cast


def page_of(client: Client, url: str, status: int = 200) -> str:
    answer = client.get(url)
    assert answer.status_code == status, url
    return answer.content.decode()


def total_of(client: Client, url: str) -> int:
    found = TOTAL.search(page_of(client, url))
    assert found is not None, url
    return int(found[1])


def figures_of(page: str) -> Iterator[tuple[str, int]]:
    for url, value in COUNTED.findall(page):
        yield html.unescape(url), int(value)


def test_every_figure_is_as_long_as_its_list(played: Cast, client_of: ClientOf) -> None:
    client = client_of(played.gaoyuan)
    for kind in PAGES:
        page = page_of(client, f"/reports/explore/{kind}/?{PERIOD}")
        lists = [(url, n) for url, n in figures_of(page) if "/explore/rows/" in url]
        # Nothing of the played weeks came back after it was fixed, and all is released too late.
        assert lists or kind in ("recurrence", "prevention"), kind
        for url, value in lists[:: max(1, len(lists) // 2)]:
            assert total_of(client, url) == value, url
    for figure in FIGURES_OFFERED:
        for split in splits_of(figure)[-2:]:
            address = f"/reports/explore/trends/?{PERIOD}&figure={figure}&split={split}"
            assert "</table>" in page_of(client, address)
    _filters_combine(played, client)
    _files_have_the_numbers(client)


def test_cells_say_what_rows_say(played: Cast, now: dt.datetime) -> None:
    assert list(CHECKS["live cells equal their rows"]()) == []
    scope, people = scope_of(played.gaoyuan), people_seen_by(played.gaoyuan)
    assert len(people) > 1
    compared = 0
    for figure, dimensions in SUMMED.items():
        for grain in (Grain.WEEK, Grain.QUARTER):
            for dimension in ("product", *dimensions):
                asked = Asked(MONDAY, dt.date(2026, 11, 15), grain, now, people=people)
                kept = reading.read_sums(asked, scope, [figure], split=dimension)
                counted = reading._gathered(
                    asked, reading._from_rows(asked, scope, [figure], dimension)
                )
                # A target of the quarter that is not due yet is in no list.
                if not figure.endswith("on_time"):
                    assert kept == counted, (figure, grain, dimension)
                    compared += len(kept)
    assert compared > 100
    _queue_is_exact(played, now)


def _filters_combine(played: Cast, client: Client) -> None:
    """What the address asks for is what is shown, and it can be handed on."""
    base = f"/reports/explore/rows/created/?{PERIOD}"
    everything = total_of(client, base)
    assert everything == LiveRow.objects.filter(figure="created").count() == 14
    crm = played.products["crm"].pk
    by_type = {
        kind: total_of(client, f"{base}&product={crm}&type={kind}")
        for kind in ("how_to", "bug", "")
    }
    assert by_type["how_to"] > 0
    page = page_of(client, f"/reports/explore/trends/?{PERIOD}&product={crm}&type=how_to")
    assert sum(value for url, value in figures_of(page) if "/created/" in url) == by_type["how_to"]
    by_module = page_of(client, f"/reports/explore/trends/?{PERIOD}&split=module&grain=month")
    module = played.modules["visits"]
    assert f"module={module.pk}" in by_module
    assert module.name in by_module


def test_a_narrower_scope_has_its_own_figures(
    played: Cast, client_of: ClientOf, now: dt.datetime
) -> None:
    """An agent reads nothing confidential; an analyst of one department only its rows."""
    url = f"/reports/explore/rows/created/?{PERIOD}"
    manager, agent = client_of(played.gaoyuan), client_of(played.linzhixia)
    assert total_of(manager, url) == total_of(agent, url) + 1
    reader = played.zhaoyi
    page_of(client_of(reader), url, 403)
    grant_role(
        reader, PermissionRole.ANALYST, department=reader.department, acting_user=played.admin,
        now=now,
    )  # fmt: skip
    rows = LiveRow.objects.filter(figure="created", confidential=False)
    own = rows.filter(department_id=reader.department_id).count()
    fresh = User.objects.get(pk=reader.pk)
    assert total_of(client_of(fresh), url) == own < rows.count()
    trend = page_of(client_of(fresh), f"/reports/explore/trends/?{PERIOD}&figure=created")
    assert sum(value for address, value in figures_of(trend) if "/created/" in address) == own

    _persons(played, client_of)


def _persons(played: Cast, client_of: ClientOf) -> None:
    """Figures on persons are seen by themselves and their managers."""
    person = played.zhoumin
    url = f"/reports/explore/ladder/?{PERIOD}&person={person.pk}"
    page_of(client_of(played.gaoyuan), url)
    refused = page_of(client_of(played.linzhixia), url, 400)
    assert f"{person.pk} is not among what you can choose here" in refused
    page_of(client_of(played.linzhixia), url.replace(str(person.pk), str(played.linzhixia.pk)))
    split = page_of(
        client_of(played.linzhixia),
        f"/reports/explore/trends/?{PERIOD}&figure=resolved&split=person",
    )
    named = set(re.findall(r"person=(\d+)", split))
    assert named <= {str(played.linzhixia.pk)}


NONSENSE = {
    "from=2026-13-40": "2026-13-40 is no date. Give it as year-month-day",
    "from=2026-11-20&to=2026-11-01": "The end lies before the start",
    "from=2000-01-01&to=2026-11-01": "more than 120 points",
    "from=0001-01-01": "Nothing is that old",
    "to=9999-12-31": "too far ahead",
    "to=0001-01-05": "Nothing is that old",
    "from=2098-01-01": "still to come",
    "grain=day": "day is not among",
    "product=999999": "999999 is not among",
    "figure=created&split=level": "level is not among",
    "type=nonsense": "Choose from the list",
}


def test_nonsense_is_named(cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast.gaoyuan)
    for query, said in NONSENSE.items():
        page = html.unescape(page_of(client, f"/reports/explore/trends/?{query}", 400))
        assert said in page, query
        assert 'class="card explore-block"' not in page
    page_of(client, "/reports/explore/rows/created/?from=2026-13-40", 400)
    assert total_of(client, "/reports/explore/rows/created/?cause=x&step=%F0") == 0


def _files_have_the_numbers(client: Client) -> None:
    query = f"?{PERIOD}&figure=relay_only"
    book = load_workbook(io.BytesIO(client.get(f"/reports/explore/trends.xlsx{query}").content))
    rows = {row[0].value: row for row in book.worksheets[0].iter_rows()}
    week = rows["2026-W46"]
    assert week[1].value == pytest.approx(1 / 9)
    assert week[1].number_format == "0.0%"
    assert [cell.value for cell in week[2:]] == [1, 9]
    lines = b"".join(client.get(f"/reports/explore/rows/created.csv?{PERIOD}")).decode()
    assert len(lines.strip().splitlines()) == 15


def test_a_list_goes_on_behind_its_last_row(
    played: Cast, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Newest first; rows of the same moment are neither repeated nor left out."""
    monkeypatch.setattr("reports.views.explore.PAGE", 3)
    monkeypatch.setattr("reports.views.explore._BATCH", 4)
    moments = LiveRow.objects.filter(figure="created").order_by("at").values_list("at", flat=True)
    LiveRow.objects.filter(figure="created", at__in=list(moments[:5])).update(at=moments[4])
    client, found = client_of(played.gaoyuan), list[LiveRow]()
    url = f"/reports/explore/rows/created/?{PERIOD}"
    while url:
        context = client.get(url).context
        found += [line.row for line in context["lines"]]
        url = context["next_url"]
    wanted = LiveRow.objects.filter(figure="created").order_by("-at", "-pk")
    assert found == list(wanted)
    assert len({row.at for row in found}) < len(found)
    file = b"".join(client.get(f"/reports/explore/rows/created.csv?{PERIOD}")).decode()
    assert len(file.strip().splitlines()) == len(found) + 1


def _queue_is_exact(played: Cast, now: dt.datetime) -> None:
    """Waiting so far follows from the clock's reading when the visit began."""
    asked = Asked(MONDAY, dt.date(2026, 11, 20), Grain.WEEK, now)
    waits = read_waits(asked, scope_of(played.gaoyuan))
    standing = LiveRow.objects.filter(figure="waiting")
    assert sum(wait.queue for wait in waits) == standing.count() > 2
    clocks = Clocks()
    assert sum(wait.going_on for wait in waits) == sum(
        clocks.working(row.team_id, row.at, now) for row in standing
    )
    assert {row.subject_id for row in standing} == set(
        Ticket.objects.exclude(status__in=("closed", "cancelled")).values_list("pk", flat=True)
    )
