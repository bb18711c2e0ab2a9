"""Can everybody use the page? All of it by the keyboard, and all of it read at 200 %."""

from __future__ import annotations

import json
from typing import Any

from playwright.sync_api import Page

ROUND = 25  # presses of Tab between two looks at what is left
LEAST_PX = 11  # ui.md 1: nothing under 12, group labels of the navigation 11
PATIENCE_MS = 10_000  # for grids and charts to fit themselves anew

# Notes what gets the focus, and whether a ring of 2 px stands around it or the frame that it fills.
LISTEN = """() => {
  window.__reached = new WeakSet();
  window.__ringless = [];
  document.addEventListener("focusin", ({ target }) => {
    if (window.__reached.has(target)) return;
    window.__reached.add(target);
    for (let at = target, n = 0; at && n < 5; at = at.parentElement, n++) {
      const style = getComputedStyle(at);
      if (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2) return;
    }
    window.__ringless.push(target.outerHTML.slice(0, 160));
  });
}"""
# Cells are walked with the arrows: Tab goes to the heads of a grid, then to one cell, then on.
LEFT = """() => [...document.querySelectorAll(
  "a[href], button, input, select, textarea, summary, [tabindex]"
)].filter((one) => one.tabIndex >= 0 && !one.disabled && !one.closest(".ag-root-wrapper, .js-plotly-plot")
    && one.type !== "radio" && one.checkVisibility({ visibilityProperty: true })
    && one.getClientRects().length && !window.__reached.has(one))
  .map((one) => one.outerHTML.slice(0, 160))"""
MOVES = """() => document.getAnimations().filter((one) => one.playState === "running")
  .map((one) => one.effect.target.outerHTML.slice(0, 160))"""
JUMPS = """() => [...document.querySelectorAll("[tabindex]")]
  .filter((one) => one.tabIndex > 0).map((one) => one.outerHTML.slice(0, 160))"""
# A text that is cut says all of it on hover, or it is lost.
LOST = """least => [...document.querySelectorAll("#main *")].filter((one) => {
  const own = [...one.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
  if (!own || !one.checkVisibility({ visibilityProperty: true, opacityProperty: true })) return false;
  if (one.closest("[title], .hidden-words, [class^=ag-], .js-plotly-plot, .cm-editor")) return false;
  const style = getComputedStyle(one);
  if (style.clipPath !== "none") return false; // for screen readers alone
  return parseFloat(style.fontSize) < least
    || (style.overflowX === "hidden" && one.scrollWidth > one.clientWidth + 1)
    || (style.overflowY === "hidden" && one.scrollHeight > one.clientHeight + 2);
}).map((one) => one.outerHTML.slice(0, 160))"""


def by_keyboard(page: Page) -> list[str]:
    """Press Tab through the page; return what it misses, and what has the focus without showing it."""
    page.evaluate(LISTEN)
    left = _left(page)
    for _ in range(2 + 3 * len(left) // ROUND):
        for _ in range(ROUND):
            page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('.cm-content')"):
            page.keyboard.press("Escape")  # in an editor Tab indents, but after Escape it leaves
        if not (left := _left(page)):
            break
    ringless: list[str] = page.evaluate("window.__ringless")
    jumps: list[str] = page.evaluate(JUMPS)
    return [
        *(f"Tab never comes to {one}" for one in left),
        *(f"the focus is not seen on {one}" for one in ringless),
        *(f"out of reading order: {one}" for one in jumps),
    ]


def magnified(page: Page) -> list[str]:
    """Give the page the room that 200 % leaves of 1440 x 900; return what is lost or scrolls sideways."""
    page.set_viewport_size({"width": 720, "height": 450})
    wide = _settled(page, "() => document.documentElement.scrollWidth > 720 ? ['the page'] : []")
    lost = _settled(page, f"() => ({LOST})({json.dumps(LEAST_PX)})")
    return [
        *(f"scrolls sideways at 200 %: {one}" for one in wide),
        *(f"lost at 200 %: {one}" for one in lost),
    ]


def moving(page: Page) -> list[str]:
    """Return what moves although the visitor has asked for no motion."""
    moved = _settled(page, MOVES)
    return [f"moves although motion is not wanted: {one}" for one in moved]


def _left(page: Page) -> list[str]:
    left: list[str] = page.evaluate(LEFT)
    return left


def _settled(page: Page, script: str) -> list[str]:
    """Ask until nothing is named any more; what is named still after a while is a finding."""
    found: Any = None
    for _ in range(PATIENCE_MS // 200):
        if not (found := page.evaluate(script)):
            break
        page.wait_for_timeout(200)
    return list(found)
