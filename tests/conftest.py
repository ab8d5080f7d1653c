"""Fixtures of the whole house: servers, the browser, a real worker."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
import redis
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.db import connection
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from stack.browser import find_chromium
from stack.places import PROJECT
from stack.processes import end_group
from tests.cast import cast, client_of, django_db_setup, now

__all__ = ["cast", "client_of", "django_db_setup", "now"]

SCREENSHOTS = PROJECT / "build" / "screenshots"
CHROMIUM_WORDS = [
    "--no-sandbox",  # tests run as root in CI, where Chromium's sandbox refuses to start
    "--disable-gpu",
    "--disable-dev-shm-usage",
    # The network is sealed for the browser too.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost",
]


@pytest.fixture(scope="session", autouse=True)
def _quick_passwords() -> Iterator[None]:
    """Django's own hashing in fewer rounds: as it comes, a password costs a third of a second."""
    rounds = PBKDF2PasswordHasher.iterations
    PBKDF2PasswordHasher.iterations = 1_000
    yield
    PBKDF2PasswordHasher.iterations = rounds


@pytest.fixture(scope="session")
def redis_client() -> Iterator["redis.Redis"]:
    client = redis.Redis.from_url(os.environ["REDIS_URL"])
    yield client
    client.close()


@pytest.fixture(autouse=True)
def _empty_redis(redis_client: "redis.Redis") -> Iterator[None]:
    """A test's counters and cached pages end with it."""
    yield
    redis_client.flushdb()


@pytest.fixture
def product_environment(transactional_db: None) -> dict[str, str]:
    """The environment of a process of the product on the database of this test."""
    parts = urlsplit(os.environ["DATABASE_URL"])
    url = urlunsplit(parts._replace(path=f"/{connection.settings_dict['NAME']}"))
    return {**os.environ, "DATABASE_URL": url, "DATABASE_OWNER_URL": url}


@pytest.fixture
def real_worker(
    product_environment: dict[str, str], redis_client: "redis.Redis", tmp_path: Path
) -> Iterator["subprocess.Popen[bytes]"]:
    """A Celery worker process on this test's database; started and listening."""
    log = tmp_path / "worker.log"
    words = ["-m", "celery", "-A", "opsdesk", "worker", "--concurrency", "1", "--loglevel", "INFO"]
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, *words, "--without-gossip", "--without-mingle"],
            cwd=PROJECT,
            env={**product_environment, "PYTHONUNBUFFERED": "1"},
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        until = time.monotonic() + 60
        while b"ready." not in log.read_bytes():
            if process.poll() is not None or time.monotonic() > until:
                pytest.fail(f"the worker did not start:\n{log.read_text()}")
            time.sleep(0.1)
        yield process
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(5)
        end_group(process.pid)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    program = find_chromium()
    if program is None:
        if os.environ.get("CI") == "true":
            pytest.fail("no Chromium, and CI=true")
        pytest.skip("no Chromium; set OPSDESK_CHROMIUM or run `make test`")
    # Playwright's event loop lives in this thread, and Django would take us for async code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=CHROMIUM_WORDS)
        yield browser
        browser.close()
    os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE")


@pytest.fixture
def new_context(chromium: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Makes browser contexts (each one a person's own browser); options as Playwright's.

    OPSDESK_SLOW_BROWSER=8 makes the pages' scripts eight times slower: what only works because a
    machine is quick then fails every time.
    """
    contexts: list[BrowserContext] = []
    slowness = os.environ.get("OPSDESK_SLOW_BROWSER", "")
    # A busy machine needs longer, and a page that works does not make anybody wait.
    expect.set_options(timeout=30_000)

    def make(**options: object) -> BrowserContext:
        defaults = {
            "viewport": {"width": 1440, "height": 900},
            "reduced_motion": "reduce",
            "locale": "zh-CN",
            "timezone_id": "Asia/Shanghai",
        }
        context = chromium.new_context(**{**defaults, **options})  # type: ignore[arg-type]
        context.set_default_timeout(45_000)
        if slowness:
            context.on("page", slow_down)
        contexts.append(context)
        return context

    def slow_down(page: Page) -> None:
        page.context.new_cdp_session(page).send(
            "Emulation.setCPUThrottlingRate", {"rate": float(slowness)}
        )

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def page(new_context: Callable[..., BrowserContext]) -> Page:
    return new_context().new_page()


@pytest.fixture(scope="session")
def shoot() -> Callable[[Page, str], Path]:
    """`shoot(page, "ticket-dark-390")` keeps a picture of the whole page as build output."""

    def take(page: Page, name: str) -> Path:
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        file = SCREENSHOTS / f"{name}.png"
        page.screenshot(path=file, full_page=True)
        return file

    return take
