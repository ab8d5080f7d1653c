"""A permission role holds where it was granted and nowhere else."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied

from accounts.models import User
from catalog.access import Rights, require, rights_of, team_for
from catalog.actions import (
    add_member,
    edit_team,
    grant_role,
    remove_member,
    revoke_grant,
    set_team_products,
)
from catalog.choices import PermissionRole
from opsdesk.demo.cast import Cast


def _rights(user: User) -> Rights:
    return rights_of(User.objects.get(pk=user.pk))


def test_members_of_product_operations_are_agents_of_its_products(
    cast: Cast, now: dt.datetime
) -> None:
    products = frozenset(product.pk for product in cast.products.values())
    assert _rights(cast.linzhixia).products_as(PermissionRole.AGENT) == products
    team = cast.teams["operations"]
    set_team_products(team, [cast.products["crm"]], acting_user=cast.admin, now=now)
    rights = _rights(cast.linzhixia)
    assert rights.products_as(PermissionRole.AGENT) == frozenset({cast.products["crm"].pk})
    assert rights.covers(PermissionRole.AGENT, cast.products["crm"].pk)
    assert not rights.covers(PermissionRole.AGENT, cast.products["erp"].pk)
    edit_team(team, {"is_active": False}, acting_user=cast.admin, now=now)
    assert not _rights(cast.linzhixia).is_agent


def test_members_of_outside_teams_are_no_agents(cast: Cast, now: dt.datetime) -> None:
    add_member(cast.teams["recognition"], cast.zhaoyi, acting_user=cast.admin, now=now)
    rights = _rights(cast.zhaoyi)
    assert rights.team_ids == {cast.teams["recognition"].pk}
    assert not rights.is_staff
    remove_member(cast.teams["recognition"], cast.zhaoyi, acting_user=cast.admin, now=now)
    assert _rights(cast.zhaoyi).team_ids == frozenset()


def test_a_grant_for_a_department_reaches_those_below(cast: Cast, now: dt.datetime) -> None:
    cast_departments = cast.departments
    grant_role(
        cast.wangke,
        PermissionRole.MANAGER,
        department=cast_departments["sales"],
        acting_user=cast.admin,
        now=now,
    )
    rights = _rights(cast.wangke)

    def reaches(key: str) -> bool:
        path = type(cast_departments[key]).objects.get(pk=cast_departments[key].pk).path
        return rights.covers(PermissionRole.MANAGER, cast.products["crm"].pk, path)

    assert reaches("sales")
    assert reaches("east")
    assert not reaches("group")
    assert not reaches("finance")
    assert rights.products_as(PermissionRole.MANAGER) == frozenset()


def test_a_grant_for_a_product_holds_there_alone(cast: Cast, now: dt.datetime) -> None:
    grant = grant_role(
        cast.emma,
        PermissionRole.ANALYST,
        product=cast.products["erp"],
        acting_user=cast.admin,
        now=now,
    )
    rights = _rights(cast.emma)
    assert rights.products_as(PermissionRole.ANALYST) == frozenset({cast.products["erp"].pk})
    assert require(User.objects.get(pk=cast.emma.pk), PermissionRole.ANALYST).is_analyst
    revoke_grant(grant, acting_user=cast.admin, now=now)
    with pytest.raises(PermissionDenied):
        require(User.objects.get(pk=cast.emma.pk), PermissionRole.ANALYST)


def test_tickets_go_to_the_team_of_the_product_and_the_rest_to_the_duty_team(
    cast: Cast, now: dt.datetime
) -> None:
    team = cast.teams["operations"]
    assert team_for(cast.products["erp"]) == team
    set_team_products(team, [cast.products["crm"]], acting_user=cast.admin, now=now)
    assert team_for(cast.products["erp"]) is None
    assert team_for(cast.products["other"]) == team
