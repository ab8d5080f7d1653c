"""The schema is made without a warning, valid, and says something of every operation."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from django.core.management import call_command
from django.urls import get_resolver

from opsdesk.demo.cast import Cast
from opsdesk.openapi import EXAMPLES
from tests.api.calling import Api
from tickets import api_urls


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    file = tmp_path_factory.mktemp("schema") / "schema.yaml"
    call_command("spectacular", "--fail-on-warn", "--validate", "--file", str(file))
    made: dict[str, Any] = yaml.safe_load(file.read_text("utf-8"))
    return made


def operations(schema: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, operation)
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    ]


def test_every_operation_is_described(schema: dict[str, Any]) -> None:
    names = []
    for path, method, operation in operations(schema):
        assert operation["summary"], (path, method)
        assert operation["description"], (path, method)
        assert "403" in operation["responses"]
        names.append(operation["operationId"])
        parameters = {parameter["name"] for parameter in operation.get("parameters", [])}
        if method == "post":
            assert "Idempotency-Key" in parameters, path
        assert ("If-Match" in parameters) == ("428" in operation["responses"]), (path, method)
    assert len(set(names)) == len(names)


def test_every_address_is_in_it(schema: dict[str, Any]) -> None:
    paths = [path.removeprefix("/api/v1/") for path in schema["paths"]]
    described = {path.replace("{id}", "<int:pk>") for path in paths}
    assert {str(pattern.pattern) for pattern in api_urls.urlpatterns} <= described
    assert get_resolver().resolve("/api/v1/schema").url_name == "api_schema"


def test_it_says_how_to_sign_in(schema: dict[str, Any]) -> None:
    assert "X-CSRFToken" in schema["info"]["description"]
    assert "cookieAuth" in schema["components"]["securitySchemes"]


def test_it_is_served(cast: Cast) -> None:
    response = Api(cast.wangke).get("/schema")
    assert response.status_code == 200
    assert b"tickets_submit" in response.content


def test_every_group_is_described(schema: dict[str, Any]) -> None:
    used = {tag for _path, _method, operation in operations(schema) for tag in operation["tags"]}
    assert used == {tag["name"] for tag in schema["tags"]}
    for path, method, operation in operations(schema):
        silent = [
            parameter["name"]
            for parameter in operation.get("parameters", [])
            if parameter["in"] == "query"
            and not parameter.get("description")
            and "enum" not in parameter["schema"]
        ]
        assert silent == [], (path, method)


def test_examples_are_taken_and_refused_as_they_say(cast: Cast) -> None:
    crm, agent = cast.products["crm"].pk, Api(cast.linzhixia)
    submitted = agent.post("/tickets", {**EXAMPLES["Submit"], "product": crm})
    assert submitted.status_code == 201, submitted.json()
    comment = agent.post(f"/tickets/{submitted.json()['id']}/comments", EXAMPLES["CommentInput"])
    assert comment.status_code == 201, comment.json()
    ids = {"product": crm, "person": cast.emma.pk}
    said = agent.post("/feedback", {**EXAMPLES["FeedbackShape"], **ids})
    assert said.status_code == 201, said.json()
    refused = Api(cast.emma).post("/tickets", {"product": crm, "description": ""})
    assert refused.status_code == 400
    assert refused.json() == EXAMPLES["Refusal"]
