"""Guides name files that exist; the tree names no machine and no vendored file."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
PAPERS = sorted(
    path for path in [*PROJECT.glob("*.md"), *PROJECT.glob("docs/**/*.md")] if path.is_file()
)
#: `tickets/actions/`, `core/events.py`, `manage.py`: paths of the tree in backquotes.
PATH = re.compile(r"`((?:[\w.-]+/)+[\w.-]*|manage\.py|pyproject\.toml|Makefile|Dockerfile)`")
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#]+)(?:#[^)]*)?\)")
#: Only names that start at the top of the tree are ours; `files/` may be somebody's data folder.
TOP = {path.name for path in PROJECT.iterdir() if path.name not in {"var", "build"}}


@pytest.mark.parametrize("paper", PAPERS, ids=lambda path: str(path.relative_to(PROJECT)))
def test_paths_in_a_paper_exist(paper: Path) -> None:
    text = paper.read_text(encoding="utf-8")
    named = {name for name in PATH.findall(text) if "/" not in name or name.split("/")[0] in TOP}
    missing = sorted(name for name in named if not (PROJECT / name).exists())
    assert missing == []
    broken = sorted(
        link for link in LINK.findall(text) if not (paper.parent / link.strip()).exists()
    )
    assert broken == []


def tracked() -> list[Path]:
    listing = subprocess.run(
        ["git", "ls-files", "-z"], cwd=PROJECT, capture_output=True, check=True
    )
    return [PROJECT / name for name in listing.stdout.decode().split("\0") if name]


def test_no_file_names_a_machine() -> None:
    """No absolute path of a work place and no package index in what is committed."""
    forbidden = re.compile("/" + "work/|/" + "root/|--index" + "-url|extra" + "-index")
    found = []
    for path in tracked():
        if path.suffix in {".png", ".mo", ".jpg", ".ico", ".webp"} or not path.is_file():
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        found += [
            f"{path.relative_to(PROJECT)}:{number}"
            for number, line in enumerate(text.splitlines(), 1)
            if forbidden.search(line)
        ]
    assert found == []
