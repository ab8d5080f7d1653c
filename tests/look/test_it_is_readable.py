"""Contrast of the token pairs in both themes (WCAG 2.2: text 4.5:1, borders and glyphs 3:1)."""

from __future__ import annotations

import math
import re

import pytest

from stack.places import PROJECT

TOKENS = (PROJECT / "static" / "css" / "tokens.css").read_text()
OKLCH = r"oklch\(([\d.]+) ([\d.]+) ([\d.]+)\)"
PAIR = re.compile(rf"(--[a-z0-9-]+): light-dark\({OKLCH}, {OKLCH}\);")


def luminance(lightness: float, chroma: float, hue: float) -> float:
    """Relative luminance of an OKLCH colour (B. Ottosson's matrices), clipped to sRGB."""
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    l_, m_, s_ = (
        (lightness + x * a + y * b) ** 3
        for x, y in (
            (0.3963377774, 0.2158037573),
            (-0.1055613458, -0.0638541728),
            (-0.0894841775, -1.2914855480),
        )
    )
    red = 4.0767416621 * l_ - 3.3077115913 * m_ + 0.2309699292 * s_
    green = -1.2684380046 * l_ + 2.6097574011 * m_ - 0.3413193965 * s_
    blue = -0.0041960863 * l_ - 0.7034186147 * m_ + 1.7076147010 * s_
    red, green, blue = (min(1.0, max(0.0, part)) for part in (red, green, blue))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def themes() -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {"light": {}, "dark": {}}
    for name, *numbers in PAIR.findall(TOKENS):
        values = [float(number) for number in numbers]
        found["light"][name] = luminance(*values[:3])
        found["dark"][name] = luminance(*values[3:])
    return found


THEMES = themes()
PAPERS = ("--paper", "--surface", "--sunken", "--raised", "--selected")
TEXT = [
    *((text, paper) for text in ("--ink", "--ink-2", "--ink-3", "--accent") for paper in PAPERS),
    *((text, paper) for text in ("--seal", "--amber", "--jade", "--iris") for paper in PAPERS[:2]),
    ("--seal", "--seal-bg"),
    ("--amber", "--amber-bg"),
    ("--jade", "--jade-bg"),
    ("--iris", "--iris-bg"),
    *(("--ink", f"--{tone}-bg") for tone in ("seal", "amber", "jade", "iris")),
    ("--on-primary", "--primary"),
    ("--on-primary", "--primary-h"),
    ("--on-pale", "--l1"),
    ("--on-pale", "--l2"),
    ("--on-deep", "--l3"),
    ("--on-deep", "--l4"),
    ("--on-deep", "--l5"),
]
LINES = [("--edge", paper) for paper in PAPERS[:3]] + [("--focus", paper) for paper in PAPERS]


def contrast(theme: str, one: str, other: str) -> float:
    low, high = sorted((THEMES[theme][one], THEMES[theme][other]))
    return (high + 0.05) / (low + 0.05)


def test_it_measures_as_the_standard_does() -> None:
    """Black on white is 21:1, and the check would fail on a pair that is too pale."""
    assert (luminance(1, 0, 0) + 0.05) / 0.05 == pytest.approx(21, abs=0.01)
    assert contrast("light", "--line", "--paper") < 3


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("text", "paper"), TEXT, ids=lambda value: value)
def test_it_can_be_read(theme: str, text: str, paper: str) -> None:
    assert contrast(theme, text, paper) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("line", "paper"), LINES, ids=lambda value: value)
def test_it_can_be_seen(theme: str, line: str, paper: str) -> None:
    assert contrast(theme, line, paper) >= 3
