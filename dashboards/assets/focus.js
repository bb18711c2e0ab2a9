// Keeps the keyboard's place. A slot that is drawn again replaces all its parts, and with them the one that
// had the focus: whoever sorts by keyboard, picks a period or types a search would stand at the top of the
// page again. Its successor in the same slot takes the focus, what was typed meanwhile, and the open panel.
(function () {
  "use strict";
  var held = null;

  function words(element) {
    return element.getAttribute("aria-label") || element.textContent.trim();
  }

  // What makes two parts the same: the id of a control, the place in a grid, or tag and words.
  function twin(slot, was) {
    if (was.id) {
      var named = document.getElementById(was.id);
      if (named && slot.contains(named)) return named;
    }
    if (was.column) {
      var row = was.row === null ? ".ag-header" : '.ag-row[row-id="' + CSS.escape(was.row) + '"]';
      return slot.querySelector(row + ' [col-id="' + CSS.escape(was.column) + '"]');
    }
    return was.words && called(slot, was.tag, was.words);
  }

  function called(slot, tag, said) {
    return Array.from(slot.querySelectorAll(tag)).find(function (one) { return words(one) === said; });
  }

  function hold(element) {
    var slot = element.closest(".slot");
    if (!slot) {
      held = null;
      return;
    }
    var cell = element.closest("[col-id]");
    var row = element.closest("[row-id]");
    var panel = element.closest("details");
    held = {
      element: element,
      slot: slot.id,
      id: element.id && !/^mantine-/.test(element.id) ? element.id : "",
      column: cell ? cell.getAttribute("col-id") : "",
      row: row ? row.getAttribute("row-id") : null,
      tag: element.tagName,
      words: words(element),
      panel: panel ? words(panel.querySelector("summary")) : "",
      typed: null,
    };
  }

  // What was chosen is no longer offered: the place is the summary of its panel, which closes.
  function opener(slot, was) {
    return was.panel && called(slot, "summary", was.panel);
  }

  function give(successor) {
    var typed = held.typed;
    var place = typed === null ? null : held.element.selectionStart;
    var panel = successor.closest("details");
    if (panel && successor.tagName !== "SUMMARY") panel.open = true;
    successor.focus({ preventScroll: true });
    if (typed === null || successor.value === typed) {
      if (place !== null) successor.setSelectionRange(place, place);
      return;
    }
    // React hears of a value only when the browser's own setter has changed it.
    Object.getOwnPropertyDescriptor(window.HTMLInputElement.prototype, "value").set.call(successor, typed);
    successor.dispatchEvent(new Event("input", { bubbles: true }));
    successor.setSelectionRange(place, place);
  }

  document.addEventListener("focusin", function (event) { hold(event.target); });
  document.addEventListener("input", function (event) {
    if (held && held.element === event.target && event.target.type === "text") held.typed = event.target.value;
  });
  document.addEventListener("pointerdown", function (event) {
    if (held && !held.element.contains(event.target)) held = null;
  });

  new MutationObserver(function () {
    if (!held || held.element.isConnected) return;
    if (document.activeElement && document.activeElement !== document.body) return;
    var slot = document.getElementById(held.slot);
    var successor = slot && (twin(slot, held) || opener(slot, held));
    if (successor) give(successor);
  }).observe(document.documentElement, { childList: true, subtree: true });
})();
