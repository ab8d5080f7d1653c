"""Every key that a template gives to an element stands in the table that `?` shows."""

import re

from core.keys import all_keys, groups_of, places_with_keys
from stack.places import PROJECT

_CODE = re.compile(r'(?:\bcode|data-code)="((?:Key[A-Z]|Digit\d|Slash)(?: Key[A-Z])*)"')


def test_every_key_of_a_template_is_in_the_table() -> None:
    known = {" ".join(key.codes) for key in all_keys().values()}
    used = {
        code: file.name
        for file in (PROJECT / "templates").rglob("*.html")
        for code in _CODE.findall(file.read_text(encoding="utf-8"))
    }
    assert len(used) > 5
    assert {code: name for code, name in used.items() if code not in known} == {}


def test_no_two_keys_of_the_table_are_alike() -> None:
    for place in ("", *places_with_keys()):
        keys = [key for group in groups_of(place) for key in group.keys]
        assert len({key.codes for key in keys}) == len(keys), place
