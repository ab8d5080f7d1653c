"""Translation catalogues: what texts the house uses, and what its catalogues say.

Each app keeps its own `<app>/locale/zh_Hans/LC_MESSAGES/django.po`, for its Python and
`templates/<app>/`. The house's own, `locale/…`, holds what belongs to no app: `opsdesk/`, the base
pages and `templates/components/`. English needs no catalogue: it is the source.

Django merges all of them into one, so the same text has one translation everywhere.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

LOCALE = "zh_Hans"
APPS = ("core", "accounts", "catalog", "docs_portal", "tickets", "feedback", "reports")
HOUSE = "house"
AREAS = (*APPS, HOUSE)

#: `_now` is `gettext` where `_` is taken by `gettext_lazy`.
KEYWORDS = {
    **dict.fromkeys(("_", "_now", "gettext", "gettext_lazy", "gettext_noop"), None),
    **dict.fromkeys(("ngettext", "ngettext_lazy", "ngettext_noop"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
}
# No dates and no program name: a catalogue changes only when a text does.
HEADER = f"""msgid ""
msgstr ""
"Language: {LOCALE}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"

"""
_PLACEHOLDER = re.compile(r"%\(\w+\)[sdf]|%[sd]|\{\w*\}")

_ALIAS = re.compile(r"\b(\w*gettext\w*) as (\w+)")

Key = tuple[str, str]


@dataclass(frozen=True)
class Text:
    """One text as the code has it; `plural` is "" where it has none."""

    singular: str
    plural: str
    context: str

    @property
    def key(self) -> Key:
        return self.context, self.singular


def catalogue_file(area: str) -> Path:
    """Where the catalogue of an area stands."""
    root = settings.BASE_DIR if area == HOUSE else settings.BASE_DIR / area
    return Path(root) / "locale" / LOCALE / "LC_MESSAGES" / "django.po"


# ---- what the code uses -------------------------------------------------------------------------


def source_files(area: str) -> Iterator[Path]:
    """The Python and template files whose texts belong to an area."""
    templates = Path(settings.BASE_DIR) / "templates"
    if area != HOUSE:
        folder = Path(settings.BASE_DIR) / area
        yield from (file for file in folder.rglob("*.py") if "migrations" not in file.parts)
        yield from (templates / area).rglob("*.*")
        return
    yield from (Path(settings.BASE_DIR) / "opsdesk").rglob("*.py")
    for file in templates.rglob("*.*"):
        if file.relative_to(templates).parts[0] not in APPS:
            yield file


def used_texts(area: str) -> dict[Key, Text]:
    """Every text of an area. A text with and without plural is one entry, with it."""
    found: dict[Key, Text] = {}
    for file in sorted(source_files(area)):
        if file.suffix not in {".py", ".html", ".txt"}:
            continue
        source = file.read_text(encoding="utf-8")
        if file.suffix != ".py":
            source = templatize(source)
        for text in _texts_in(source):
            if text.key not in found or text.plural:
                found[text.key] = text
    return found


def _texts_in(source: str) -> Iterator[Text]:
    for _line, message, _comments, context in extract(
        "python", BytesIO(source.encode()), keywords=KEYWORDS
    ):
        singular, plural = message if isinstance(message, tuple) else (message, "")
        if singular:
            yield Text(singular, plural or "", context or "")


# ---- what the catalogues say --------------------------------------------------------------------


def read_catalogue(area: str) -> Catalog:
    """The catalogue of an area; an empty one where there is no file."""
    file = catalogue_file(area)
    if not file.is_file():
        return Catalog(locale=LOCALE)
    with file.open("rb") as stream:
        return read_po(stream, locale=LOCALE)


def entries(catalogue: Catalog) -> dict[Key, Message]:
    """Its entries by context and singular text."""
    return {_key_of(message): message for message in catalogue if message.id}


def _key_of(message: Message) -> Key:
    singular = message.id[0] if isinstance(message.id, (tuple, list)) else message.id
    return message.context or "", singular


def translation_of(message: Message) -> str:
    """What stands for the text in Chinese, which has no plural of its own."""
    string = message.string[0] if isinstance(message.string, (tuple, list)) else message.string
    return string or ""


def is_translated(message: Message | None) -> bool:
    return message is not None and bool(translation_of(message)) and not message.fuzzy


def update_catalogue(area: str) -> list[str]:
    """Bring the catalogue of an area up to what its code uses; returns what lacks a translation.

    Translations are kept, unused ones dropped, and a text another area translated already is
    taken over from there.
    """
    own = entries(read_catalogue(area))
    others = {
        key: message
        for other in AREAS
        if other != area
        for key, message in entries(read_catalogue(other)).items()
        if is_translated(message)
    }
    fresh = Catalog(locale=LOCALE)
    missing = []
    for key, text in used_texts(area).items():
        source = own.get(key) if is_translated(own.get(key)) else others.get(key, own.get(key))
        string = translation_of(source) if source is not None else ""
        fresh.add(
            (text.singular, text.plural) if text.plural else text.singular,
            (string,) if text.plural else string,
            context=text.context or None,
            flags={"fuzzy"} if source is not None and source.fuzzy else (),
        )
        if not is_translated(source):
            missing.append(text.singular)
    _replace(catalogue_file(area), _as_po(fresh))
    return missing


def _as_po(catalogue: Catalog) -> bytes:
    body = BytesIO()
    write_po(body, catalogue, width=100, no_location=True, omit_header=True, sort_output=True)
    return HEADER.encode() + body.getvalue().lstrip(b"\n")


def compile_catalogue(area: str) -> Path | None:
    """Write the `.mo` beside the catalogue; None where there is no catalogue."""
    file = catalogue_file(area)
    if not file.is_file():
        return None
    compiled = BytesIO()
    write_mo(compiled, read_catalogue(area))
    _replace(file.with_suffix(".mo"), compiled.getvalue())
    return file.with_suffix(".mo")


def _replace(file: Path, content: bytes) -> None:
    """All or nothing, and not at all when nothing changed: others read while we write."""
    if file.is_file() and file.read_bytes() == content:
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
    fresh = Path(name)
    fresh.chmod(0o644)
    fresh.replace(file)


# ---- the gate -----------------------------------------------------------------------------------


def faults(areas: tuple[str, ...] = AREAS) -> list[str]:
    """Everything wrong with the catalogues of `areas`, one line each."""
    found: list[str] = []
    spoken: dict[Key, tuple[str, str]] = {}
    for area in AREAS:
        catalogue = read_catalogue(area)
        have = entries(catalogue)
        if area in areas:
            found += _unseen_by_the_extractor(area)
            found += _faults_of(area, have, used_texts(area))
            found += [f"{area}: leftover, commented out: {id_!r}" for id_ in catalogue.obsolete]
        for key, message in have.items():
            if not is_translated(message):
                continue
            string = translation_of(message)
            first_area, first = spoken.setdefault(key, (area, string))
            if first != string and (area in areas or first_area in areas):
                found.append(f"{area}: {key[1]!r} is {string!r} here but {first!r} in {first_area}")
    return found


def _faults_of(area: str, have: dict[Key, Message], used: dict[Key, Text]) -> list[str]:
    found = [f"{area}: no longer used: {key[1]!r}" for key in have.keys() - used.keys()]
    for key, text in used.items():
        message = have.get(key)
        if message is None or not is_translated(message):
            why = "fuzzy" if message is not None and message.fuzzy else "not translated"
            found.append(f"{area}: {why}: {text.singular!r}")
        elif wrong := _wrong_placeholders(text, translation_of(message)):
            found.append(f"{area}: {', '.join(sorted(wrong))} in {text.singular!r}")
    return sorted(found)


def _unseen_by_the_extractor(area: str) -> list[str]:
    """Imports under a name the extractor does not know: their texts would never be listed."""
    return [
        f"{area}: {file.name} imports {name} as {alias}; known: {', '.join(KEYWORDS)}"
        for file in sorted(source_files(area))
        if file.suffix == ".py"
        for name, alias in _ALIAS.findall(file.read_text(encoding="utf-8"))
        if alias not in KEYWORDS or (alias == "_" and "ngettext" in name)
    ]


def _wrong_placeholders(text: Text, string: str) -> set[str]:
    """Placeholders that the translation lost or invented."""
    required = set(_PLACEHOLDER.findall(text.plural or text.singular))
    allowed = required | set(_PLACEHOLDER.findall(text.singular))
    given = set(_PLACEHOLDER.findall(string))
    return {f"lost {name}" for name in required - given} | {
        f"unknown {name}" for name in given - allowed
    }
