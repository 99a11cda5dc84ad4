// A menu button, as Slack's overflow menu and its selects: nothing happens before a choice is made
// with Enter, Space or a click. Escape closes it, arrows and letters move.
import { el } from "./mrkdwn.js";

let serial = 0;

// menu returns a button that opens a list. An item has text, and a description, an href, checked, or
// an act; marks are attributes of the button.
export function menu({ label, text, items, marks = {}, style = "" }) {
  const id = `menu-${serial += 1}`;
  const button = el("button", {
    type: "button", class: `menu-button ${style}`, "aria-haspopup": "menu", "aria-expanded": "false", "aria-controls": id,
    "aria-label": label, title: label, ...marks,
  }, text);
  const list = el("div", { class: "menu", id, role: "menu", "aria-label": label ?? text, popover: "auto" }, ...items.map((item) => {
    const inside = [el("span", {}, item.text), item.description ? el("small", {}, item.description) : null];
    const shared = { class: "menu-item", role: item.checked === undefined ? "menuitem" : "menuitemradio", "aria-checked": item.checked === undefined ? null : String(item.checked), tabindex: "-1" };
    return item.href
      ? el("a", { ...shared, href: item.href, target: "_blank", rel: "noopener noreferrer", onclick: () => shut() }, ...inside)
      : el("button", { ...shared, type: "button", onclick: () => { shut(); item.act(); } }, ...inside);
  }));
  const all = [...list.children];
  const follow = () => { if (!list.contains(document.activeElement)) list.hidePopover(); };
  const shut = () => { list.hidePopover(); button.focus(); };
  const open = (at) => {
    list.showPopover();
    const near = button.getBoundingClientRect(), size = list.getBoundingClientRect(), margin = 8;
    const below = near.bottom + 4 + size.height <= innerHeight - margin;
    list.style.left = `${Math.max(margin, Math.min(near.left, innerWidth - size.width - margin))}px`;
    list.style.top = `${below ? near.bottom + 4 : Math.max(margin, near.top - size.height - 4)}px`;
    (all.at(at) ?? list).focus({ preventScroll: true });
  };
  list.addEventListener("toggle", (e) => {
    const opened = e.newState === "open";
    button.setAttribute("aria-expanded", String(opened));
    const listen = opened ? document.addEventListener : document.removeEventListener;
    listen.call(document, "scroll", follow, true);
  });
  const checked = Math.max(items.findIndex((item) => item.checked), 0);
  button.addEventListener("click", () => (list.matches(":popover-open") ? shut() : open(checked)));
  button.addEventListener("keydown", (e) => {
    if (e.key !== "ArrowDown" && e.key !== "ArrowUp") return;
    e.preventDefault();
    open(e.key === "ArrowDown" ? checked : -1);
  });
  list.addEventListener("keydown", (e) => {
    const at = all.indexOf(document.activeElement);
    const to = { ArrowDown: (at + 1) % all.length, ArrowUp: (at - 1 + all.length) % all.length, Home: 0, End: all.length - 1 }[e.key];
    if (e.key === "Escape" || e.key === "Tab") {
      if (e.key === "Escape") { e.preventDefault(); e.stopPropagation(); }
      shut();
    } else if (to !== undefined) {
      e.preventDefault();
      all[to].focus();
    } else if (e.key.length === 1 && e.key !== " ") {
      const next = [...all.slice(at + 1), ...all.slice(0, at + 1)].find((n) => n.textContent.trim().toLowerCase().startsWith(e.key.toLowerCase()));
      next?.focus();
    }
  });
  return el("div", { class: "menu-box" }, button, list);
}
