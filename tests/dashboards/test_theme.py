"""Colours: one home for the tokens, and distances that hold for every eye."""

from itertools import combinations
from pathlib import Path

import pytest

from analytics import marks
from dashboards import theme

Rgb = tuple[float, float, float]

# Machado, Oliveira and Fernandes 2009, severity 1.0, on linear RGB.
EYES: dict[str, tuple[Rgb, Rgb, Rgb]] = {
    "normal": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}


def linear(code: str) -> Rgb:
    r, g, b = (int(code[n : n + 2], 16) / 255 for n in (1, 3, 5))
    return _decoded(r), _decoded(g), _decoded(b)


def _decoded(v: float) -> float:
    return v / 12.92 if v <= 0.04045 else float(((v + 0.055) / 1.055) ** 2.4)


def seen(rgb: Rgb, eye: str) -> Rgb:
    r, g, b = (min(max(sum(m * c for m, c in zip(row, rgb, strict=True)), 0), 1) for row in EYES[eye])
    return r, g, b


def oklab(rgb: Rgb) -> Rgb:
    """Convert linear sRGB to OKLab (Ottosson 2020)."""
    r, g, b = rgb
    long = (0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b) ** (1 / 3)
    medium = (0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b) ** (1 / 3)
    short = (0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short,
    )


def contrast(one: str, other: str) -> float:
    bright, dim = sorted((_luminance(linear(c)) for c in (one, other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def _luminance(rgb: Rgb) -> float:
    return 0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2]


@pytest.mark.parametrize("eye", EYES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_categorical_colours_keep_their_distance_for_every_eye(scheme: theme.Scheme, eye: str) -> None:
    palette = theme.colours(scheme)
    points = [oklab(seen(linear(palette[name]), eye)) for name in theme.CATEGORICAL]
    nearest = min(
        100 * sum((a - b) ** 2 for a, b in zip(*pair, strict=True)) ** 0.5 for pair in combinations(points, 2)
    )

    assert nearest >= 7


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read_on_what_it_stands_on(scheme: theme.Scheme) -> None:
    palette = theme.colours(scheme)
    pairs = [
        ("ink", "bg"),
        ("ink", "card"),
        ("sub", "bg"),
        ("sub", "card"),
        ("accent", "bg"),
        ("accent", "card"),
    ]
    pairs += [("accent", "soft"), ("ink", "soft"), ("on-accent", "accent")]
    pairs += [(f"{chip}-ink", chip) for chip in ("above", "below", "typical", "waiting", "error", "ok")]
    weak = {pair: round(contrast(*(palette[name] for name in pair)), 2) for pair in pairs}

    assert {pair: ratio for pair, ratio in weak.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_lines_and_dots_stand_out_from_the_card(scheme: theme.Scheme) -> None:
    palette = theme.colours(scheme)
    weak = {
        name: contrast(palette[name], palette["card"])
        for name in ("accent", "faint", "c1", "c2", "c3", "c4", "c5")
    }

    assert {name: ratio for name, ratio in weak.items() if ratio < 3} == {}


def test_the_stylesheet_is_the_table_printed() -> None:
    sheet = Path(theme.__file__).with_name("assets") / "1-tokens.css"

    assert sheet.read_text() == theme.css(), (
        "run: python -m dashboards.theme > dashboards/assets/1-tokens.css"
    )


def test_the_template_names_tokens_and_no_colour() -> None:
    text = repr(theme.template())

    assert "#" not in text
    assert "var(--ts-accent)" in text or "var(--ts-c1)" in text


def test_marks_paint_with_tokens_that_exist() -> None:
    assert set(theme.TOKENS) >= marks.PAINTS


def test_an_unknown_token_is_refused() -> None:
    with pytest.raises(KeyError, match="unknown token"):
        theme.colour("red")
