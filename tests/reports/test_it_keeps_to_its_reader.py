"""Each reader gets the page of what they may see, though its frozen part is drawn once and kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import Department, User
from catalog.actions import grant_role
from catalog.choices import PermissionRole
from opsdesk.demo.cast import Cast
from opsdesk.demo.worked_week import CAUSE_TITLE, play_worked_week
from reports.access import EVERYTHING, scope_of
from reports.actions import correct_snapshot, make_snapshot
from reports.models import Snapshot
from reports.policies.agreeing import disagreement
from reports.policies.report import compute_report
from reports.policies.weeks import Week
from reports.rendering.annex_tables import annex_tables
from reports.rendering.sheet import sheet_of
from tickets.actions import reopen_ticket
from tickets.models import Ticket

pytestmark = pytest.mark.django_db
MONDAY = dt.date(2026, 11, 9)
PAGE = "/reports/weekly/2026-W46/"
ClientOf = Callable[[User], Client]


@pytest.fixture
def snapshot(cast: Cast, now: dt.datetime) -> Snapshot:
    play_worked_week(cast, MONDAY)
    return make_snapshot(Week.of_day(MONDAY), now)


def analyst(cast: Cast, now: dt.datetime, who: User, **where: object) -> User:
    """An analyst of one place who reads English."""
    grant_role(who, PermissionRole.ANALYST, acting_user=cast.admin, now=now, **where)  # type: ignore[arg-type]
    found = User.objects.get(pk=who.pk)
    found.language = "en"
    found.save(update_fields=["language"])
    return found


def page_of(client: Client, url: str = PAGE) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.content.decode()


def test_who_reads_one_product_gets_its_pushes_and_no_others(
    snapshot: Snapshot, cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    crm = analyst(cast, now, cast.zhaoyi, product=cast.products["crm"])
    erp = analyst(cast, now, cast.emma, product=cast.products["erp"])
    of_crm, of_erp = sheet_of(snapshot, scope_of(crm)), sheet_of(snapshot, scope_of(erp))
    assert of_crm.push == snapshot.breakdowns["push"]
    assert of_erp.push == []
    assert {debt["product_id"] for debt in of_crm.debt} <= {cast.products["crm"].pk}
    assert {debt["product_id"] for debt in of_erp.debt} == {cast.products["erp"].pk}
    assert of_erp.figures["told_rate"]["target"] == 0.95
    # One after the other, twice: what is kept for one reader is never shown to another.
    for _ in range(2):
        assert CAUSE_TITLE in page_of(client_of(crm))
        assert CAUSE_TITLE not in page_of(client_of(erp))
        assert f"only {cast.products['erp']}" in page_of(client_of(erp))
        assert CAUSE_TITLE in page_of(client_of(cast.gaoyuan))


def test_a_department_is_compared_with_its_own_week_before(
    snapshot: Snapshot, cast: Cast, now: dt.datetime
) -> None:
    """The week after the worked one, in which nobody of finance asked anything: their reader sees
    what finance asked the week before, not what the company did."""
    finance = cast.departments["finance"]
    reader = analyst(cast, now, cast.zhaoyi, department=finance)
    after = make_snapshot(Week.of_day(MONDAY).shift(1), now + dt.timedelta(days=7))
    rows = snapshot.rows.of_figure("created")
    erp, crm = cast.products["erp"].pk, cast.products["crm"].pk
    asked = {product: rows.filter(product_id=product).count() for product in (erp, crm)}
    of_finance = rows.filter(department_id=finance.pk)
    sheet = sheet_of(after, scope_of(reader))
    assert sheet.products_before == {str(erp): of_finance.filter(product_id=erp).count()}
    assert sheet_of(after, EVERYTHING).products_before[str(crm)] == asked[crm] > 0
    assert (sheet.overdue, sheet.debt, sheet.causes) == ([], [], [])


def test_causes_are_counted_from_the_readers_own_tickets(
    snapshot: Snapshot, cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    """Each department's reader gets the cause with the tickets of theirs alone, and the list behind
    the number is as long; who reads another product does not get it."""
    [whole] = snapshot.breakdowns["causes"]
    erp = analyst(cast, now, cast.emma, product=cast.products["erp"])
    assert sheet_of(snapshot, scope_of(erp)).causes == []
    name = f"cause_{whole['cause_id']}"
    rows = snapshot.rows.of_figure(name)
    places = set(rows.values_list("department_id", flat=True)) - {None}
    assert len(places) == whole["departments"] > 1
    for department in Department.objects.filter(pk__in=places):
        reader = analyst(cast, now, User.objects.exclude(pk=cast.admin.pk).filter(
            department=department, is_active=True).order_by("-pk")[0], department=department,
        )  # fmt: skip
        [line] = sheet_of(snapshot, scope_of(reader)).causes
        below = Department.objects.filter(path__startswith=department.path)
        counted = rows.filter(department_id__in=below.values("pk"))
        assert (line["title"], line["owner"]) == (whole["title"], whole["owner"])
        assert 0 < line["tickets"] == counted.count() < whole["tickets"]
        client = client_of(reader)
        assert CAUSE_TITLE in page_of(client)
        assert f"{line['tickets']} row" in page_of(client, f"{PAGE}{name}/")


def test_what_speaks_for_manual_debt_is_listed(
    snapshot: Snapshot, cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    """Each number beside an item opens as many signs; who reads another product has none of them,
    nor the words of what is to be written."""
    erp = analyst(cast, now, cast.emma, product=cast.products["erp"])
    crm = analyst(cast, now, cast.zhaoyi, product=cast.products["crm"])
    debts = sheet_of(snapshot, scope_of(erp)).debt
    assert debts
    page = page_of(client_of(erp))
    for debt in debts:
        for source, count in debt["parts"]:
            url = f"{PAGE}{debt['figure']}/?reason={source}"
            assert url.replace("&", "&amp;") in page
            signs = snapshot.rows.of_figure(debt["figure"]).filter(reason=source)
            assert signs.count() == count > 0
            answer = client_of(erp).get(url)
            assert (answer.context["total"], len(answer.context["lines"])) == (count, count)
            title = answer.context["label"]
            other = client_of(crm).get(url)
            assert (other.context["total"], title in other.content.decode()) == (0, False)
    # A later report of the same week agrees, whatever was heard or written since.
    assert disagreement(snapshot, compute_report(Week.of_day(MONDAY), snapshot.as_of)) == []


@pytest.mark.parametrize(
    ("figure", "measured", "about_tickets"),
    [
        ("created", "", True),
        ("relay_only", "Counted in", True),
        ("response_on_time", "Met", True),
        ("resolution", "Time", True),
        ("declined", "Reason", False),
        ("demands_new", "", False),
        ("pushed", "", False),
    ],
)
def test_a_list_has_the_columns_that_say_something_of_its_figure(
    snapshot: Snapshot, cast: Cast, client_of: ClientOf,
    figure: str, measured: str, about_tickets: bool,
) -> None:  # fmt: skip
    cast.gaoyuan.language = "en"
    cast.gaoyuan.save(update_fields=["language"])
    answer = client_of(cast.gaoyuan).get(f"{PAGE}{figure}/")
    columns = answer.context["columns"]
    assert answer.context["lines"]
    assert (columns.measured, columns.type, columns.department) == (
        measured, about_tickets, about_tickets
    )  # fmt: skip
    heads = answer.content.decode().split("<thead>")[1].split("</thead>")[0]
    assert ("Department" in heads) == about_tickets
    assert "Measured" not in heads


def test_the_annex_adds_up_for_each_reader(
    snapshot: Snapshot, cast: Cast, now: dt.datetime
) -> None:
    """Every table of the annex from the rows in scope; the ladder of teams as its list is long."""
    crm = scope_of(analyst(cast, now, cast.zhaoyi, product=cast.products["crm"]))
    for scope in (EVERYTHING, crm):
        sheet = sheet_of(snapshot, scope)
        tables = {table.key: table for table in annex_tables(sheet, snapshot, scope)}
        for name in ("by_product", "by_module", "by_department", "by_type"):
            created = sum(cells[1].value for _label, cells in tables[name].rows)
            assert created == sheet.figures["created"]["value"], name
            for label, cells in tables[name].rows:
                start, *moved, end = (cell.value for cell in cells)
                signs = (1, 1, 1, 1, -1, -1, -1)
                gains = (sign * n for sign, n in zip(signs, moved, strict=True))
                assert start + sum(gains) == end, (name, label)
        levelled = sum(sheet.figures[f"level_{level}"]["value"] for level in (1, 2, 3, 4))
        assert sum(cells[0].value for _label, cells in tables["teams"].rows) == levelled
    team = cast.teams["operations"]
    listed = snapshot.rows.of_figure(f"team_{team.pk}")
    assert listed.filter(level=2).count() == 4


def test_a_correction_is_shown_at_once_and_the_language_is_the_readers(
    snapshot: Snapshot, cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    client = client_of(cast.gaoyuan)
    assert "主要问题" in page_of(client)
    cast.gaoyuan.language = "en"
    cast.gaoyuan.save(update_fields=["language"])
    before = page_of(client)
    assert "Top problems" in before
    closed = Ticket.objects.filter(status="closed").order_by("pk")[0]
    reopen_ticket(closed, "还是不行", acting_user=cast.linzhixia, now=now)
    assert page_of(client).count("corrects the report of") == 0
    correct_snapshot(snapshot, now + dt.timedelta(hours=1))
    assert page_of(client).count("corrects the report of") == 1


def test_a_company_without_a_ticket_has_a_page(
    cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    cast.gaoyuan.language = "en"
    cast.gaoyuan.save(update_fields=["language"])
    make_snapshot(Week.of_day(MONDAY), now)
    page = page_of(client_of(cast.gaoyuan))
    for words in ("No ticket joined a cause.", "Nothing was pushed", "The manuals owed nothing."):
        assert words in page
    assert "All figures" in page_of(client_of(cast.gaoyuan), f"{PAGE}annex/")
