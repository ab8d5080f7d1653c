"""Sets one document in a process of its own: `python -m core.typesetting FOLDER`.

FOLDER holds main.typ, data.json and the images; out.pdf appears beside them. Fonts and the
compiled document cost 80 MB, which a web worker would keep for good; a picture may ask for far
more, so the process has a limit. The exit code is 0, or 3 with what Typst says on standard error,
or 4 with the names of pictures that cannot be drawn on standard output.
"""

import sys
from pathlib import Path

import typst

#: Bytes of address space.
MEMORY = 2 * 1024**3
PICTURES = (".png", ".jpeg", ".gif", ".webp")


def main(folder: Path) -> int:
    _confine()
    try:
        _compile(folder / "main.typ", folder)
    except typst.TypstError as error:
        if broken := [one.name for one in folder.iterdir() if _is_broken(one, folder)]:
            sys.stdout.write("\n".join(broken))
            return 4
        sys.stderr.write(str(error))
        return 3
    return 0


def _confine() -> None:
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415  (not on Windows)

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _compile(source: Path, folder: Path) -> None:
    typst.compile(str(source), output=str(folder / "out.pdf"), root=str(folder))


def _is_broken(picture: Path, folder: Path) -> bool:
    if picture.suffix not in PICTURES:
        return False
    alone = folder / "alone.typ"
    alone.write_text(f'#image("{picture.name}")')
    try:
        _compile(alone, folder)
    except typst.TypstError:
        return True
    return False


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
