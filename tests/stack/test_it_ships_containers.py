"""The container files keep their promises: no root, two roles, health checks, real commands."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from stack.places import PROJECT

PRODUCT = ("web", "worker", "beat")


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    composed = yaml.safe_load((PROJECT / "docker-compose.yml").read_text())
    found: dict[str, Any] = composed["services"]
    return found


def test_every_lasting_service_has_a_health_check(services: dict[str, Any]) -> None:
    assert set(services) == {"postgres", "redis", "prepare", "mail", *PRODUCT}
    for name in set(services) - {"prepare"}:
        assert services[name]["healthcheck"]["test"], name


def test_only_the_preparation_knows_the_owner(services: dict[str, Any]) -> None:
    assert "opsdesk_owner" in services["prepare"]["environment"]["DATABASE_URL"]
    for name in PRODUCT:
        told = services[name]["environment"]
        assert "opsdesk_app:" in told["DATABASE_URL"]
        assert "OWNER" not in str(told)
        assert services[name]["depends_on"]["prepare"]["condition"].endswith("successfully")


def test_the_image_runs_as_an_ordinary_user() -> None:
    users = re.findall(r"^USER (\S+)", (PROJECT / "Dockerfile").read_text(), re.MULTILINE)
    assert users == ["opsdesk"]


def test_every_secret_is_asked_for_and_made(services: dict[str, Any]) -> None:
    text = (PROJECT / "docker-compose.yml").read_text()
    needed = set(re.findall(r"\$\{(OPSDESK_\w+):\?", text))
    made = subprocess.run(
        ["sh", str(PROJECT / "deploy" / "new-env.sh")], capture_output=True, text=True, check=True
    ).stdout
    values = dict(re.findall(r"^(OPSDESK_\w+)=(.{32,})$", made, re.MULTILINE))
    assert needed == set(values)
    assert len(set(values.values())) == len(values)


@pytest.mark.parametrize("file", ["deploy/new-env.sh", "deploy/prepare.sh", ".ci/run"])
def test_scripts_are_whole(file: str) -> None:
    shell = "bash" if file == ".ci/run" else "sh"
    subprocess.run([shell, "-n", str(PROJECT / file)], check=True)


def test_make_calls_scripts_that_exist() -> None:
    lines = re.findall(r"^\t@\$\(PYTHON\) (\S+)$", (PROJECT / "Makefile").read_text(), re.MULTILINE)
    assert {Path(line).stem for line in lines} >= {"run", "test", "bench", "soak", "lock"}
    for line in lines:
        assert (PROJECT / line).is_file()
