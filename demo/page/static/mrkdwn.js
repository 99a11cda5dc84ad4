// Text as Slack shows it. All of it becomes text nodes: nothing that people wrote is parsed as HTML.

export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

// tongue is the language of dates: a locale, and the words for today and its neighbours.
const tongues = { en: ["en-GB", "yesterday", "today", "tomorrow"], nl: ["nl-NL", "gisteren", "vandaag", "morgen"] };
let tongue = tongues.en, timeZone, ahead = 0;
export function speak(language, zone) { tongue = tongues[language] ?? tongues.en; timeZone = zone; }

// decimal writes a number.
export const decimal = (n) => n.toLocaleString(tongue[0]).replace("-", "−");

// setClock says by how many seconds Slack's clock is ahead of this machine's.
export function setClock(seconds) { ahead = seconds; }

// today is the time by Slack's clock; timeOf and moment write a time.
export const today = () => new Date(Date.now() + ahead * 1000);
export const timeOf = (at) => at.toLocaleTimeString(tongue[0], { hour: "2-digit", minute: "2-digit", timeZone });
export const moment = (at) => `${at.toLocaleDateString(tongue[0], { weekday: "long", day: "numeric", month: "long", timeZone })} ${timeOf(at)}`;

const isoDay = (at) => at.toLocaleDateString("en-CA", { timeZone });
export const sameDay = (a, b) => isoDay(a) === isoDay(b);

// date writes a time by Slack's tokens, in the people's time zone.
export function date(seconds, format, fallback) {
  const at = new Date(seconds * 1000);
  if (Number.isNaN(at.getTime())) return fallback ?? "";
  const now = today();
  const yesterday = new Date(now); yesterday.setDate(now.getDate() - 1);
  const tomorrow = new Date(now); tomorrow.setDate(now.getDate() + 1);
  const [locale, ...days] = tongue;
  const plain = (options) => at.toLocaleDateString(locale, { ...options, timeZone });
  const near = (words) => days[[yesterday, now, tomorrow].findIndex((day) => sameDay(at, day))] ?? words;
  const long = plain({ weekday: "long", day: "numeric", month: "long", year: "numeric" });
  const short = plain({ day: "numeric", month: "short", year: "numeric" });
  const normal = plain({ day: "numeric", month: "long", year: "numeric" });
  const tokens = {
    date_num: isoDay(at), date: normal, date_short: short, date_long: long,
    date_pretty: near(normal), date_short_pretty: near(short), date_long_pretty: near(long),
    time: timeOf(at),
    time_secs: at.toLocaleTimeString(locale, { timeZone }),
  };
  return format.replace(/\{(\w+)\}/g, (all, name) => tokens[name] ?? all);
}

const unescape = (s) => s.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
const emojis = (s, emoji) => s.replace(/:([a-z_]+):/g, (all, name) => emoji[name] ?? all);

// address returns an address that may be linked to, or nothing.
export function address(url) {
  try {
    const parsed = new URL(url);
    return parsed.protocol === "https:" || parsed.protocol === "http:" ? parsed.href : null;
  } catch {
    return null;
  }
}

export function link(url, words) {
  const href = address(url);
  return href ? el("a", { href, target: "_blank", rel: "noopener noreferrer" }, words || url) : document.createTextNode(words || url);
}

export const mention = (words) => el("span", { class: "mention" }, words);

function bracket(inside, world) {
  const bar = inside.indexOf("|");
  const target = bar < 0 ? inside : inside.slice(0, bar);
  const label = bar < 0 ? "" : unescape(inside.slice(bar + 1));
  if (target.startsWith("@")) return mention("@" + world.person(target.slice(1)));
  if (target.startsWith("#")) return mention("#" + (world.channel(target.slice(1)) || label));
  if (target.startsWith("!date^")) {
    const [, seconds, format] = target.split("^");
    return document.createTextNode(date(Number(seconds), unescape(format ?? ""), label));
  }
  if (target.startsWith("!")) return el("span", { class: "mention loud" }, "@" + target.slice(1));
  return link(unescape(target), label);
}

const styles = [["`", "code"], ["*", "strong"], ["_", "em"], ["~", "s"]];

// styled renders *bold*, _italic_, ~struck~ and `code` in text without brackets.
function styled(text, world) {
  for (const [mark, tag] of styles) {
    const m = mark === "*" ? "\\*" : mark;
    const found = new RegExp(`(^|[^\\p{L}\\p{N}])${m}(?=\\S)([^${m}\\n]*?\\S)${m}(?=$|[^\\p{L}\\p{N}])`, "u").exec(text);
    if (!found) continue;
    const begin = found.index + found[1].length;
    const inner = tag === "code" ? [document.createTextNode(unescape(found[2]))] : styled(found[2], world);
    return [...styled(text.slice(0, begin), world), el(tag, {}, ...inner), ...styled(text.slice(begin + found[2].length + 2), world)];
  }
  return text ? [document.createTextNode(emojis(unescape(text), world.emoji))] : [];
}

// mrkdwn renders Slack's markup.
export function mrkdwn(text, world) {
  const out = el("span", { class: "mrkdwn" });
  for (const piece of text.split(/(<[^<>]*>)/)) {
    if (piece.startsWith("<") && piece.endsWith(">")) out.append(bracket(piece.slice(1, -1), world));
    else out.append(...styled(piece, world));
  }
  return out;
}

// words renders a text object.
export function words(text, world) {
  if (!text) return document.createTextNode("");
  if (text.type === "mrkdwn") return mrkdwn(text.text, world);
  return document.createTextNode(text.emoji === false ? text.text : emojis(text.text, world.emoji));
}
