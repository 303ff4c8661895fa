// The list of devices: rows exist only while they are seen, so a hundred thousand scroll like a hundred.
if (byId("list")) (() => {
  const ROW = 36, SPARE = 6, TALLEST = 8e6; // pixels; rows beyond the window; no browser lays out more than some 17e6
  const [PLATFORM, CLASS, STATE, WAVE, REQUESTS, NOTES, NAMES] = [0, 1, 2, 3, 4, 5, 6];
  const view = byId("view"), space = byId("space"), search = byId("search"), found = byId("found");
  const filters = { state: byId("by-state"), class: byId("by-class"), platform: byId("by-platform"), wave: byId("by-wave") };

  const names = [], groupOf = [], keys = [];
  data.groups.forEach((group, number) => {
    for (const name of group[NAMES]) {
      names.push(name);
      groupOf.push(number);
      keys.push(`${group[PLATFORM]}/${name}`.toLowerCase());
    }
  });
  const order = Uint32Array.from(keys.keys()).sort((a, b) => (keys[a] < keys[b] ? -1 : keys[a] > keys[b] ? 1 : 0));
  let shown = order, active = 0;
  const pool = [];

  const className = (group) => (group[CLASS] < 0 ? "" : data.classes[group[CLASS]]);
  const states = (group) => [group[STATE], ...group[NOTES].map((note) => note[0])];
  const stateName = (state) => word(`standing.${state}`);

  function options(name, values, said) {
    const select = filters[name], before = select.value;
    select.replaceChildren(new Option(word("js.all"), ""), ...values.map((value) => new Option(said(value), value)));
    select.value = before;
    select.parentElement.hidden = values.length < 2;
  }

  function offer() {
    const all = (pick) => [...new Set(data.groups.flatMap(pick))];
    options("state", all(states), stateName);
    options("class", all((group) => (group[CLASS] < 0 ? [] : [group[CLASS]])).sort((a, b) => a - b), (value) => data.classes[value]);
    options("platform", all((group) => [group[PLATFORM]]).sort(), String);
    options("wave", all((group) => (group[WAVE] ? [group[WAVE]] : [])).sort((a, b) => a - b), String);
  }

  function choose() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const { state, class: chosen, platform, wave } = filters;
    const fits = data.groups.map((group) =>
      (!state.value || states(group).includes(state.value)) && (!chosen.value || String(group[CLASS]) === chosen.value) &&
      (!platform.value || group[PLATFORM] === platform.value) && (!wave.value || String(group[WAVE]) === wave.value));
    shown = order.filter((at) => fits[groupOf[at]] && words.every((each) => keys[at].includes(each)));
    active = 0;
    view.scrollTop = 0;
    tell();
    draw();
  }

  function tell() {
    const said = word("js.found", { n: count(shown.length), all: count(names.length) });
    found.textContent = shown.length ? said : `${said}. ${word("js.none")}`;
    byId("table").setAttribute("aria-rowcount", String(shown.length + 1));
  }

  function ratio() {
    const total = shown.length * ROW, tall = Math.min(total, TALLEST), seen = view.clientHeight;
    space.style.height = `${tall}px`;
    return tall > seen ? (total - seen) / (tall - seen) : 1;
  }

  function draw() {
    const scale = ratio(), top = view.scrollTop * scale;
    const first = Math.max(0, Math.floor(top / ROW) - SPARE);
    const last = Math.min(shown.length, Math.ceil((top + view.clientHeight) / ROW) + SPARE);
    while (pool.length < Math.ceil(view.clientHeight / ROW) + 2 * SPARE + 2) pool.push(blank());
    for (const row of pool) row.wanted = false;
    for (let at = first; at < last; at++) {
      const row = pool[at % pool.length];
      row.wanted = true;
      if (row.device !== shown[at] || row.lang !== page.lang) fill(row, shown[at]);
      row.at = at;
      row.element.setAttribute("aria-rowindex", String(at + 2));
      row.button.tabIndex = at === active ? 0 : -1;
      row.element.style.transform = `translateY(${at * ROW - top + view.scrollTop}px)`;
    }
    for (const row of pool) row.element.hidden = !row.wanted;
  }

  function blank() {
    const element = document.createElement("div"), button = document.createElement("button");
    element.className = "row";
    element.setAttribute("role", "row");
    button.type = "button";
    const cells = Array.from({ length: 6 }, () => document.createElement("span"));
    for (const cell of cells) cell.setAttribute("role", "cell");
    cells[0].append(button);
    element.append(...cells);
    space.append(element);
    const row = { element, button, cells, device: -1, at: -1, lang: "" };
    button.addEventListener("click", () => { active = row.at; draw(); open(row.device); });
    return row;
  }

  function fill(row, device) {
    const group = data.groups[groupOf[device]];
    if (row.element.contains(document.activeElement)) document.activeElement.blur();
    row.device = device;
    row.lang = page.lang;
    row.button.textContent = `${group[PLATFORM]}/${names[device]}`;
    row.cells[1].replaceChildren(badge(group[STATE]));
    row.cells[2].textContent = className(group);
    row.cells[3].textContent = group[WAVE] || "";
    row.cells[4].textContent = group[REQUESTS] || "";
    const others = [...new Set(states(group))].filter((state) => state !== group[STATE]);
    row.cells[5].textContent = others.map(stateName).join(" · ");
  }

  function badge(state) {
    const element = document.createElement("span");
    element.className = `badge t-${state}`;
    element.textContent = stateName(state);
    return element;
  }

  function go(at, focuses) {
    active = Math.max(0, Math.min(shown.length - 1, at));
    const scale = ratio(), top = view.scrollTop * scale, seen = view.clientHeight;
    const want = active * ROW < top ? active * ROW : (active + 1) * ROW > top + seen ? (active + 1) * ROW - seen : top;
    view.scrollTop = want / scale;
    draw();
    if (!focuses || !shown.length) return;
    const { button } = pool[active % pool.length];
    button.focus({ preventScroll: true });
    button.scrollIntoView({ block: "nearest" });
  }

  function copyOf(id) {
    const copy = byId(id).cloneNode(true);
    for (const element of [copy, ...copy.querySelectorAll("[id]")]) element.removeAttribute("id");
    copy.removeAttribute("aria-labelledby");
    for (const element of copy.querySelectorAll(".sample, .show")) element.remove();
    return copy;
  }

  function open(device) {
    const group = data.groups[groupOf[device]], parts = [];
    byId("detail-title").textContent = `${group[PLATFORM]}/${names[device]}`;
    parts.push(badge(group[STATE]));
    if (group[CLASS] >= 0) {
      const id = `class-${group[CLASS]}`;
      if (byId(id)) parts.push(copyOf(id));
      else parts.push(Object.assign(document.createElement("p"), { textContent: word("js.no_card") }));
    }
    for (const [kind, number] of group[NOTES]) {
      const title = document.createElement("h4"), list = document.createElement("ul");
      title.textContent = stateName(kind);
      list.className = "entries";
      if (number >= 0) list.append(copyOf(`note-${kind}-${number}`));
      parts.push(title, list);
    }
    byId("detail-body").replaceChildren(...parts);
    byId("detail").showModal();
  }

  const MOVES = { ArrowDown: () => active + 1, ArrowUp: () => active - 1, Home: () => 0, End: () => shown.length - 1,
    PageDown: () => active + Math.floor(view.clientHeight / ROW), PageUp: () => active - Math.floor(view.clientHeight / ROW) };
  view.addEventListener("keydown", (event) => {
    if (!(event.key in MOVES) || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    go(MOVES[event.key](), true);
  });
  search.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") { event.preventDefault(); go(active, true); }
  });
  let waiting = 0;
  search.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(choose, 80); });
  for (const select of Object.values(filters)) select.addEventListener("change", choose);
  byId("filters").addEventListener("submit", (event) => event.preventDefault());
  byId("filters").addEventListener("reset", () => setTimeout(choose));
  let isDue = false;
  view.addEventListener("scroll", () => {
    if (isDue) return;
    isDue = true;
    requestAnimationFrame(() => { isDue = false; draw(); });
  });
  new ResizeObserver(draw).observe(view);
  for (const button of document.querySelectorAll(".show")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      search.value = "";
      for (const select of Object.values(filters)) select.value = "";
      filters.class.value = button.dataset.class;
      choose();
      byId("devices").scrollIntoView();
      search.focus({ preventScroll: true });
    });
  }
  listeners.push(() => { offer(); tell(); draw(); });
  byId("list").hidden = false;
  offer();
  choose();
})();
