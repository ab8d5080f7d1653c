"""What must be true before the first page: migrations, catalogues, static files, demo company.

`manage.py prepare` does it. It costs a start of Django, so it is left out while nothing that it
looks at has changed since it last succeeded.
"""

import hashlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping

from stack.console import Trouble, say
from stack.places import PROJECT, Places
from stack.processes import launched
from stack.servers import Servers

WATCHED = (
    "*.lock",
    "locale/*/LC_MESSAGES/*.po",
    "static/**/*",
    "opsdesk/settings.py",
    "[!.]*/migrations/*.py",
    "[!.]*/locale/*/LC_MESSAGES/*.po",
    "[!.]*/static/**/*",
)


def prepare(places: Places, servers: Servers, environment: Mapping[str, str]) -> str:
    """Prepare where needed; answers the text that tells who can sign in."""
    seen = fingerprint()
    # Somebody else may have emptied or replaced a database that is not ours: always look there.
    if servers.wanted.postgres:
        last = read(places)
        if last.get("fingerprint") == seen:
            return last["cast"]
    servers.wait()
    say("Preparing the database and the pages …")
    report = places.run / "prepare.txt"
    report.unlink(missing_ok=True)
    answer = subprocess.run(
        [
            *launched(signal.SIGTERM, "same"),
            *(sys.executable, str(PROJECT / "manage.py"), "prepare", "--cast-to", str(report)),
            *(() if wants_demo() else ("--without-demo",)),
        ],
        env=dict(environment),
        cwd=PROJECT,
        check=False,
    )
    if answer.returncode:
        raise Trouble("The preparation failed; what it said is above.")
    cast = report.read_text(encoding="utf-8") if report.exists() else ""
    if report.exists() and not wants_demo():
        return cast  # how to begin: not said again once somebody has
    places.prepared.write_text(json.dumps({"fingerprint": seen, "cast": cast}), encoding="utf-8")
    return cast


def wants_demo() -> bool:
    """Whether a database in which nobody lives yet gets the demo company."""
    return os.environ.get("OPSDESK_DEMO", "1") != "0"


def read(places: Places) -> dict[str, str]:
    try:
        last: dict[str, str] = json.loads(places.prepared.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return last if places.postgres.exists() else {}


def fingerprint() -> str:
    """Name, size and time of every file that a preparation depends on."""
    digest = hashlib.sha256()
    found = {file for pattern in WATCHED for file in PROJECT.glob(pattern) if file.is_file()}
    made_here = (PROJECT / "var", PROJECT / "build")
    for file in sorted(found):
        if any(file.is_relative_to(folder) for folder in made_here):
            continue
        stat = file.stat()
        digest.update(f"{file} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()
