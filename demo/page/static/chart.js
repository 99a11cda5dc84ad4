// Charts as SVG. Every number is also in a table, for screen readers.
import { decimal, el } from "./mrkdwn.js";

const ns = "http://www.w3.org/2000/svg";
const height = 200, left = 40, right = 12, top = 12, bottom = 30;
export const narrow = "(max-width: 559px)";
let width = 560; // of the drawing; its letters keep their size on a narrow screen
const letter = 6.4; // the width of a letter, about

function svg(tag, attributes, ...children) {
  const node = document.createElementNS(ns, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
  node.append(...children);
  return node;
}

// named are the colours of series with a known name; the others take turns.
const named = { green: "good", groen: "good", yellow: "middle", geel: "middle", red: "bad", rood: "bad" };
const tone = (name, i) => named[name.toLowerCase()] ?? `tone${i % 6}`;

// steps are round numbers from the lowest to the highest value, both of which they enclose.
function steps(low, high) {
  const least = 0.4; // no axis makes more of a difference
  const rough = Math.max(high - low, least) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= rough);
  const out = [];
  const first = Math.floor(low / step + 1e-9), last = Math.max(Math.ceil(high / step - 1e-9), first + 1);
  for (let n = first; n <= last; n += 1) out.push(Math.round(n * step * 1e6) / 1e6);
  return out;
}

function frame(values, categories) {
  const marks = steps(Math.min(...values), Math.max(...values));
  const [low, high] = [marks[0], marks[marks.length - 1]];
  const y = (v) => top + (high - v) / (high - low) * (height - top - bottom);
  const slot = (width - left - right) / categories.length;
  const x = (i) => left + slot * (i + 0.5);
  const widest = Math.max(...categories.map((name) => name.length)) * letter;
  const every = Math.ceil((widest + 10) / slot);
  const root = svg("svg", { viewBox: `0 0 ${width} ${height}`, class: "chart", role: "img" });
  for (const v of marks) {
    root.append(svg("line", { x1: left, x2: width - right, y1: y(v), y2: y(v), class: v === 0 ? "axis" : "grid" }),
      svg("text", { x: left - 6, y: y(v) + 4, "text-anchor": "end" }, decimal(v)));
  }
  categories.forEach((name, i) => {
    const after = categories.length - 1 - i; // the last one always has its name
    if (after > 0 && (i % every !== 0 || after < every)) return;
    const half = name.length * letter / 2;
    root.append(svg("text", { x: Math.max(half, Math.min(x(i), width - half)), y: height - 10, "text-anchor": "middle" }, name));
  });
  return { root, x, y, slot };
}

const value = (series, category) => series.data.find((p) => p.label === category)?.value;

// runs are the points between gaps: a line does not cross what has no value.
function runs(points) {
  const out = [[]];
  for (const p of points) {
    if (p[1] === undefined) out.push([]);
    else out.at(-1).push(p);
  }
  return out.filter((run) => run.length);
}

function lines(chart, filled) {
  const categories = chart.axis_config.categories;
  const all = chart.series.flatMap((s) => s.data.map((p) => p.value));
  const { root, x, y } = frame(filled ? [0, ...all] : all, categories);
  chart.series.forEach((s, n) => {
    for (const points of runs(categories.map((c, i) => [x(i), value(s, c)]))) {
      const path = points.map(([px, v]) => `${px},${y(v)}`).join(" ");
      if (filled && points.length > 1) {
        root.append(svg("polygon", { points: `${points[0][0]},${y(0)} ${path} ${points.at(-1)[0]},${y(0)}`, class: `area ${tone(s.name, n)}` }));
      }
      root.append(svg("polyline", { points: path, class: `line ${tone(s.name, n)}` }));
      points.forEach(([px, v]) => root.append(svg("circle", { cx: px, cy: y(v), r: 3, class: `dot ${tone(s.name, n)}` })));
    }
  });
  return root;
}

function bars(chart) {
  const categories = chart.axis_config.categories;
  const sums = categories.map((c) => chart.series.reduce((sum, s) => sum + Math.max(value(s, c) ?? 0, 0), 0));
  const lows = chart.series.flatMap((s) => s.data.map((p) => Math.min(p.value, 0)));
  const { root, x, y, slot } = frame([0, ...sums, ...lows], categories);
  const wide = Math.min(slot * 0.66, 34);
  categories.forEach((c, i) => {
    let base = 0;
    chart.series.forEach((s, n) => {
      const v = value(s, c) ?? 0;
      const from = v < 0 ? 0 : base;
      const [a, b] = [y(from + v), y(from)];
      root.append(svg("rect", { x: x(i) - wide / 2, y: Math.min(a, b), width: wide, height: Math.abs(a - b), class: `bar ${tone(s.name, n)}` }));
      if (v > 0) base += v;
    });
  });
  return root;
}

function pie(chart) {
  const whole = chart.segments.reduce((sum, s) => sum + s.value, 0);
  const root = svg("svg", { viewBox: "0 0 200 200", class: "chart pie", role: "img" });
  let turned = 0;
  const at = (share) => [100 + 90 * Math.sin(2 * Math.PI * share), 100 - 90 * Math.cos(2 * Math.PI * share)];
  chart.segments.forEach((s, n) => {
    const share = s.value / whole;
    if (share === 1) { root.append(svg("circle", { cx: 100, cy: 100, r: 90, class: `bar ${tone(s.label, n)}` })); return; }
    const [x1, y1] = at(turned), [x2, y2] = at(turned + share);
    root.append(svg("path", { d: `M100 100 L${x1} ${y1} A90 90 0 ${share > 0.5 ? 1 : 0} 1 ${x2} ${y2} Z`, class: `bar ${tone(s.label, n)}` }));
    turned += share;
  });
  return root;
}

function numbers(chart) {
  if (chart.segments) {
    return el("table", {}, ...chart.segments.map((s) => el("tr", {}, el("th", { scope: "row" }, s.label), el("td", {}, String(s.value)))));
  }
  return el("table", {},
    el("tr", {}, el("td"), ...chart.axis_config.categories.map((c) => el("th", { scope: "col" }, c))),
    ...chart.series.map((s) => el("tr", {}, el("th", { scope: "row" }, s.name), ...chart.axis_config.categories.map((c) => el("td", {}, value(s, c) === undefined ? "" : decimal(value(s, c)))))));
}

// chart renders a data_visualization block.
export function chart(block, world) {
  width = matchMedia(narrow).matches ? 330 : 560;
  const c = block.chart;
  const title = typeof block.title === "string" ? block.title : block.title?.text ?? "";
  const drawn = c.type === "pie" ? pie(c) : c.type === "bar" ? bars(c) : lines(c, c.type === "area");
  drawn.setAttribute("aria-label", title);
  const keys = c.segments ? c.segments.map((s) => s.label) : c.series.map((s) => s.name);
  const legend = keys.length > 1
    ? el("ul", { class: "legend" }, ...keys.map((name, i) => el("li", {}, el("span", { class: `key ${tone(name, i)}`, "aria-hidden": "true" }), name)))
    : null;
  return el("figure", { class: "chart-block" }, el("figcaption", {}, title), drawn, legend,
    el("div", { class: "visually-hidden", role: "group", "aria-label": world.words.numbers }, numbers(c)));
}
