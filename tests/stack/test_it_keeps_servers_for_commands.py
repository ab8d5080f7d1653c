"""`manage.py` commands use running servers, or start them for as long as anybody needs them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from stack.commands import servers_for
from stack.places import PROJECT
from stack.testing import without_servers
from tests.stack.ground import alive_below, wait_until_gone

# Prints what it was given, and keeps the servers until its input ends.
BORROWER = """
import os, sys
sys.path.insert(0, sys.argv[1])
from stack.commands import servers_for
with servers_for(["manage.py", sys.argv[2]]):
    import psycopg2
    connection = psycopg2.connect(os.environ["DATABASE_URL"])
    cursor = connection.cursor()
    cursor.execute("SELECT current_user")
    print(cursor.fetchone()[0], os.environ["REDIS_URL"], flush=True)
    sys.stdin.read()
    cursor.execute("SELECT 1")
    print("still there", flush=True)
"""


def borrower(data: Path, command: str = "shell") -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", BORROWER, str(PROJECT), command],
        env={**without_servers(), "OPSDESK_DATA_DIR": str(data)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def first_line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout
    return process.stdout.readline().strip()


def test_a_second_command_borrows_and_the_first_waits_for_it(tmp_path: Path) -> None:
    first = borrower(tmp_path)
    role, redis = first_line(first).split()
    assert role == "opsdesk_app"
    second = borrower(tmp_path, "migrate")
    assert first_line(second) == f"opsdesk_owner {redis}"
    assert first.stdin
    first.stdin.close()
    assert first_line(first) == "still there"
    with pytest.raises(subprocess.TimeoutExpired):
        first.wait(0.7)
    out, _ = second.communicate("", timeout=60)
    assert out == "still there\n"
    assert first.wait(60) == 0
    assert first.stdout
    first.stdout.close()
    assert wait_until_gone(tmp_path, 60) == {}


def test_a_killed_command_leaves_no_server(tmp_path: Path) -> None:
    command = borrower(tmp_path)
    first_line(command)
    assert len(alive_below(tmp_path)) > 2
    command.kill()
    command.communicate(timeout=60)
    assert wait_until_gone(tmp_path, 60) == {}
    again = borrower(tmp_path)
    assert first_line(again).startswith("opsdesk_app ")
    again.communicate("", timeout=60)
    assert wait_until_gone(tmp_path, 60) == {}


@pytest.mark.parametrize("words", [["help"], ["migrate", "--help"], ["check_catalogues"], []])
def test_a_command_that_only_reads_files_starts_nothing(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in set(os.environ) - set(without_servers()):
        monkeypatch.delenv(name)
    monkeypatch.setenv("OPSDESK_DATA_DIR", str(tmp_path / "data"))
    with servers_for(["manage.py", *words]):
        assert "DATABASE_URL" not in os.environ
    assert not (tmp_path / "data").exists()


def test_addresses_of_your_own_are_used_and_nothing_is_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPSDESK_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", "postgresql://app@db.example/opsdesk")
    monkeypatch.setenv("DATABASE_OWNER_URL", "postgresql://owner@db.example/opsdesk")
    monkeypatch.setenv("REDIS_URL", "redis://cache.example/0")
    with servers_for(["manage.py", "shell"]):
        assert os.environ["DATABASE_URL"] == "postgresql://app@db.example/opsdesk"
        assert alive_below(tmp_path) == {}
    with servers_for(["manage.py", "migrate"]):
        assert os.environ["DATABASE_URL"] == "postgresql://owner@db.example/opsdesk"
    assert not (tmp_path / "postgres").exists()
