"""What is installed is what the locks say, and where nothing can be installed it says why."""

import importlib.util
import pwd
import re
import shutil
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path

import pytest

from stack import environment
from stack.console import Trouble
from stack.environment import DEVELOPMENT, EMBEDDED, RUNTIME, check_platform, entry, is_whole
from stack.identity import choose_identity, require_name
from stack.places import PROJECT

LOCKS = (RUNTIME, EMBEDDED, DEVELOPMENT)
PIN = re.compile(r"^(?P<name>[a-z0-9][a-z0-9._-]*)==(?P<version>[^ ;]+)", re.MULTILINE)


@pytest.mark.parametrize("name", LOCKS)
def test_every_pin_has_a_hash_and_no_address(name: str) -> None:
    text = (PROJECT / name).read_text()
    assert "://" not in text
    assert not re.search(r"^\s*(-i|-f|--(extra-)?index-url|--find-links)", text, re.MULTILINE)
    pins = PIN.findall(text)
    assert len(pins) == len(re.findall(r"^[a-z0-9]", text, re.MULTILINE)) > 0
    for package, _ in pins:
        assert "--hash=sha256:" in entry(PROJECT / name, package)


def test_the_locks_agree_with_each_other() -> None:
    seen: dict[str, set[str]] = {}
    for name in LOCKS:
        text = (PROJECT / name).read_text()
        for package in {package for package, _ in PIN.findall(text)}:
            versions = "|".join(sorted(v for p, v in PIN.findall(text) if p == package))
            seen.setdefault(package, set()).add(versions)
    assert {package: versions for package, versions in seen.items() if len(versions) > 1} == {}


def test_the_development_lock_holds_the_runtime() -> None:
    names = [{p for p, _ in PIN.findall((PROJECT / n).read_text())} for n in (RUNTIME, DEVELOPMENT)]
    assert names[0] <= names[1]


def test_one_package_is_taken_out_whole() -> None:
    lines = entry(PROJECT / DEVELOPMENT, "uv").splitlines()
    assert lines[0].startswith("uv==")
    assert all(line.startswith("    --hash=") for line in lines[1:])


@pytest.fixture
def without_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("REDIS_URL", raising=False)


@pytest.mark.usefixtures("without_addresses")
def test_windows_is_told_about_wsl(monkeypatch: pytest.MonkeyPatch) -> None:
    check_platform()
    monkeypatch.setattr(sys, "platform", "win32")
    with pytest.raises(Trouble, match="WSL2"):
        check_platform()


@pytest.mark.usefixtures("without_addresses")
def test_musl_needs_servers_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    def variables(name: str) -> str:
        return "x86_64-pc-linux-musl" if name == "HOST_GNU_TYPE" else ""

    monkeypatch.setattr(sysconfig, "get_config_var", variables)
    with pytest.raises(Trouble, match=r"musl.*\n.*DATABASE_URL"):
        check_platform()
    monkeypatch.setenv("DATABASE_URL", "postgresql://db.example/opsdesk")
    monkeypatch.setenv("REDIS_URL", "redis://cache.example/0")
    check_platform()


def test_debian_without_venv_is_told_which_package(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    find_spec: Callable[..., object] = importlib.util.find_spec

    def without_ensurepip(name: str, *more: object) -> object:
        return None if name == "ensurepip" else find_spec(name, *more)

    monkeypatch.setattr(importlib.util, "find_spec", without_ensurepip)
    monkeypatch.setattr(shutil, "which", lambda _: None)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    with pytest.raises(Trouble, match=f"apt-get install {re.escape(version)}"):
        environment.make(tmp_path / "venv")


def test_a_half_made_environment_is_not_whole(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").symlink_to(sys.executable)
    assert not is_whole(tmp_path)
    (tmp_path / environment.MADE).touch()
    assert is_whole(tmp_path)
    (tmp_path / "bin" / "python").unlink()
    (tmp_path / "bin" / "python").symlink_to(tmp_path / "python-that-an-upgrade-removed")
    assert not is_whole(tmp_path)


def test_a_user_without_a_name_is_asked_for_a_database(monkeypatch: pytest.MonkeyPatch) -> None:
    nameless = 4_000_123
    with pytest.raises(Trouble, match=r"(?s)4000123 has no entry.*DATABASE_URL"):
        require_name(nameless)
    require_name(pwd.getpwall()[0].pw_uid)
    monkeypatch.setattr("os.geteuid", lambda: nameless)
    with pytest.raises(Trouble, match="4000123"):
        choose_identity()
