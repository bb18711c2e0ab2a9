// The live part of a page: a React component that follows a stream and lays out what it carries. All words and
// numbers come from the server (dashboards/pages/live/state.py). Left pages end their stream by unmounting.
(function () {
  "use strict";
  var SILENT_MS = 10000; // a message comes each second; after so long without one it is asked for instead
  var POLL_MS = 5000;
  var ASK_MS = 8000;
  var RETRY_MS = 60000; // how long it is asked for before the stream is tried again
  var STALE_MS = 20000; // from here on the clock is amber and says how old the numbers are
  var ANNOUNCE_MS = 60000;
  var still = window.matchMedia("(prefers-reduced-motion: reduce)");
  var phone = window.matchMedia("(max-width: 767px)");

  // --- following ---------------------------------------------------------------------------------------------

  // Tells `take` every new state, by stream where it flows, else by asking; nothing while nobody looks.
  function follow(href, once, take) {
    var source = null, heard = Date.now(), asked = 0, silentSince = 0, busy = false, over = false;

    function listen() {
      stop();
      if (over || document.hidden) return;
      heard = Date.now();
      silentSince = 0;
      source = new EventSource(href);
      source.onmessage = function (event) {
        heard = Date.now();
        silentSince = 0;
        take(JSON.parse(event.data));
      };
    }
    function stop() {
      if (source) source.close();
      source = null;
    }
    function ask() {
      asked = Date.now();
      busy = true;
      window.fetch(once, { cache: "no-store", signal: AbortSignal.timeout(ASK_MS) }).then(function (answer) {
        if (!answer.ok) throw new Error(String(answer.status));
        return answer.json();
      }).then(function (state) {
        if (!over) take(state);
      }).catch(function () { return undefined; }).then(function () { busy = false; });
    }
    function look() {
      if (document.hidden) return;
      var now = Date.now();
      if (source && now - heard > SILENT_MS) {
        stop();
        silentSince = now;
      }
      if (silentSince && now - silentSince > RETRY_MS) listen();
      else if (silentSince && !busy && now - asked > POLL_MS) ask();
    }
    function turned() {
      if (document.hidden) stop();
      else listen();
    }
    function left() { stop(); }
    var timer = window.setInterval(look, 1000);
    document.addEventListener("visibilitychange", turned);
    window.addEventListener("pagehide", left);
    listen();
    return function () {
      over = true;
      stop();
      window.clearInterval(timer);
      document.removeEventListener("visibilitychange", turned);
      window.removeEventListener("pagehide", left);
    };
  }

  // --- parts -------------------------------------------------------------------------------------------------

  function h() { return window.React.createElement.apply(window.React, arguments); }

  function bars(values, dark, width, height, label) {
    var most = Math.max.apply(null, values.concat([1]));
    var step = width / values.length;
    var path = { old: "", fresh: "" };
    values.forEach(function (value, n) {
      if (!value) return;
      var tall = Math.max((value / most) * height, 1.5);
      path[n >= values.length - dark ? "fresh" : "old"] +=
        "M" + (n * step).toFixed(2) + " " + height + "h" + (step * 0.72).toFixed(2) + "v" + (-tall).toFixed(2) + "h" + (-step * 0.72).toFixed(2) + "z";
    });
    return h("span", Object.assign({ className: "mark live-bars" }, label ? { role: "img", "aria-label": label } : { "aria-hidden": true }),
      h("svg", { viewBox: "0 0 " + width + " " + height, preserveAspectRatio: "none", focusable: "false", "aria-hidden": true },
        h("path", { d: "M0 " + height + "h" + width, stroke: "var(--ts-line2)", strokeWidth: 1 }),
        h("path", { d: path.old, fill: "var(--ts-band2)" }),
        h("path", { d: path.fresh, fill: "var(--ts-accent)" })));
  }

  function head(part, links) {
    return h("div", { className: "card-head" },
      h("div", { className: "card-words" }, h("h2", null, part.title), h("p", { className: "meta" }, part.line)),
      h("div", { className: "card-links" }, part.end && h("span", { className: "meta" }, part.end), links));
  }

  function empty(words) {
    return h("div", { className: "state" }, h("h3", null, words[0]), h("p", null, words[1]));
  }

  function card(title, name, children) {
    return h.apply(null, ["section", { className: "card " + name, "aria-label": title }].concat(children));
  }

  function chip(found) {
    if (!found) return null;
    return h("span", { className: "chip " + found.tone, title: found.said },
      found.text, h("span", { className: "hidden-words" }, ", " + found.said));
  }

  // Rows slide to their new places, once; where motion is not wanted they are simply there.
  function useSlide(list, order) {
    var tops = window.React.useRef({});
    window.React.useLayoutEffect(function () {
      if (!list.current) return;
      var next = {};
      Array.from(list.current.children).forEach(function (row) {
        var id = row.getAttribute("data-id");
        next[id] = row.offsetTop;
        var moved = tops.current[id] - next[id];
        if (!moved || still.matches || !row.animate) return;
        row.animate([{ transform: "translateY(" + moved + "px)" }, { transform: "none" }], { duration: 320, easing: "ease-out" });
      });
      tops.current = next;
    }, [order]);
  }

  // While somebody points at the list, or stands in it with the keyboard, nothing moves under the hand.
  function useHeld(rows) {
    var React = window.React;
    var held = React.useState(false);
    var shown = React.useRef(rows);
    if (!held[0]) shown.current = rows;
    else {
      var fresh = {};
      rows.forEach(function (row) { fresh[row.id] = row; });
      shown.current = shown.current.map(function (row) { return fresh[row.id] || row; });
    }
    return {
      rows: shown.current,
      is: held[0],
      on: {
        onPointerEnter: function (event) { if (event.pointerType === "mouse") held[1](true); },
        onPointerLeave: function () { held[1](false); },
        onFocus: function (event) { if (event.target.matches(":focus-visible")) held[1](true); },
        onBlur: function (event) { if (!event.currentTarget.contains(event.relatedTarget)) held[1](false); },
      },
    };
  }

  function List(props) {
    var part = props.part;
    var list = window.React.useRef(null);
    var held = useHeld(part.rows);
    useSlide(list, held.rows.map(function (row) { return row.id; }).join(" "));
    var links = props.file && h("a", { href: props.file.href, download: props.file.name }, props.file.words);
    var words = h("p", { className: "live-heads meta", "aria-hidden": true }, part.head && part.head.map(function (word) {
      return h("span", { key: word }, word);
    }));
    var body = held.rows.length
      ? h("ol", Object.assign({ ref: list, className: "live-rows" }, held.on), held.rows.map(function (row) { return props.row(row, part); }))
      : empty(part.empty);
    return card(part.title, props.name, [head(part, links), part.head && held.rows.length ? words : null, body,
      props.name === "live-list" && h("p", { className: "meta live-held" }, held.is ? say("The order is held while you are in the list.") : "")]);
  }

  function row(one, part) {
    return h("li", { key: one.id, "data-id": one.id },
      h("div", { className: "live-title" }, h("h3", null, h("a", { href: one.href, title: one.title }, one.title)), h("p", { className: "meta" }, one.line)),
      bars(one.bars, part.dark, 120, 26),
      h("span", { className: "live-value" }, h("span", { className: "hidden-words" }, say("Fresh views") + " "), one.value),
      h("span", { className: "live-second" }, h("span", { className: "hidden-words" }, say("Reads") + " "), one.second),
      h("span", { className: "live-chip" }, chip(one.chip)));
  }

  function published(one) {
    return h("li", { key: one.id, "data-id": one.id },
      h("div", { className: "live-title" }, h("h3", null, h("a", { href: one.href, title: one.title }, one.title)), h("p", { className: "meta" }, one.line)),
      h(window.tearsheet.Mark, { spec: one.mark }),
      h("span", { className: "live-value" }, one.value),
      h("span", { className: "live-chip" }, chip(one.chip)));
  }

  function moment(one) {
    return h("li", { key: one.id },
      h("time", null, one.at),
      h("p", null, one.href ? h("a", { href: one.href, dir: "auto" }, one.title) : null, " " + one.words));
  }

  function Clock(props) {
    var age = Math.max(0, Math.round(props.age / 1000));
    var stale = props.age > STALE_MS;
    var tone = stale || props.late ? "waiting" : "ok";
    var old = age < 120 ? age + "\u202fs" : Math.floor(age / 60) + "\u202fmin";
    var words = stale ? say("No answer: the numbers are {age} old", { age: old }) : props.late || say("updated {age} ago", { age: old });
    return h("div", { className: "live-clock " + tone, "data-stale": String(stale) },
      h("p", { className: "live-brand" }, "Tearsheet", h("span", null, props.site + " · " + say("Live"))),
      h("span", { className: "live-age" }, h("span", { className: "dot " + tone }), words),
      h("button", { className: "button live-leave", type: "button", "data-does": "wall" }, say("Leave wall")),
      h("time", null, props.at));
  }

  // Two short soft tones; a browser that wants a click before any sound stays silent.
  function chime() {
    var sound = new window.AudioContext();
    var level = sound.createGain();
    level.gain.value = 0.08;
    level.connect(sound.destination);
    [660, 880].forEach(function (pitch, n) {
      var tone = sound.createOscillator();
      tone.frequency.value = pitch;
      tone.connect(level);
      tone.start(sound.currentTime + n * 0.16);
      tone.stop(sound.currentTime + n * 0.16 + 0.12);
    });
    window.setTimeout(function () { sound.close(); }, 1000);
  }

  // --- the whole ---------------------------------------------------------------------------------------------

  function Live(props) {
    var React = window.React;
    var got = React.useState({ state: props.first, at: Date.now() });
    var tick = React.useState(0);
    var said = React.useRef({ at: 0, words: "" });
    var file = props.first.file;

    React.useEffect(function () {
      got[1]({ state: props.first, at: Date.now() });
      return follow(props.href, props.once, function (state) { got[1]({ state: state, at: Date.now() }); });
    }, [props.href]);
    React.useEffect(function () {
      var timer = window.setInterval(function () { tick[1](Date.now()); }, 1000);
      return function () { window.clearInterval(timer); };
    }, []);

    var state = got[0].state;
    var now = state.now;
    React.useEffect(function () { // another minute: the curve of the day is drawn again
      if (state.at !== props.first.at) window.dash_clientside.set_props("live-minute", { data: state.at });
    }, [state.at]);
    if (Date.now() - said.current.at > ANNOUNCE_MS && !document.hidden) said.current = { at: Date.now(), words: now.said };

    var newest = state.moments.rows.length ? state.moments.rows[0].id : "";
    var last = React.useRef(newest);
    React.useEffect(function () {
      if (newest && newest !== last.current && /[?&]sound=on(&|$)/.test(window.location.search)) chime();
      last.current = newest;
    }, [newest]);

    var list = Object.assign({ dark: state.minutes.dark }, state.list);
    return h("div", { className: "live", id: props.id },
      h(Clock, { age: Date.now() - got[0].at, late: state.late, at: state.at, site: state.site }),
      card(say("Right now"), "live-numbers", [
        h("div", { className: "card-head" }, h("div", { className: "card-words" }, h("h2", null, say("Right now")))),
        h("p", { className: "live-large" }, h("b", { className: now.large.value === "—" ? "unknown" : undefined }, now.large.value), " ", h("span", null, now.large.words)),
        now.small && h("p", { className: "live-small" }, h("b", null, now.small.value), " ", now.small.words),
        now.gauge && h("div", { className: "live-usual" }, h(window.tearsheet.Mark, { spec: now.gauge }), chip(now.chip),
          h("p", { className: "meta" }, now.usual)),
        now.why && h("p", { className: "meta" }, now.why),
        now.peak && h("p", { className: "meta" }, now.peak),
        bars(state.minutes.bars, state.minutes.dark, 280, 64, state.minutes.said),
        h("p", { className: "meta" }, state.minutes.words)]),
      h("div", { className: "live-today" }, props.children),
      h(List, { part: list, row: row, name: "live-list", file: file }),
      h(List, { part: state.published, row: published, name: "live-published" }),
      card(say("Comments"), "live-comments", [
        h("div", { className: "card-head" }, h("div", { className: "card-words" }, h("h2", null, say("Comments")))),
        state.comments.empty ? empty(state.comments.empty) : h("ul", { className: "live-facts" }, state.comments.facts.map(function (one) {
          return h("li", { key: one[1] }, one[2] ? h("b", { className: "chip waiting" }, one[0]) : h("b", null, one[0]), h("span", null, one[1]));
        }))]),
      card(state.moments.title, "live-moments", [head(state.moments), state.moments.rows.length
        ? h("ol", { className: "live-happened" }, state.moments.rows.map(moment)) : empty(state.moments.empty)]),
      card(state.ways.title, "live-ways", [head(state.ways), state.ways.rows.length ? h("ul", { className: "bars" }, state.ways.rows.map(function (one) {
        return h("li", { key: one.label },
          h("div", { className: "bar-words" }, h("span", null, one.label), h("b", null, one.words)),
          h("div", { className: "bar-track" }, h("div", { className: "bar-fill", style: { width: (100 * one.share).toFixed(1) + "%" } })));
      })) : empty(state.ways.empty)]),
      h("p", { className: "hidden-words", role: "status" }, said.current.words));
  }

  window.tearsheet = Object.assign(window.tearsheet || {}, { Live: Live });

  // --- the wall ----------------------------------------------------------------------------------------------

  var root = document.documentElement;
  var before = null; // the colour scheme to go back to

  function isWall() { return /[?&]wall=on(&|$)/.test(window.location.search) && window.location.pathname === "/live"; }

  function scale() {
    var size = Math.min(window.innerWidth / 1440, window.innerHeight / 840);
    root.style.setProperty("--live-zoom", isWall() && !phone.matches ? String(Math.max(size, 0.5)) : "1");
  }

  function darken() { // Mantine sets the scheme when it starts and when the machine turns dark
    var scheme = root.getAttribute("data-mantine-color-scheme");
    if (!document.body.classList.contains("wall") || scheme === "dark") return;
    before = scheme;
    root.setAttribute("data-mantine-color-scheme", "dark");
  }

  function dress() {
    var wall = isWall();
    scale();
    if (wall === document.body.classList.contains("wall")) return;
    document.body.classList.toggle("wall", wall);
    if (wall) darken();
    else {
      if (before) root.setAttribute("data-mantine-color-scheme", before);
      before = null;
      if (document.fullscreenElement) document.exitFullscreen();
    }
    window.dispatchEvent(new Event("resize"));
  }

  function swap(wanted) {
    if (window.location.pathname !== "/live" || wanted === isWall()) return;
    window.tearsheet.setParameter("wall", wanted ? "on" : "");
    dress();
    if (wanted && root.requestFullscreen) root.requestFullscreen().catch(function () { return undefined; });
  }

  document.addEventListener("click", function (event) {
    if (event.target.closest('[data-does="wall"]')) swap(!isWall());
  });
  document.addEventListener("keydown", function (event) {
    var target = event.target;
    if (event.metaKey || event.ctrlKey || event.altKey || target.isContentEditable || (target.matches && target.matches("input:not([type=checkbox]), textarea, select"))) return;
    if (event.key === "w") swap(!isWall());
    if (event.key === "Escape") swap(false);
  });
  document.addEventListener("fullscreenchange", function () { if (!document.fullscreenElement) swap(false); });
  ["popstate", "_dashprivate_pushstate", "_dashprivate_historychange"].forEach(function (kind) {
    window.addEventListener(kind, dress);
  });
  window.addEventListener("resize", scale);
  new MutationObserver(darken).observe(root, { attributes: true, attributeFilter: ["data-mantine-color-scheme"] });
  document.addEventListener("DOMContentLoaded", dress);
})();
