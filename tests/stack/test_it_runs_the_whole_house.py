"""`make run` as a person meets it: start, page, second start, every way to stop, nothing left."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest
import redis

from stack.places import PROJECT, Places
from stack.servers import Servers, Wanted, announced
from stack.testing import without_servers
from tests.stack.ground import Run, alive_below, copy_of_the_project, wait_until_gone

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.skipif(sys.platform != "linux", reason="looks at processes through /proc"),
]

WARM_SECONDS = 5.0


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that has been run once already; its path has spaces and Chinese in it."""
    data = tmp_path_factory.mktemp("运维 desk") / "数据 folder"
    run = Run(data).start().wait_ready()
    assert run.stop() == 0
    return data


@pytest.fixture
def run(home: Path) -> Iterator[Run]:
    run = Run(home)
    yield run
    if hasattr(run, "process"):
        run.kill()
    assert wait_until_gone(home, 60) == {}


def commands(folder: Path) -> str:
    return "\n".join(alive_below(folder).values())


def test_a_warm_start_is_quick_and_shows_a_page_and_who_can_sign_in(
    run: Run, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run.start().wait_ready()
    with capsys.disabled():
        print(f"\nwarm start: {run.seconds:.1f} s")
    assert f"http://127.0.0.1:{run.port}/" in run.said()
    assert Places(home).prepared.exists()
    assert "Preparing" not in run.said().split("OpsDesk is ready")[-2]
    assert "<html" in run.page()
    running = commands(home)
    for part in ("postgres -D", "valkey-server", "gunicorn", "celery -A opsdesk worker", "beat"):
        assert part in running
    # The machine may be busy with others: the figure is printed, and only a gross miss fails.
    assert run.seconds < 4 * WARM_SECONDS


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_every_polite_stop_leaves_nothing(run: Run, home: Path, number: signal.Signals) -> None:
    run.start().wait_ready()
    assert run.stop(number) == 0
    assert "nothing is left running" in run.said()
    assert alive_below(home) == {}
    assert not (home / "postgres" / "postmaster.pid").exists()


def test_a_killed_supervisor_leaves_nothing_and_the_next_start_works(run: Run, home: Path) -> None:
    run.start().wait_ready()
    run.process.kill()
    # At once, while the old servers may still be ending.
    again = Run(home).start().wait_ready()
    run.process.wait(60)
    assert "<html" in again.page()
    again.process.kill()
    again.process.wait(60)
    assert wait_until_gone(home, 60) == {}


def test_everything_killed_at_once_loses_nothing(run: Run, home: Path) -> None:
    run.start().wait_ready()
    found = announced(Places(home))
    assert found
    with (
        closing(psycopg2.connect(found.environment["DATABASE_OWNER_URL"])) as connection,
        closing(redis.Redis.from_url(found.environment["REDIS_URL"])) as queue,
    ):
        with connection, connection.cursor() as cursor:
            cursor.execute("CREATE TABLE IF NOT EXISTS kept (word text)")
            cursor.execute("TRUNCATE kept")
            cursor.execute("INSERT INTO kept VALUES ('acknowledged')")
        queue.set("kept", "acknowledged")
    for pid in alive_below(home):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    run.process.wait(60)
    assert wait_until_gone(home, 60) == {}
    again = Run(home).start().wait_ready()
    assert "<html" in again.page()
    found = announced(Places(home))
    assert found
    with (
        closing(psycopg2.connect(found.environment["DATABASE_OWNER_URL"])) as connection,
        closing(redis.Redis.from_url(found.environment["REDIS_URL"])) as queue,
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT word FROM kept")
        assert cursor.fetchall() == [("acknowledged",)]
        cursor.execute("DROP TABLE kept")
        connection.commit()
        assert queue.getdel("kept") == b"acknowledged"
    assert again.stop() == 0


def test_a_killed_part_comes_back_by_itself(run: Run, home: Path) -> None:
    run.start().wait_ready()
    for word in ("postgres -D", "valkey-server", "gunicorn", "celery -A opsdesk beat"):
        first = min(pid for pid, words in alive_below(home).items() if word in words)
        os.kill(first, signal.SIGKILL)
        until = time.monotonic() + 60
        while time.monotonic() < until:
            now = [pid for pid, words in alive_below(home).items() if word in words]
            if now and first not in now:
                break
            time.sleep(0.1)
        else:
            pytest.fail(f"{word} did not come back:\n{run.said()}")
    until = time.monotonic() + 60
    while True:
        try:
            assert "<html" in run.page()
            break
        except OSError:
            assert time.monotonic() < until, run.logs()
            time.sleep(0.2)
    assert run.stop() == 0


def test_a_second_start_says_where_the_first_one_is(run: Run, home: Path) -> None:
    run.start().wait_ready()
    second = Run(home).start()
    assert second.process.wait(60) == 0
    assert f"already running at http://127.0.0.1:{run.port}/" in second.said()
    assert "<html" in run.page()


def test_a_taken_port_is_named_before_anything_starts(run: Run, home: Path) -> None:
    run.start().wait_ready()
    other = Run(home.parent / "other", port=run.port).start()
    assert other.process.wait(60) == 1
    assert f"Port {run.port} is used by another program" in other.said()
    assert alive_below(home.parent / "other") == {}


def test_commands_use_the_running_servers(run: Run, home: Path) -> None:
    run.start().wait_ready()
    before = {pid for pid, words in alive_below(home).items() if "postgres -D" in words}
    assert manage(home, "migrate", "--check") == 0
    after = {pid for pid, words in alive_below(home).items() if "postgres -D" in words}
    assert before == after
    # It only looked: the next start need not prepare again.
    assert Places(home).prepared.exists()


def test_servers_of_your_own_are_used_instead(
    run: Run, home: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("own") / "servers"
    places = Places(folder)
    places.make()
    servers = Servers(places, Wanted(postgres=True, valkey=True), for_tests=True)
    servers.start()
    try:
        data = tmp_path_factory.mktemp("external") / "data"
        given = servers.environment
        own = Run(
            data,
            more={name: given[name] for name in given if name.endswith("URL")}
            | {"OPSDESK_APP_ROLE": given["OPSDESK_APP_ROLE"]},
        )
        own.start().wait_ready()
        assert "<html" in own.page()
        running = commands(data)
        assert "gunicorn" in running
        assert "postgres -D" not in running
        assert "valkey-server" not in running
        assert not (data / "postgres").exists()
        assert own.stop() == 0
        assert wait_until_gone(data, 60) == {}
    finally:
        servers.stop()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as another user")
def test_an_ordinary_user_starts_it_from_a_clean_clone(capsys: pytest.CaptureFixture[str]) -> None:
    """The whole way with nothing installed, in a path with spaces and Chinese characters."""
    python = shutil.which("python3", path="/usr/bin:/usr/local/bin")
    if not python or not new_enough(python):
        pytest.skip("no Python ≥ 3.11 with venv that other users can reach")
    name = "opsdesk-test"
    created = False
    try:
        user = pwd.getpwnam(name)
    except KeyError:
        subprocess.run(["useradd", "--create-home", name], check=True)
        created = True
        user = pwd.getpwnam(name)
    home = Path(user.pw_dir) / "空 格"
    clone = home / "OpsDesk 副本"
    try:
        copy_of_the_project(clone)
        subprocess.run(["chown", "-R", name, str(home)], check=True)
        told = {"HOME": user.pw_dir, "PATH": "/usr/local/bin:/usr/bin:/bin"}
        run = Run(clone / "var", project=clone, python=python, user=user.pw_uid, more=told)
        run.start().wait_ready(280)
        with capsys.disabled():
            print(f"\ncold start from a clean clone: {run.seconds:.1f} s")
        assert "<html" in run.page()
        assert run.stop() == 0
        assert wait_until_gone(clone, 60) == {}
    finally:
        shutil.rmtree(home, ignore_errors=True)
        if created:
            subprocess.run(["userdel", "--remove", name], capture_output=True, check=False)


def new_enough(python: str) -> bool:
    question = "import sys, ensurepip; sys.exit(sys.version_info < (3, 11))"
    return (
        subprocess.run([python, "-c", question], capture_output=True, check=False).returncode == 0
    )


def manage(data: Path, *words: str) -> int:
    answer = subprocess.run(
        [sys.executable, str(PROJECT / "manage.py"), *words],
        env={**without_servers(), "OPSDESK_DATA_DIR": str(data)},
        capture_output=True,
        check=False,
    )
    return answer.returncode
