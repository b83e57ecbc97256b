// What scripts add to pages that work without them: keys, menus, pickers, child rows, dialogs, toasts.
"use strict";

const root = document.documentElement;
const find = (selector, within = document) => within.querySelector(selector);
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const on = (type, selector, handler, options) =>
  document.addEventListener(type, (event) => {
    const target = event.target instanceof Element ? event.target.closest(selector) : null;
    if (target) handler(event, target);
  }, options);
const csrf = () => find("meta[name=csrf]").content;
const made = (tag, attributes = {}, text = "") => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.textContent = text;
  return element;
};
const symbol = (name) => {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
};

root.classList.add("scripted");

// ---- htmx: every unsafe request carries the CSRF token

document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-CSRF-Token"] = csrf();
});
document.addEventListener("htmx:beforeSwap", (event) => {
  const status = event.detail.xhr.status;
  if (status >= 400) {
    event.detail.shouldSwap = false;
    toast(status === 0 || status >= 500 ? "That did not work. Try again in a moment." : "That can't be shown.", "red");
  }
});
document.addEventListener("htmx:sendError", () => toast("There is no connection. Try again in a moment.", "red"));
document.addEventListener("htmx:beforeRequest", (event) => find("#grid")?.classList.add("is-loading"));
document.addEventListener("htmx:afterRequest", () => find("#grid")?.classList.remove("is-loading"));
document.addEventListener("htmx:afterSettle", (event) => {
  prepare(document);
  for (const menu of all(".menu:popover-open")) {
    const button = opener(menu);
    if (button) place(menu, button);
  }
  if (event.detail.elt?.closest?.("[data-scroll]") || event.detail.requestConfig?.elt?.hasAttribute?.("data-scroll")) {
    find(".table-scroll")?.scrollTo(0, 0);
    if (matchMedia("(max-width: 48rem)").matches) find("#grid")?.scrollIntoView();
  }
});

// ---- toasts

function toast(text, tone = "green") {
  const box = made("div", { class: "toast", "data-tone": tone });
  const close = made("button", { class: "btn btn-sm btn-icon", type: "button", "data-dismiss": "", "aria-label": "Dismiss" });
  close.append(symbol("x"));
  box.append(made("span", {}, text), close);
  find("#toasts").append(box);
  expire(box);
}

function expire(box) {
  const lasts = box.querySelector("form") ? 12000 : box.dataset.tone === "green" || box.dataset.tone === "gray" ? 6000 : 20000;
  let timer = setTimeout(() => box.remove(), lasts);
  for (const type of ["mouseenter", "focusin"]) box.addEventListener(type, () => clearTimeout(timer));
  for (const type of ["mouseleave", "focusout"]) box.addEventListener(type, () => { timer = setTimeout(() => box.remove(), 4000); });
}

on("click", "[data-dismiss]", (event, button) => button.closest(".toast").remove());
all(".toast").forEach(expire);

// ---- what is to be copied

on("focusin", "[data-select]", (event, input) => input.select());
on("click", "[data-copy]", async (event, button) => {
  const input = document.getElementById(button.dataset.copy);
  input.select();
  try { await navigator.clipboard.writeText(input.value); } catch { document.execCommand("copy"); }
  toast("Copied.");
});

// ---- menus: popovers, placed at their button

document.addEventListener("beforetoggle", (event) => {
  const menu = event.target;
  if (event.newState !== "open" || !(menu instanceof HTMLElement) || !menu.matches(".menu")) return;
  const button = opener(menu);
  if (button) requestAnimationFrame(() => place(menu, button));
}, true);
document.addEventListener("toggle", (event) => {
  const menu = event.target;
  if (!(menu instanceof HTMLElement) || !menu.matches(".menu") || event.newState !== "open") return;
  const search = find("[data-filter-search]", menu);
  if (search && !search.dataset.asked) {
    search.dataset.asked = "yes";
    offer(search).then(() => { const button = opener(menu); if (button) place(menu, button); });
  }
  search?.focus();
}, true);

// The button that opens a menu; of several the one that is there at this width.
const opener = (menu) => all(`[popovertarget="${menu.id}"]`).find((each) => each.offsetParent) || null;

function place(menu, button, gap = 4) {
  menu.classList.add("is-placed");
  const at = button.getBoundingClientRect(), size = menu.getBoundingClientRect();
  const below = at.bottom + gap + size.height <= innerHeight || at.top < size.height;
  const left = at.left + size.width > innerWidth - 8 ? at.right - size.width : at.left;
  menu.style.top = `${below ? at.bottom + gap : at.top - gap - size.height}px`;
  menu.style.left = `${Math.max(8, Math.min(left, innerWidth - size.width - 8))}px`;
}

on("keydown", ".menu", (event, menu) => {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const items = all(".menu-item, .menu-search", menu).filter((item) => item.offsetParent);
  const at = items.indexOf(document.activeElement.closest(".menu-item, .menu-search"));
  const next = items[(at + (event.key === "ArrowDown" ? 1 : -1) + items.length) % items.length];
  (find("input", next) || next)?.focus();
  event.preventDefault();
});

on("submit", "form[data-preferences]", async (event, form) => {
  event.preventDefault();
  const chosen = event.submitter;
  const body = new FormData(form, chosen);
  if (chosen.name === "theme") chosen.value === "system" ? root.removeAttribute("data-theme") : root.setAttribute("data-theme", chosen.value);
  if (chosen.name === "density") root.dataset.density = chosen.value;
  for (const button of all(`button[name=${chosen.name}]`)) button.setAttribute("aria-pressed", String(button.value === chosen.value));
  for (const item of all(`.menu-item[name=${chosen.name}]`)) {
    find(".menu-mark", item)?.remove();
    if (item.value === chosen.value) { const mark = symbol("check"); mark.classList.add("menu-mark"); item.append(mark); }
  }
  await fetch(form.getAttribute("action"), { method: "POST", body, redirect: "manual" });
});

// ---- dialogs: a link or button with data-dialog shows the page it leads to in a dialog

const dialog = find("#dialog");

// Shows a page as a dialog; where it is none, answers false.

async function openDialog(response, typing = null) {
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const content = find("[data-confirm]", page);
  if (!content) return false;
  const symbols = find("#sprite");
  for (const each of all("#sprite symbol", page)) if (!document.getElementById(each.id)) symbols.append(document.importNode(each, true));
  const fresh = document.importNode(content, true);
  typing?.bring(fresh);
  dialog.replaceChildren(fresh);
  if (!dialog.open) dialog.showModal();
  prepare(dialog);
  if (typing?.resume(dialog)) return true;
  const first = find(".is-invalid:not([hidden])", dialog) || find("[data-focus]", dialog) || fields(dialog)[0];
  (first || find(".btn-danger-fill, .dialog-foot .btn-primary", dialog) || find("a, button", dialog))?.focus();
  return true;
}

const fields = (within) => all("input:not([type=hidden]), select, textarea", within).filter((each) => each.offsetParent);

on("click", "a[data-dialog]", async (event, link) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey || !dialog) return;
  event.preventDefault();
  link.closest("[popover]")?.hidePopover();
  const response = await fetch(link.href);
  if (!await openDialog(response)) location.href = link.href;
});
on("submit", "form", async (event, form) => {
  if (!event.submitter?.hasAttribute("data-dialog") || !dialog) return;
  event.preventDefault();
  event.submitter.closest("[popover]")?.hidePopover();
  const body = new URLSearchParams(new FormData(form, event.submitter));
  const response = await fetch(form.getAttribute("action"), { method: "POST", body });
  if (response.redirected) location.href = response.url;
  else await openDialog(response);
});
// A form that fires a transition is sent by script: what stands in the way is told in the dialog, nothing typed is lost.
on("submit", "form[data-fire]", async (event, form) => {
  if (!dialog) return;
  event.preventDefault();
  form.closest("[popover]")?.hidePopover();
  await fire(form.getAttribute("action"), new FormData(form, event.submitter), event.submitter, null, form);
});

// Answers whether it was made; a refusal is shown. `then` is done instead of going where the answer leads.
async function fire(address, body, button = null, then = null, form = null) {
  if (button) button.disabled = true;
  const typing = form ? typedFromNowOn(form) : null;
  const response = await fetch(address, { method: "POST", body, headers: { "HX-Request": "true" } }).catch(() => null);
  if (button) button.disabled = false;
  const target = response?.headers.get("HX-Redirect");
  if (target) { dialog.close(); then ? then(target) : go(target); return true; }
  if (!response || !await openDialog(response, typing)) toast("That did not work. Try again in a moment.", "red");
  return false;
}

// What is typed into a form while an answer is on the way: brought to the form of the answer, with focus and caret.
function typedFromNowOn(form) {
  const ticked = (input) => input.type === "checkbox" || input.type === "radio";
  const chosen = (input) => [...input.selectedOptions].map((each) => each.value);
  const entered = (input) => ticked(input) ? input.checked : input.type === "file" ? [...input.files].map((each) => each.name).join() : input.options ? chosen(input).join() : input.value;
  const inputs = () => [...form.elements].filter((each) => each.name && each.type !== "hidden" && each.type !== "submit");
  const before = new Map(inputs().map((each) => [each, entered(each)])), at = document.activeElement;
  const named = (input, within) => all(`[name="${CSS.escape(input.name)}"]`, within);
  const place = (input, within) => ticked(input) ? named(input, within).find((each) => each.value === input.value) : named(input, within)[named(input, form).indexOf(input)];
  const touched = () => inputs().filter((each) => before.has(each) && before.get(each) !== entered(each));
  let left = null;
  return {
    bring(fresh) {
      const now = document.activeElement, typed = touched();
      const own = typed.includes(now) || now !== at;
      if (own && form.contains(now) && now.id && now.matches("input, select, textarea")) left = { id: now.id, caret: now.selectionStart == null ? null : [now.selectionStart, now.selectionEnd] };
      for (const input of typed) {
        const there = place(input, fresh);
        if (!there || there.type !== input.type) continue;
        if (input.options) {
          for (const option of input.selectedOptions) if (![...there.options].some((each) => each.value === option.value)) there.append(option.cloneNode(true));
          for (const option of there.options) option.selected = chosen(input).includes(option.value);
        } else if (ticked(input)) there.checked = input.checked;
        else if (input.type === "file") there.files = input.files;
        else there.value = input.value;
      }
    },
    resume(within) {
      const input = left && within.querySelector(`#${CSS.escape(left.id)}`);
      if (!input) return false;
      input.focus();
      if (left.caret && input.setSelectionRange) input.setSelectionRange(...left.caret);
      return true;
    },
  };
}

function go(target) {
  const same = new URL(target, location.href).href === location.href;
  if (same && find("#board")) refreshBoard();
  else same ? location.reload() : location.assign(target);
}

on("click", "dialog [data-close]", (event) => { event.preventDefault(); event.target.closest("dialog").close(); });
on("click", "dialog", (event, box) => { if (event.target === box) box.close(); });
// What was done shows behind a report, however that is closed.
dialog?.addEventListener("close", () => { const after = find("[data-after]", dialog); if (after) location.assign(after.href); });
on("click", "[data-open]", (event, button) => {
  button.closest("[popover]")?.hidePopover();
  open(button.dataset.open);
});

function open(id) {
  const box = document.getElementById(id);
  if (!box || box.open) return;
  box.showModal();
  if (id === "palette") startPalette();
}

// ---- the palette: places of the navigation, and what can be created

const palette = find("#palette");
let places = [];
let lists = [];

function startPalette() {
  places = [];
  lists = [];
  for (const link of all(".app-nav .nav-link")) {
    places.push({ label: link.textContent.trim(), url: link.href, icon: find("use", link).getAttribute("href").slice(3) });
    if (!link.search && !link.pathname.startsWith("/settings")) {
      lists[link.hasAttribute("aria-current") ? "unshift" : "push"]({ label: link.textContent.trim(), url: link.pathname });
    }
  }
  for (const link of all(".app-nav [data-create]")) {
    places.push({ label: link.dataset.createLabel, url: link.dataset.create, icon: "plus" });
  }
  for (const link of all(".record-head .actions > a, #more a, #starts a:not(:first-child)")) {
    places.push({ label: link.textContent.trim(), url: link.href, icon: "arrow-right" });
  }
  const input = find("input", palette);
  input.value = "";
  input.focus();
  showPlaces("");
}

function showPlaces(text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const found = places.filter((place) => words.every((word) => place.label.toLowerCase().includes(word)));
  if (words.length) {
    for (const each of lists) found.push({ label: `${each.label} with “${text.trim()}”`, url: `${each.url}?q=${encodeURIComponent(text.trim())}`, icon: "search" });
  }
  const list = find("#palette-list");
  list.replaceChildren(...found.slice(0, 40).map((place, position) => {
    const item = made("li", { class: "dropdown-item", role: "option", id: `place-${position}`, "data-url": place.url, "aria-selected": String(position === 0) });
    item.append(symbol(place.icon), made("span", { class: "truncate" }, place.label));
    return item;
  }));
  if (!found.length) list.append(made("li", { class: "dropdown-item is-empty", role: "option", "aria-disabled": "true" }, `Nothing is called “${text}”`));
  const input = find("input", palette);
  found.length ? input.setAttribute("aria-activedescendant", "place-0") : input.removeAttribute("aria-activedescendant");
}

palette?.addEventListener("input", (event) => showPlaces(event.target.value));
palette?.addEventListener("keydown", (event) => {
  if (event.key === "Enter") {
    const chosen = find("[aria-selected=true]", palette);
    if (chosen) location.href = chosen.dataset.url;
    event.preventDefault();
  } else if (moveSelection(event, find("#palette-list"), find("input", palette))) event.preventDefault();
});
on("click", "#palette [data-url]", (event, item) => { location.href = item.dataset.url; });

function moveSelection(event, list, input) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return false;
  const items = all("[role=option]:not([aria-disabled])", list);
  if (!items.length) return true;
  const at = items.findIndex((item) => item.getAttribute("aria-selected") === "true");
  const next = items[(at + step + items.length) % items.length];
  for (const item of items) item.setAttribute("aria-selected", String(item === next));
  next.scrollIntoView({ block: "nearest" });
  if (!next.id) next.id = `option-${Math.random().toString(36).slice(2)}`;
  input.setAttribute("aria-activedescendant", next.id);
  return true;
}

// ---- grids: selection, sorting by several columns, filters that search

const boxes = () => all(".grid tbody .col-check input");

function countSelected() {
  const chosen = boxes().filter((box) => box.checked).length;
  const head = find("[data-select-all]");
  if (head) {
    head.checked = chosen > 0 && chosen === boxes().length;
    head.indeterminate = chosen > 0 && !head.checked;
  }
  const said = find("[data-selected]");
  if (said) said.textContent = `${chosen} selected`;
}

let lastBox = null;
on("change", ".grid .col-check input", (event, box) => {
  if (box.hasAttribute("data-select-all")) boxes().forEach((each) => { each.checked = box.checked; });
  event.stopPropagation();
  countSelected();
});
on("click", ".grid tbody .col-check input", (event, box) => {
  if (event.shiftKey && lastBox?.isConnected) {
    const every = boxes(), [from, to] = [every.indexOf(lastBox), every.indexOf(box)].sort((a, b) => a - b);
    every.slice(from, to + 1).forEach((each) => { each.checked = box.checked; });
    countSelected();
  }
  lastBox = box;
});
on("click", "[data-select-none]", () => { boxes().forEach((box) => { box.checked = false; }); countSelected(); });
on("click", ".grid tbody tr", (event, row) => {
  if (event.target.closest("a, button, input, label") || getSelection().toString()) return;
  find(".col-title a", row)?.click();
});

document.addEventListener("click", (event) => {
  const link = event.target instanceof Element ? event.target.closest("a.sort") : null;
  if (!link || !event.shiftKey) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const sort = link.dataset.sort;
  const head = link.closest("th").getAttribute("aria-sort");
  const url = new URL(location.href);
  const shown = url.searchParams.get("sort") || all("th[aria-sort] a.sort").map((each) => (each.closest("th").getAttribute("aria-sort") === "descending" ? "-" : "") + each.dataset.sort).join(",");
  const entries = shown.split(",").filter((entry) => entry && entry.replace(/^-/, "") !== sort);
  entries.push(head === "ascending" ? `-${sort}` : sort);
  url.searchParams.set("sort", entries.join(","));
  for (const name of ["after", "before", "row"]) url.searchParams.delete(name);
  location.href = url;
}, true);

let searching = 0;
on("input", "[data-filter-search]", (event, input) => {
  event.stopPropagation();
  clearTimeout(searching);
  searching = setTimeout(() => offer(input), 200);
});

async function offer(input) {
  const response = await fetch(`${input.dataset.filterSearch}?q=${encodeURIComponent(input.value)}`);
  if (!response.ok) return;
  const found = new DOMParser().parseFromString(await response.text(), "text/html");
  const list = find(".menu-options", input.closest(".menu"));
  const fixed = all("label", list).filter((label) => find("input", label).checked || find("input", label).value === "-");
  const known = new Set(fixed.map((label) => find("input", label).value));
  const fresh = all("li[data-value]", found).filter((item) => !known.has(item.dataset.value)).map((item) => {
    const label = made("label", { class: "menu-item" });
    label.append(made("input", { type: "checkbox", name: input.dataset.name, value: item.dataset.value, autocomplete: "off" }), made("span", { class: "truncate" }, item.dataset.label));
    return label;
  });
  const none = fixed.filter((label) => find("input", label).value === "-");
  list.replaceChildren(...fixed.filter((label) => !none.includes(label)), ...fresh, ...none);
}

// While it comes down: behind that the form has asked already, and its answer takes away the option being clicked.
on("change", "[data-filter-search]", (event) => event.stopPropagation(), { capture: true });
on("keydown", "[data-filter-search]", (event) => { if (event.key === "Enter") event.preventDefault(); });

// ---- the keyboard

let cursor = -1;
const rows = () => all(".grid tbody tr");

function moveCursor(step) {
  const every = rows();
  if (!every.length) return;
  every[cursor]?.classList.remove("is-cursor");
  cursor = Math.max(0, Math.min(cursor + step, every.length - 1));
  every[cursor].classList.add("is-cursor");
  every[cursor].scrollIntoView({ block: "nearest" });
  find(".col-title a", every[cursor])?.focus({ preventScroll: true });
}

const keys = {
  "/": () => { const box = find("#q"); box?.focus(); box?.select(); return Boolean(box); },
  j: () => moveCursor(1),
  k: () => moveCursor(-1),
  x: () => { const box = find(".col-check input", rows()[cursor] || made("i")); box?.click(); return Boolean(box); },
  Enter: () => { if (document.activeElement !== document.body || !rows()[cursor]) return false; find(".col-title a", rows()[cursor]).click(); return true; },
  e: () => {
    const edit = find("[data-key=e]");
    const row = find(".col-title a", rows()[cursor] || made("i"));
    if (edit) edit.click();
    else if (row) location.href = `${row.pathname}/edit`;
    return Boolean(edit || row);
  },
  c: () => { const link = find(".app-top a.btn-primary") || find("[popovertarget=starts]"); link?.click(); return Boolean(link); },
  "?": () => open("keys"),
};

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k" && palette) {
    event.preventDefault();
    open("palette");
    return;
  }
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
    const form = event.target === document.body ? find("form[data-form]") : event.target.closest?.("form[data-form], form[data-fire]");
    if (form) { event.preventDefault(); find(".form-foot .btn-primary, .dialog-foot button", form)?.click(); }
    return;
  }
  const typing = event.target instanceof Element && event.target.closest("input:not([type=checkbox]), textarea, select, trix-editor, dialog, [popover]:popover-open");
  if (event.key === "Escape" && event.target.id === "q") event.target.blur();
  if (typing || event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) return;
  if (keys[event.key]() !== false) event.preventDefault();
});

// ---- pickers: a select of records becomes a box that searches

let openList = null;

// What a picker offers; where that depends on the rest of the form, the form goes along.
function ask(select, text) {
  if (!("follows" in select.dataset)) return fetch(`${select.dataset.picker}?q=${encodeURIComponent(text)}`);
  const place = select.name && select.closest("[data-row]") ? select.name : select.dataset.picker.split("/").at(-1);
  const body = new FormData(select.form);
  for (const [name, value] of [...body]) if (value instanceof File) body.delete(name);
  body.set("_q", text);
  return fetch(select.dataset.picker.replace(/[^/]*$/, place), { method: "POST", body });
}

function enhancePicker(select) {
  if (select.dataset.enhanced || select.closest("template")) return;
  select.dataset.enhanced = "yes";
  const several = select.multiple;
  const label = select.getAttribute("aria-label") || find(`label[for="${select.id}"]`)?.textContent || "";
  const box = made("div", { class: "picker" });
  const field = made("div", { class: `picker-field${select.classList.contains("is-invalid") ? " is-invalid" : ""}` });
  const listId = `${select.id}-list`;
  const input = made("input", { type: "text", role: "combobox", "aria-expanded": "false", "aria-controls": listId, "aria-autocomplete": "list", autocomplete: "off", spellcheck: "false", "aria-label": label, id: `${select.id}-input` });
  for (const name of ["aria-describedby", "aria-invalid"]) if (select.hasAttribute(name)) input.setAttribute(name, select.getAttribute(name));
  if (select.required) input.setAttribute("aria-required", "true");
  const clear = made("button", { class: "btn btn-sm btn-icon picker-clear", type: "button", "aria-label": `Clear ${label}`, tabindex: "-1" });
  clear.append(symbol("x"));
  field.append(input, clear, symbol("chevron-down"));
  box.append(field);
  select.after(box);
  select.hidden = true;
  const list = made("ul", { class: "dropdown-menu", role: "listbox", id: listId, "aria-label": label });
  for (const each of all(`label[for="${select.id}"]`)) each.htmlFor = input.id;

  const chosen = () => [...select.selectedOptions].filter((option) => option.value);
  const draw = () => {
    all(".picker-tag", field).forEach((tag) => tag.remove());
    if (several) {
      for (const option of chosen()) {
        const tag = made("span", { class: "picker-tag" });
        const away = made("button", { type: "button", "aria-label": `Remove ${option.label}` });
        away.append(symbol("x"));
        away.addEventListener("click", () => { option.selected = false; changed(); input.focus(); });
        tag.append(made("span", { class: "truncate" }, option.label), away);
        input.before(tag);
      }
      input.value = "";
    } else input.value = chosen()[0]?.label || "";
    clear.hidden = several || !chosen().length || select.required;
  };
  const changed = () => { draw(); select.dispatchEvent(new Event("change", { bubbles: true })); };
  const choose = (item) => {
    if (!item?.dataset.value) return;
    let option = [...select.options].find((each) => each.value === item.dataset.value);
    if (!option) { option = new Option(item.dataset.label, item.dataset.value); select.append(option); }
    if (!several) select.selectedIndex = -1;
    option.selected = true;
    changed();
    if (!several) close(); else { search(""); }
  };
  const close = () => {
    if (openList !== list) return;
    list.remove();
    openList = null;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const show = () => {
    if (openList !== list) {
      field.closest("dialog, main").append(list);
      openList = list;
      input.setAttribute("aria-expanded", "true");
    }
    const at = field.getBoundingClientRect();
    list.style.width = `${Math.max(at.width, 220)}px`;
    const below = at.bottom + list.offsetHeight + 8 < innerHeight || at.top < list.offsetHeight;
    list.style.top = `${below ? at.bottom + 4 : at.top - list.offsetHeight - 4}px`;
    list.style.left = `${Math.min(at.left, innerWidth - list.offsetWidth - 8)}px`;
  };
  let waiting = 0, asked = 0;
  const search = (text, delay = 0) => {
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      const number = ++asked;
      const response = await ask(select, text);
      if (!response.ok || number !== asked || document.activeElement !== input) return;
      const found = new DOMParser().parseFromString(await response.text(), "text/html");
      const taken = new Set(several ? chosen().map((option) => option.value) : []);
      const items = all("li", found).filter((item) => !taken.has(item.dataset.value));
      items.forEach((item, position) => { item.id = `${listId}-${position}`; item.setAttribute("aria-selected", String(position === 0 && Boolean(item.dataset.value))); });
      list.replaceChildren(...items.map((item) => document.importNode(item, true)));
      items.length && items[0].dataset.value ? input.setAttribute("aria-activedescendant", `${listId}-0`) : input.removeAttribute("aria-activedescendant");
      show();
    }, delay);
  };
  input.addEventListener("input", (event) => { event.stopPropagation(); search(input.value, 150); });
  input.addEventListener("change", (event) => event.stopPropagation());
  input.addEventListener("click", () => { if (openList !== list) { input.select(); search(""); } });
  input.addEventListener("keydown", (event) => {
    if (openList === list && moveSelection(event, list, input)) event.preventDefault();
    else if (event.key === "ArrowDown") { search(""); event.preventDefault(); }
    else if (event.key === "Enter") { if (openList === list) choose(find("[aria-selected=true]", list)); if (!event.ctrlKey && !event.metaKey) event.preventDefault(); }
    else if (event.key === "Escape" && openList === list) { close(); draw(); event.stopPropagation(); event.preventDefault(); }
    else if (event.key === "Backspace" && several && !input.value && chosen().length) { chosen().at(-1).selected = false; changed(); }
  });
  input.addEventListener("blur", () => setTimeout(() => {
    if (document.activeElement === input) return;
    close();
    if (!several && !input.value && !select.required && chosen().length) { select.value = ""; changed(); } else draw();
  }, 150));
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => choose(event.target.closest("li")));
  clear.addEventListener("click", () => { select.value = ""; changed(); input.focus(); });
  field.addEventListener("mousedown", (event) => { if (event.target === field) { event.preventDefault(); input.focus(); input.click(); } });
  draw();
}

document.addEventListener("scroll", (event) => { if (openList && !openList.contains(event.target)) document.activeElement?.blur?.(); }, true);

// ---- forms: child rows, rich text, colours, leaving with unsaved changes

on("click", "[data-add-row]", (event, button) => {
  event.preventDefault();
  const block = button.closest("[data-rows]");
  const numbers = all("[data-row]", block).map((row) => Number(row.dataset.row));
  const hidden = all("input[name$='._id']", block).map((input) => Number(input.name.split(".").at(-2)));
  const next = Math.max(-1, ...numbers, ...hidden) + 1;
  const holder = document.createElement("template");
  holder.innerHTML = find("[data-blank]", block).innerHTML.replaceAll("%ROW%", String(next)).replaceAll("%NUMBER%", String(next + 1));
  const row = holder.content.firstElementChild;
  find("[data-into]", block).append(holder.content);
  prepare(row);
  dirty(button.form);
  find("input:not([type=hidden]):not([hidden]), select:not([hidden]), textarea", row)?.focus();
});
on("click", "[data-remove-row]", (event, button) => {
  event.preventDefault();
  const row = button.closest("[data-row]"), block = button.closest("[data-rows]");
  const id = find("input[name$='._id']", row);
  if (id?.value) {
    const name = id.name.replace(/_id$/, "_deleted");
    block.append(made("input", { type: "hidden", name: id.name, value: id.value }), made("input", { type: "hidden", name, value: "1" }));
  }
  const next = row.nextElementSibling || row.previousElementSibling;
  dirty(button.form);
  if (button.form.matches("[data-reacts]")) reactAfter(button.form, 50);
  row.remove();
  (next && find("[data-remove-row]", next) || find("[data-add-row]", block)).focus();
});

const dirty = (form) => form?.setAttribute("data-dirty", "");
on("input", "form[data-form]", (event, form) => { if (!event.target.closest("[role=combobox]")) dirty(form); });
on("change", "form[data-form]", (event, form) => {
  dirty(form);
  if (event.target.name === "record_type") react(form);
  if (event.target.name?.startsWith("_take.")) showTaken(event.target);
});
on("trix-change", "form[data-form]", (event, form) => { if (form.dataset.ready) dirty(form); });

function showTaken(radio) {
  const field = radio.closest(".field");
  const inputs = all("input:not([type=radio]), textarea, select", field).filter((each) => !each.closest(".clash"));
  for (const input of inputs) input.disabled = radio.value === "theirs" && radio.checked;
}

// ---- forms whose fields depend on each other: the server says what applies, is required, and comes out of it

let reacting = 0, reactSoon = 0;
const reactAfter = (form, delay) => { clearTimeout(reactSoon); reactSoon = setTimeout(() => react(form), delay); };
on("change", "form[data-reacts]", (event, form) => { if (event.target.name !== "record_type") reactAfter(form, 50); });
on("input", "form[data-reacts]", (event, form) => { if (!event.target.closest("[role=combobox]")) reactAfter(form, 500); });

async function react(form) {
  const mine = ++reacting;
  const body = new FormData(form);
  body.set("_action", "refresh");
  const response = await fetch(form.getAttribute("action"), { method: "POST", body }).catch(() => null);
  if (!response?.ok || mine !== reacting || !form.isConnected) return;
  const fresh = find("#form", new DOMParser().parseFromString(await response.text(), "text/html"));
  if (!fresh || mine !== reacting) return;
  find("[name=_seen]", form).value = find("[name=_seen]", fresh).value;
  exchange(find(".form", form), find(".form", fresh), "[data-section], [data-rows]", (now, next) => {
    const [here, there] = [find("[data-fields]", now), find("[data-fields]", next)];
    if (here && there) exchange(here, there, "[data-field]", sameField);
    else for (const cell of all("[data-row] [data-field]", next)) {
      const row = cell.closest("[data-row]").dataset.row;
      const known = find(`[data-row="${CSS.escape(row)}"] [data-field="${CSS.escape(cell.dataset.field)}"]`, now);
      if (known) sameField(known, cell);
    }
  });
}

const nameOf = (element) => element.dataset.section || element.dataset.rows || element.dataset.field;

// Children of one kind, brought to those of a fresh page: what is there on both stays, with what was typed in it.
function exchange(here, there, kind, both) {
  const known = new Map([...here.children].filter((each) => each.matches(kind)).map((each) => [nameOf(each), each]));
  let place = null;
  for (const next of [...there.children].filter((each) => each.matches(kind))) {
    const now = known.get(nameOf(next));
    known.delete(nameOf(next));
    if (now) { both(now, next); place = now.isConnected ? now : place; continue; }
    const added = document.importNode(next, true);
    if (place) place.after(added); else here.prepend(added);
    prepare(added);
    place = added;
  }
  for (const gone of known.values()) gone.remove();
}

// What nobody touched shows the default that follows from the rest of the form.
function followDefault(input, next) {
  const fresh = find(`[name="${CSS.escape(input.name)}"]`, next);
  if (!fresh || fresh.type !== input.type || input.type === "checkbox" || input.type === "radio" || input.type === "hidden") return;
  if (input.options) {
    const untouched = input.querySelector("[selected]") ? [...input.options].every((each) => each.selected === each.defaultSelected) : input.selectedIndex <= 0;
    if (untouched && input.value !== fresh.value) {
      for (const each of input.options) each.selected = each.defaultSelected = each.value === fresh.value;
    }
  } else if (input.value === input.defaultValue && !input.validity.badInput && fresh.defaultValue !== input.defaultValue) input.value = input.defaultValue = fresh.defaultValue;
}

function sameField(now, next) {
  if (now.dataset.kind !== next.dataset.kind) {
    const added = document.importNode(next, true);
    now.replaceWith(added);
    prepare(added);
    return;
  }
  if (now.dataset.kind === "static") {
    const [shown, fresh] = [find("[data-live]", now), find("[data-live]", next)];
    if (shown && fresh && shown.innerHTML !== fresh.innerHTML) shown.innerHTML = fresh.innerHTML;
    return;
  }
  const [label, wanted] = [find(".form-label", now), find(".form-label", next)];
  if (label && wanted) label.classList.toggle("required", wanted.classList.contains("required"));
  for (const input of all("input[name], select[name]:not([data-picker]), textarea[name]", now)) followDefault(input, next);
  const needed = Boolean(find(":required", next));
  for (const input of all("input[name], select[name], textarea[name]", now)) if (input.type !== "hidden" && input.type !== "radio") input.required = needed;
}

let leaving = false;
on("submit", "form[data-form]", (event, form) => {
  leaving = true;
  const button = event.submitter;
  setTimeout(() => { if (button) button.disabled = true; });
  setTimeout(() => { if (button) button.disabled = false; leaving = false; }, 8000);
});
addEventListener("beforeunload", (event) => {
  if (!leaving && find("form[data-form][data-dirty]")) event.preventDefault();
});
addEventListener("pageshow", () => all("form[data-form] button:disabled").forEach((button) => { button.disabled = false; }));
document.addEventListener("click", (event) => {
  const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
  const form = find("form[data-form][data-dirty]");
  if (!link || !form || leaving || link.target || link.getAttribute("href").startsWith("#") || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const question = find("#unsaved");
  question.returnValue = "stay";
  question.showModal();
  question.onclose = () => { if (question.returnValue === "leave") { leaving = true; location.href = link.href; } };
}, true);

on("click", ".alert a[href^='#']", (event, link) => {
  const target = document.getElementById(link.hash.slice(1));
  if (!target) return;
  event.preventDefault();
  const real = target.hidden ? document.getElementById(`${target.id}-input`) || find("trix-editor", target.parentElement) : target;
  (real || target).focus();
  (real || target).scrollIntoView({ block: "center" });
});

function enhanceRich(area) {
  if (area.dataset.enhanced || !window.Trix || area.closest("template")) return;
  area.dataset.enhanced = "yes";
  const editor = made("trix-editor", { class: area.className, input: area.id, "aria-label": find(`label[for="${area.id}"]`)?.textContent || "Text" });
  const given = area.value;
  editor.addEventListener("trix-initialize", () => { untouched.set(area, { given, written: area.value }); });
  area.after(editor);
  area.hidden = true;
}
// The editor writes what it is given in its own way: what nobody touched is sent as it was.
const untouched = new Map();
document.addEventListener("formdata", (event) => {
  for (const [area, { given, written }] of untouched) if (area.form === event.target && area.value === written) event.formData.set(area.name, given);
});
addEventListener("trix-file-accept", (event) => event.preventDefault());

function enhanceColor(input) {
  if (input.dataset.enhanced || input.closest("template")) return;
  input.dataset.enhanced = "yes";
  const group = made("div", { class: "input-group" });
  const pick = made("input", { type: "color", class: "color-pick", "aria-label": `Pick ${find(`label[for="${input.id}"]`)?.textContent || "a colour"}` });
  input.replaceWith(group);
  group.append(input, pick);
  const same = () => { if (/^#[0-9a-f]{6}$/i.test(input.value)) pick.value = input.value; };
  pick.addEventListener("input", () => { input.value = pick.value; });
  input.addEventListener("input", same);
  same();
}

// ---- conditions: names are completed as one types

let completing = 0;
on("input", "[data-expression]", (event, area) => { event.stopPropagation(); complete(area); });
on("change", "[data-expression]", (event) => event.stopPropagation(), { capture: true });

async function complete(area) {
  const mine = ++completing;
  const [, path, start] = area.value.slice(0, area.selectionStart).match(/\brecord\.((?:\w+\.)*)(\w*)$/) || [];
  const list = find(".completion", area.parentElement) || area.parentElement.insertBefore(made("ul", { class: "completion", role: "listbox", "aria-label": "Names" }), area.nextSibling);
  if (path === undefined) { list.replaceChildren(); return; }
  const response = await fetch(`${area.dataset.expression}?path=${encodeURIComponent(path)}`).catch(() => null);
  if (!response?.ok || mine !== completing) return;
  const items = all("li[data-value]", new DOMParser().parseFromString(await response.text(), "text/html"));
  const fitting = items.filter((item) => item.dataset.value.startsWith(start) && item.dataset.value !== start).slice(0, 8);
  fitting.forEach((item, position) => item.setAttribute("aria-selected", String(position === 0)));
  list.replaceChildren(...fitting.map((item) => document.importNode(item, true)));
}

function accept(area, item) {
  const end = area.selectionStart, before = area.value.slice(0, end).replace(/\w*$/, "");
  area.setRangeText(item.dataset.value, before.length, end, "end");
  find(".completion", area.parentElement).replaceChildren();
  area.focus();
}
on("keydown", "[data-expression]", (event, area) => {
  const list = find(".completion", area.parentElement);
  const open = list && list.children.length;
  if (open && moveSelection(event, list, area)) event.preventDefault();
  else if (open && (event.key === "Tab" || event.key === "Enter") && !event.ctrlKey && !event.metaKey) { event.preventDefault(); accept(area, find("[aria-selected=true]", list)); }
  else if (open && event.key === "Escape") { event.preventDefault(); event.stopPropagation(); list.replaceChildren(); }
  else if (event.key === "Enter" && !event.shiftKey) { event.preventDefault(); area.form.requestSubmit(); area.closest("[popover]")?.hidePopover(); }
});
on("submit", "form", (event) => event.submitter?.closest(".menu-wide")?.hidePopover());
on("click", ".completion li", (event, item) => accept(find("[data-expression]", item.closest(".menu")), item));

// ---- whenever something new is on the page

function prepare(within) {
  all("select[data-picker]", within).forEach(enhancePicker);
  all("textarea[data-rich]", within).forEach(enhanceRich);
  all("input[data-color]", within).forEach(enhanceColor);
  countSelected();
  cursor = -1;
}

prepare(document);
find("[data-focus]")?.focus();
setTimeout(() => find("form[data-form]")?.setAttribute("data-ready", "yes"), 500);
if (find("form[data-form]") && !find("[data-focus]")) {
  const first = all("form[data-form] .form input, form[data-form] .form select, form[data-form] .form textarea").find((each) => each.offsetParent && each.type !== "hidden");
  if (first && matchMedia("(min-width: 48rem)").matches && location.pathname.endsWith("/new")) first.focus();
}
