// What scripts add to a board: cards are dragged with a mouse or a finger, or moved by the menu on each of them.
"use strict";

const HOLD = 350; // milliseconds a finger rests on a card before it is lifted
const FAR = 6; // pixels a mouse moves before it drags

const columnOf = (element) => element.closest(".column");
const columnNamed = (name) => find(`.column[data-column="${CSS.escape(name)}"]`);
// What moves a card into a column: of the workflow that its record follows.
const fits = (card, flow) => !flow || flow === card.dataset.flow;
const waysTo = (card, column) => (JSON.parse(columnOf(card).dataset.ways)[column.dataset.column] || []).filter((way) => fits(card, way.flow));

// ---- moving a card: a transition, or a change of the choice

async function moveCard(card, column, way) {
  const [list, next] = [card.parentElement, card.nextElementSibling];
  const back = () => { if (card.isConnected) list.insertBefore(card, next?.parentElement === list ? next : null); card.classList.remove("is-moving"); };
  const record = find(".card-title", card).getAttribute("href");
  const here = location.pathname + location.search;
  if (way.apart) { location.assign(`${record}/transitions/${way.name}?next=${encodeURIComponent(here)}`); return; }
  find(".cards", column).prepend(card);
  card.classList.add("is-moving");
  if (way.asks) {
    const response = await fetch(`${record}/transitions/${way.name}?next=${encodeURIComponent(here)}`).catch(() => null);
    if (response && await openDialog(response)) dialog.addEventListener("close", back, { once: true });
    else { back(); toast("That did not work. Try again in a moment.", "red"); }
    return;
  }
  const body = new FormData();
  const sent = { _csrf: csrf(), _version: card.dataset.version, _next: here, id: card.dataset.id, to: column.dataset.column };
  for (const [name, value] of Object.entries(sent)) body.set(name, value);
  const address = way.name ? `${record}/transitions/${way.name}` : find("#board").dataset.board;
  if (!await fire(address, body)) back();
}

async function refreshBoard() {
  const response = await fetch(location.href, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (!response?.ok) { location.reload(); return; }
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const focused = document.activeElement?.closest?.(".card")?.dataset.id;
  for (const each of all("#sprite symbol", page)) if (!document.getElementById(each.id)) find("#sprite").append(document.importNode(each, true));
  const fresh = document.importNode(find("#board", page), true);
  const scrolled = new Map(all(".column").map((each) => [each.dataset.column, find(".cards", each).scrollTop]));
  const aside = find(".board").scrollLeft;
  find("#board").replaceWith(fresh);
  htmx.process(fresh);
  find(".board").scrollLeft = aside;
  for (const each of all(".column", fresh)) find(".cards", each).scrollTop = scrolled.get(each.dataset.column) || 0;
  for (const each of all("#toasts .toast", page)) { const shown = document.importNode(each, true); find("#toasts").append(shown); expire(shown); }
  if (focused) find(`.card[data-id="${focused}"] .card-menu`, fresh)?.focus();
}

// ---- the menu of a card

let menuCard = null;

function openMoves(card, at) {
  const menu = find("[data-moves]", columnOf(card));
  if (!menu) return;
  menuCard = card;
  for (const item of all("[data-to]", menu)) item.hidden = !fits(card, item.dataset.flow);
  menu.showPopover();
  requestAnimationFrame(() => { place(menu, at); find("[data-to]:not([hidden])", menu)?.focus(); });
}
on("click", "[data-card-menu]", (event, button) => openMoves(button.closest(".card"), button));
on("click", "[data-moves] [data-to]", (event, item) => {
  item.closest("[popover]").hidePopover();
  const column = columnNamed(item.dataset.to);
  const way = menuCard?.isConnected && waysTo(menuCard, column).find((each) => each.name === item.dataset.way);
  if (way) moveCard(menuCard, column, way);
});

// Of several ways into a column one is chosen from the menu, where the card was dropped.
function chooseWay(card, column) {
  openMoves(card, column);
  for (const item of all("[data-to]", find("[data-moves]", columnOf(card)))) item.hidden ||= item.dataset.to !== column.dataset.column;
}

// ---- dragging

let held = null; // { card, x, y, touch, timer, ghost, over }

document.addEventListener("pointerdown", (event) => {
  const card = event.target instanceof Element ? event.target.closest(".card-moves") : null;
  if (!card || event.button !== 0 || event.target.closest("button") || held) return;
  const touch = event.pointerType !== "mouse";
  held = { card, x: event.clientX, y: event.clientY, touch, ghost: null, over: null };
  if (touch) held.timer = setTimeout(() => lift(event.clientX, event.clientY), HOLD);
});
document.addEventListener("pointermove", (event) => {
  if (!held) return;
  const far = Math.hypot(event.clientX - held.x, event.clientY - held.y) > FAR;
  if (!held.ghost) {
    if (!far) return;
    if (held.touch) { letGo(); return; }
    lift(event.clientX, event.clientY);
  }
  carry(event.clientX, event.clientY);
});
document.addEventListener("pointerup", () => {
  if (!held) return;
  const { card, over, ghost } = held;
  letGo();
  if (!ghost) return;
  const click = (event) => { event.preventDefault(); event.stopPropagation(); };
  addEventListener("click", click, { capture: true, once: true }); // what a browser makes of letting go over the card
  setTimeout(() => removeEventListener("click", click, { capture: true }), 0);
  const ways = over ? waysTo(card, over) : [];
  if (ways.length === 1) moveCard(card, over, ways[0]);
  else if (ways.length) chooseWay(card, over);
});
document.addEventListener("pointercancel", () => letGo());
document.addEventListener("keydown", (event) => { if (event.key === "Escape" && held?.ghost) { letGo(); event.stopPropagation(); } }, true);
document.addEventListener("touchmove", (event) => { if (held?.ghost) event.preventDefault(); }, { passive: false });
document.addEventListener("contextmenu", (event) => { if (held?.touch) event.preventDefault(); });
document.addEventListener("dragstart", (event) => { if (event.target.closest?.(".card")) event.preventDefault(); });

function lift(x, y) {
  const { card } = held, at = card.getBoundingClientRect();
  const ghost = card.cloneNode(true);
  ghost.classList.add("card-ghost");
  ghost.style.width = `${at.width}px`;
  held.dx = at.left - held.x;
  held.dy = at.top - held.y;
  find(".board").append(ghost);
  held.ghost = ghost;
  card.classList.add("is-lifted");
  find(".board").classList.add("is-dragging");
  for (const column of all(".column")) {
    if (column !== columnOf(card)) column.classList.add(waysTo(card, column).length ? "takes" : "refuses");
  }
  getSelection().removeAllRanges();
  carry(x, y);
}

function carry(x, y) {
  const { ghost, dx, dy } = held;
  ghost.style.transform = `translate(${x + dx}px, ${y + dy}px) rotate(1.5deg)`;
  const under = document.elementFromPoint(x, y)?.closest(".column");
  held.over?.classList.remove("is-over");
  held.over = under && under.classList.contains("takes") ? under : null;
  held.over?.classList.add("is-over");
  const board = find(".board"), edge = board.getBoundingClientRect();
  if (x > edge.right - 48) board.scrollLeft += 12;
  else if (x < edge.left + 48) board.scrollLeft -= 12;
}

function letGo() {
  if (!held) return;
  clearTimeout(held.timer);
  held.ghost?.remove();
  held.card.classList.remove("is-lifted");
  find(".board")?.classList.remove("is-dragging");
  for (const column of all(".column")) column.classList.remove("takes", "refuses", "is-over");
  held = null;
}
