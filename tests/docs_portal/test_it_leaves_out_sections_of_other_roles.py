"""A part of a page that names roles is read by those roles only, whatever stands around it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docs_portal.policies import (
    anchors_for,
    body_for,
    codes_in,
    parts_of,
    section_problems,
    split_sections,
)

KNOWN = ("rep", "director")
PAGE = """# Visits

For everybody.

::: for rep
## File a record
Only who files.
:::

::: for director, auditor
## Review a record
Only who reviews.

::: note
A remark inside.
:::
:::

## Review a record
Again for everybody."""


def test_each_role_reads_its_own_sections() -> None:
    rep, director = body_for(PAGE, {"rep"}), body_for(PAGE, ["director", "x"])
    assert ("Only who files." in rep, "Only who reviews." in rep) == (True, False)
    assert ("Only who files." in director, "Only who reviews." in director) == (False, True)
    assert "A remark inside." in director
    assert "::: for" not in rep + director
    assert "::: note" in director
    nobody = body_for(PAGE, ())
    assert "Only" not in nobody
    assert "Again for everybody." in nobody
    assert codes_in(PAGE) == {"rep", "director", "auditor"}


def test_sections_carry_their_heading_anchor_and_audience() -> None:
    found = [(s.position, s.heading, s.anchor, s.role_codes) for s in split_sections(PAGE)]
    both = frozenset({"director", "auditor"})
    assert found == [
        (0, "Visits", "visits", frozenset()),
        (1, "File a record", "file-a-record", frozenset({"rep"})),
        (2, "Review a record", "review-a-record-2", both),
        (3, "Review a record", "review-a-record", frozenset()),
    ]
    # A heading keeps its anchor whoever reads the page.
    assert anchors_for(PAGE, {"rep"}) == ["visits", "file-a-record", "review-a-record"]
    assert len(anchors_for(PAGE, None)) == 4


def test_a_part_below_a_heading_is_a_section_of_its_own() -> None:
    text = "before\n## A\none\n::: for rep\ntwo\n:::\nthree"
    assert [(s.heading, s.body, sorted(s.role_codes)) for s in split_sections(text)] == [
        ("", "before", []), ("A", "one", []), ("A", "two", ["rep"]), ("A", "three", []),
    ]  # fmt: skip
    assert [(sorted(codes), text.strip()) for codes, text in parts_of(text)] == [
        ([], "before\n## A\none"), (["rep"], "two"), ([], "three"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "line", "value"),
    [
        ("a\n::: for rep\nb\n:::", None, None),
        ("a\n\n::: for rep, boss\nb\n:::", "3", "boss"),
        ("::: for\nb\n:::", "1", ""),
        ("a\n::: for rep\nb", "2", ""),
        ("::: for rep\n::: for director\nb\n:::\n:::", "2", ""),
        ("> ::: for rep\n> b\n> :::", "1", ""),
        ("```\n::: for boss\n```\n::: for rep\nb\n:::", None, None),
        ("::: for rep\n```\n:::\n", "1", ""),
        ("：：：for 老板\nb\n：：：", "1", "老板"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(
    text: str, line: str | None, value: str | None
) -> None:
    problems = section_problems(text, KNOWN)
    if line is None:
        assert not problems
        return
    assert len(problems) == 1
    assert line in str(problems[0].message)
    assert (problems[0].field, problems[0].value) == ("body", value)
    assert problems[0].remedy


@pytest.mark.parametrize(
    "text",
    [
        "::: for rep\nSECRET",  # never closed
        "    ::: for rep\nSECRET\n    :::",  # indented like code
        "：：： for rep\nSECRET\n：：：",
        ":::: FOR: rep，other\n::: tip\nx\n:::\nSECRET\n::::",
        "::: for boss\nSECRET\n:::",  # a role nobody knows
        "::: for rep\n::: for director\nSECRET\n:::\n:::",  # for who is both: nobody is
        "- item\n  ```\n  code\n\n::: for rep\nSECRET\n:::",  # code ends with its list
        "::: for rep\n```\n:::\n```\nSECRET\n:::",
        "::: for rep\r\nSECRET\r\n:::",
        "::: for rep\u2028SECRET\u2028:::",
    ],
)
def test_a_strange_text_shows_nothing_to_others(text: str) -> None:
    for held in ((), ("director",)):
        assert "SECRET" not in body_for(text, held)
        assert not [s for s in split_sections(text) if not s.role_codes and "SECRET" in s.body]


PIECES = st.lists(
    st.sampled_from(
        ["::: for rep", "::: for director", "::: note", ":::", "```", "~~~", "- item", "  text",
         "    deep", "> quote", "## Head", "---", "", "REP-OR-ALL"]
    ),
    max_size=14,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(PIECES)
def test_search_rows_and_the_page_agree(pieces: list[str]) -> None:
    """What a reader finds is what they read: the sections for a role and the text for it hold
    the same lines, and anchors stand for the headings left.
    """
    body = "\n".join(f"{piece} w{i}" if piece and piece[0] not in ":`~-"
                     else piece for i, piece in enumerate(pieces))  # fmt: skip
    for held in (frozenset[str](), frozenset({"rep"}), frozenset({"rep", "director"})):
        shown = body_for(body, held)
        mine = [s for s in split_sections(body) if not s.role_codes or s.role_codes & held]
        found = "\n".join(s.heading + "\n" + s.body for s in mine)
        for i, piece in enumerate(pieces):
            if piece and piece[0] not in ":`~-":
                mark = f"w{i}"
                assert (mark in shown.split()) == (mark in found.split())
