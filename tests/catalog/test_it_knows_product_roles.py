"""A person's product roles: by position, with dated exceptions, second posts and stand-ins."""

import datetime as dt

import pytest

from accounts.actions import edit_person
from accounts.models import User
from catalog.access import product_roles_of, roles_in_product
from catalog.actions import except_role, set_position_roles, take_back_exception
from catalog.choices import ExceptionKind
from core.errors import BadInput
from opsdesk.demo.cast import Cast

DAY = dt.date(2026, 11, 16)


def _held(cast: Cast, user: User, day: dt.date = DAY) -> set[str]:
    keys = {role.pk: key for key, role in cast.roles.items()}
    return {keys[pk] for pk in product_roles_of(User.objects.get(pk=user.pk), day)}


def test_roles_come_with_the_position(cast: Cast, now: dt.datetime) -> None:
    director = {
        "crm_director", "erp_employee", "approval_applicant", "approval_approver", "board_viewer",
    }  # fmt: skip
    assert _held(cast, cast.wangke) == director
    assert [role.name for role in roles_in_product(cast.wangke, cast.products["crm"].pk, DAY)] == [
        "销售主管"
    ]
    promoted = {"position_id": cast.positions["sales_director"].pk}
    edit_person(cast.emma, promoted, acting_user=cast.admin, now=now)
    assert _held(cast, cast.emma) == director
    set_position_roles(
        cast.positions["sales_director"],
        [cast.roles["crm_director"]],
        acting_user=cast.admin,
        now=now,
    )
    assert _held(cast, cast.emma) == {"crm_director"}


def test_nobody_without_a_position_has_a_role(cast: Cast, now: dt.datetime) -> None:
    edit_person(cast.zhaoyi, {"position_id": None}, acting_user=cast.admin, now=now)
    assert _held(cast, cast.zhaoyi) == set()


def test_a_stand_in_holds_the_role_on_its_days_only(cast: Cast, now: dt.datetime) -> None:
    plain = _held(cast, cast.emma)
    first, last = DAY, DAY + dt.timedelta(days=4)
    except_role(
        cast.emma, cast.roles["crm_director"], ExceptionKind.ALSO, first, last, "代理",
        acting_user=cast.admin, now=now,
    )  # fmt: skip
    day = dt.timedelta(days=1)
    assert _held(cast, cast.emma, first - day) == plain
    assert _held(cast, cast.emma, first) == plain | {"crm_director"}
    assert _held(cast, cast.emma, last) == plain | {"crm_director"}
    assert _held(cast, cast.emma, last + day) == plain


def test_a_second_post_has_no_last_day_until_taken_back(cast: Cast, now: dt.datetime) -> None:
    plain = _held(cast, cast.emma)
    exception = except_role(
        cast.emma, cast.roles["erp_clerk"], ExceptionKind.ALSO, DAY,
        acting_user=cast.admin, now=now,
    )  # fmt: skip
    assert _held(cast, cast.emma, dt.date(2036, 1, 1)) == plain | {"erp_clerk"}
    take_back_exception(exception, acting_user=cast.admin, now=now)
    assert _held(cast, cast.emma, dt.date(2036, 1, 1)) == plain


def test_not_takes_a_role_of_the_position_away(cast: Cast, now: dt.datetime) -> None:
    plain = _held(cast, cast.wangke)
    except_role(
        cast.wangke, cast.roles["board_viewer"], ExceptionKind.NOT, DAY, DAY,
        acting_user=cast.admin, now=now,
    )  # fmt: skip
    assert _held(cast, cast.wangke) == plain - {"board_viewer"}
    assert _held(cast, cast.wangke, DAY + dt.timedelta(days=1)) == plain


def test_two_exceptions_of_one_role_never_overlap(cast: Cast, now: dt.datetime) -> None:
    def except_from(first: dt.date, last: dt.date | None) -> None:
        except_role(
            cast.emma, cast.roles["crm_director"], ExceptionKind.ALSO, first, last,
            acting_user=cast.admin, now=now,
        )  # fmt: skip

    week = dt.timedelta(days=7)
    except_from(DAY, DAY + week)
    for first, last in ((DAY + week, None), (DAY - week, DAY), (DAY - week, None)):
        with pytest.raises(BadInput):
            except_from(first, last)
    except_from(DAY + week + dt.timedelta(days=1), None)
    with pytest.raises(BadInput):
        except_from(DAY - week, DAY - 2 * week)
