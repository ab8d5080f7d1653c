"""A long conversation folds its middle, many changes and long quotes; nothing is left out."""

import datetime as dt
import re

from django.utils.translation import override

from core.text import QUOTE_SHOWN, markdown_html
from tests.cast import NOW
from tickets.rendering.conversation import Entry
from tickets.rendering.messages import LONG, OPEN_AT_END, entries_html


def _message(number: int) -> Entry:
    return Entry(at=NOW, author="王珂", html=markdown_html(f"第{number}条"), key=f"m-{number}")


def _change(number: int) -> Entry:
    return Entry(at=NOW, text=f"变更{number}", key=f"e-{number}")


def _open_part(html: str) -> str:
    return re.sub(r"<details.*?</details>", "", html, flags=re.DOTALL)


def test_a_short_one_stands_open() -> None:
    html = entries_html([_message(n) for n in range(LONG)], NOW)
    assert "<details" not in html


def test_the_middle_folds_and_the_ends_stand_open() -> None:
    for count in range(LONG + 1, 60):
        html = entries_html([_message(n) for n in range(count)], NOW)
        assert html.count("<article") == count
        shown = re.findall(r"第(\d+)条", _open_part(html))
        assert shown[0] == "0"
        assert shown[-OPEN_AT_END:] == [str(n) for n in range(count - OPEN_AT_END, count)]
        assert len(shown) <= OPEN_AT_END + 10


def test_a_new_message_does_not_close_what_was_opened() -> None:
    keys = {
        re.findall(r'data-key="(fold-\d+)"', entries_html([_message(n) for n in range(c)], NOW))[0]
        for c in range(26, 36)
    }
    assert len(keys) == 1


def test_many_changes_stand_behind_one_line_but_not_the_newest() -> None:
    early = [_message(0), *(_change(n) for n in range(5)), _message(1)]
    late = [_change(n) for n in range(10, 15)]
    with override("en"):
        html = entries_html([*early, *late], NOW + dt.timedelta(hours=1))
    assert "5 changes" in html
    assert "变更3" not in _open_part(html)
    assert "变更13" in _open_part(html)


def test_long_quotes_fold_and_short_ones_do_not() -> None:
    with override("en"):
        html = markdown_html(
            f"> {'长' * (QUOTE_SHOWN + 1)}\n> > darin\n\n好\n\n> 短", fold_quotes=True
        )
    assert html.count("<details") == html.count("</details>") == 1
    assert html.index("Quoted text") < html.index("好") < html.index("短")
    forged = markdown_html('<details class="quoted" open><summary>x</summary>', fold_quotes=True)
    assert "<details" not in forged
