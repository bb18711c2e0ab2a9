// Sets the colour scheme before the first paint. A static file, because the policy allows no inline script.
(function () {
  "use strict";
  var chosen = "auto";
  try {
    chosen = window.localStorage.getItem("mantine-color-scheme-value") || "auto";
  } catch (refused) {
    chosen = "auto"; // storage may be closed to us; the system's choice serves
  }
  if (chosen !== "light" && chosen !== "dark") {
    chosen = window.matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  }
  document.documentElement.setAttribute("data-mantine-color-scheme", chosen);
})();
