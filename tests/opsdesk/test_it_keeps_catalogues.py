"""The gate of translations sees what is missing, wrong or left over."""

from gettext import GNUTranslations
from pathlib import Path

import pytest
from django.conf import settings as django_settings

from opsdesk import catalogues

CODE = """
from django.utils.translation import gettext as _, ngettext, pgettext_lazy
_("Hello %(name)s")
ngettext("%(n)s row", "%(n)s rows", 2)
pgettext_lazy("verb", "Open")
"""
PAGE = (
    '{% translate "Save" %}{% part "button" label=_("Cancel") %}'
    "{% blocktranslate count n=n %}{{ n }} ticket{% plural %}{{ n }} tickets{% endblocktranslate %}"
)


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small house of one app with one module and one page."""
    monkeypatch.setattr(django_settings, "BASE_DIR", tmp_path)
    for folder in ("tickets", "templates/tickets", "opsdesk"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "tickets/views.py").write_text(CODE)
    (tmp_path / "templates/tickets/page.html").write_text(PAGE)
    return tmp_path


def _translate(**words: str) -> None:
    """Write `words` (spaces as `_`) into the catalogue of tickets."""
    file = catalogues.catalogue_file("tickets")
    text = file.read_text()
    for msgid, string in words.items():
        wanted = msgid.replace("_", " ")
        before = f'msgid "{wanted}"\nmsgstr ""'
        assert before in text
        text = text.replace(before, f'msgid "{wanted}"\nmsgstr "{string}"')
    file.write_text(text)


def test_texts_of_code_and_pages_are_found(house: Path) -> None:
    assert set(catalogues.used_texts("tickets")) == {
        ("", "Hello %(name)s"), ("", "%(n)s row"), ("verb", "Open"), ("", "Save"),
        ("", "Cancel"), ("", "%(n)s ticket"),
    }  # fmt: skip
    assert catalogues.used_texts("catalog") == {}


def test_what_is_missing_is_named_and_what_is_translated_kept(house: Path) -> None:
    assert len(catalogues.update_catalogue("tickets")) == 6
    _translate(Save="保存", Cancel="取消")
    assert len(catalogues.update_catalogue("tickets")) == 4
    before = catalogues.catalogue_file("tickets").read_bytes()
    catalogues.update_catalogue("tickets")
    assert catalogues.catalogue_file("tickets").read_bytes() == before
    assert str(house).encode() not in before
    found = catalogues.faults(("tickets",))
    assert len(found) == 4
    assert all("not translated" in fault for fault in found)


def test_a_lost_placeholder_a_leftover_and_two_translations_are_faults(house: Path) -> None:
    catalogues.update_catalogue("tickets")
    file = catalogues.catalogue_file("tickets")
    file.write_text(
        file.read_text().replace(
            'msgid "Hello %(name)s"\nmsgstr ""', 'msgid "Hello %(name)s"\nmsgstr "您好 %(nam)s"'
        )
        + '\nmsgid "Gone"\nmsgstr "没了"\n'
    )
    _translate(Save="保存")
    (house / "opsdesk/views.py").write_text('gettext("Save")')
    catalogues.update_catalogue("house")
    other = catalogues.catalogue_file("house")
    other.write_text(other.read_text().replace("保存", "存储"))
    found = "\n".join(catalogues.faults())
    assert "lost %(name)s, unknown %(nam)s" in found
    assert "no longer used: 'Gone'" in found
    assert "'Save' is '存储' here but '保存' in tickets" in found


def test_a_translation_of_another_area_is_taken_over(house: Path) -> None:
    catalogues.update_catalogue("tickets")
    _translate(Save="保存")
    (house / "opsdesk/views.py").write_text('gettext("Save")')
    assert catalogues.update_catalogue("house") == []


def test_an_alias_the_extractor_does_not_know_is_a_fault(house: Path) -> None:
    line = "from django.utils.translation import gettext as tr"
    (house / "tickets/views.py").write_text(f'{line}\ntr("Never seen")\n')
    assert any("imports gettext as tr" in fault for fault in catalogues.faults(("tickets",)))


def test_a_compiled_catalogue_speaks_chinese(house: Path) -> None:
    catalogues.update_catalogue("tickets")
    _translate(Save="保存")
    compiled = catalogues.compile_catalogue("tickets")
    assert compiled is not None
    with compiled.open("rb") as stream:
        words = GNUTranslations(stream)
    assert words.gettext("Save") == "保存"
    assert words.gettext("Cancel") == "Cancel"
