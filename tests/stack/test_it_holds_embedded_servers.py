"""The servers themselves: whole or not at all, closed to others, right about Chinese."""

import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest
import redis

from stack.console import Trouble
from stack.places import Places
from stack.programs import postgres_programs, valkey_program
from stack.servers import Servers, Wanted


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    places = Places(tmp_path_factory.mktemp("数据 folder") / "带 空格")
    places.make()
    servers = Servers(places, Wanted(postgres=True, valkey=True), for_tests=True)
    servers.start()
    yield servers
    servers.stop()


def ask(url: str, question: str) -> object:
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute(question)
        row = cursor.fetchone()
        return row[0] if row else None


def test_trigrams_see_chinese(servers: Servers) -> None:
    url = servers.environment["DATABASE_OWNER_URL"]
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE EXTENSION pg_trgm")
        cursor.execute("SELECT similarity('订单无法导出', '订单导出失败')")
        row = cursor.fetchone()
        assert row
        assert row[0] > 0


def test_the_products_role_may_not_change_the_schema(servers: Servers) -> None:
    assert ask(servers.environment["DATABASE_URL"], "SELECT current_user") == "opsdesk_app"
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        ask(servers.environment["DATABASE_URL"], "CREATE TABLE mine (id int)")
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        ask(servers.environment["DATABASE_URL"], "CREATE ROLE mine")
    may = "SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = 'opsdesk_owner'"
    assert ask(servers.environment["DATABASE_OWNER_URL"], may) is False


def test_nobody_enters_without_the_password(servers: Servers) -> None:
    for role in ("opsdesk_app", "opsdesk_owner", "postgres"):
        password = servers.passwords()["app" if role == "opsdesk_app" else "owner"]
        url = servers.environment["DATABASE_URL"].split("@")[1]
        with pytest.raises(psycopg2.OperationalError, match="password"):
            ask(f"postgresql://{role}:wrong-{password}@{url}", "SELECT 1")
    with (
        closing(redis.Redis(port=servers.valkey_port)) as stranger,
        pytest.raises(redis.AuthenticationError),
    ):
        stranger.ping()
    with closing(redis.Redis.from_url(servers.environment["REDIS_URL"])) as friend:
        assert friend.ping()


def test_passwords_lie_in_files_that_only_the_owner_reads(servers: Servers) -> None:
    for file in (servers.places.passwords, servers.places.valkey / "valkey.conf"):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    for folder in (servers.places.run, servers.places.postgres, servers.places.valkey):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root changes its identity")
def test_data_move_between_the_two_ways_root_runs_postgres(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = Places(tmp_path / "data")
    places.make()
    # Nobody but root passes here.
    tmp_path.chmod(0o700)
    for way in ("", "switch", ""):
        monkeypatch.setenv("OPSDESK_PG_IDENTITY", way)
        servers = Servers(places, Wanted(postgres=True, valkey=False), for_tests=True)
        servers.start()
        assert ask(servers.environment["DATABASE_URL"], "SELECT 1") == 1
        servers.stop()


def test_an_interrupted_initdb_is_made_again(tmp_path: Path) -> None:
    places = Places(tmp_path)
    places.make()
    half = tmp_path / "postgres.new-0000"
    half.mkdir()
    (half / "PG_VERSION").write_text("18")
    servers = Servers(places, Wanted(postgres=True, valkey=False), for_tests=True)
    servers.start()
    servers.stop()
    assert not half.exists()
    assert (places.postgres / "PG_VERSION").exists()


def test_data_of_another_version_are_refused_by_name(tmp_path: Path) -> None:
    places = Places(tmp_path)
    places.make()
    places.postgres.mkdir()
    (places.postgres / "PG_VERSION").write_text("12\n")
    servers = Servers(places, Wanted(postgres=True, valkey=False), for_tests=True)
    with pytest.raises(Trouble, match=r"(?s)made by PostgreSQL 12.*operate-opsdesk\.md"):
        servers.start()


def test_programs_named_in_the_environment_come_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = postgres_programs()
    chosen = tmp_path / "bin"
    chosen.mkdir()
    for name in ("postgres", "initdb"):
        (chosen / name).symlink_to(found / name)
    monkeypatch.setenv("OPSDESK_PG_BIN", str(chosen))
    assert postgres_programs() == chosen
    monkeypatch.setenv("OPSDESK_PG_BIN", str(tmp_path / "nothing"))
    with pytest.raises(Trouble, match=r"OPSDESK_PG_BIN is .*nothing"):
        postgres_programs()
    server = shutil.copy(valkey_program(), tmp_path / "redis-server")
    monkeypatch.setenv("OPSDESK_VALKEY", str(server))
    assert valkey_program() == Path(server)
