"""5 November is never 11/05/2026, which half of the readers of English take for May."""

import datetime as dt

import pytest
from django.utils import translation
from django.utils.formats import date_format

MOMENT = dt.datetime(2026, 11, 5, 15, 4, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("language", "day", "moment"),
    [("en", "5 Nov 2026", "5 Nov 2026, 15:04"),
     ("zh-hans", "2026年11月5日", "2026年11月5日 15:04")],
)  # fmt: skip
def test_a_day_is_read_one_way_only(language: str, day: str, moment: str) -> None:
    with translation.override(language):
        for length in ("", "SHORT_"):
            assert date_format(MOMENT, f"{length}DATE_FORMAT") == day
            assert date_format(MOMENT, f"{length}DATETIME_FORMAT") == moment
