"""Small logs and mappings for the tests of the import, and where the real logs lie."""

import datetime as dt
import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from stack.places import PROJECT

MAPPINGS = PROJECT / "examples" / "mappings"
DATA = PROJECT.parent / "shared" / "data"
HEADER = "Case,Activity,When,Who,Product,Weight"
MAPPING = """
source = "small"
zone = "Asia/Shanghai"
time_formats = ["%Y-%m-%d %H:%M"]
missing = ["?"]
title = "{Case}: {Product}"
description = "{Case} about {Product}"

[case]
column = "Case"
[time]
column = "When"
[status]
column = "Activity"
keep = ["Note"]
[status.values]
"Open" = "open"
"Wait" = "pending"
"Done" = "resolved"
"Closed" = "closed"
[product]
code = "small"
name = "Small log"
[module]
column = "Product"
[requester]
column = "Who"
[actor]
column = "Who"
[impact]
column = "Weight"
[impact.values]
"low" = "only_me"
"high" = "departments"
"""


def real(path: str) -> Path:
    """A file of the real data beside the project; without it the test is skipped."""
    file = DATA / path
    if not file.exists():
        pytest.skip(f"no real data at ../shared/data/{path}")
    return file


def write_log(folder: Path, *rows: str, header: str = HEADER, name: str = "log.csv") -> Path:
    file = folder / name
    file.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return file


def write_mapping(folder: Path, text: str = MAPPING) -> Path:
    file = folder / "mapping.toml"
    file.write_text(text, encoding="utf-8")
    return file


def import_log(file: Path, mapping: Path, **options: Any) -> str:
    """Run the command in English; returns what it printed."""
    out = io.StringIO()
    with translation.override("en"):
        call_command(
            "import_tickets", str(file), mapping=mapping, no_progress=True, stdout=out, **options
        )
    return out.getvalue()


def refusal(file: Path, mapping: Path) -> str:
    """What the command says when it can use nothing of the file."""
    with pytest.raises(CommandError) as caught:
        import_log(file, mapping)
    return str(caught.value)


def monday(moment: dt.datetime) -> str:
    day = moment.date()
    return (day - dt.timedelta(days=day.weekday())).isoformat()
