"""As whom PostgreSQL runs: it refuses root, and it wants a user with a name."""

import os
import pwd
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

from stack.console import Trouble
from stack.processes import launched
from stack.programs import EXTERNAL

NOBODY = 65534


@dataclass(frozen=True)
class Identity:
    """A word for `launch.py`, and who owns the data folder as the rest of the machine sees it."""

    word: str
    owner: int


def choose_identity(override: str = "") -> Identity:
    """`same` for an ordinary user; for root a user namespace, else the user *nobody*.

    `override` (a word of `launch.py`) is for tests of the way that this machine would not take.
    """
    if os.geteuid() != 0:
        require_name(os.geteuid())
        return Identity("same", os.geteuid())
    uid = unprivileged_uid()
    if override.startswith("switch") or not namespaces_allowed(uid):
        return Identity(f"switch:{uid}", uid)
    return Identity(f"namespace:{uid}", 0)


def require_name(uid: int) -> None:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        raise Trouble(
            f"User id {uid} has no entry in /etc/passwd, and PostgreSQL's initdb cannot run "
            f"without one.\nRun as a user that has a name. {EXTERNAL}"
        ) from None


def unprivileged_uid() -> int:
    """65534 (*nobody*) where it has a name, else any named user that is not root."""
    named = {entry.pw_uid for entry in pwd.getpwall()} - {0}
    if not named:
        require_name(NOBODY)
    return NOBODY if NOBODY in named else max(named)


def namespaces_allowed(uid: int) -> bool:
    """Whether this system lets us make a user namespace (most containers do not)."""
    attempt = subprocess.run(
        [*launched(signal.SIGKILL, f"namespace:{uid}"), "/bin/true"],
        capture_output=True,
        check=False,
    )
    return attempt.returncode == 0


def give_to(owner: int, folder: Path) -> None:
    """As root, hand a data folder to the identity that will use it (a machine can change its
    mind about namespaces between two starts)."""
    if os.geteuid() != 0 or not folder.exists() or folder.stat().st_uid == owner:
        return
    os.chown(folder, owner, -1)
    for path in folder.rglob("*"):
        os.chown(path, owner, -1, follow_symlinks=False)
