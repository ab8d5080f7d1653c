"""Sets one document in a process of its own: `python -m core.typesetting FOLDER`.

FOLDER holds main.typ, data.json and the images; out.pdf appears beside them. Fonts and the
compiled document cost 80 MB, which a web worker would keep for good. The exit code is 0, or 3
with what Typst says on standard error.
"""

import sys
from pathlib import Path

import typst


def main(folder: Path) -> int:
    try:
        typst.compile(str(folder / "main.typ"), output=str(folder / "out.pdf"), root=str(folder))
    except typst.TypstError as error:
        sys.stderr.write(str(error))
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
