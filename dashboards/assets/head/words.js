// say("Search") gives the text in the language of the page; /_words/<language>.js holds them, English is the key.
window.say = function (text, values) {
  "use strict";
  var said = (window.tearsheetWords || {})[text] || text;
  return values ? said.replace(/\{(\w+)\}/g, function (place, name) { return name in values ? values[name] : place; }) : said;
};
