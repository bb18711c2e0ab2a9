// Tearsheet's tracker: one script tag, no cookie, at most 3 kB on the wire.
//
// It tells the collector that a page was opened, how it is read and which steps are taken in its comment box, in
// the words of `POST /api/event`. It stores nothing but events that could not be sent, for a day at most, and reads
// nothing back but those and the reader's opt-out. `docs/tracker.md` says how a page uses it.
//
// Kept short on purpose: what stands here twice is downloaded by every reader of every newsroom. All listeners sit
// on window in the capture phase, which sees every event, also those that a page stops or that do not bubble.
(() => {
  const DAY_MS = 864e5;
  const IDLE_MS = 5000; // engaged time: the last act is at most 5 s old
  const SETTLE_MS = 300; // after an in-page navigation, until the app has drawn title and metadata
  const MOST_KEPT = 20; // waiting events; who is offline for long loses the oldest
  const MOST_PAUSE_S = 900;
  const QUEUE = "tearsheet_queue";
  const BOX = "[data-tearsheet-comments]";
  const FIELD = "textarea,[contenteditable]";

  const all = (selector) => [...document.querySelectorAll(selector)];
  const tag = document.currentScript;
  const early = window.tearsheet;
  if (!tag?.src || early?.on) return; // a second tag would count everything twice

  const told = tag.dataset;
  const flag = (name) => name in told && told[name] != "false";
  const api = told.api || new URL("../api/event", tag.src).href; // holds below a path of a reverse proxy too
  const byHash = flag("hash");

  /** Makes work harmless: a tracker must never break the page that it measures. */
  const safe = (work) => (...given) => {
    try {
      return work(...given);
    } catch {}
  };
  const on = (type, work) => addEventListener(type, safe(work), true);

  // Not crypto.randomUUID, which pages without https lack.
  const uuid = () =>
    "xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx".replace(/x/g, () =>
      (crypto.getRandomValues(new Uint8Array(1))[0] & 15).toString(16));

  // --- sending, and what could not be sent -------------------------------------------------------------------

  let memory = []; // stands in where storage is forbidden
  let pause = 0; // seconds
  let timer, isBusy;

  const waiting = () => {
    try {
      memory = JSON.parse(localStorage[QUEUE] || "[]").filter((event) => event.ts > Date.now() - DAY_MS);
    } catch {}
    return memory;
  };

  // The collector refuses values above 2,000, NUL, and halves of an emoji, which cutting may leave.
  const written = (event) =>
    JSON.stringify({ ...event, st: Date.now() }, (_, value) =>
      value && value.trim ? value.slice(0, 2000).replace(/[\0\ud800-\udfff]/gu, "") : value);

  const post = async (event) => {
    let status, after;
    try {
      const answer = await fetch(api, { method: "POST", body: written(event), keepalive: true, credentials: "omit" });
      status = answer.status;
      after = answer.headers.get("Retry-After");
    } catch {}
    // Only an answer takes an event out: closed while it waits, a page sends it once more with the same id.
    memory = waiting().filter((other) => other.id != event.id);
    if (!status || status == 429 || status == 503) {
      memory.push(event);
      pause = Math.max(pause, +after || 5);
    } else pause = 0; // taken; or refused for good, which repeating would not change
    try {
      memory = memory.slice(-MOST_KEPT);
      if (memory[0]) localStorage[QUEUE] = JSON.stringify(memory);
      else delete localStorage[QUEUE];
    } catch {}
    later();
  };

  const later = () => {
    clearTimeout(timer);
    if (waiting()[0] && !isBusy) timer = setTimeout(again, pause * 1000);
  };

  const again = async () => {
    const event = waiting()[0];
    if (!event) return; // another tab was quicker, or the day is over
    isBusy = 1;
    pause = Math.min(2 * pause, MOST_PAUSE_S);
    await post(event);
    isBusy = 0;
    later();
  };

  const send = (event, isLast) => {
    event = { d: told.domain, u: view.u, id: uuid(), pv: view.pv, ts: Date.now(), ...event };
    if (byHash) event.h = 1;
    if (flag("staff")) event.p = { ...event.p, staff: true };
    // A beacon outlives the page but never says whether it arrived, so offline it is no use.
    if (!(isLast && navigator.onLine && navigator.sendBeacon?.(api, written(event)))) post(event);
  };

  // --- what the page says of itself --------------------------------------------------------------------------

  /** Gives the first Article or Posting of the page's JSON-LD. */
  const articleOf = () => {
    let found;
    const walk = (node) => {
      if (!node || found) return;
      if (/Article|Posting/.test(node["@type"])) found = node;
      [].concat(node.pop ? node : [node["@graph"], node.mainEntity]).forEach(walk);
    };
    all('script[type="application/ld+json"]').forEach(safe((script) => walk(JSON.parse(script.text))));
    return found || {};
  };

  /** Gives the names in a text, an object with a name, or a list of those. Addresses are no names. */
  const names = (given) =>
    [].concat(given).map((each) => each?.name || each?.value || each)
      .map((each) => (Number.isSafeInteger(each) ? "" + each : each)) // longer ones have lost digits by now
      .filter((each) => each && each.trim && !/^https?:/.test(each));

  const metas = (name) => all(`meta[name="${name}"],meta[property="${name}"]`).map((each) => each.content);

  /** Gives what the page tells: the script tag's word first, then its JSON-LD's, then its meta tags'. */
  const first = (own, linked, parsely, ...tags) =>
    [own, linked, ...["parsely-" + parsely, ...tags].map(metas)].map(names).find((list) => list[0]) || [];

  const metadata = (ld) => {
    const tags = first(told.tags, ld.keywords, "tags", "article:tag", "keywords");
    const free = ld.isAccessibleForFree;
    return {
      article_id: first(told.articleId, ld.identifier, "post-id")[0],
      author: first(told.author, ld.author, "author", "author", "article:author").join(";"),
      section: first(told.section, ld.articleSection, "section", "article:section")[0],
      tags: tags[1] ? tags : tags[0], // a list keeps the commas inside of its tags
      published: first(told.published, ld.datePublished, "pub-date", "article:published_time")[0],
      access: told.access || (free == null ? free : /true/i.test(free) ? "free" : "paid"),
    };
  };

  const bare = (url) => url.host.replace(/^www\./, "");

  const addressOf = (canonical) => {
    const here = new URL(location);
    let url = new URL(here);
    try {
      const other = new URL(canonical);
      // One to another house marks a text that came from there; it is read here.
      if (!byHash && bare(other) == bare(here)) url = other;
    } catch {}
    here.searchParams.forEach((value, name) => {
      // Of a click id the name alone is of use; its value follows a person.
      if (/^utm_|clk?id$|^[gw]braid$|^li_fat_id$/.test(name)) url.searchParams.set(name, name[3] == "_" ? value : 1);
    });
    if (!byHash) url.hash = "";
    return url.href;
  };

  // --- views -------------------------------------------------------------------------------------------------

  const pathOf = () => location.pathname + (byHash ? location.hash : ""); // another one is another view

  let view; // undefined until the page is shown
  let before = []; // path and metadata of the view before, to know what an app left standing
  let referrer = document.referrer;

  const open = (wait) => {
    view = { pv: uuid(), u: addressOf(), path: pathOf(), em: 0, ac: 0, sd: 0, bs: 0 };
    last = {};
    setTimeout(safe(announce), wait, view);
    wait || announce();
  };

  /** Sends the page view, once. */
  const announce = (of = view) => {
    if (view.p || of != view) return;
    const ld = articleOf();
    const link = all("link[rel=canonical]")[0];
    const canonical = told.url || (link?.href || metas("og:url")[0]);
    const found = metadata(ld);
    const now = JSON.stringify([canonical, found]);
    // An app that moves on and leaves the old metadata standing would give one article's author to the next.
    const isStale = view.path != pathOf() || (view.path != before[0] && now == before[1]);
    if (!isStale) view.u = addressOf(canonical);
    before = [view.path, now];
    view.p = isStale ? {} : found;
    send({
      n: "pageview",
      r: referrer,
      t: (!isStale && first(told.title, ld.headline, "title", "og:title")[0]) || document.title,
      w: innerWidth || undefined, // 0 in a tab that was never drawn
      l: navigator.language,
      rid: told.reader,
      p: view.p,
    });
  };

  /** Sends an event of the open view, after its page view. */
  const tell = (event) => {
    announce();
    send({ ...event, p: { article_id: view.p.article_id, ...event.p } });
  };

  const moved = safe(() => {
    if (pathOf() == view.path) return;
    flush();
    referrer = view.u;
    open(SETTLE_MS);
  });

  // --- reading -----------------------------------------------------------------------------------------------

  const BODIES = ["[data-tearsheet-body]", "[itemprop=articleBody]", "article", "main", "body"];
  let actedAt = -IDLE_MS; // by the clock of the page, which starts at 0
  let countedAt = actedAt;

  const deepen = (key, seen, whole) => {
    view[key] = Math.max(view[key], Math.min(100, Math.round((100 * seen) / whole)));
  };

  // Not at once with the page view: before its pictures have come, a page is short and seems read to its end.
  const measure = () => {
    const { top, height } = BODIES.flatMap(all)[0].getBoundingClientRect();
    view.sb = height <= innerHeight;
    view.sb || deepen("bs", innerHeight - top, height); // an app's empty frame is short, and the text comes later
    deepen("sd", scrollY + innerHeight, document.documentElement.scrollHeight);
  };

  /** Tells how far the view has been read, if that has changed. */
  const flush = (isLast, wasShown = !document.hidden) => {
    announce();
    if (wasShown) measure();
    const { em, ac, sd, sb } = view;
    const event = { n: "engagement", em, ac, sd, bs: sb ? 100 : view.bs, sb };
    if (view.sent == (view.sent = JSON.stringify(event))) return;
    send(event, isLast);
  };

  const act = () => {
    actedAt = performance.now();
    if (actedAt - countedAt < 1000) return; // a swipe is one act and not sixty
    countedAt = actedAt;
    view.ac++;
  };

  const tick = () => {
    if (document.hidden) return;
    measure();
    warn();
    if (!document.hasFocus()) return;
    const isIdle = performance.now() - actedAt > IDLE_MS;
    if (isIdle && all("video,audio").every((each) => each.paused || each.muted)) return; // muted: ornament, advertising
    const s = (view.em += 1000) / 1000;
    if (s == 5 || s == 15 || s % 30 == 0) flush();
  };

  // --- the comment box: steps and lengths, never a word ------------------------------------------------------

  let last = {}; // the box used last

  const step = (box, name) => {
    const field = box.matches(FIELD) ? box : box.querySelector(FIELD) || {};
    const length = [...(field.value || field.textContent || "")].length; // .length would count an emoji twice
    const limit = +box.dataset.tearsheetLimit || field.maxLength;
    const max = limit > 0 ? limit : undefined;
    const id = (box.dataset.tearsheetComments || "comments").slice(0, 40);
    last = { box, length, max };
    const key = name + id;
    if (view[key] || (name == "limit" && !(length >= max))) return;
    view[key] = 1;
    tell({ n: "comment_box", p: { step: name, box: id, length, max } });
  };

  const used = ({ type, target }) => {
    const box = target.closest(BOX);
    if (!box || !target.matches(FIELD)) return;
    step(box, "open");
    if (type == "input") step(box, "type"), step(box, "limit");
  };

  const warn = () => {
    if (last.box)
      all("[data-tearsheet-warning]").forEach((each) => {
        if (each.getClientRects()[0] && each.textContent.trim()) step(each.closest(BOX) || last.box, "warn");
      });
  };

  const submitted = ({ type, target }) => {
    const box = target.closest(BOX) || target.querySelector(BOX);
    if (!box || (type == "click" && !target.closest("[data-tearsheet-submit]"))) return;
    warn();
    step(box, "submit");
  };

  const comment = ({ text, ...said }) => {
    const length = text == null ? last.length : [...text.trim()].length;
    const comment_id = last.box?.dataset.tearsheetCommentId;
    // What became of it a page cannot vouch for: pending.
    if (length >= 0 || said.length >= 0)
      tell({ n: "comment", p: { comment_id, length, length_limit: last.max, ...said, status: "pending" } });
  };

  // --- the page's own word, and the start --------------------------------------------------------------------

  const calls = early?.q || [];

  const call = (window.tearsheet = safe((name, options = {}) => {
    if (!view) calls.push([name, options]);
    else if (name == "pageview") flush(), open();
    else if (name == "comment") comment(options.props || options);
    else tell({ n: name, p: options.props, $: options.revenue });
  }));
  call.on = 1;

  const isOptedOut = safe(() => ["tearsheet", "plausible"].some((name) => localStorage[name + "_ignore"] == "true"));

  const start = () => {
    open();
    calls.forEach((given) => call(...given));
    on("keydown", act);
    on("pointerdown", act);
    on("pointermove", act);
    on("scroll", act);
    on("scroll", () => document.hidden || measure());
    setInterval(safe(tick), 1000);
    on("visibilitychange", () => document.hidden && flush(1, 1));
    on("pagehide", () => flush(1));
    on("pageshow", (event) => event.persisted && open()); // back from the cache it is read again
    on("online", () => later((pause = 0)));
    ["pushState", "replaceState"].forEach((name) => {
      const original = history[name];
      history[name] = (...given) => {
        original.apply(history, given);
        moved();
      };
    });
    on("popstate", moved);
    on("focusin", used);
    on("input", used);
    on("submit", submitted);
    on("click", submitted);
    later();
  };

  if (isOptedOut() || (!flag("test") && (location.protocol == "file:" || navigator.webdriver))) return;
  const begin = () => (document.prerendering ? on("prerenderingchange", start) : safe(start)());
  document.readyState == "loading" ? on("DOMContentLoaded", begin) : begin();
})();
