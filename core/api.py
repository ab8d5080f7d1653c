"""How the API speaks: refusals as JSON, versions as ETags.

A write names the version it read by `If-Match: "7"`. Missing is 428, stale is 412, a state that
does not allow it 409, bad input 400; each answer lists field, value, message and remedy.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import exception_handler as drf_exception_handler

from core.errors import Problem, Refused, StaleWrite


class VersionMissing(exceptions.APIException):
    status_code = status.HTTP_428_PRECONDITION_REQUIRED
    default_code = "version_missing"


def seen_version(request: Request) -> int:
    """The version the client read, from `If-Match`. Raises 428 without one."""
    raw = request.headers.get("If-Match", "").strip().removeprefix("W/").strip('"')
    if not raw:
        raise VersionMissing(
            _('Send the version you read as If-Match, for example If-Match: "7".')
        )
    if not raw.isdigit():
        raise exceptions.ValidationError(
            {"If-Match": [_("“%(value)s” is not a version; send a number.") % {"value": raw}]}
        )
    return int(raw)


def etag(version: int) -> dict[str, str]:
    return {"ETag": f'"{version}"'}


def _row(problem: Problem) -> dict[str, str]:
    return {
        "field": problem.field,
        "value": problem.value,
        "message": str(problem.message),
        "remedy": str(problem.remedy),
    }


def _refusal(error: Refused) -> Response:
    body: dict[str, Any] = {
        "code": error.code,
        "title": str(error.title),
        "problems": [_row(problem) for problem in error.problems],
    }
    code = error.status
    if isinstance(error, StaleWrite):
        # An If-Match that no longer holds is 412 by RFC 9110, with the same body as a page's 409.
        code = status.HTTP_412_PRECONDITION_FAILED
        body["current_version"] = error.current_version
        body["conflicts"] = [
            {"field": c.field, "before": c.before, "now": c.now, "verb": c.verb, "at": c.at}
            for c in error.conflicts
        ]
    return Response(body, status=code)


def _flat(detail: Any, prefix: str = "") -> list[dict[str, str]]:
    """DRF's nested error detail as a flat list of problems."""
    if isinstance(detail, dict):
        return [
            row
            for key, value in detail.items()
            for row in _flat(value, f"{prefix}.{key}" if prefix else str(key))
        ]
    if isinstance(detail, list):
        return [row for value in detail for row in _flat(value, prefix)]
    field = "" if prefix == "non_field_errors" else prefix
    return [{"field": field, "value": "", "message": str(detail), "remedy": ""}]


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Every error of the API in one shape: code, title, problems."""
    if isinstance(error, Refused):
        return _refusal(error)
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    response = drf_exception_handler(error, context)
    if response is None or not isinstance(error, exceptions.APIException):
        return response
    data = _received(context)
    problems = _flat(error.detail)
    for problem in problems:
        value = data.get(problem["field"])
        problem["value"] = "" if value is None else str(value)[:200]
    response.data = {
        "code": str(getattr(error, "default_code", "error")),
        "title": str(error.default_detail),
        "problems": problems,
    }
    return response


def _received(context: dict[str, Any]) -> dict[str, Any]:
    try:
        data = context["request"].data
    except exceptions.APIException:
        return {}
    return data if isinstance(data, dict) else {}
