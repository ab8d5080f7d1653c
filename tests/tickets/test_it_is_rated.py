"""A rating is optional, has reasons that fit it, and is its requester's to change for a while."""

import datetime as dt

import pytest

from core.errors import NotAllowed, Refused
from core.events import history
from core.models import OutboxRow
from opsdesk.demo.cast import Cast
from tests.tickets.ladder import answered
from tickets.actions import claim_ticket, confirm_ticket, rate_ticket, reopen_ticket, resolve_ticket
from tickets.choices import RATING_DAYS, Resolution, Score
from tickets.models import Rating, Ticket
from tickets.policies.rating import reasons_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def closed(cast: Cast, now: dt.datetime) -> Ticket:
    ticket = claim_ticket(answered(cast, now), acting_user=cast.linzhixia, now=now)
    ticket = resolve_ticket(ticket, Resolution.ANSWERED, acting_user=cast.linzhixia, now=now)
    return confirm_ticket(ticket, acting_user=cast.wangke, now=now)


def test_it_is_rated_and_rated_again(cast: Cast, now: dt.datetime, closed: Ticket) -> None:
    rate_ticket(closed, 3, ["clear", "quick"], acting_user=cast.wangke, now=now)
    rating = rate_ticket(
        closed, 1, ["slow", "no_page"], " 等了三天 ", acting_user=cast.wangke, now=now
    )
    assert Rating.objects.get() == rating
    assert (rating.score, rating.reasons, rating.words) == (1, ["slow", "no_page"], "等了三天")
    first, second = history(Rating.SUBJECT, rating.pk)
    assert first.changes["reasons"][1] == ["quick", "clear"]
    # The words can be erased: the event holds their hash only.
    assert "三天" not in str(second.changes)
    on_ticket = [e.data for e in history(Ticket.SUBJECT, closed.pk) if e.verb == "rate"]
    assert [data["score"] for data in on_ticket] == [3, 1]
    told = OutboxRow.objects.filter(name="ticket.rated")
    assert [row.payload["recipient"] for row in told] == [cast.linzhixia.pk]


def test_the_same_rating_again_changes_nothing(
    cast: Cast, now: dt.datetime, closed: Ticket
) -> None:
    for _twice in range(2):
        rate_ticket(closed, 2, ["slow"], acting_user=cast.wangke, now=now)
    assert Rating.objects.get().version == 1
    assert Ticket.objects.get(pk=closed.pk).version == closed.version + 1


def test_bad_ratings_are_named(cast: Cast, now: dt.datetime, closed: Ticket) -> None:
    with pytest.raises(Refused) as refused:
        rate_ticket(closed, 7, ["slow", "pretty"], "x" * 2001, acting_user=cast.wangke, now=now)
    assert {problem.field for problem in refused.value.problems} == {"score", "reasons", "words"}
    with pytest.raises(Refused) as refused:
        rate_ticket(closed, 3, ["slow"], acting_user=cast.wangke, now=now)
    assert refused.value.problems[0].value == "slow"
    assert not Rating.objects.exists()


def test_only_its_requester_rates_it_and_only_for_a_while(
    cast: Cast, now: dt.datetime, closed: Ticket
) -> None:
    with pytest.raises(NotAllowed):
        rate_ticket(closed, 3, acting_user=cast.linzhixia, now=now)
    late = now + dt.timedelta(days=RATING_DAYS)
    rate_ticket(closed, 3, acting_user=cast.wangke, now=late)
    with pytest.raises(Refused) as refused:
        rate_ticket(closed, 1, acting_user=cast.wangke, now=late + dt.timedelta(seconds=1))
    assert refused.value.problems[0].field == "score"
    reopened = reopen_ticket(closed, "又来了", acting_user=cast.wangke, now=now)
    with pytest.raises(Refused):
        rate_ticket(reopened, 1, acting_user=cast.wangke, now=now)
    assert Rating.objects.get().score == 3


def test_the_reasons_follow_the_score_and_the_domain() -> None:
    assert not set(reasons_for(Score.SATISFIED, "usage")) & set(
        reasons_for(Score.DISSATISFIED, "usage")
    )
    own = [reasons_for(Score.DISSATISFIED, f)[-1] for f in ("usage", "technical", "request")]
    assert own == ["no_page", "came_back", "no_why"]
    assert len(reasons_for(Score.DISSATISFIED, None)) == 5
