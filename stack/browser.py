"""Finds a Chromium for the browser tests, and installs one only where that is welcome."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from stack.console import say

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
PLAYWRIGHTS_OWN = """
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    print(playwright.chromium.executable_path)
"""


def find_chromium() -> str | None:
    """`OPSDESK_CHROMIUM`, then `PATH`, then the one that Playwright has downloaded before."""
    if chosen := os.environ.get("OPSDESK_CHROMIUM"):
        return chosen if Path(chosen).exists() else None
    for name in NAMES:
        if found := shutil.which(name):
            return found
    return playwrights_own()


def find_or_install_chromium() -> str | None:
    """As `find_chromium`; then `playwright install`, then apt where we are root."""
    if found := find_chromium():
        return found
    if os.environ.get("OPSDESK_CHROMIUM"):
        return None  # named on purpose, and not there: nothing else will do
    say("No Chromium here; trying `playwright install chromium` …")
    if quiet([sys.executable, "-m", "playwright", "install", "chromium"]) and (
        found := playwrights_own()
    ):
        return found
    if os.geteuid() == 0 and shutil.which("apt-get"):
        say("Trying `apt-get install chromium` …")
        install_with_apt("chromium")
        return next((path for name in NAMES if (path := shutil.which(name))), None)
    return None


def playwrights_own() -> str | None:
    answer = subprocess.run(
        [sys.executable, "-c", PLAYWRIGHTS_OWN], capture_output=True, text=True, check=False
    )
    path = answer.stdout.strip()
    return path if path and Path(path).exists() else None


def install_with_apt(*packages: str) -> bool:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    return quiet(["apt-get", "update"], environment) and quiet(
        ["apt-get", "install", "-y", "--no-install-recommends", *packages], environment
    )


def quiet(command: list[str], environment: dict[str, str] | None = None) -> bool:
    try:
        answer = subprocess.run(
            command, env=environment, capture_output=True, check=False, timeout=600
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0
