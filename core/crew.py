"""Work shared out to processes of our own: for arithmetic that one processor is too slow for.

Each takes one part at a time over a pipe. When the process that asks dies, however suddenly, the
pipes end and so do the others; they hold nothing but what they are working on.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from multiprocessing.connection import Connection
from typing import Any, TypeVar

from django.db import connection, connections

Part = TypeVar("Part")
Result = TypeVar("Result")
_Pipe = Connection
#: Parts handed to each process ahead of the answer that is waited for.
_AHEAD = 2
_DIED = "a process ended before its part was done"


class PartFailed(RuntimeError):
    """One of the processes could not do its part, or died; the message says what it said."""


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def shared_out(
    work: Callable[[Part], Result], processes: int
) -> Iterator[Callable[[Iterable[Part]], Iterator[Result]]]:
    """Gives `map(work, …)`: in order, lazily, by so many processes; by this one if fewer than 2.

    Parts and results must be picklable. Each process has database connections of its own and
    sees only what is committed; open transactions cannot go along, so RuntimeError in one.
    """
    if processes < 2:
        yield partial(map, work)
        return
    if connection.in_atomic_block:
        raise RuntimeError("a process of its own would not see this transaction; share out before")
    connections.close_all()
    context, ours = multiprocessing.get_context("fork"), list[_Pipe]()
    crew = []
    try:
        for _number in range(processes):
            own, theirs = context.Pipe()
            ours.append(own)
            # A copy of our end kept in a child would keep the others from seeing us die.
            crew.append(context.Process(target=_serve, args=(work, theirs, tuple(ours))))
            crew[-1].start()
            theirs.close()
        yield partial(_results, ours)
    finally:
        for pipe in ours:
            pipe.close()
        for process in crew:
            process.terminate()
            process.join()


def _results(pipes: Sequence[_Pipe], parts: Iterable[Any]) -> Iterator[Any]:
    waiting: deque[_Pipe] = deque()
    for number, part in enumerate(parts):
        pipe = pipes[number % len(pipes)]
        if len(waiting) == _AHEAD * len(pipes):
            yield _answer(waiting.popleft())
        try:
            pipe.send(part)
        except ConnectionError:
            raise PartFailed(_DIED) from None
        waiting.append(pipe)
    while waiting:
        yield _answer(waiting.popleft())


def _answer(pipe: _Pipe) -> Any:
    try:
        is_done, answer = pipe.recv()
    except (EOFError, ConnectionError):
        raise PartFailed(_DIED) from None
    if not is_done:
        raise PartFailed(answer)
    return answer


def _serve(work: Callable[[Any], Any], pipe: _Pipe, ends: Sequence[_Pipe]) -> None:
    for end in ends:
        end.close()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever asks decides
    gc.disable()  # what it makes has no circles, and looking for them costs a third
    try:
        while True:
            part = pipe.recv()
            try:
                answer = (True, work(part))
            except Exception:
                answer = (False, traceback.format_exc())
            pipe.send(answer)
    except (EOFError, ConnectionError):
        pass  # who asks needs no more, or is dead
