"""The demo company is there once, however often it is asked for."""

import datetime as dt

from catalog.access import rights_of
from catalog.models import Product
from core import events
from core.models import Event
from opsdesk.demo.cast import Cast, build_cast
from tickets.models import ServicePolicy


def test_the_cast_is_built_once(cast: Cast, now: dt.datetime) -> None:
    before = Event.objects.count()
    again = build_cast(now)
    assert Event.objects.count() == before
    assert again.people == cast.people


def test_every_row_of_the_cast_equals_the_fold_of_its_events(cast: Cast) -> None:
    rows = [
        *cast.people.values(), *cast.departments.values(), *cast.positions.values(),
        *cast.products.values(), *cast.modules.values(), *cast.features.values(),
        *cast.roles.values(), *cast.teams.values(), cast.calendar,
    ]  # fmt: skip
    assert {str(row): events.unfolded(row) for row in rows if events.unfolded(row)} == {}


def test_rights_follow_teams_and_grants(cast: Cast) -> None:
    assert rights_of(cast.linzhixia).is_agent
    assert not rights_of(cast.linzhixia).is_administrator
    assert rights_of(cast.chenlu).is_agent
    assert rights_of(cast.chenlu).is_administrator
    assert rights_of(cast.gaoyuan).is_manager
    assert rights_of(cast.hesiyuan).is_owner
    assert not rights_of(cast.xucheng).is_agent
    assert rights_of(cast.liuyang).scopes == {}


def test_every_installation_has_its_foundations(db: None) -> None:
    assert Product.objects.filter(is_other=True).count() == 1
    policy = ServicePolicy.objects.get(is_default=True)
    assert {key: resolution // 3600 for key, (_response, resolution) in policy.targets.items()} == {
        "0": 4, "1": 8, "2": 24, "3": 40,
    }  # fmt: skip
