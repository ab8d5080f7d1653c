"""The three processes of the product itself: web, worker, beat."""

import os
import signal
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from stack.console import Trouble
from stack.places import PROJECT, Places
from stack.processes import Child
from stack.supervisor import Supervisor

PAGE_SECONDS = 60.0


@dataclass
class House:
    """How the product's processes are started on this machine."""

    places: Places
    host: str
    port: int
    addresses: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_environment(cls, places: Places) -> "House":
        text = os.environ.get("PORT", "") or "8000"
        if not text.isdigit() or not 0 < int(text) < 65536:
            raise Trouble(f"PORT is {text!r}; it must be a number from 1 to 65535.")
        return cls(places, os.environ.get("HOST", "") or "127.0.0.1", int(text))

    @property
    def url(self) -> str:
        shown = "127.0.0.1" if self.host in {"0.0.0.0", "::"} else self.host  # noqa: S104
        return f"http://{shown}:{self.port}/"

    def environment(self) -> dict[str, str]:
        """What every process of the product is told; what the person has set stands."""
        defaults = {
            # Served in the clear on this machine; behind TLS the environment says otherwise.
            "OPSDESK_HTTPS": "0",
            "OPSDESK_HOSTS": f"127.0.0.1,localhost,[::1],{self.host}",
            **without_mail_server(),
            # How links in mails and chat messages begin.
            "OPSDESK_BASE_URL": self.url,
            "DJANGO_SETTINGS_MODULE": "opsdesk.settings",
        }
        forced = {
            "OPSDESK_DATA_DIR": str(self.places.data),
            "PYTHONUNBUFFERED": "1",
            "PYTHONUTF8": "1",
            **self.addresses,
        }
        paths = [str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]
        given = {name: value for name, value in os.environ.items() if name != "OPSDESK_BEGUN"}
        return {**defaults, **given, **forced, "PATH": os.pathsep.join(paths)}

    def web(self) -> Child:
        memory = Path("/dev/shm")  # noqa: S108 - gunicorn's own heartbeat files, not ours
        return self.child(
            "web",
            [
                *("-m", "gunicorn", "opsdesk.wsgi", "--workers", "2", "--preload"),
                *("--bind", f"{self.host}:{self.port}", "--timeout", "60"),
                *("--graceful-timeout", "8", "--no-control-socket"),
                # A worker that a page made big is replaced in time, not all at once.
                *("--max-requests", "5000", "--max-requests-jitter", "500"),
                *(("--worker-tmp-dir", str(memory)) if memory.is_dir() else ()),
            ],
        )

    def worker(self) -> Child:
        words = ["-m", "celery", "-A", "opsdesk", "worker", "--concurrency", "2"]
        child = self.child(
            "worker",
            [*words, "--loglevel", "INFO", "--without-gossip", "--without-mingle"],
            # Reports and imports may take minutes; a page may not.
            OPSDESK_STATEMENT_TIMEOUT_MS="600000",
        )
        # Without its servers it would not hear a softer one; unfinished tasks are delivered again.
        child.death_signal = signal.SIGKILL
        child.stop_signals = ((signal.SIGTERM, 20), (signal.SIGQUIT, 5), (signal.SIGKILL, 5))
        return child

    def beat(self) -> Child:
        words = ["-m", "celery", "-A", "opsdesk", "beat", "--loglevel", "INFO", "--pidfile="]
        return self.child("beat", words)

    def child(self, name: str, words: Sequence[str], **more: str) -> Child:
        environment = {**self.environment(), **more}
        # The product never holds the rights of the schema's owner.
        environment.pop("DATABASE_OWNER_URL", None)
        return Child(
            name=name,
            command=[sys.executable, *words],
            environment=environment,
            folder=PROJECT,
            log=self.places.logs / f"{name}.log",
        )

    def wait_for_page(self, supervisor: Supervisor) -> None:
        """Until the first page answers; a process that ends before that is shown with its log."""
        until = time.monotonic() + PAGE_SECONDS
        while not answers(f"{self.url}healthz"):
            for child in supervisor.children:
                if not child.running:
                    raise child.died()
            if time.monotonic() > until:
                raise Trouble(
                    f"No page from {self.url} after {PAGE_SECONDS:.0f} s; see {self.places.logs}"
                )
            time.sleep(0.05)


def without_mail_server() -> dict[str, str]:
    """No server named: password mails are printed to the worker's log, others are kept apart."""
    if os.environ.get("OPSDESK_EMAIL_HOST"):
        return {}
    return {"OPSDESK_EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}


def answers(url: str) -> bool:
    """Whether a web server answers there with anything but an error of its own."""
    # A proxy set in the environment must not be asked for this machine.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=10):
            return True
    except urllib.error.HTTPError as error:
        return error.code < 500
    except OSError:
        return False
