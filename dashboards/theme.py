"""How the screens look: one table of tokens, from which CSS, charts, controls and grids take colour.

The tokens stand in `analytics.tokens`: mails take them too. `assets/1-tokens.css` is their printed form
and a test keeps both equal (`python -m dashboards.theme` prints it). Charts name them `var(--ts-accent)`;
`assets/charts.js` resolves the names when it draws and again when the colour scheme changes, so no
figure carries a colour of its own and the switch needs no new data.
"""

import sys
from functools import cache
from typing import Any

from analytics.tokens import TOKENS, Scheme, colours

__all__ = ["TOKENS", "Scheme", "colours"]

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


def css() -> str:
    """Print the tokens as CSS custom properties; `assets/1-tokens.css` is exactly this."""
    return (
        "/* Printed by `python -m dashboards.theme` from its one table; a test keeps both equal. */\n"
        + block(':root, :root[data-mantine-color-scheme="light"]', "light")
        + "\n"
        + block(':root[data-mantine-color-scheme="dark"]', "dark")
    )


@cache
def template() -> dict[str, Any]:
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
    return {
        "layout": {
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
        "data": {
            "bar": [{"type": "bar", "marker": {"line": {"color": colour("card"), "width": 1}}}],
            "scatter": [{"type": "scatter", "line": {"width": 2.25}, "cliponaxis": False}],
        },
    }


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
        # An opened list puts its scroll area in the way of the next Tab.
        "components": {name: {"defaultProps": {"openOnFocus": False}} for name in ("Select", "MultiSelect")},
    }


def grid() -> dict[str, str]:
    """Name the AG Grid theme, which assets/grid.js makes of the tokens."""
    return {"function": "tearsheetTheme(agGrid)"}


def block(selector: str, scheme: Scheme) -> str:
    """Print the tokens of one scheme for one selector."""
    lines = [f"  --ts-{name}: {value};" for name, value in colours(scheme).items()]
    return "\n".join([f"{selector} {{", f"  color-scheme: {scheme};", *lines, "}"]) + "\n"


if __name__ == "__main__":
    sys.stdout.write(css())
