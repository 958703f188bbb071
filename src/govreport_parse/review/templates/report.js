"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const at = (id) => document.getElementById(id);
  const cells = new Map();      // figure -> cell of the form
  const places = new Map();     // key -> elements of the source
  const pointing = new Map();   // key -> figures read there
  for (const td of document.querySelectorAll("#form td[data-figure]")) cells.set(+td.dataset.figure, td);
  for (const e of document.querySelectorAll("#source [data-key]")) {
    if (!e.dataset.key) continue;
    if (!places.has(e.dataset.key)) places.set(e.dataset.key, []);
    places.get(e.dataset.key).push(e);
  }
  data.figures.forEach((f, i) => {
    if (!f.key) return;
    if (!pointing.has(f.key)) pointing.set(f.key, []);
    pointing.get(f.key).push(i);
    for (const e of places.get(f.key) || []) e.classList.add("linked");
  });
  const items = [...document.querySelectorAll("[data-problem]")];
  const visited = items.map((_, n) => n).filter((n) =>
    data.problems[n].weight !== "info" && (data.problems[n].figures.length || data.problems[n].key));

  let figure = -1, problem = -1, filter = "";
  const verdicts = new Map();   // figure -> verdict
  const store = "govreport-review:" + (data.figures[0] ? data.figures[0].report : "");

  const drop = (name) => { for (const e of document.querySelectorAll("." + name)) e.classList.remove(name); };
  const into = (e) => e.scrollIntoView({ block: "center", inline: "center" });

  function point(key) {
    drop("here");
    const found = places.get(key) || [];
    for (const e of found) e.classList.add("here");
    if (found.length) into(found[0]);
  }

  function list(element, lines) {
    element.textContent = "";
    for (const [text, name] of lines) {
      const li = document.createElement("li");
      li.textContent = text;
      if (name) li.className = name;
      element.append(li);
    }
  }

  function show(i, say = true) {
    const f = data.figures[i];
    if (!f) return;
    figure = i;
    point(f.key);
    const td = cells.get(i);
    td.classList.add("here");
    into(td);
    at("nothing").hidden = true;
    at("something").hidden = false;
    at("zh").textContent = f.zh;
    at("en").textContent = f.en;
    at("value").textContent = f.value === "" ? "（无值 no value）" : f.value;
    at("unit").textContent = f.value === "" ? "" : f.unit;
    at("state").textContent = f.stateZh + " " + f.state;
    at("path").textContent = f.path;
    at("suggest").textContent = f.suggest === "" ? "" : "→ " + f.suggest + " 建议 suggested";
    at("correct").placeholder = f.suggest;
    at("raw").textContent = f.raw === null ? "—" : f.raw;
    at("place").textContent = f.place + (f.key ? "" : "（原文中未显示 not shown in the source）");
    at("row").textContent = f.row ? "行 row found " + f.row : "";
    at("repairs").textContent = f.repairs ? "读数时更改 changed to read it: " + f.repairs : "";
    list(at("checks"), f.checks.map((n) => {
      const c = data.checks[n];
      const mark = { holds: "✓ ", broken: "✗ ", not_checkable: "? " }[c.state];
      return [mark + c.text, c.state];
    }));
    items.forEach((li, n) => li.classList.toggle("about",
      data.problems[n].weight !== "info" && data.problems[n].figures.includes(i)));
    const v = verdicts.get(i);
    at("correct").value = v ? v.value : "";
    at("note").value = v ? v.note : "";
    at("message").textContent = "";
    press();
    if (say) {
      const same = data.figures.findIndex((g) => g.path === f.path) === i;
      history.replaceState(null, "", "#" + (same ? "" : f.report + ":") + f.path);
    }
  }

  function visit(n) {
    if (problem >= 0) items[problem].classList.remove("current");
    problem = n;
    items[n].classList.add("current");
    items[n].scrollIntoView({ block: "nearest" });
    const p = data.problems[n];
    drop("with");
    if (p.figures.length) show(p.figures[0]); else point(p.key);
    for (const i of p.figures) cells.get(i).classList.add("with");
  }

  function matches(i) {
    if (!filter) return true;
    if (filter === "judged") return verdicts.has(i);
    return cells.get(i).classList.contains(filter);
  }

  // Without a filter the problems are visited, with one the figures that it keeps.
  function step(by) {
    if (filter) {
      const kept = data.figures.map((_, i) => i).filter(matches);
      if (!kept.length) return;
      const after = by > 0 ? kept.find((i) => i > figure) : kept.filter((i) => i < figure).pop();
      show(after === undefined ? kept[by > 0 ? 0 : kept.length - 1] : after);
    } else if (visited.length) {
      const here = visited.indexOf(problem);
      const next = here < 0 ? (by > 0 ? 0 : visited.length - 1) : here + by;
      visit(visited[(next + visited.length) % visited.length]);
    }
  }

  function zoom() {
    at("zoom").classList.toggle("pressed", at("source").classList.toggle("zoom"));
    const here = document.querySelector("#source .here");
    if (here) into(here);
  }

  function sieve(name) {
    filter = name;
    for (const b of document.querySelectorAll("#filters button"))
      b.classList.toggle("pressed", b.dataset.filter === name);
    for (const [i, td] of cells) td.classList.toggle("dim", !matches(i));
  }

  // -- verdicts

  function press() {
    const v = verdicts.get(figure);
    at("right").classList.toggle("pressed", !!v && v.verdict === "right");
    at("wrong").classList.toggle("pressed", !!v && v.verdict === "wrong");
  }

  function fits(text, type) {
    if (type === "decimal") return /^\d{1,15}(\.\d{1,10})?$/.test(text);
    return (type === "signed" ? /^-?\d{1,15}$/ : /^\d{1,15}$/).test(text);
  }

  function judge(verdict) {
    if (figure < 0) return;
    const f = data.figures[figure], value = at("correct").value.trim();
    at("message").textContent = "";
    if (verdict === "wrong" && value !== "" && !fits(value, f.type)) {
      at("message").textContent = "应为数字 the value is no number that this figure can have";
      return;
    }
    if (verdict === "wrong" && value === "" && !at("note").value.trim()) {
      at("message").textContent = "请填应有的数值或备注 give the value, or a note why it has none";
      at("correct").focus();
      return;
    }
    if (!at("author").value.trim()) {
      at("message").textContent = "请填核对人 say who you are";
      at("author").focus();
      return;
    }
    verdicts.set(figure, {
      verdict, value: verdict === "wrong" ? value : "", note: at("note").value.trim(),
      author: at("author").value.trim(), date: new Date().toISOString().slice(0, 10),
    });
    mark();
    keep();
  }

  function mark() {
    for (const [i, td] of cells) {
      const v = verdicts.get(i);
      td.classList.toggle("right", !!v && v.verdict === "right");
      td.classList.toggle("wrong", !!v && v.verdict === "wrong");
    }
    at("judged").textContent = verdicts.size ? "已核对 judged " + verdicts.size : "";
    press();
  }

  // A browser may refuse storage to a local file; the verdicts then live as long as the page.
  function keep() {
    try {
      const saved = [...verdicts].map(([i, v]) => [data.figures[i].report, data.figures[i].path, v]);
      localStorage.setItem(store, JSON.stringify({ author: at("author").value, saved }));
    } catch { /* see above */ }
  }

  function recall() {
    let kept = null;
    try { kept = JSON.parse(localStorage.getItem(store)); } catch { /* see above */ }
    if (!kept || !Array.isArray(kept.saved)) return;
    at("author").value = String(kept.author || "");
    for (const [report, path, v] of kept.saved) {
      const i = data.figures.findIndex((f) => f.report === report && f.path === path);
      if (i >= 0 && v && (v.verdict === "right" || v.verdict === "wrong")) {
        const text = (x) => String(x === undefined || x === null ? "" : x);
        verdicts.set(i, { verdict: v.verdict, value: text(v.value), note: text(v.note),
          author: text(v.author), date: text(v.date) });
      }
    }
    mark();
  }

  // A text that a spreadsheet would take for a formula gets a ' before it; the reader drops it.
  const field = (text) => {
    const safe = /^[=+\-@\t\r＝＋－＠']/.test(text) ? "'" + text : text;
    return /[",\r\n]/.test(safe) ? '"' + safe.replaceAll('"', '""') + '"' : safe;
  };

  function table() {
    const lines = ["report_id,path,verdict,value,note,author,date"];
    for (const [i, v] of [...verdicts].sort((a, b) => a[0] - b[0])) {
      const f = data.figures[i];
      const number = /^-?\d/.test(v.value) ? v.value : field(v.value);
      lines.push([f.report, f.path, v.verdict, number, field(v.note), field(v.author), v.date].join(","));
    }
    return "\ufeff" + lines.join("\r\n") + "\r\n";
  }

  function save() {
    const a = document.createElement("a");
    a.href = URL.createObjectURL(new Blob([table()], { type: "text/csv;charset=utf-8" }));
    a.download = "corrections-" + (data.figures[0] ? data.figures[0].report : "report") + ".csv";
    a.click();
    setTimeout(() => URL.revokeObjectURL(a.href), 1000);
  }

  // -- what a person does

  at("form").addEventListener("click", (e) => {
    const td = e.target.closest("td[data-figure]"), li = e.target.closest("[data-problem]");
    if (td) { drop("with"); show(+td.dataset.figure); }
    if (li) visit(items.indexOf(li));
    const extra = e.target.closest("[data-place]");
    if (extra) point(extra.dataset.place);
  });
  at("source").addEventListener("click", (e) => {
    let place = e.target.closest("[data-key]");
    while (place && !pointing.has(place.dataset.key)) place = place.parentElement.closest("[data-key]");
    if (!place) return;
    // a cell of several figures: each click shows the next
    const all = pointing.get(place.dataset.key);
    show(all[(all.indexOf(figure) + 1) % all.length]);
  });
  at("filters").addEventListener("click", (e) => {
    const b = e.target.closest("button");
    if (b) sieve(b.dataset.filter);
  });
  at("next").addEventListener("click", () => step(1));
  at("previous").addEventListener("click", () => step(-1));
  at("zoom").addEventListener("click", zoom);
  at("save").addEventListener("click", save);
  at("right").addEventListener("click", () => judge("right"));
  at("wrong").addEventListener("click", () => judge("wrong"));
  at("clear").addEventListener("click", () => { verdicts.delete(figure); mark(); keep(); show(figure); });
  at("author").addEventListener("change", keep);
  document.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    if (e.target.matches("input, textarea, select")) {
      if (e.key === "Enter" && e.target.id !== "author") judge("wrong");
      if (e.key === "Escape") e.target.blur();
      return;
    }
    if (figure >= 0 && (e.key === "ArrowRight" || e.key === "ArrowLeft")) {
      const i = figure + (e.key === "ArrowRight" ? 1 : -1);
      if (data.figures[i]) { e.preventDefault(); show(i); }
      return;
    }
    const keys = { n: () => step(1), p: () => step(-1), r: () => judge("right"), s: save, z: zoom,
      w: () => (at("correct").value ? judge("wrong") : at("correct").focus()) };
    if (keys[e.key]) { e.preventDefault(); keys[e.key](); }
    if (e.key === "Enter" && e.target.matches("[data-problem]")) visit(items.indexOf(e.target));
  });

  function follow() {
    let name = "";
    try { name = decodeURIComponent(location.hash.slice(1)); } catch { return; }
    if (!name) return;
    const i = data.figures.findIndex((f) => f.path === name || f.report + ":" + f.path === name);
    if (i >= 0) show(i, false);
  }
  window.addEventListener("hashchange", follow);
  recall();
  follow();
})();
