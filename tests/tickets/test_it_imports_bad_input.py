"""Bad files and bad cells: named by line, column and value, with a remedy; nothing half-written."""

import csv
import gzip
from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pytest

from core.models import Event
from core.tables import reader
from tests.tickets.imports import (
    HEADER,
    MAPPING,
    import_log,
    refusal,
    write_log,
    write_mapping,
)
from tickets.models import Ticket

pytestmark = pytest.mark.django_db
GOOD = ("A1,Open,2020-01-06 09:00,Ann,Mail,low", "A1,Done,2020-01-07 09:00,Bob,Mail,low")


@pytest.fixture
def mapping(tmp_path: Path) -> Path:
    return write_mapping(tmp_path)


def tickets() -> set[str]:
    return set(Ticket.objects.filter(external_source="small").values_list("external_id", flat=True))


def events_written() -> int:
    return Event.objects.filter(imported=True).count()


def test_a_good_file_comes_in(tmp_path: Path, mapping: Path) -> None:
    told = import_log(write_log(tmp_path, *GOOD), mapping)

    assert "2 rows, 1 tickets: 1 new" in told
    ticket = Ticket.objects.get(external_id="A1")
    assert (ticket.title, ticket.status, ticket.impact) == ("A1: Mail", "resolved", 1)
    assert events_written() == 3


@pytest.mark.parametrize(
    ("row", "line", "column", "value", "remedy"),
    [
        ("B2,Open,yesterday,Ann,Mail,low", 4, "When", "yesterday", "%Y-%m-%d %H:%M"),
        ("B2,Open,2020-02-30 09:00,Ann,Mail,low", 4, "When", "2020-02-30 09:00", "Accepted"),
        ("B2,Open,,Ann,Mail,low", 4, "When", "", "Accepted"),
        ("B2,Open,2999-01-01 09:00,Ann,Mail,low", 4, "When", "2999-01-01 09:00", "time zone"),
        ("?,Open,2020-01-06 09:00,Ann,Mail,low", 4, "Case", "?", "Fill in the cell"),
        ("B2,Open,2020-01-06 09:00,Ann", 4, "", "4", "6 columns"),
        ("B2,Open,2020-01-06 09:00,Ann,Mail,low,more", 4, "", "7", "6 columns"),
    ],
)
def test_a_bad_row_leaves_out_its_ticket_only(
    tmp_path: Path, mapping: Path, row: str, line: int, column: str, value: str, remedy: str
) -> None:
    errors = tmp_path / "errors.csv"

    told = import_log(write_log(tmp_path, *GOOD, row), mapping, errors=errors)

    assert tickets() == {"A1"}
    with errors.open(encoding="utf-8-sig", newline="") as stream:
        (found,) = csv.DictReader(stream)
    assert (found["line"], found["column"], found["value"]) == (str(line), column, value)
    assert remedy in found["remedy"]
    assert found["consequence"] == "left out"
    assert f"line {line}, column “{column}”, value “{value}”" in told


def test_one_bad_row_leaves_out_all_rows_of_its_ticket(tmp_path: Path, mapping: Path) -> None:
    rows = ("B2,Open,2020-01-06 09:00,Ann,Mail,low", "B2,Done,soon,Ann,Mail,low")

    told = import_log(write_log(tmp_path, *GOOD, *rows), mapping)

    assert tickets() == {"A1"}
    assert "1 left out" in told


def test_unknown_states_and_choices_are_kept_and_told(tmp_path: Path, mapping: Path) -> None:
    rows = ("B2,-100,2020-01-06 09:00,Ann,Mail,huge", "B2,Done,2020-01-06 10:00,Ann,Mail,huge")

    told = import_log(write_log(tmp_path, *rows), mapping)

    ticket = Ticket.objects.get(external_id="B2")
    assert ticket.status == "resolved"
    assert ticket.custom == {"impact": "huge"}
    assert "line 2, column “Activity”, value “-100”" in told
    assert "[status.values]" in told
    assert "column “Weight”, value “huge”" in told
    assert "[impact.values]" in told


def test_a_column_nobody_named_is_kept_and_told(tmp_path: Path, mapping: Path) -> None:
    log = write_log(
        tmp_path, "B2,Open,2020-01-06 09:00,Ann,Mail,low,north", header=f"{HEADER},Site Name"
    )

    told = import_log(log, mapping)

    assert Ticket.objects.get(external_id="B2").custom == {"site_name": "north"}
    assert "column “Site Name”" in told


def test_columns_of_one_name_are_told_apart(tmp_path: Path) -> None:
    mapping = write_mapping(tmp_path, MAPPING + '[custom]\nfirst = "V"\nsecond = "V#2"\n')
    log = write_log(tmp_path, "B2,Open,2020-01-06 09:00,Ann,Mail,low,x,y", header=f"{HEADER},V,V")

    import_log(log, mapping)

    assert Ticket.objects.get(external_id="B2").custom == {"first": "x", "second": "y"}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "0 bytes"),
        (b"\n\n", "no header line"),
        (b"Case,Activity,When\nA1,Open,2020-01-06 09:00\n", "Who, Product, Weight"),
        (f'{HEADER}\nA1,"Open,2020-01-06 09:00,Ann,Mail,low\n'.encode(), "Line 2"),
        (HEADER.encode() + b"\nA1,Open,2020-01-06 09:00,\xff\xfe\xfa,Mail,low\n", "gb18030"),
        (gzip.compress(HEADER.encode() * 500, mtime=0)[:-40], "gzip file is broken"),
        (b"PK\x03\x04 not really a workbook", "XLSX file cannot be read"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(
    tmp_path: Path, mapping: Path, content: bytes, words: str
) -> None:
    file = tmp_path / "log.csv"
    file.write_bytes(content)

    assert words in refusal(file, mapping)
    assert not tickets()


def test_a_gzip_broken_at_its_end_writes_nothing(tmp_path: Path, mapping: Path) -> None:
    whole = gzip.compress("\n".join([HEADER, *GOOD]).encode(), mtime=0)
    (tmp_path / "whole.csv.gz").write_bytes(whole)
    (tmp_path / "broken.csv.gz").write_bytes(whole[:-9])

    assert "broken" in refusal(tmp_path / "broken.csv.gz", mapping)
    assert not tickets()
    import_log(tmp_path / "whole.csv.gz", mapping)
    assert tickets() == {"A1"}


def test_a_missing_file_is_named(tmp_path: Path, mapping: Path) -> None:
    assert "nowhere.csv" in refusal(tmp_path / "nowhere.csv", mapping)


def test_a_file_with_only_a_header_brings_nothing(tmp_path: Path, mapping: Path) -> None:
    assert "0 rows, 0 tickets" in import_log(write_log(tmp_path), mapping)


def test_a_byte_order_mark_and_chinese_encodings_are_read(tmp_path: Path) -> None:
    mapping = write_mapping(tmp_path, 'encodings = ["utf-8-sig", "gb18030"]\n' + MAPPING)
    chinese = f"{HEADER}\r\n工单一,Open,2020-01-06 09:00,安娜,星图,low"
    (tmp_path / "gb.csv").write_bytes(chinese.encode("gb18030"))
    marked = chinese.replace("工单一", "工单二")
    (tmp_path / "bom.csv").write_bytes(marked.encode("utf-8-sig"))

    import_log(tmp_path / "gb.csv", mapping)
    import_log(tmp_path / "bom.csv", mapping)

    assert tickets() == {"工单一", "工单二"}
    assert Ticket.objects.get(external_id="工单一").requester.name == "安娜"


def test_a_character_no_database_holds_is_left_out_and_told(tmp_path: Path, mapping: Path) -> None:
    told = import_log(write_log(tmp_path, "B2,Open,2020-01-06 09:00,An\0n,Mail,low"), mapping)

    assert Ticket.objects.get(external_id="B2").requester.name == "Ann"
    assert "line 2" in told
    assert "U+0000" in told


def workbook(file: Path, *rows: Sequence[object]) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(HEADER.split(","))
    for row in rows:
        sheet.append(list(row))
    book.save(file)
    return file


def test_a_workbook_is_read_with_its_dates(tmp_path: Path, mapping: Path) -> None:
    from datetime import datetime

    row: list[object] = [17, "Open", datetime(2020, 1, 6, 9, 0), "Ann", "Mail", "low"]  # noqa: DTZ001
    import_log(workbook(tmp_path / "log.xlsx", row), mapping)

    ticket = Ticket.objects.get(external_id="17")
    assert ticket.submitted_at.isoformat() == "2020-01-06T01:00:00+00:00"


def test_a_formula_nobody_calculated_is_named_by_its_cell(tmp_path: Path, mapping: Path) -> None:
    file = workbook(tmp_path / "log.xlsx", ["A1", "Open", '="2020-01-06 09:00"', "A", "M", "low"])

    assert "C2" in refusal(file, mapping)
    assert not tickets()


def test_one_word_in_the_last_corner_of_a_sheet_ends_no_worker(
    tmp_path: Path, mapping: Path
) -> None:
    """Whoever reads the sheet whole makes room for 17 thousand million cells."""
    book = openpyxl.load_workbook(workbook(tmp_path / "log.xlsx", GOOD[0].split(",")))
    book.active["XFD1048576"] = "x"  # type: ignore[index]
    book.save(tmp_path / "log.xlsx")

    assert "too large" in refusal(tmp_path / "log.xlsx", mapping)
    assert not tickets()


def test_a_line_that_unpacks_without_end_is_refused(
    tmp_path: Path, mapping: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "_LINE_LIMIT", 10_000_000)
    with gzip.open(tmp_path / "log.csv.gz", "wb") as packed:
        packed.write(f"{HEADER}\n{GOOD[0]}\n".encode())
        for _megabyte in range(16):
            packed.write(b"0" * 1_000_000)

    assert "line 3" in refusal(tmp_path / "log.csv.gz", mapping)
    assert not tickets()


def test_rows_apart_are_gathered_unless_the_mapping_promises_otherwise(tmp_path: Path) -> None:
    other = "B2,Open,2020-01-06 12:00,Ann,Mail,low"
    log = write_log(tmp_path, GOOD[0], other, GOOD[1])

    strict = write_mapping(tmp_path, "grouped = true\n" + MAPPING)
    assert "line 4" in refusal(log, strict)
    assert not tickets()

    import_log(log, write_mapping(tmp_path))
    assert Ticket.objects.get(external_id="A1").status == "resolved"


def test_rows_out_of_order_are_sorted_and_told(tmp_path: Path, mapping: Path) -> None:
    told = import_log(write_log(tmp_path, GOOD[1], GOOD[0]), mapping)

    ticket = Ticket.objects.get(external_id="A1")
    assert ticket.submitted_at.isoformat() == "2020-01-06T01:00:00+00:00"
    assert ticket.status == "resolved"
    assert "line 3, column “When”, value “2020-01-06 09:00”" in told


def test_a_time_the_clocks_skipped_is_told(tmp_path: Path) -> None:
    mapping = write_mapping(tmp_path, MAPPING.replace("Asia/Shanghai", "Europe/Rome"))

    told = import_log(write_log(tmp_path, "B2,Open,2020-03-29 02:30,Ann,Mail,low"), mapping)

    assert "value “2020-03-29 02:30”: The clocks of the log's zone skipped this time." in told


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("Asia/Shanghai", "Mars/Olympus"), ("zone", "Mars/Olympus", "Europe/Rome")),
        (('"Open" = "open"', '"Open" = "opened"'), ("status.values.Open", "opened", "on_hold")),
        (('"low" = "only_me"', '"low" = "tiny"'), ("impact.values.low", "tiny", "my_group")),
        (("[module]", "[modul]"), ("modul", "not known")),
        (('column = "Product"', "colum = 1"), ("module.colum", "not known")),
        (('source = "small"', ""), ("source", "missing")),
        (('code = "small"', "code ="), ("TOML",)),
    ],
)
def test_a_bad_mapping_is_named_by_its_key(
    tmp_path: Path, change: tuple[str, str], words: tuple[str, ...]
) -> None:
    mapping = write_mapping(tmp_path, MAPPING.replace(*change))

    told = refusal(write_log(tmp_path, *GOOD), mapping)

    assert all(word in told for word in words), told
    assert not tickets()


def test_cells_that_look_like_formulas_are_harmless_in_the_errors_file(
    tmp_path: Path, mapping: Path
) -> None:
    errors = tmp_path / "errors.csv"
    import_log(write_log(tmp_path, "B2,Open,=1+1,Ann,Mail,low"), mapping, errors=errors)

    assert ",'=1+1," in errors.read_text(encoding="utf-8-sig")


def test_a_dry_run_says_the_same_and_writes_nothing(tmp_path: Path, mapping: Path) -> None:
    log = write_log(tmp_path, *GOOD)

    tried = import_log(log, mapping, dry_run=True)
    assert (tickets(), events_written()) == (set(), 0)

    done = import_log(log, mapping)
    assert tried.splitlines()[1:] == done.splitlines()
    assert tickets() == {"A1"}
