"""A day of the product is the company's day: `timezone.localdate(now)`, never `now.date()`.

Moments come in UTC, and from midnight to eight in Shanghai their day there is yesterday.
"""

import re

import pytest

from stack.places import PROJECT

APPS = (
    "accounts", "catalog", "core", "docs_portal", "feedback", "opsdesk", "reports", "tickets",
)  # fmt: skip
WRONG = re.compile(r"\bnow(\(.*?\))?\.(date\(\)|tzinfo)|\bdate\.today\(\)|\butcnow\(\)")
#: Reads chats: its `now` is given in the zone the chat shows its times in.
CHATS = PROJECT / "tickets" / "incoming" / "chatlog"


@pytest.mark.parametrize(
    ("line", "is_wrong"),
    [
        ("day = now.date()", True),
        ("day = timezone.now().date()", True),
        ("day = dt.datetime.now(dt.UTC).date()", True),
        ("day = timezone.localdate(now)", False),
        ("day = timezone.localtime(now).date()", False),
    ],
)
def test_it_knows_a_wrong_line(line: str, is_wrong: bool) -> None:
    assert bool(WRONG.search(line)) is is_wrong


def test_no_day_is_taken_from_a_moment_in_utc() -> None:
    files = [file for app in APPS for file in (PROJECT / app).rglob("*.py")]
    assert len(files) > 400
    found = [
        f"{file.relative_to(PROJECT)}:{number}: {line.strip()}"
        for file in files
        if CHATS not in file.parents
        for number, line in enumerate(file.read_text().splitlines(), 1)
        if WRONG.search(line)
    ]
    assert found == []
