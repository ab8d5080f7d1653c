"""The virtual environment: made once, and installed again only when a lock file has changed."""

import hashlib
import importlib.util
import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Sequence
from pathlib import Path

from stack.console import Trouble, say
from stack.locks import Lock
from stack.places import PROJECT
from stack.processes import launched
from stack.programs import EXTERNAL
from stack.servers import Wanted

VENV = PROJECT / "var" / "venv"
RUNTIME = "requirements.lock"
EMBEDDED = "requirements-embedded.lock"
DEVELOPMENT = "requirements-dev.lock"
# Written into a virtual environment when it is made to the end.
MADE = "opsdesk-made"


def check_platform() -> None:
    """Say plainly where OpsDesk cannot run, before anything is installed."""
    if sys.platform == "win32":
        raise Trouble(
            "OpsDesk does not run on Windows itself. Use WSL2: run `wsl --install`, open the "
            "Linux it gives you, clone OpsDesk there and run `make run`."
        )
    musl = "musl" in (sysconfig.get_config_var("HOST_GNU_TYPE") or "")
    if sys.platform == "linux" and musl and Wanted.from_environment().any:
        raise Trouble(
            "This Linux uses the C library musl (Alpine), and the embedded PostgreSQL and Valkey "
            f"are built for glibc (Debian, Ubuntu, Fedora and most others).\n{EXTERNAL}"
        )


def ensure(locks: Sequence[str], script: Path) -> None:
    """Install the locks and go on inside the virtual environment (this may restart `script`)."""
    inside = sys.prefix != sys.base_prefix
    folder = Path(sys.prefix) if inside else VENV
    (PROJECT / "var").mkdir(exist_ok=True)
    lock = Lock(PROJECT / "var" / "install.lock")
    lock.take(wait=True)
    try:
        if not inside and not is_whole(folder):
            make(folder)
        install(folder, locks)
    finally:
        lock.release()
    if not inside:
        python = str(folder / "bin" / "python")
        os.execv(python, [python, str(script), *sys.argv[1:]])


def is_whole(folder: Path) -> bool:
    """Made to the end, and its Python still there (a system upgrade can take it away)."""
    return (folder / MADE).exists() and (folder / "bin" / "python").exists()


def make(folder: Path) -> None:
    say(f"Making a virtual environment in {folder} …")
    shutil.rmtree(folder, ignore_errors=True)
    if uv := shutil.which("uv"):
        do([uv, "venv", "--quiet", "--seed", "--python", sys.executable, str(folder)])
        (folder / MADE).touch()
        return
    if importlib.util.find_spec("ensurepip") is None:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise Trouble(
            f"This Python cannot make virtual environments. On Debian and Ubuntu:\n\n"
            f"    apt-get install python{version}-venv\n"
        )
    do([sys.executable, "-m", "venv", str(folder)])
    (folder / MADE).touch()


def install(folder: Path, locks: Sequence[str]) -> None:
    """Install those locks whose text is not the one installed last."""
    stamp = folder / "opsdesk-installed.json"
    installed = read(stamp)
    wanted = {name: digest(PROJECT / name) for name in locks}
    if all(installed.get(name) == value for name, value in wanted.items()):
        return
    say("Installing packages (only when a lock file has changed) …")
    files = [word for name in locks for word in ("-r", str(PROJECT / name))]
    python = str(folder / "bin" / "python")
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    by_pip = [*pip, "--require-hashes", *files]
    try:
        uv = shutil.which("uv") or bootstrapped_uv(folder)
        do([uv, "pip", "install", "--quiet", "--python", python, "--require-hashes", *files])
    except Trouble as trouble:
        # uv knows nothing of pip's settings: a company's own index or certificates, say.
        say(f"{trouble}\n\nTrying the same with pip …")
        do(by_pip)
    stamp.write_text(json.dumps({**installed, **wanted}), encoding="utf-8")


def bootstrapped_uv(folder: Path) -> str:
    """uv as the development lock has it: it takes half of pip's time, its own coming included."""
    program = folder / "bin" / "uv"
    if not program.exists():
        with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as only_uv:
            only_uv.write(entry(PROJECT / DEVELOPMENT, "uv"))
            only_uv.flush()
            pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet"]
            options = ["--disable-pip-version-check", "--require-hashes", "--no-deps"]
            do([*pip, *options, "-r", only_uv.name])
    return str(program)


def entry(lock: Path, package: str) -> str:
    """The lines of one package in a lock file."""
    kept: list[str] = []
    for line in lock.read_text(encoding="utf-8").splitlines():
        if not line.startswith((" ", "#")):
            keep = line.startswith(f"{package}==")
        if keep and not line.lstrip().startswith("#"):
            kept.append(line)
    return "\n".join(kept) + "\n"


def do(command: Sequence[str]) -> None:
    """Run a step of the installation; its own words are shown where it fails."""
    answer = subprocess.run(
        [*launched(signal.SIGTERM, "same"), *command],
        cwd=PROJECT,
        # A company's own certificate authority is in the system's store, not in uv's.
        env={"UV_SYSTEM_CERTS": "1", "UV_NATIVE_TLS": "1", **os.environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if answer.returncode:
        raise Trouble(
            f"This step failed:\n\n    {' '.join(command)}\n\n{answer.stdout.strip()}\n\n"
            f"(Python {platform.python_version()} on {platform.platform()})"
        )


def read(stamp: Path) -> dict[str, str]:
    try:
        installed: dict[str, str] = json.loads(stamp.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return installed


def digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
