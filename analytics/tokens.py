"""The colours of Tearsheet by name, in both schemes (ui.md 1): of screens, mails and PDFs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

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


def colours(scheme: Scheme) -> dict[str, str]:
    """Give the colour of each token in one scheme, for what cannot read CSS: mail, tests."""
    return {name: getattr(token, scheme) for name, token in TOKENS.items()}
