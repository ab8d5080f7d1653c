"""Errors of the API in one shape, a cache that forgives, and one id for a request."""

from __future__ import annotations

import logging
import socket
from typing import Any

import pytest
from django.core.cache import cache
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404
from django.test import Client
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from core.api import exception_handler
from core.cache import ForgivingRedisCache
from core.errors import BadInput, NotAllowed, Problem, Refused
from core.middleware import RequestIdFilter
from core.request_id import current_request_id, request_id


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (BadInput(Problem("a", "no", "yes", "x")), 400, "bad_input"),
        (NotAllowed(Problem("", "no")), 403, "not_allowed"),
        (Refused(Problem("a", "no"), code="busy"), 409, "busy"),
        (Http404("No Ticket matches"), 404, "not_found"),
        (PermissionDenied(), 403, "permission_denied"),
        (SuspiciousOperation("odd"), 400, "parse_error"),
        (exceptions.ValidationError({"a": {"b": ["x"]}}), 400, "invalid"),
        (exceptions.MethodNotAllowed("PUT"), 405, "method_not_allowed"),
    ],
)
def test_every_error_has_one_shape(error: Exception, status: int, code: str) -> None:
    request = Request(APIRequestFactory().get("/", {"a": "sent"}))
    response = exception_handler(error, {"request": request})
    assert response is not None
    assert (response.status_code, response.data["code"]) == (status, code)
    assert set(response.data) == {"code", "title", "problems"}
    assert response.data["title"]
    for problem in response.data["problems"]:
        assert set(problem) == {"field", "value", "message", "remedy"}


def test_nested_fields_are_named_by_their_path() -> None:
    error = exceptions.ValidationError({"a": {"b": ["x"]}, "non_field_errors": ["y"]})
    response = exception_handler(error, {"request": Request(APIRequestFactory().get("/"))})
    assert response is not None
    assert [problem["field"] for problem in response.data["problems"]] == ["a.b", ""]


def test_a_crash_stays_a_crash() -> None:
    request = Request(APIRequestFactory().get("/"))
    assert exception_handler(RuntimeError(), {"request": request}) is None


def test_what_is_not_there_never_says_which_table() -> None:
    request = Request(APIRequestFactory().get("/"))
    response = exception_handler(
        Http404("No Ticket matches the given query."), {"request": request}
    )
    assert response is not None
    assert "Ticket" not in str(response.data)


def test_the_cache_forgets_without_redis(caplog: pytest.LogCaptureFixture) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        away = ForgivingRedisCache(f"redis://127.0.0.1:{taken.getsockname()[1]}/0", {})
        with caplog.at_level(logging.WARNING):
            assert away.get("a", "default") == "default"
            away.set("a", 1)
            assert away.add("a", 1) is False
            assert away.delete("a") is False
            assert away.incr("a") == 1
            assert away.get_many(["a", "b"]) == {}
            away.set_many({"a": 1})
            away.delete_many(["a"])
            assert away.touch("a") is False
            assert away.has_key("a") is False
            assert away.get_or_set("a", 5) == 5
            away.clear()
    assert "cache unavailable" in caplog.text


def test_the_cache_remembers_with_redis() -> None:
    cache.set("a", {"b": 1}, 30)
    assert cache.get("a") == {"b": 1}
    assert cache.get_many(["a"]) == {"a": {"b": 1}}


def test_a_request_has_one_id_in_answer_and_log(db: None) -> None:
    answers = {Client().get("/healthz")["X-Request-Id"] for _ in range(2)}
    assert len(answers) == 2
    record = logging.LogRecord("x", logging.INFO, "f", 1, "m", None, None)
    with request_id("abc"):
        RequestIdFilter().filter(record)
        assert record.__dict__["request_id"] == "abc"
        with request_id("y" * 99):
            assert current_request_id() == "y" * 32
        assert current_request_id() == "abc"
    assert current_request_id() == ""


def test_the_pages_ids_are_not_the_visitors_to_choose(db: None) -> None:
    answer: Any = Client().get("/healthz", headers={"X-Request-Id": "forged"})
    assert answer["X-Request-Id"] != "forged"
