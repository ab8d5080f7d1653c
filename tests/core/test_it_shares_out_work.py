"""Work is shared out to processes: in order, with what went wrong told, and none left behind."""

from __future__ import annotations

import multiprocessing
import os

import pytest

from core.crew import PartFailed, shared_out


def square(number: int) -> tuple[int, int]:
    if number == 7:
        raise ValueError(f"{number} brings bad luck")
    if number == 8:
        os._exit(1)
    return number * number, os.getpid()


@pytest.mark.parametrize("processes", [1, 3])
def test_results_come_in_order_from_so_many_processes(processes: int) -> None:
    with shared_out(square, processes) as squares:
        assert list(squares([])) == []
        answers = list(squares(range(-20, 0)))
    assert [answer for answer, _pid in answers] == [n * n for n in range(-20, 0)]
    workers = {pid for _answer, pid in answers}
    assert len(workers) == processes
    assert (os.getpid() in workers) == (processes == 1)


@pytest.mark.parametrize(("part", "said"), [(7, "7 brings bad luck"), (8, "ended before")])
def test_what_went_wrong_is_told(part: int, said: str) -> None:
    with (
        pytest.raises(PartFailed, match=said),
        shared_out(square, 2) as squares,
    ):
        list(squares([1, 2, part, 3, 4, 5, 6]))
    assert multiprocessing.active_children() == []


@pytest.mark.django_db
def test_an_open_transaction_cannot_go_along() -> None:
    with pytest.raises(RuntimeError, match="transaction"), shared_out(square, 2):
        pass
