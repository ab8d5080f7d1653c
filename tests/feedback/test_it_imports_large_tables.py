"""A large table (5,000 rows under `make soak`), 3 % of its rows wrong in ten ways: the good ones
come in, once.
"""

from __future__ import annotations

import datetime as dt
import time
from collections import Counter

import pytest

from feedback.actions.importing import carry_out_import
from feedback.models import Demand, ImportRow
from opsdesk.demo.cast import Cast
from tests.feedback.test_it_reads_spreadsheets import row, run_jobs, sent, sheet

pytestmark = pytest.mark.django_db

#: Ways to be wrong: what is put into which cell, and the column and value that are named for it.
WRONG = (
    ({"产品": "没有的产品"}, "产品", "没有的产品"),
    ({"模块": "没有的模块"}, "模块", "没有的模块"),
    ({"优先级": "P9"}, "优先级", "P9"),
    ({"工作量": "三天"}, "工作量", "三天"),
    ({"工作量": "-1"}, "工作量", "-1"),
    ({"提出人": "查无此人"}, "提出人", "查无此人"),
    ({"计划上线时间": "2026-02-30"}, "计划上线时间", "2026-02-30"),
    ({"状态": "快好了"}, "状态", "快好了"),
    ({"状态": "已上线"}, "released", ""),
    ({"标题": ""}, "标题", ""),
)


@pytest.mark.parametrize(
    "count", [400, pytest.param(5_000, marks=[pytest.mark.soak, pytest.mark.timeout(480)])]
)
def test_a_large_table_comes_in_once(
    count: int, cast: Cast, now: dt.datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = []
    expected: dict[int, tuple[str, str]] = {}
    for number in range(count):
        line, title = number + 2, f"第 {number} 条需求：导出时记住所选列"
        if number % 100 in (17, 50, 83):
            cells, column, value = WRONG[len(expected) % len(WRONG)]
            cells = dict(cells)
            expected[line] = (column, value)
            rows.append(row(f"X-{number}", cells.pop("标题", title), **cells))
        else:
            rows.append(row(f"X-{number}", title, 模块="拜访管理", 提出人="王珂"))
    assert len(expected) == count * 3 // 100
    before = Demand.objects.count()

    begun = time.monotonic()
    run = sent(cast, now, sheet(*rows))
    judged = time.monotonic() - begun
    assert run.state == run.State.JUDGED
    refused = run.rows.filter(outcome=ImportRow.Outcome.REFUSED)
    named = {
        line: {(problem[0], problem[1]) for problem in problems}
        for line, problems in refused.values_list("line", "problems")
    }
    assert named.keys() == expected.keys()
    assert {line: named[line] for line in named if expected[line] not in named[line]} == {}
    assert Demand.objects.count() == before

    begun = time.monotonic()
    run = run_jobs(carry_out_import(run, acting_user=cast.linzhixia, now=now), now)
    carried = time.monotonic() - begun
    assert run.state == run.State.DONE
    assert Demand.objects.count() == before + count - len(expected)

    again = sent(cast, now, sheet(*rows))
    outcomes = Counter(again.rows.values_list("outcome", flat=True))
    assert outcomes == {"same": count - len(expected), "refused": len(expected)}
    with capsys.disabled():
        print(f"\n{count:,} rows: judged in {judged:.0f} s, imported in {carried:.0f} s")
