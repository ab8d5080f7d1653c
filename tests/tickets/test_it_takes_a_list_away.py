"""The list of the desk as a file: the same tickets in the same order, with real values."""

import csv
import datetime as dt
import io
from collections.abc import Callable

import pytest
from django.test import Client
from openpyxl import load_workbook

from accounts.models import User
from opsdesk.demo.cast import Cast
from tests.tickets.ladder import submitted
from tickets.models import Ticket
from tickets.rendering import sheet
from tickets.search.columns import COLUMNS

ClientOf = Callable[..., Client]


@pytest.fixture
def three(cast: Cast, now: dt.datetime) -> list[int]:
    """Three tickets; the title of the second begins like a formula."""
    pks = [submitted(cast, now + dt.timedelta(minutes=n)).pk for n in range(3)]
    Ticket.objects.filter(pk=pks[1]).update(title="=HYPERLINK(1)", priority=0, bounces=2)
    return pks


def _english(cast: Cast, client_of: ClientOf) -> Client:
    User.objects.filter(pk=cast.linzhixia.pk).update(language=User.Language.ENGLISH)
    return client_of(cast.linzhixia)


def _csv(client: Client, query: str) -> list[dict[str, str]]:
    answer = client.get(f"/desk/export/csv/?{query}")
    assert answer.status_code == 200
    assert answer["Content-Disposition"] == 'attachment; filename="tickets.csv"'
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_a_file_holds_the_list_and_its_order(
    cast: Cast, three: list[int], client_of: ClientOf
) -> None:
    client = _english(cast, client_of)
    rows = _csv(client, "queue=all&sort=-priority&columns=requester,bounces")
    wanted = ["No.", "Title", "Status", "Level", "Priority", "Requester", "Returns"]
    assert list(rows[0]) == wanted
    turned = _csv(client, "queue=all&sort=priority&columns=requester,bounces")
    assert [row["No."] for row in rows] != [row["No."] for row in turned]
    assert {row["No."] for row in rows} == {f"OPS-{pk}" for pk in three}
    (odd,) = [row for row in rows if row["No."] == f"OPS-{three[1]}"]
    assert (odd["Title"], odd["Returns"]) == ("'=HYPERLINK(1)", "2")
    assert [row["No."] for row in _csv(client, "f=bounces:atleast:2")] == [f"OPS-{three[1]}"]


def test_moments_are_moments_in_a_workbook(
    cast: Cast, now: dt.datetime, three: list[int], client_of: ClientOf
) -> None:
    answer = client_of(cast.linzhixia).get(
        "/desk/export/xlsx/?queue=all&columns=submitted,promised"
    )
    book = load_workbook(io.BytesIO(answer.content))
    cells = list(book.worksheets[0].iter_rows(min_row=2))
    assert len(cells) == 3
    assert all(isinstance(row[5].value, dt.datetime) and row[6].value is None for row in cells)
    assert all(row[1].data_type == "s" for row in cells)


def test_a_list_without_chosen_columns_holds_every_fact(
    cast: Cast, three: list[int], client_of: ClientOf
) -> None:
    rows = _csv(client_of(cast.linzhixia), "queue=all")
    assert len(rows[0]) == 5 + len(COLUMNS)


def test_only_tickets_one_may_see_are_in_it(
    cast: Cast, three: list[int], client_of: ClientOf
) -> None:
    Ticket.objects.filter(pk=three[0]).update(confidential=True)
    everything = {row["编号"] for row in _csv(client_of(cast.linzhixia), "queue=all")}
    shown = client_of(cast.linzhixia).get("/desk/?queue=all").content.decode()
    assert everything == {f"OPS-{pk}" for pk in three if f'id="row-{pk}"' in shown}
    assert client_of(cast.wangke).get("/desk/export/csv/?queue=all").status_code == 403


def test_a_list_too_long_for_a_file_says_so(
    cast: Cast, three: list[int], client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = _english(cast, client_of)
    monkeypatch.setattr(sheet, "ROWS_MAX", 3)
    assert len(_csv(client, "queue=all")) == 3
    monkeypatch.setattr(sheet, "ROWS_MAX", 2)
    answer = client.get("/desk/export/csv/?queue=all", follow=True)
    assert answer.redirect_chain == [("/desk/?queue=all", 302)]
    assert "This list holds more than 2 tickets." in answer.content.decode()
    assert client.get("/desk/export/pdf/").status_code == 404
