"""Departments move with everything below them and never into themselves."""

import datetime as dt

import pytest

from accounts.actions import PersonDraft, create_department, create_person, edit_department
from accounts.models import Department
from core.errors import BadInput, StaleWrite
from opsdesk.demo.cast import Cast


def _path(department: Department) -> str:
    return Department.objects.get(pk=department.pk).path


def test_those_below_move_along(cast: Cast, now: dt.datetime) -> None:
    at = cast.departments
    edit_department(at["sales"], {"parent_id": at["research"].pk}, acting_user=cast.admin, now=now)
    assert _path(at["sales"]) == f"{_path(at['research'])}{at['sales'].pk}/"
    assert _path(at["east"]) == f"{_path(at['sales'])}{at['east'].pk}/"
    edit_department(at["sales"], {"parent_id": None}, acting_user=cast.admin, now=now)
    assert _path(at["east"]) == f"/{at['sales'].pk}/{at['east'].pk}/"


@pytest.mark.parametrize("below", ["sales", "east"])
def test_no_department_lies_below_itself(cast: Cast, now: dt.datetime, below: str) -> None:
    at, before = cast.departments, _path(cast.departments["sales"])
    with pytest.raises(BadInput) as refused:
        edit_department(at["sales"], {"parent_id": at[below].pk}, acting_user=cast.admin, now=now)
    assert refused.value.problems[0].field == "parent"
    assert _path(at["sales"]) == before


def test_names_are_unique_among_siblings_only(cast: Cast, now: dt.datetime) -> None:
    at = cast.departments
    with pytest.raises(BadInput):
        create_department("华东大区", at["sales"], acting_user=cast.admin, now=now)
    create_department("华东大区", at["finance"], acting_user=cast.admin, now=now)


def test_a_department_with_people_stays_switched_on(cast: Cast, now: dt.datetime) -> None:
    at = cast.departments
    for key in ("east", "sales"):
        with pytest.raises(BadInput):
            edit_department(at[key], {"is_active": False}, acting_user=cast.admin, now=now)
    off = edit_department(at["hr"], {"is_active": False}, acting_user=cast.admin, now=now)
    assert not off.is_active
    with pytest.raises(BadInput):
        create_department("招聘组", at["hr"], acting_user=cast.admin, now=now)


def test_a_stale_edit_is_refused(cast: Cast, now: dt.datetime) -> None:
    hr = cast.departments["hr"]
    edit_department(hr, {"name": "人事部"}, acting_user=cast.admin, now=now, seen_version=1)
    with pytest.raises(StaleWrite):
        edit_department(hr, {"name": "人才部"}, acting_user=cast.admin, now=now, seen_version=1)
    contact = {"contact_id": cast.wangke.pk}
    edit_department(hr, contact, acting_user=cast.admin, now=now, seen_version=1)


@pytest.mark.parametrize(
    ("username", "name", "email", "field"),
    [
        ("LIUYANG", "刘洋二", "", "username"),
        ("liu yang", "刘洋二", "", "username"),
        ("", "刘洋二", "", "username"),
        ("liuyang2", "", "", "name"),
        ("liuyang2", "刘洋二", "not-an-address", "email"),
    ],
)
def test_a_person_with_a_bad_value_is_refused_by_field(
    cast: Cast, now: dt.datetime, username: str, name: str, email: str, field: str
) -> None:
    with pytest.raises(BadInput) as refused:
        create_person(PersonDraft(username, name, email), acting_user=cast.admin, now=now)
    assert [problem.field for problem in refused.value.problems] == [field]
