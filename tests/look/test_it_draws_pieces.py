"""core.markup and core.charts: words, escaping, numbers and times."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone, translation

from core import charts, markup
from core.icons import NAMES, UnknownIconError

SHANGHAI = ZoneInfo("Asia/Shanghai")
HOSTILE = "<script>\"&'"


@pytest.fixture(autouse=True)
def _english_in_shanghai() -> Iterator[None]:
    with translation.override("en"), timezone.override(SHANGHAI):
        yield


@pytest.mark.parametrize(
    "drawn",
    [
        lambda: markup.badge(HOSTILE, tone="amber", icon="doc"),
        lambda: markup.level_glyph(3, HOSTILE),
        lambda: markup.level_glyph(3, HOSTILE, boxed=True),
        lambda: markup.sla_clock("soon", HOSTILE, title=HOSTILE),
        lambda: markup.avatar(HOSTILE, live="editing"),
        lambda: markup.figure(HOSTILE, HOSTILE, HOSTILE),
        lambda: markup.file_chip(HOSTILE, 10, HOSTILE),
        lambda: markup.icon("clock", HOSTILE),
        lambda: markup.kbd(HOSTILE),
        lambda: charts.bars(
            [charts.Bar(HOSTILE, 3, title=HOSTILE, href=HOSTILE, note=HOSTILE)], label=HOSTILE
        ),
        lambda: charts.ladder([charts.Part(3, "ink1", HOSTILE, HOSTILE)], label=HOSTILE),
        lambda: charts.stacked([charts.Part(3, "sure", HOSTILE)], label=HOSTILE),
        lambda: charts.sparkline([1, 2], label=HOSTILE),
    ],
)
def test_it_escapes_what_people_wrote(drawn: Callable[[], str]) -> None:
    html = drawn()
    assert "<script" not in html
    assert "&lt;" in html


def test_it_refuses_an_unknown_icon_by_name() -> None:
    assert "icons.svg#clock" in markup.icon("clock")
    with pytest.raises(UnknownIconError, match="'nonsense'"):
        markup.icon("nonsense")


def test_it_gives_each_status_its_shape() -> None:
    for status in ("new", "open", "pending", "on_hold", "resolved", "closed", "cancelled"):
        assert f"st-{status}" in NAMES
        assert f"#st-{status}" in markup.badge("word", status=status)


@pytest.mark.parametrize(
    ("name", "shown"),
    [("林知夏", "林"), ("Lin Zhixia", "LZ"), ("ada", "A"), ("王 珂", "王"), ("", "?"), ("  ", "?")],
)
def test_it_takes_initials(name: str, shown: str) -> None:
    assert markup.initials(name) == shown


@pytest.mark.parametrize(
    ("value", "decimals", "shown"),
    [
        (None, 0, "—"),
        (0, 0, "0"),
        (999, 0, "999"),
        (1000, 0, "1\u202f000"),
        (-1234567, 0, "\u22121\u202f234\u202f567"),
        (0.4261, 2, "0.43"),
    ],
)
def test_it_groups_numbers(value: float | None, decimals: int, shown: str) -> None:
    assert markup.number(value, decimals) == shown


@pytest.mark.parametrize(
    ("bytes_", "shown"),
    [(1, "1 byte"), (1023, "1023 bytes"), (1024, "1 KB"), (217088, "212 KB"), (1468006, "1.4 MB")],
)
def test_it_says_file_sizes(bytes_: int, shown: str) -> None:
    assert markup.file_size(bytes_) == shown


NOW = dt.datetime(2026, 11, 18, 10, 0, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("moment", "english", "chinese"),
    [
        (NOW - dt.timedelta(seconds=59), "just now", "刚刚"),
        (NOW + dt.timedelta(seconds=59), "just now", "刚刚"),
        (NOW - dt.timedelta(seconds=60), "1 minute ago", "1分钟前"),
        (NOW - dt.timedelta(minutes=59, seconds=59), "59 minutes ago", "59分钟前"),
        (NOW + dt.timedelta(minutes=5), "in 5 minutes", "5分钟后"),
        (NOW - dt.timedelta(hours=1), "today 09:00", "今天 09:00"),
        (NOW - dt.timedelta(hours=11), "yesterday 23:00", "昨天 23:00"),
        (NOW + dt.timedelta(hours=14), "tomorrow 00:00", "明天 00:00"),
        (NOW - dt.timedelta(days=40), "9 Oct 10:00", "10月9日 10:00"),
        (NOW - dt.timedelta(days=400), "14 Oct 2025", "2025年10月14日"),
    ],
)
def test_it_says_when(moment: dt.datetime, english: str, chinese: str) -> None:
    assert markup.relative(moment, NOW) == english
    with translation.override("zh-hans"):
        assert markup.relative(moment, NOW) == chinese


def test_it_says_days_in_the_viewers_zone() -> None:
    late = dt.datetime(2026, 11, 17, 16, 30, tzinfo=dt.UTC)  # 00:30 on the 18th in Shanghai
    assert markup.relative(late, NOW) == "today 00:30"
    with timezone.override(dt.UTC):
        assert markup.relative(late, NOW) == "yesterday 16:30"
    with timezone.override(dt.timezone(-dt.timedelta(hours=3, minutes=30))):
        assert markup.exact(late).endswith("13:00 (UTC\u22123:30)")
    assert markup.exact(late).endswith("00:30 (UTC+8)")


def test_it_shows_a_dash_for_no_moment() -> None:
    assert "—" in markup.when(None, NOW)
    assert 'datetime="2026-11-18T10:00:00+08:00"' in markup.when(NOW, NOW)


@pytest.mark.parametrize(
    ("delta", "options", "words", "css"),
    [
        (18, {"good": "down"}, "▲ 18 more than last week", "late"),
        (-18, {"good": "down"}, "▼ 18 fewer than last week", "good"),
        (18, {}, "▲ 18 more than last week", ""),
        (-4.12, {"kind": "points", "decimals": 1}, "▼ 4.1 points below last week", ""),
        (0, {"good": "up"}, "same as last week", "mute"),
        (0.04, {"kind": "points", "decimals": 1}, "same as last week", "mute"),
        (None, {}, "no week to compare", "mute"),
    ],
)
def test_it_says_changes_in_words(
    delta: float | None, options: dict[str, Any], words: str, css: str
) -> None:
    html = markup.change(delta, **options)
    assert words in html
    assert (f'class="{css}"' in html) is bool(css)


def test_it_draws_bars_to_scale() -> None:
    html = charts.bars([charts.Bar("1", 100), charts.Bar("2", 50)], label="two")
    heights = [float(h) for h in re.findall(r'<rect class="bars"[^>]*height="([\d.]+)"', html)]
    assert heights[0] == pytest.approx(2 * heights[1], abs=0.2)
    assert 'role="img"' in html
    assert 'role="group"' in charts.bars([charts.Bar("1", 1, href="/rows")], label="links")


def test_it_fills_a_ladder_to_the_end() -> None:
    html = charts.ladder(
        [charts.Part(1, "ink1"), charts.Part(0, "ink2"), charts.Part(3, "ink3")], label="x"
    )
    assert 'x="25.00%" width="75.00%"' in html
    assert "ink2" not in html
    assert "75%" in html


@pytest.mark.parametrize("draw", [charts.bars, charts.ladder, charts.stacked, charts.sparkline])
def test_it_draws_nothing_from_nothing(draw: Callable[..., str]) -> None:
    assert draw([], label="empty").startswith("<svg")


@pytest.mark.parametrize(("top", "steps"), [(250, [100, 200]), (9, [5]), (0, [1]), (3, [1, 2, 3])])
def test_it_chooses_round_grid_lines(top: float, steps: list[float]) -> None:
    assert charts.nice_steps(top) == steps
