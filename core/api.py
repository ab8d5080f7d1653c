"""How the API speaks: refusals as JSON, versions as ETags.

A write names the version it read by `If-Match: "7"`. Missing is 428, stale is 412, a state that
does not allow it 409, bad input 400; each answer lists field, value, message and remedy.
"""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import exceptions, status
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import exception_handler as drf_exception_handler
from rest_framework.views import set_rollback

from core.errors import Problem, Refused, StaleWrite

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

#: What would be accepted instead, by the code of a serializer's complaint.
REMEDIES: dict[str, StrPromise] = {
    "required": gettext_lazy("Send this field."),
    "null": gettext_lazy("Send a value, or leave the field out."),
    "blank": gettext_lazy("Write a few words."),
    "empty": gettext_lazy("Send at least one."),
    "invalid": gettext_lazy("Send a value of the kind the schema names."),
    "incorrect_type": gettext_lazy("Send the id as a number."),
    "does_not_exist": gettext_lazy("Send the id of one that exists and that you may see."),
    "invalid_choice": gettext_lazy("Send one of the choices the schema names."),
    "not_a_dict": gettext_lazy("Send an object of names and values."),
    "not_a_list": gettext_lazy("Send a list."),
    "max_length": gettext_lazy("Send a shorter text."),
    "max_value": gettext_lazy("Send a smaller number."),
    "min_value": gettext_lazy("Send a larger number."),
    "max_string_length": gettext_lazy("Send a smaller number."),
    "null_characters_not_allowed": gettext_lazy("Send text without control characters."),
    "surrogate_characters_not_allowed": gettext_lazy("Send text that UTF-8 can hold."),
    "parse_error": gettext_lazy("Send well-formed JSON in UTF-8."),
    "version_missing": gettext_lazy("Read the object first; its ETag is the version."),
    "unknown": gettext_lazy("Leave it out; the schema names what is accepted."),
}


class BodyTooLarge(exceptions.APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"
    default_detail = gettext_lazy("The request is too large.")


class BoundedJSONParser(JSONParser):
    """JSON nested no deeper than Python reads; deeper is a bad request, not a crash."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Any = None,
    ) -> Any:
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError:
            raise exceptions.ParseError(_("The JSON is nested too deeply.")) from None


class VersionMissing(exceptions.APIException):
    status_code = status.HTTP_428_PRECONDITION_REQUIRED
    default_code = "version_missing"


def seen_version(request: Request) -> int:
    """The version the client read, from `If-Match`. Raises 428 without one."""
    raw = request.headers.get("If-Match", "").strip().removeprefix("W/").strip('"')
    if not raw:
        raise VersionMissing(_('Send the version you read as If-Match, for example If-Match: "7".'))
    if not raw.isdecimal() or len(raw) > 18:
        raise exceptions.ValidationError(
            {"If-Match": [_("“%(value)s” is not a version; send a number.") % {"value": raw}]}
        )
    return int(raw)


def etag(version: int) -> dict[str, str]:
    return {"ETag": f'"{version}"'}


def _row(problem: Problem) -> dict[str, str]:
    return {
        "field": _sendable(problem.field),
        "value": _sendable(problem.value),
        "message": _sendable(str(problem.message)),
        "remedy": str(problem.remedy),
    }


def _sendable(text: str) -> str:
    """What was sent may hold lone surrogates, which no answer can."""
    return text.encode(errors="replace").decode()


def _refusal(error: Refused) -> Response:
    body: dict[str, Any] = {
        "code": error.code,
        "title": str(error.title),
        "problems": [_row(problem) for problem in error.problems],
        **error.more,
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
    field = prefix.removesuffix("non_field_errors").removesuffix(".")
    remedy = REMEDIES.get(getattr(detail, "code", ""), "")
    return [_row(Problem(field, str(detail), remedy))]


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Every error of the API in one shape: code, title, problems."""
    if isinstance(error, Refused):
        set_rollback()
        return _refusal(error)
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    elif isinstance(error, RequestDataTooBig):
        error = BodyTooLarge()
    elif isinstance(error, SuspiciousOperation):
        error = exceptions.ParseError(str(error))
    response: Response | None = drf_exception_handler(error, context)
    if response is None or not isinstance(error, exceptions.APIException):
        return response
    problems = _flat(error.detail)
    if isinstance(error, exceptions.ValidationError):
        data = _received(context)
        for problem in problems:
            value = data.get(problem["field"])
            problem["value"] = "" if value is None else _sendable(str(value)[:200])
    response.data = {
        "code": str(getattr(error, "default_code", "error")),
        "title": str(error.default_detail),
        "problems": problems,
    }
    return response


def _received(context: dict[str, Any]) -> dict[str, Any]:
    """What the client sent: its query and its fields."""
    request = context["request"]
    try:
        data = request.data
    except (exceptions.APIException, SuspiciousOperation):
        data = {}
    query = request.query_params.dict()
    if hasattr(data, "dict"):
        data = data.dict()
    return {**query, **data} if isinstance(data, dict) else query
