"""Beyond their own tickets a person is sent one question a week, whoever asks."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from opsdesk.demo.cast import Cast
from tickets.actions import forget_questions, take_question
from tickets.models import AskedInWeek


@pytest.mark.django_db
def test_one_question_a_person_and_week(cast: Cast, now: dt.datetime) -> None:
    assert take_question(cast.wangke, "round:1", now=now)
    assert not take_question(cast.wangke, "round:2", now=now + dt.timedelta(days=1))
    assert take_question(cast.liuyang, "round:2", now=now)
    # The same question once more has its place; a week later there is a new one.
    assert take_question(cast.wangke, "round:1", now=now + dt.timedelta(days=6))
    sunday_night = now + dt.timedelta(days=6, hours=13, minutes=59)
    assert not take_question(cast.wangke, "round:2", now=sunday_night)
    assert take_question(cast.wangke, "round:2", now=sunday_night + dt.timedelta(minutes=1))


@pytest.mark.django_db
def test_old_weeks_are_forgotten(cast: Cast, now: dt.datetime) -> None:
    take_question(cast.wangke, "round:1", now=now)
    assert forget_questions(now=now + dt.timedelta(weeks=8)) == 0
    assert forget_questions(now=now + dt.timedelta(weeks=9)) == 1


@pytest.mark.django_db(transaction=True)
def test_of_questions_at_the_same_moment_one_is_asked(cast: Cast, now: dt.datetime) -> None:
    def ask(n: int) -> bool:
        try:
            return take_question(cast.wangke, f"round:{n}", now=now)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(ask, range(4))) == [False, False, False, True]
    assert AskedInWeek.objects.count() == 1
