// Block Kit as HTML. world knows names and emoji; act does what a click asks for.
import { chart } from "./chart.js";
import { menu } from "./menu.js";
import { address, date, el, link, mention, words } from "./mrkdwn.js";

function piece(p, world) {
  const style = p.style ?? {};
  let node;
  switch (p.type) {
    case "text": node = document.createTextNode(p.text); break;
    case "link": node = link(p.url, p.text); break;
    case "emoji": node = el("span", { class: "emoji", role: "img", "aria-label": p.name.replaceAll("_", " ") }, world.emoji[p.name] ?? `:${p.name}:`); break;
    case "user": node = mention("@" + world.person(p.user_id)); break;
    case "channel": node = mention("#" + (world.channel(p.channel_id) || p.channel_id)); break;
    case "broadcast": node = el("span", { class: "mention loud" }, "@" + p.range); break;
    case "date": node = document.createTextNode(date(p.timestamp, p.format, p.fallback)); break;
    default: node = el("span", { class: "unknown" }, `[${p.type}]`);
  }
  for (const [name, tag] of [["code", "code"], ["bold", "strong"], ["italic", "em"], ["strike", "s"]]) {
    if (style[name]) node = el(tag, {}, node);
  }
  return node;
}

function rich(part, world) {
  const pieces = (list) => list.map((p) => piece(p, world));
  switch (part.type) {
    case "rich_text_quote": return el("blockquote", {}, ...pieces(part.elements));
    case "rich_text_preformatted": return el("pre", {}, ...pieces(part.elements));
    case "rich_text_list": return el(part.style === "ordered" ? "ol" : "ul", { class: `indent${part.indent ?? 0}` },
      ...part.elements.map((item) => el("li", {}, ...pieces(item.elements))));
    default: return el("p", {}, ...pieces(part.elements));
  }
}

function options(list) {
  return list.map((o) => el("option", { value: o.value }, o.text.text));
}

const offered = (e) => e.options ?? (e.option_groups ?? []).flatMap((g) => g.options);

// overflow renders Slack's three dots.
function overflow(e, marks, world, choose) {
  return menu({
    label: world.words.overflow, text: "⋯", marks, style: "dots",
    items: e.options.map((o) => ({
      text: words(o.text, world), description: o.description?.text, href: o.url && address(o.url), act: () => choose({ option: o.value }),
    })),
  });
}

function choice(e, marks, world, choose) {
  const placeholder = e.placeholder?.text ?? world.words.choose;
  const chosen = e.initial_option?.text.text ?? world.people.find((p) => p.id === e.initial_user)?.name;
  return menu({
    label: chosen ? `${placeholder}: ${chosen}` : null, text: chosen ?? placeholder, marks, style: "select",
    items: e.type === "users_select"
      ? world.people.map((p) => ({ text: p.name, act: () => choose({ picked: p.id }) }))
      : offered(e).map((o) => ({ text: words(o.text, world), description: o.description?.text, act: () => choose({ option: o.value }) })),
  });
}

// element renders a button or a menu.
function element(e, block, world, act) {
  const marks = { "data-action": e.action_id, "data-block": block.block_id };
  const choose = (more) => {
    if (e.confirm && !window.confirm(`${e.confirm.title.text}\n\n${e.confirm.text.text}`)) return;
    act({ action: e.action_id, block: block.block_id, ...more });
  };
  switch (e.type) {
    case "button":
      if (e.url) return link(e.url, e.text.text);
      return el("button", {
        type: "button", class: e.style ?? "", ...marks, "aria-label": e.accessibility_label,
        onclick: () => choose({}),
      }, words(e.text, world));
    case "overflow": return overflow(e, marks, world, choose);
    case "static_select": case "users_select": return choice(e, marks, world, choose);
    case "image": return el("span", { class: "unknown" }, `[image: ${e.alt_text}]`);
    default: return el("span", { class: "unknown" }, `[${e.type}]`);
  }
}

function table(block, world) {
  const cell = (c) => c.type === "rich_text" ? el("div", {}, ...c.elements.map((part) => rich(part, world))) : document.createTextNode(c.text ?? String(c.value ?? ""));
  const look = (i) => {
    const { align, is_wrapped: wraps } = block.column_settings?.[i] ?? {};
    return `${align ?? "left"}${wraps ? " wraps" : ""}`;
  };
  const [head, ...rows] = block.rows;
  return el("div", { class: "table", role: "region", tabindex: "0", "aria-label": block.caption ?? world.words.table }, el("table", {},
    block.caption ? el("caption", {}, block.caption) : null,
    el("thead", {}, el("tr", {}, ...head.map((c, i) => el("th", { scope: "col", class: look(i) }, cell(c))))),
    el("tbody", {}, ...rows.map((row) => el("tr", {}, ...row.map((c, i) => el("td", { class: look(i) }, cell(c))))))));
}

// kinds are the fields of a browser for Slack's inputs of one line.
const kinds = { plain_text_input: "text", email_text_input: "email", url_text_input: "url", number_input: "number", datepicker: "date", timepicker: "time" };

function radios(e, id, common, world) {
  return el("div", { class: "radios", role: "radiogroup", "aria-labelledby": `${id}-label`, "aria-describedby": common["aria-describedby"] }, ...e.options.map((o) => el("label", {},
    el("input", { type: "radio", name: common.name, value: o.value, required: common.required, checked: o.value === e.initial_option?.value }), " ", words(o.text, world),
    o.description ? el("small", {}, o.description.text) : null)));
}

function input(block, world, problem) {
  const e = block.element;
  const id = `input-${block.block_id}`;
  const common = { id, name: block.block_id, required: !block.optional, "aria-describedby": `${id}-hint`, "aria-invalid": problem ? "true" : null };
  let field;
  switch (e.type) {
    case "plain_text_input": case "email_text_input": case "url_text_input": case "number_input": case "datepicker": case "timepicker":
      field = e.multiline ? el("textarea", { ...common, rows: 4, maxlength: e.max_length ?? 3000 }) : el("input", { ...common, type: kinds[e.type], maxlength: e.max_length ?? 3000 });
      field.value = e.initial_value ?? e.initial_date ?? e.initial_time ?? "";
      break;
    case "static_select": case "users_select": {
      const list = e.type === "users_select" ? world.people.map((p) => el("option", { value: p.id }, p.name)) : options(offered(e));
      field = el("select", common, el("option", { value: "" }, e.placeholder?.text ?? world.words.choose), ...list);
      field.value = e.initial_option?.value ?? e.initial_user ?? "";
      break;
    }
    case "radio_buttons":
      field = radios(e, id, common, world);
      break;
    default:
      field = el("span", { class: "unknown" }, `[${e.type}]`);
  }
  const optional = block.optional ? el("span", { class: "optional" }, ` ${world.words.optional}`) : null;
  return el("div", { class: "input" },
    e.type === "radio_buttons" ? el("p", { id: `${id}-label`, class: "label" }, block.label.text, optional) : el("label", { for: id }, block.label.text, optional),
    field,
    el("p", { id: `${id}-hint`, class: problem ? "problem" : "hint" }, problem ?? block.hint?.text ?? ""));
}

// render renders one block. problems are the errors of inputs, by block_id.
export function render(block, world, act, problems = {}) {
  switch (block.type) {
    case "rich_text": return el("div", { class: "rich" }, ...block.elements.map((part) => rich(part, world)));
    case "section":
      return el("div", { class: "section" },
        el("div", { class: "section-text" },
          block.text ? el("p", {}, words(block.text, world)) : null,
          block.fields ? el("div", { class: "fields" }, ...block.fields.map((f) => el("div", {}, words(f, world)))) : null),
        block.accessory ? element(block.accessory, block, world, act) : null);
    case "header": return el("h2", { class: "header" }, words(block.text, world));
    case "context": return el("div", { class: "context" }, ...block.elements.map((e) => el("span", {}, e.type === "image" ? `[${e.alt_text}]` : words(e, world))));
    case "divider": return el("hr");
    case "actions": return el("div", { class: "actions" }, ...block.elements.map((e) => element(e, block, world, act)));
    case "input": return input(block, world, problems[block.block_id]);
    case "data_visualization": return chart(block, world);
    case "table": case "data_table": return table(block, world);
    case "markdown": return el("div", { class: "rich" }, el("p", {}, block.text));
    default: return el("div", { class: "unknown" }, `[block of type ${block.type}]`);
  }
}
