// The sample site's own script: read counters and the most-read list from the public widgets, and the comment box.
(() => {
  const { site, front } = document.currentScript.dataset;
  const widgets = `/w/${encodeURIComponent(site)}`;

  const asked = async (address) => {
    try {
      const answer = await fetch(address);
      return answer.ok ? await answer.json() : null;
    } catch {
      return null; // without its numbers the page is whole
    }
  };

  const count = async () => {
    const places = [...document.querySelectorAll("[data-read]")];
    if (!places.length) return;
    const ids = places.map((place) => encodeURIComponent(place.dataset.read)).join(",");
    const counters = (await asked(`${widgets}/counter.json?ids=${ids}`)) || {};
    for (const place of places) {
      const counter = counters[place.dataset.read];
      if (!counter || counter.value === null) continue;
      place.textContent = `${counter.label}: ${counter.value.toLocaleString("en")}`;
      place.hidden = false;
    }
  };

  const rank = async () => {
    const most = document.querySelector(".most");
    const found = most && (await asked(`${widgets}/most-read.json?period=24h&limit=5`));
    if (!found?.rows.length) return;
    for (const row of found.rows) {
      const link = document.createElement("a");
      link.href = front + encodeURIComponent(row.id);
      link.textContent = row.title;
      const line = document.createElement("li");
      line.append(link);
      most.querySelector("ol").append(line);
    }
    most.hidden = false;
  };

  // --- the comment box ---------------------------------------------------------------------------------------

  const LINK = /https?:|www\.|\b[a-z0-9-]+\.(com|net|org|info|biz|io|ru)\b/i;
  const LETTERS = 12; // fewer capitals are an abbreviation

  /** Says what moderators will not like; empty where all is well. */
  const warningOf = (text) => {
    if (LINK.test(text)) return "Links are removed as a rule: please say it in your own words.";
    const letters = text.match(/\p{L}/gu) || [];
    const loud = text.match(/\p{Lu}/gu) || [];
    if (letters.length >= LETTERS && loud.length > 0.7 * letters.length) return "Please do not shout: capitals are hard to read.";
    return "";
  };

  const bind = (form) => {
    const field = form.querySelector("textarea");
    const warning = form.querySelector(".warning");
    const left = form.querySelector("output");
    const limit = +form.dataset.limit;

    const look = () => {
      const signs = [...field.value]; // as people count: an emoji is one
      if (signs.length > limit) field.value = signs.slice(0, limit).join("");
      const rest = Math.max(0, limit - signs.length);
      left.textContent = rest === 1 ? "1 character left" : `${rest} characters left`;
      left.classList.toggle("full", rest === 0);
      const words = warningOf(field.value);
      if (warning.textContent !== words) warning.textContent = words;
      warning.hidden = !words;
    };

    form.addEventListener("input", look);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const text = field.value.trim();
      if (!text) return;
      window.tearsheet?.("comment", { length: [...text].length });
      const line = document.createElement("li");
      const words = document.createElement("p");
      const state = document.createElement("p");
      words.textContent = text;
      state.textContent = "You, just now. Waiting for moderation.";
      state.className = "small";
      line.append(words, state);
      document.querySelector(".comments").append(line);
      field.value = "";
      look();
    });
    look(); // a browser may bring back what was typed
  };

  count();
  rank();
  document.querySelectorAll("form[data-limit]").forEach(bind);
})();
