"""People out of a spreadsheet: judged row by row, imported once, in batches that may come twice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.actions import carry_out_people_import, go_on_with_people, start_people_import
from accounts.actions.importing import BATCH, JOB
from accounts.actions.judging import PeopleJudge
from accounts.models import Department, PeopleImport, Position, User
from core.errors import BadInput
from core.models import OutboxRow
from opsdesk.demo.cast import Cast

pytestmark = pytest.mark.django_db

HEAD = "姓名,账号,邮箱,所属部门,岗位,语言,备注\n"
ROWS = """张三,zhangsan,zhangsan@example.com,远禾集团 / 销售中心 / 华北大区,渠道专员,中文,x
刘小洋,LIUYANG,,,,,
李四,lisi,not-a-mail,,,克林贡语,
,zhaoliu,,,,,
张三,ZhangSan,,,,,
周九,zhou jiu,,,,,
王珂,wangke,,,,,
"""


def _file(text: str = HEAD + ROWS) -> SimpleUploadedFile:
    return SimpleUploadedFile("people.csv", text.encode("gb18030"))


def _sent(cast: Cast, now: dt.datetime, text: str = HEAD + ROWS) -> PeopleImport:
    return start_people_import(_file(text), language="zh-hans", acting_user=cast.admin, now=now)


def _carried_out(run: PeopleImport, cast: Cast, now: dt.datetime) -> PeopleImport:
    """What a worker does; each batch is handed out twice, as after a crash."""
    carry_out_people_import(run, acting_user=cast.admin, now=now)
    while row := OutboxRow.objects.filter(name=JOB, done_at__isnull=True).order_by("pk").first():
        go_on_with_people(row.payload, now)
        go_on_with_people(row.payload, now)
        OutboxRow.objects.filter(pk=row.pk).update(done_at=now)
    run.refresh_from_db()
    return run


def test_each_row_says_what_it_would_do_and_each_bad_cell_is_named(
    cast: Cast, now: dt.datetime
) -> None:
    run = _sent(cast, now)
    assert run.left_out == ["备注"]
    judge = PeopleJudge()
    judged = {line: judge.judge(line, cells) for line, cells in run.rows}
    assert {line: one.outcome for line, one in judged.items()} == {
        2: "create", 3: "change", 4: "refused", 5: "refused", 6: "refused", 7: "refused", 8: "same",
    }  # fmt: skip
    named = {
        (line, problem.field, problem.value)
        for line, one in judged.items()
        for problem in one.problems
    }
    assert named == {
        (4, "email", "not-a-mail"), (4, "language", "克林贡语"), (5, "name", ""),
        (6, "username", "ZhangSan"), (7, "username", "zhou jiu"),
    }  # fmt: skip
    assert all(problem.remedy for one in judged.values() for problem in one.problems)
    assert judged[3].changes == [["name", "刘洋", "刘小洋"]]


def test_good_rows_come_in_with_their_departments_and_again_nothing_changes(
    cast: Cast, now: dt.datetime
) -> None:
    before = User.objects.count()
    run = _carried_out(_sent(cast, now), cast, now)
    assert run.state == PeopleImport.State.DONE
    assert run.counts == {"create": 1, "change": 1, "refused": 4, "same": 1}
    assert User.objects.count() == before + 1
    person = User.objects.get(username="zhangsan")
    department, position = person.department, person.position
    assert department is not None
    assert position is not None
    assert (department.name, department.parent) == ("华北大区", cast.departments["sales"])
    assert position.name == "渠道专员"
    assert not person.has_usable_password()
    assert User.objects.get(pk=cast.liuyang.pk).name == "刘小洋"
    assert User.objects.get(pk=cast.liuyang.pk).email, "an empty cell leaves what there is"
    count = (User.objects.count(), Department.objects.count(), Position.objects.count())
    again = _carried_out(_sent(cast, now), cast, now)
    assert again.counts == {"refused": 4, "same": 3}
    assert (User.objects.count(), Department.objects.count(), Position.objects.count()) == count


def test_more_rows_than_a_batch_come_in_once_each(cast: Cast, now: dt.datetime) -> None:
    rows = "".join(f"某人{n},p{n:04},,,,,\n" for n in range(BATCH + 30))
    run = _carried_out(_sent(cast, now, HEAD + rows), cast, now)
    assert run.counts == {"create": BATCH + 30}
    assert User.objects.filter(username__startswith="p0").count() == BATCH + 30


@pytest.mark.parametrize(
    ("text", "value"),
    [("姓名,邮箱\n张三,a@b.cn\n", "姓名"), ("用户名,账号\na,b\n", "用户名"), ("用户名\n", "")],
)
def test_a_file_that_holds_no_people_is_refused_by_name(
    text: str, value: str, cast: Cast, now: dt.datetime
) -> None:
    with pytest.raises(BadInput) as refused:
        _sent(cast, now, text)
    (problem,) = refused.value.problems
    assert problem.field == "file"
    assert value in problem.value
    assert problem.remedy
    assert not PeopleImport.objects.exists()


def test_the_pages_lead_from_the_file_to_the_people(
    cast: Cast, client_of: Callable[[User], Client], now: dt.datetime
) -> None:
    admin = client_of(cast.admin)
    answer = admin.post(reverse("settings_people_import"), {"file": _file()})
    assert answer.status_code == 302
    page = admin.get(answer["Location"])
    assert page.context["good"] == 2
    refused = admin.get(f"{answer['Location']}?rows=refused")
    assert {row["line"] for row in refused.context["rows"]} == {4, 5, 6, 7}
    run = PeopleImport.objects.get()
    carry_out = reverse("settings_people_carry_out", args=[run.pk])
    assert client_of(cast.linzhixia).post(carry_out).status_code == 403
    assert admin.post(carry_out).status_code == 302
    assert admin.get(answer["Location"]).context["poll_url"]
    run.refresh_from_db()
    with pytest.raises(BadInput):
        carry_out_people_import(run, acting_user=cast.admin, now=now)
