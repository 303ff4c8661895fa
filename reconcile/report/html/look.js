"use strict";
// Language, light or dark, print: what a reader chooses, kept for the next report where the browser lets us.
const page = document.documentElement;
const data = JSON.parse(document.getElementById("data").textContent);
const byId = (id) => document.getElementById(id);
const listeners = [];

function kept(name) {
  try { return localStorage.getItem(`reconcile.${name}`); } catch { return null; }
}

function keep(name, value) {
  try { localStorage.setItem(`reconcile.${name}`, value); } catch { /* a page of a file may keep nothing */ }
}

function word(name, values = {}) {
  return data.words[page.lang][name].replace(/\{(\w+)\}/g, (_, key) => values[key]);
}

function count(number) {
  return number.toLocaleString("en");
}

function speak(lang) {
  page.lang = lang;
  document.title = data.titles[lang];
  for (const listener of listeners) listener();
}

function isDark() {
  return page.dataset.theme ? page.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

function paint(theme) {
  if (theme) page.dataset.theme = theme;
  byId("theme").setAttribute("aria-pressed", String(isDark()));
}

byId("tools").hidden = false;
byId("language").addEventListener("click", () => {
  const lang = page.lang === "en" ? "zh-CN" : "en";
  keep("lang", lang);
  speak(lang);
});
byId("theme").addEventListener("click", () => {
  const theme = isDark() ? "light" : "dark";
  keep("theme", theme);
  paint(theme);
});
byId("print").addEventListener("click", () => window.print());
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => paint(""));
paint(["light", "dark"].includes(kept("theme")) ? kept("theme") : "");
if (kept("lang") in data.words) speak(kept("lang"));
