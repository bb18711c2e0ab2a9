"""How the screens look: one table of tokens, from which CSS, charts, controls and grids take colour.

The tokens live here (ui.md 1). `assets/1-tokens.css` is their printed form and a test keeps both
equal (`python -m dashboards.theme` prints it). Charts name tokens as `var(--ts-accent)`;
`assets/charts.js` resolves the names when it draws and again when the colour scheme changes, so no
figure carries a colour of its own and the switch needs no new data.
"""

import sys
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import plotly.graph_objects as go

Scheme = Literal["light", "dark"]


@dataclass(frozen=True, slots=True)
class Token:
    """One colour with its value in both schemes."""

    light: str
    dark: str


TOKENS: dict[str, Token] = {
    "bg": Token("#f6f5f1", "#0f1317"),
    "card": Token("#ffffff", "#171c21"),
    "ink": Token("#1a2027", "#e9ecef"),
    "sub": Token("#58616b", "#a4aeb8"),
    "faint": Token("#858d95", "#7d8791"),
    "line": Token("#e7e4dd", "#272e35"),
    "line2": Token("#cfcbc2", "#3c454e"),
    "accent": Token("#0f6694", "#62b8e8"),
    "on-accent": Token("#ffffff", "#0b1a24"),
    "soft": Token("#e6f0f6", "#17303f"),
    "band": Token("#dbe8f0", "#1d3443"),
    "band2": Token("#c9dde9", "#27485c"),
    "above": Token("#e1eff7", "#16354a"),
    "above-ink": Token("#0b5377", "#9ed5f5"),
    "below": Token("#fbebdc", "#40290f"),
    "below-ink": Token("#874808", "#f7c892"),
    "typical": Token("#efede8", "#272e35"),
    "typical-ink": Token("#4c545d", "#bac3cc"),
    "waiting": Token("#fdf3d9", "#3b2f10"),
    "waiting-ink": Token("#7a5200", "#f3d38a"),
    "error": Token("#f8e6e7", "#43201f"),
    "error-ink": Token("#8c2f36", "#f2b1ae"),
    "ok": Token("#e2f3ed", "#113529"),
    "ok-ink": Token("#086349", "#7fe0c4"),
    "c1": Token("#0f6694", "#62b8e8"),
    "c2": Token("#c8791e", "#f4b36a"),
    "c3": Token("#0b8f6e", "#2fdcc0"),
    "c4": Token("#3d3368", "#a56fd0"),
    "c5": Token("#96363c", "#c4504f"),
    "c6": Token("#a7aeb5", "#7a8590"),
    # Sequential, one hue in five steps between card and accent: heat maps (ui.md 1).
    "s1": Token("#eaf2f7", "#17272f"),
    "s2": Token("#c3dae7", "#1f4257"),
    "s3": Token("#8fb9d0", "#2d6688"),
    "s4": Token("#4f90b3", "#478fb9"),
    "s5": Token("#0f6694", "#62b8e8"),
}

CATEGORICAL = ("c1", "c2", "c3", "c4", "c5", "c6")  # the last is always "Other"
SEQUENTIAL = ("s1", "s2", "s3", "s4", "s5")
SANS = "'Inter Variable', Inter, system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif"
SERIF = "'Source Serif 4 Variable', 'Source Serif 4', Georgia, 'Times New Roman', serif"
MONO = "'JetBrains Mono Variable', 'JetBrains Mono', ui-monospace, Consolas, monospace"

# Sources keep their colour on every page (ui.md 1). In stacks direct joins the own front pages.
SOURCES: dict[str, str] = {
    "own": "c1",
    "search": "c2",
    "social": "c3",
    "newsletter": "c4",
    "ai": "c5",
    "other": "c6",
}


def colour(token: str) -> str:
    """Name a token's colour for CSS and figures: `var(--ts-accent)`."""
    if token not in TOKENS:
        raise KeyError(f"unknown token {token!r}; ui.md 1 lists them")
    return f"var(--ts-{token})"


def colours(scheme: Scheme) -> dict[str, str]:
    """Give the colour of each token in one scheme, for what cannot read CSS: mail, tests."""
    return {name: getattr(token, scheme) for name, token in TOKENS.items()}


def css() -> str:
    """Print the tokens as CSS custom properties; `assets/1-tokens.css` is exactly this."""
    return (
        "/* Printed by `python -m dashboards.theme` from its one table; a test keeps both equal. */\n"
        + _block(':root, :root[data-mantine-color-scheme="light"]', "light")
        + "\n"
        + _block(':root[data-mantine-color-scheme="dark"]', "dark")
    )


@cache
def template() -> go.layout.Template:
    """Make the Plotly template: fonts, axes, grid and hover in tokens, nothing of Plotly's own."""
    axis: dict[str, Any] = {
        "showgrid": False,
        "zeroline": False,
        "linecolor": colour("line2"),
        "tickcolor": colour("line2"),
        "ticklen": 4,
        "tickfont": {"color": colour("sub"), "size": 12},
        "title": {"font": {"color": colour("sub"), "size": 12}, "standoff": 8},
        "fixedrange": True,
        "automargin": False,
    }
    return go.layout.Template(
        layout={
            "font": {"family": SANS, "size": 12, "color": colour("ink")},
            "colorway": [colour(name) for name in CATEGORICAL],
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "margin": {"l": 44, "r": 16, "t": 12, "b": 28},
            "showlegend": False,
            "hovermode": "x unified",
            "dragmode": False,
            "hoverlabel": {
                "bgcolor": colour("card"),
                "bordercolor": colour("line2"),
                "font": {"family": SANS, "size": 12, "color": colour("ink")},
                "align": "left",
            },
            "xaxis": axis | {"showline": True, "ticks": "outside", "nticks": 8},
            "yaxis": axis
            | {
                "ticks": "",
                "ticklabelstandoff": 6,
                "showgrid": True,
                "gridcolor": colour("line"),
                "nticks": 5,
                "rangemode": "tozero",
            },
            "annotationdefaults": {
                "font": {"color": colour("ink"), "size": 12},
                "showarrow": False,
                "bgcolor": colour("card"),
                "borderpad": 1,
            },
            "shapedefaults": {"line": {"color": colour("faint"), "width": 1, "dash": "dot"}},
            "bargap": 0.12,
            "colorscale": {"sequential": [[n / 4, colour(name)] for n, name in enumerate(SEQUENTIAL)]},
        },
        data={
            "bar": [{"marker": {"line": {"color": colour("card"), "width": 1}}}],
            "scatter": [{"line": {"width": 2.25}, "cliponaxis": False}],
        },
    )


def mantine() -> dict[str, Any]:
    """Give the Mantine theme: accent as primary, our type, radii and spacing; the rest is CSS."""
    return {
        "primaryColor": "accent",
        # ten steps of one colour: every shade that Mantine reaches for is ours
        "colors": {"accent": [colour("accent")] * 10},
        "primaryShade": {"light": 6, "dark": 6},
        "fontFamily": SANS,
        "fontFamilyMonospace": MONO,
        "fontSizes": {"xs": "12px", "sm": "13px", "md": "14px", "lg": "15px", "xl": "22px"},
        "defaultRadius": "7px",
        "cursorType": "pointer",
        "respectReducedMotion": True,
        "headings": {"fontFamily": SERIF, "fontWeight": "600"},
        "focusRing": "auto",
    }


def grid() -> dict[str, str]:
    """Name the AG Grid theme, which assets/grid.js makes of the tokens."""
    return {"function": "tearsheetTheme(agGrid)"}


def _block(selector: str, scheme: Scheme) -> str:
    lines = [f"  --ts-{name}: {value};" for name, value in colours(scheme).items()]
    return "\n".join([f"{selector} {{", f"  color-scheme: {scheme};", *lines, "}"]) + "\n"


if __name__ == "__main__":
    sys.stdout.write(css())
