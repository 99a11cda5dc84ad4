// The page shows changes of the stand-in for Slack and sends what the visitor does.
import { render } from "./blocks.js";
import { narrow } from "./chart.js";
import { menu } from "./menu.js";
import { el, moment, mrkdwn, sameDay, setClock, speak, timeOf, today } from "./mrkdwn.js";

const $ = (id) => document.getElementById(id);
const state = { as: localStorage.getItem("as") ?? "", place: "", messages: new Map(), snapshot: null, thread: null, rating: null, unread: new Set(), dismissed: new Set() };
let source = null;

const world = {
  get emoji() { return state.snapshot?.emoji ?? {}; },
  get words() { return state.snapshot?.words ?? {}; },
  get people() { return (state.snapshot?.people ?? []); },
  person: (id) => id === state.snapshot?.bot ? "smileybot" : state.snapshot?.people.find((p) => p.id === id)?.name ?? id,
  channel: (id) => state.snapshot?.channels.find((c) => c.id === id)?.name,
};

// say is a text of the page, with what belongs in it.
const say = (key, ...inside) => inside.reduce((text, piece) => text.replace("%s", piece), world.words[key] ?? "");

async function post(path, body) {
  let response;
  try {
    response = await fetch(`/page/${path}`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  } catch {
    toast(say("no_demo"));
    return null;
  }
  if (!response.ok) {
    toast((await response.text()).trim());
    return null;
  }
  hush();
  return response.json();
}

let toastTimer;
function toast(words) {
  $("toast").hidden = false;
  $("toast-words").textContent = words;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(hush, 20000);
}
// hush hides the toast, and gives its focus back to the box.
function hush() {
  const had = $("toast").contains(document.activeElement);
  $("toast").hidden = true;
  if (had) $("composer-text").focus();
}
$("toast-x").addEventListener("click", hush);

// ---- what happens in Slack ----

function connect() {
  source?.close();
  source = new EventSource(`/page/events?as=${encodeURIComponent(state.as)}`);
  const on = (name, act) => source.addEventListener(name, (e) => act(JSON.parse(e.data)));
  on("snapshot", snapshot);
  on("message", (m) => { if (keep(m)) show(m); ordered((o) => o.channel === m.channel).slice(0, -mostShown).forEach(drop); });
  on("gone", drop);
  on("modal", modal);
  on("home", (v) => { state.snapshot.home = v; if (state.place === "home") home(); });
  on("status", status);
  source.onopen = () => live(true);
  source.onerror = () => live(false);
}

function live(yes) {
  if (!state.snapshot) return;
  $("live").textContent = say(yes ? "live" : "stopped");
  $("live").classList.toggle("off", !yes);
}

// finder finds an element again after its part of the page was rendered again: the same one, one about
// the same feedback, or one near it.
function finder(part, at) {
  const all = () => [...part.querySelectorAll("button, a")];
  const about = (n) => `${n.closest("[data-key]")?.dataset.key} ${n.dataset.block?.split(":").slice(0, 2).join(":")}`; // without the revision
  const name = (n) => n.dataset.action ?? n.getAttribute("href") ?? n.className;
  const [index, subject, called] = [all().indexOf(at), about(at), name(at)];
  return () => {
    const near = all().filter((n) => about(n) === subject);
    return near.find((n) => name(n) === called) ?? near.find((n) => n.dataset.action) ?? all()[index] ?? all().at(-1) ?? part;
  };
}

// keepFocus keeps the focus while a part of the page is rendered again.
function keepFocus(part, renew) {
  const at = document.activeElement;
  if (at === part || !part.contains(at)) { renew(); return; }
  const find = finder(part, at);
  renew();
  if (!part.contains(document.activeElement)) find().focus();
}

const key = (m) => `${m.channel}/${m.ts}`;
const keep = (m) => !state.dismissed.has(key(m)) && Boolean(state.messages.set(key(m), m));

const mostShown = 300; // of a channel, the latest; events.go has the same limit
function drop(m) {
  state.messages.delete(key(m));
  document.querySelectorAll(`[data-key="${CSS.escape(key(m))}"]`).forEach((n) => n.remove());
}

function snapshot(s) {
  state.snapshot = s;
  state.messages = new Map();
  s.messages.forEach(keep);
  if (!state.place) state.place = s.channels[0].id;
  speak(s.language, s.zone);
  live(true);
  $("composer-text").placeholder = say("try", s.commands[0]);
  shortcuts();
  setClock(s.status.ahead);
  people();
  channels();
  go(state.place);
  modal(s.modal);
  status(s.status);
}

function ordered(filter) {
  return [...state.messages.values()].filter(filter).sort((a, b) => Number(a.ts) - Number(b.ts));
}

const inChannel = (channel) => (m) => m.channel === channel && (!m.thread || m.broadcast);
const inThread = (t) => (m) => m.channel === t.channel && (m.ts === t.ts || m.thread === t.ts);

// show puts a new or changed message where it belongs.
function show(m) {
  if (state.thread && inThread(state.thread)(m)) thread(state.thread);
  if (m.thread && !m.broadcast) {
    const parent = state.messages.get(`${m.channel}/${m.thread}`);
    if (parent) place(parent);
    return;
  }
  if (m.channel !== state.place) { state.unread.add(m.channel); channels(); return; }
  place(m);
}

function place(m) {
  if (m.channel !== state.place) return;
  const log = $("log");
  const near = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
  const old = log.querySelector(`[data-key="${CSS.escape(key(m))}"]`);
  const node = message(m, true);
  if (old) {
    keepFocus(log, () => old.replaceWith(node));
    node.classList.add("changed");
  } else {
    const after = [...log.children].find((n) => n.dataset.ts && Number(n.dataset.ts) > Number(m.ts));
    log.insertBefore(node, after ?? null);
    node.classList.add("fresh");
  }
  log.querySelector(".empty")?.remove();
  if (near) log.scrollTop = log.scrollHeight;
  else if (!old) $("newer").hidden = false;
}

const initials = (name) => name.split(/\s+/).map((w) => w[0]).join("").slice(0, 2).toUpperCase();
// clock is the time of a message, with its day unless that is today.
function clock(ts) {
  const at = new Date(Number(ts) * 1000);
  return sameDay(at, today()) ? timeOf(at) : moment(at);
}

function message(m, withThread) {
  const bot = m.user === state.snapshot.bot;
  const name = bot ? "smileybot" : world.person(m.user);
  const act = (what) => post("click", { as: state.as, channel: m.channel, ts: m.ts, ...what });
  const body = m.blocks
    ? m.blocks.map((b) => render(b, world, act))
    : [el("div", { class: "rich" }, el("p", {}, mrkdwn(m.text, world)))];
  const replies = withThread ? ordered((r) => r.channel === m.channel && r.thread === m.ts).length : 0;
  return el("article", { class: `message${m.only ? " only" : ""}`, "data-key": key(m), "data-ts": m.ts, "aria-label": `${name}, ${clock(m.ts)}` },
    el("div", { class: `avatar${bot ? " bot" : ""}`, "aria-hidden": "true" }, bot ? "" : initials(name)),
    el("div", { class: "body" },
      m.only ? el("p", { class: "only-you" }, say("only_you")) : null,
      el("p", { class: "who" }, el("strong", {}, name), bot ? el("span", { class: "app" }, say("app")) : null, el("time", {}, clock(m.ts)), m.edited ? el("span", { class: "edited" }, say("edited")) : null),
      el("div", { class: "content", }, ...body),
      replies ? el("button", { type: "button", class: "replies", onclick: () => openThread(m) }, replies === 1 ? say("reply") : say("replies", replies)) : null,
      m.only ? el("button", { type: "button", class: "dismiss", onclick: () => { state.dismissed.add(key(m)); drop(m); $("composer-text").focus(); } }, say("dismiss")) : null),
    m.only ? null : messageMenu(m));
}

// used are the items of a menu of the app's shortcuts of a kind.
function used(kind, more) {
  return (state.snapshot.shortcuts ?? []).filter((s) => s.type === kind).map((s) => ({
    text: s.name, description: s.description, act: () => post("shortcut", { as: state.as, callback_id: s.callback_id, ...more }),
  }));
}

// messageMenu is the menu of a message's shortcuts.
function messageMenu(m) {
  const items = used("message", { channel: m.channel, ts: m.ts });
  return items.length ? el("div", { class: "message-menu" }, menu({ label: say("more"), text: "⋮", items, marks: { "data-action": "shortcuts" } })) : null;
}

// shortcuts is the menu of the global shortcuts, at the message box.
function shortcuts() {
  const items = used("global", {});
  $("shortcuts").hidden = !items.length;
  $("shortcuts").replaceChildren(...(items.length ? [menu({ text: say("shortcuts"), items })] : []));
}

// ---- places ----

function go(where) {
  state.place = where;
  state.unread.delete(where);
  channels();
  const atHome = where === "home";
  $("log").hidden = atHome;
  $("composer").hidden = atHome;
  $("home").hidden = !atHome;
  $("newer").hidden = true;
  $("open-home").setAttribute("aria-current", atHome ? "page" : "false");
  $("place-name").textContent = atHome ? say("home") : `#${world.channel(where)}`;
  drawer("rail", false);
  if (atHome) { home(); return; }
  const log = $("log");
  const list = ordered(inChannel(where));
  log.replaceChildren(...list.map((m) => message(m, true)));
  if (!list.length) log.append(el("p", { class: "empty" }, say("empty")));
  log.scrollTop = log.scrollHeight;
}

function home() {
  const v = state.snapshot.home;
  const act = (what) => post("click", { as: state.as, view: v.id, ...what });
  keepFocus($("home"), () => $("home").replaceChildren(...(v ? v.blocks.map((b) => render(b, world, act)) : [el("p", { class: "empty" }, say("opening"))])));
}

function openHome() {
  go("home");
  post("home", { as: state.as });
}

function thread(m) {
  state.thread = { channel: m.channel, ts: m.ts };
  keepFocus($("thread-log"), () => $("thread-log").replaceChildren(...ordered(inThread(state.thread)).map((r) => message(r, false))));
}

function openThread(m) {
  thread(m);
  $("thread").hidden = false;
  $("close-thread").focus();
}

function closeThread() {
  const { channel, ts } = state.thread;
  state.thread = null;
  $("thread").hidden = true;
  $("log").querySelector(`[data-key="${CSS.escape(`${channel}/${ts}`)}"] .replies`)?.focus();
}

function channels() {
  const place = (c) => el("button", {
    type: "button", class: `place${state.unread.has(c.id) ? " unread" : ""}`, "data-action": c.id, "aria-current": c.id === state.place ? "page" : "false", onclick: () => go(c.id),
  }, el("span", { class: "hash", "aria-hidden": "true" }, "#"), ` ${c.name}`, state.unread.has(c.id) ? el("span", { class: "visually-hidden" }, `, ${say("unread")}`) : null);
  keepFocus($("channels"), () => $("channels").replaceChildren(...state.snapshot.channels.map((c) => el("li", {}, place(c)))));
}

function people() {
  const called = (p) => `${p.name}, ${p.title}`;
  const playable = state.snapshot.people.filter((p) => p.title);
  const me = called(playable.find((p) => p.id === state.as));
  keepFocus($("as"), () => $("as").replaceChildren(menu({
    label: `${say("you_are")} ${me}`, text: me, style: "select", marks: { "data-action": "as" },
    items: playable.map((p) => ({ text: called(p), checked: p.id === state.as, act: () => become(p.id) })),
  })));
}

// ---- modals ----

let shownModal = null, opener = null;
function modal(v) {
  const box = $("modal");
  if (!v) { closed(box); return; }
  const typed = shownModal?.id === v.id ? values() : {};
  shownModal = v;
  $("modal-title").textContent = v.title;
  $("modal-submit").textContent = v.submit || say("submit");
  $("modal-submit").hidden = !v.submit;
  $("modal-close").textContent = v.close || say("cancel");
  if (!box.open) {
    const at = document.activeElement, part = ["home", "log", "thread"].map($).find((p) => p !== at && p.contains(at));
    opener = part ? { at, find: finder(part, at) } : null;
    box.showModal(); // before the focus goes to the first field
  }
  fill(v.errors ?? {}, typed);
}

// closed returns the focus to the element that opened the form, also when it was rendered again
// meanwhile.
function closed(box) {
  shownModal = null;
  if (!box.open) return;
  box.close();
  if (opener && !opener.at.isConnected) opener.find().focus(); // else the browser does
}

function fill(problems, typed) {
  const act = (what) => post("click", { as: state.as, view: shownModal.id, ...what });
  $("modal-blocks").replaceChildren(...shownModal.blocks.map((b) => render(b, world, act, problems)));
  for (const [name, value] of Object.entries(typed)) {
    const field = $("modal-form").elements.namedItem(name);
    if (field) field.value = value;
  }
  ($("modal-form").querySelector("[aria-invalid]") ?? $("modal-form").querySelector("#modal-blocks :is(select, textarea, input)"))?.focus();
}

function values() {
  return Object.fromEntries([...$("modal-form").elements].filter((f) => f.name).map((f) => [f.name, $("modal-form").elements.namedItem(f.name).value]));
}

$("modal-form").addEventListener("submit", async (e) => {
  e.preventDefault();
  const typed = values();
  const missing = Object.fromEntries([...$("modal-form").elements].filter((f) => f.name && f.required && !typed[f.name].trim()).map((f) => [f.name, say("required")]));
  if (Object.keys(missing).length) { fill(missing, typed); return; }
  await post("submit", { as: state.as, view: shownModal.id, values: typed });
});
const closeModal = () => post("close", { as: state.as });
$("modal-close").addEventListener("click", closeModal);
$("modal-x").addEventListener("click", closeModal);
$("modal").addEventListener("cancel", (e) => { e.preventDefault(); closeModal(); });

// ---- the message box ----

const box = $("composer-text"), list = $("suggestions");
let picked = -1;
function suggest() {
  const typed = box.value.trimStart().toLowerCase();
  const fitting = typed.startsWith("/") ? state.snapshot.commands.filter((c) => c.startsWith(typed) && c !== typed) : [];
  picked = -1;
  list.hidden = !fitting.length;
  box.setAttribute("aria-expanded", String(!list.hidden));
  box.removeAttribute("aria-activedescendant");
  list.replaceChildren(...fitting.map((c, i) => el("div", { id: `suggestion-${i}`, role: "option", "aria-selected": "false", onmousedown: (e) => { e.preventDefault(); take(c); } }, c)));
}
function take(c) { box.value = c; list.hidden = true; box.setAttribute("aria-expanded", "false"); box.focus(); }
function pick(step) {
  const all = [...list.children];
  picked = (picked + step + all.length) % all.length;
  all.forEach((n, i) => n.setAttribute("aria-selected", String(i === picked)));
  box.setAttribute("aria-activedescendant", `suggestion-${picked}`);
}
box.addEventListener("input", suggest);
box.addEventListener("blur", () => { list.hidden = true; });
box.addEventListener("keydown", (e) => {
  if (list.hidden) return;
  if (e.key === "ArrowDown" || e.key === "ArrowUp") { e.preventDefault(); pick(e.key === "ArrowDown" ? 1 : -1); }
  else if (e.key === "Tab" && list.children.length) { e.preventDefault(); take(list.children[Math.max(picked, 0)].textContent); }
  else if (e.key === "Enter" && picked >= 0) { e.preventDefault(); take(list.children[picked].textContent); }
  else if (e.key === "Escape") list.hidden = true;
});
$("composer").addEventListener("submit", async (e) => {
  e.preventDefault();
  const text = box.value.trim();
  if (!text) return;
  list.hidden = true;
  if (await post("command", { as: state.as, channel: state.place, text })) box.value = "";
  box.focus();
});

// ---- the demo's desk ----

const failing = () => document.body.classList.contains("failing");
const rated = (key, ...inside) => { $("rated").textContent = say(failing() ? `${key}_kept` : key, ...inside); };
document.querySelectorAll("[data-smiley]").forEach((button) => button.addEventListener("click", async () => {
  const smiley = button.dataset.smiley;
  const told = await post("rate", { rating: { id: state.rating ?? "", smiley } });
  if (!told) return;
  const again = Boolean(state.rating);
  state.rating = told.id;
  document.querySelectorAll("[data-smiley]").forEach((b) => b.setAttribute("aria-pressed", String(b === button)));
  $("explain-send").disabled = false;
  $("another").hidden = false;
  rated(again ? "changed" : "gave", say(`${smiley}_smiley`));
}));
$("explain").addEventListener("submit", async (e) => {
  e.preventDefault();
  if (!state.rating) return;
  if (await post("rate", { rating: { id: state.rating, comment: $("why").value } })) rated("thanks");
});
$("another").addEventListener("click", () => {
  state.rating = null;
  $("why").value = "";
  $("rated").textContent = "";
  $("explain-send").disabled = true;
  $("another").hidden = true;
  document.querySelectorAll("[data-smiley]").forEach((b) => b.removeAttribute("aria-pressed"));
});

function status(s) {
  setClock(s.ahead);
  tick();
  $("modes").querySelector(`[value="${s.mode}"]`).checked = true;
  $("mode-hint").textContent = say(`hint_${s.mode || "works"}`);
  document.body.classList.toggle("failing", Boolean(s.mode));
  $("waiting").textContent = s.waiting < 0 ? "?" : s.waiting;
  $("waiting-words").textContent = say(s.waiting === 1 ? "waits" : "wait");
  $("left").textContent = s.left > 0 ? `, ${say(s.mode ? "takes" : "left", s.left)}` : "";
  $("monday").disabled = Boolean(s.mode);
  $("waiting").parentElement.classList.toggle("some", s.waiting > 0);
  $("pause").dataset.paused = String(s.paused);
  $("pause").textContent = say(s.paused ? "resume" : "pause");
}
function tick() { $("clock").textContent = say("time_is", moment(today())); }
setInterval(() => { if (state.snapshot) tick(); }, 1000);
$("monday").addEventListener("click", async () => {
  $("monday-hint").textContent = say("moving");
  const s = await post("monday", {});
  $("monday-hint").textContent = say(s ? "monday_came" : "next_monday_hint");
  if (s) status(s);
});
$("modes").addEventListener("change", async (e) => { const s = await post("fail", { mode: e.target.value }); if (s) status(s); });
$("pause").addEventListener("click", async () => { const s = await post("pause", { paused: $("pause").dataset.paused !== "true" }); if (s) status(s); });

// ---- other ----

// A link to a message of this workspace opens it on this page.
document.addEventListener("click", (e) => {
  const [, channel, digits] = /\/archives\/(\w+)\/p(\d+)/.exec(e.target.closest?.("a")?.href ?? "") ?? [];
  if (!channel || !world.channel(channel)) return;
  e.preventDefault();
  go(channel);
  const node = $("log").querySelector(`[data-ts="${digits.slice(0, -6)}.${digits.slice(-6)}"]`);
  node?.scrollIntoView({ block: "center" });
  node?.classList.add("changed");
});
$("open-home").addEventListener("click", openHome);
$("close-thread").addEventListener("click", closeThread);
$("newer").addEventListener("click", () => { $("log").scrollTop = $("log").scrollHeight; });
$("log").addEventListener("scroll", () => { const log = $("log"); if (log.scrollHeight - log.scrollTop - log.clientHeight < 80) $("newer").hidden = true; });
// become makes the visitor another member of the team.
function become(person) {
  state.as = person;
  localStorage.setItem("as", person);
  state.thread = null; $("thread").hidden = true;
  connect();
  if (state.place === "home") post("home", { as: state.as });
}
// drawer opens or closes the rail or the desk on a narrow screen.
function drawer(name, open) {
  document.body.classList.toggle(`${name}-open`, open);
  $(`toggle-${name}`).setAttribute("aria-expanded", String(open));
}
const drawers = ["rail", "desk"];
const isOpen = (name) => document.body.classList.contains(`${name}-open`);
drawers.forEach((name) => $(`toggle-${name}`).addEventListener("click", () => {
  drawer(name, !isOpen(name));
  if (isOpen(name)) $(name).querySelector("button").focus();
}));
document.querySelectorAll("[data-closes]").forEach((button) => button.addEventListener("click", () => {
  drawer(button.dataset.closes, false);
  $(`toggle-${button.dataset.closes}`).focus();
}));
document.addEventListener("keydown", (e) => {
  if (e.key !== "Escape" || $("modal").open) return;
  const left = drawers.find((name) => isOpen(name) && $(name).contains(document.activeElement));
  drawers.forEach((name) => drawer(name, false));
  if (left) $(`toggle-${left}`).focus();
  else if (!$("toast").hidden) hush();
  else if (state.thread) closeThread();
});

// A chart is drawn for the width of the screen.
matchMedia(narrow).addEventListener("change", () => { if (state.snapshot && state.place !== "home") go(state.place); });

const start = await fetch("/page/people").then((r) => r.json());
if (!start.some((p) => p.id === state.as)) state.as = start[0].id;
connect();
