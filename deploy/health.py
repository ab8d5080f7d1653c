"""Says by its exit status whether the process of this container is well: web, worker or beat."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

# Beat writes its schedule every three minutes.
BEAT_SILENT_SECONDS = 600


def web() -> bool:
    # As if from the proxy before it, so that no redirect to https answers for the page.
    request = urllib.request.Request(
        "http://127.0.0.1:8000/readyz", headers={"X-Forwarded-Proto": "https"}
    )
    with urllib.request.urlopen(request, timeout=4) as answer:  # noqa: S310
        return bool(answer.status == 200)


def worker() -> bool:
    name = f"celery@{socket.gethostname()}"
    words = ["celery", "-A", "opsdesk", "inspect", "ping", "--destination", name, "--timeout", "5"]
    return subprocess.run(words, capture_output=True, check=False).returncode == 0


def beat() -> bool:
    files = list(Path(os.environ["OPSDESK_DATA_DIR"]).glob("beat-schedule*"))
    return any(time.time() - file.stat().st_mtime < BEAT_SILENT_SECONDS for file in files)


if __name__ == "__main__":
    try:
        well = {"web": web, "worker": worker, "beat": beat}[sys.argv[1]]()
    except OSError as error:
        sys.exit(str(error))
    sys.exit(0 if well else 1)
