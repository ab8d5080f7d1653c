"""Chromium: the one that is named, then `PATH`, then Playwright's own, then an installation."""

from pathlib import Path

import pytest

from stack import browser


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine without any browser, where every attempt to install one is written down."""
    monkeypatch.delenv("OPSDESK_CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(browser, "playwrights_own", lambda: None)
    monkeypatch.setattr(browser, "quiet", lambda command, _environment=None: log(tmp_path, command))
    return tmp_path


def log(folder: Path, command: list[str]) -> bool:
    with (folder / "attempts").open("a") as stream:
        stream.write(" ".join(command) + "\n")
    return True


def program(folder: Path, name: str) -> str:
    file = folder / name
    file.write_text("#!/bin/sh\n")
    file.chmod(0o755)
    return str(file)


def attempts(folder: Path) -> str:
    file = folder / "attempts"
    return file.read_text() if file.exists() else ""


def test_the_named_one_comes_first(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    on_path = program(bare, "chromium")
    assert browser.find_or_install_chromium() == on_path
    (bare / "own").mkdir()
    named = program(bare / "own", "my-browser")
    monkeypatch.setenv("OPSDESK_CHROMIUM", named)
    assert browser.find_or_install_chromium() == named
    assert attempts(bare) == ""


def test_a_named_one_that_is_not_there_is_not_replaced(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(bare, "chromium")
    monkeypatch.setenv("OPSDESK_CHROMIUM", str(bare / "gone"))
    assert browser.find_or_install_chromium() is None
    assert attempts(bare) == ""


def test_playwrights_own_comes_before_an_installation(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browser, "playwrights_own", lambda: "/cache/chrome")
    assert browser.find_or_install_chromium() == "/cache/chrome"
    assert attempts(bare) == ""


def test_the_last_resort_is_apt_and_only_as_root(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(bare, "apt-get")
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert browser.find_or_install_chromium() is None
    assert "playwright install chromium" in attempts(bare)
    assert "apt-get" not in attempts(bare)
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert browser.find_or_install_chromium() is None
    assert "apt-get install" in attempts(bare)
    assert attempts(bare).index("playwright") < attempts(bare).index("apt-get install")
