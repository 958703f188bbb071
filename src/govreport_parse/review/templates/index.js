"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const at = (id) => document.getElementById(id);
  const FIELDS = ["unit", "year", "id", "name", "form", "figures", "valued", "empty", "lost",
    "holds", "broken", "open", "severe", "old", "url", "source"];
  const reports = data.reports.map((row) => Object.fromEntries(FIELDS.map((k, n) => [k, row[n]])));
  const PER_PAGE = 60, MOST_SHOWN = 100;

  // -- units by year: what stands in each field of the map

  const units = data.units.map(([code, name], n) => ({ n, code, name, province: code.slice(0, 2), years: new Map(), text: "" }));
  for (const r of reports) {
    const years = units[r.unit].years;
    if (!years.has(r.year)) years.set(r.year, []);
    years.get(r.year).push(r);
  }
  for (const u of units) {
    const all = [...u.years.values()].flat();
    const now = all.filter((r) => !r.old && r.figures);
    const sum = (key) => now.reduce((total, r) => total + r[key], 0);
    u.share = now.length ? 1 - sum("lost") / sum("figures") : 2;
    u.broken = sum("broken");
    u.lost = sum("lost");
    u.severe = all.some((r) => r.severe);
    u.gap = data.years.some((_, y) => !u.years.has(y));
    u.text = [u.code, u.name, ...all.flatMap((r) => [r.id, r.name])].join("\n").toLowerCase();
  }
  const provinces = new Map();
  for (const u of units)
    if (u.code.endsWith("0000") || !provinces.has(u.province)) {
      const cut = u.name.match(/^.*?(省|自治区|特别行政区|市)/);
      provinces.set(u.province, u.province ? (cut ? cut[0] : u.province) : "无代码 no code");
    }

  const make = (name, text, cls) => {
    const e = document.createElement(name);
    if (text !== undefined) e.textContent = text;
    if (cls) e.className = cls;
    return e;
  };

  function grade(share) {
    return share >= 1 ? "h5" : share >= 0.97 ? "h4" : share >= 0.9 ? "h3" : share >= 0.75 ? "h2" : share >= 0.5 ? "h1" : "h0";
  }

  function field(all) {
    const now = all.filter((r) => !r.old);
    const td = make("td", "", "h");
    if (!now.length) { td.textContent = all.length ? "·" : ""; td.classList.add("none"); return td; }
    const forms = now.filter((r) => r.figures);
    if (!forms.length) { td.textContent = "文 text"; td.classList.add("text"); return td; }
    const figures = forms.reduce((n, r) => n + r.figures, 0);
    const share = 1 - forms.reduce((n, r) => n + r.lost, 0) / figures;
    const broken = forms.filter((r) => r.broken).length;
    // rounded down: 99.6 % is not complete
    td.textContent = Math.floor(share * 100) + (now.length > 1 ? " ×" + now.length : "");
    td.classList.add(grade(share));
    if (broken) {
      td.classList.add("bad");
      td.append(make("b", " ✗" + (now.length > 1 ? broken : "")));
    }
    return td;
  }

  function head(table, names) {
    const tr = make("tr");
    for (const name of names) tr.append(make("th", name));
    const thead = make("thead");
    thead.append(tr);
    table.replaceChildren(thead);
    const body = make("tbody");
    table.append(body);
    return body;
  }

  const unknown = reports.some((r) => r.year < 0);
  const columns = [...data.years.keys(), ...(unknown ? [-1] : [])];
  const heads = [...data.years.map(String), ...(unknown ? ["年度不明 ?"] : [])];

  function overview() {
    const body = head(at("overview"), ["省份 province", ...heads]);
    const groups = new Map([...provinces.keys()].sort().map((p) => [p, new Map()]));
    for (const r of reports) {
      const years = groups.get(units[r.unit].province);
      if (!years.has(r.year)) years.set(r.year, []);
      years.get(r.year).push(r);
    }
    for (const [province, years] of groups) {
      const tr = make("tr");
      tr.append(make("td", provinces.get(province), "name"));
      for (const y of columns) {
        const td = field(years.get(y) || []);
        td.addEventListener("click", () => { at("province").value = province || "-"; page = 0; list(); });
        tr.append(td);
      }
      body.append(tr);
    }
  }

  // -- the map, one page of units at a time

  let page = 0, here = null;

  function kept() {
    const words = at("search").value.trim().toLowerCase(), province = at("province").value, which = at("which").value;
    const out = units.filter((u) => (!words || u.text.includes(words))
      && (!province || (province === "-" ? !u.province : u.province === province))
      && (!which || (which === "lost" ? u.lost > 0 : which === "broken" ? u.broken > 0 : which === "severe" ? u.severe : u.gap)));
    const byCode = (a, b) => (a.code || "~" + a.name).localeCompare(b.code || "~" + b.name);
    const orders = { code: byCode, worst: (a, b) => a.share - b.share || byCode(a, b), broken: (a, b) => b.broken - a.broken || byCode(a, b) };
    return out.sort(orders[at("order").value]);
  }

  function list() {
    const found = kept(), pages = Math.max(1, Math.ceil(found.length / PER_PAGE));
    page = Math.min(Math.max(page, 0), pages - 1);
    at("pages").textContent = `${page + 1} / ${pages} · ${found.length} 个单位 units`;
    const body = head(at("map"), ["代码 code", "名称 name", ...heads]);
    for (const u of found.slice(page * PER_PAGE, (page + 1) * PER_PAGE)) {
      const tr = make("tr");
      tr.append(make("td", u.code), make("td", u.name, "name"));
      for (const y of columns) {
        const all = u.years.get(y) || [], td = field(all);
        td.dataset.place = (u.code || u.name) + "/" + (y < 0 ? "?" : data.years[y]);
        td.addEventListener("click", () => show(td, u, y, all));
        tr.append(td);
      }
      body.append(tr);
    }
  }

  function show(td, u, y, all) {
    if (here) here.classList.remove("here");
    here = td;
    td.classList.add("here");
    at("of").textContent = `${u.name} ${y < 0 ? "年度不明" : data.years[y]}`;
    at("hint").textContent = all.length ? `${all.length} 份报告 reports` : "没有这一年的报告 no report of this year";
    at("reports").replaceChildren(...all.slice(0, MOST_SHOWN).map(card));
  }

  function card(r) {
    const li = make("li");
    li.append(make("div", r.name));
    if (r.figures) {
      li.append(make("div", `指标 figures ${r.figures}：有数 ${r.valued}，空白或横线 blank ${r.empty}，缺失 lost ${r.lost}`));
      li.append(make("div", `勾稽 checks：${r.holds} 成立 hold，${r.broken} 不成立 broken，${r.open} 不可查 open`, r.broken ? "bad-text" : ""));
    } else li.append(make("div", "只有文字 text only"));
    if (r.severe) li.append(make("div", `${r.severe} 项警告 warnings`));
    if (r.old) li.append(make("div", r.old === 1 ? "重复 a copy of another report" : "旧版本 an older version"));
    const code = make("code", `${r.id} · ${r.form} · ${r.source}`);
    li.append(code, make("div", "", "command"));
    li.lastChild.append(make("code", `govreport review DIR --report ${r.id} -o page.html`));
    if (r.url) li.append(address(r.url));
    return li;
  }

  function address(url) {
    const div = make("div"), a = make("a", url);
    if (/^https?:\/\//i.test(url)) a.href = url;
    a.rel = "noreferrer noopener";
    a.target = "_blank";
    div.append(a);
    return div;
  }

  for (const [code, name] of [...provinces].sort()) {
    const option = make("option", name);
    option.value = code || "-";
    at("province").append(option);
  }
  at("failures").replaceChildren(...data.failures.slice(0, MOST_SHOWN).map(([source, kind, message, url]) => {
    const li = make("li");
    li.append(make("div", source), make("div", kind + ": " + message));
    if (url) li.append(address(url));
    return li;
  }));
  if (data.failures.length > MOST_SHOWN) at("failures").append(make("li", `… ${data.failures.length - MOST_SHOWN} more`));
  if (!data.failures.length) at("failures").append(make("li", "无 none"));

  for (const id of ["province", "which", "order"]) at(id).addEventListener("change", () => { page = 0; list(); });
  at("search").addEventListener("input", () => { page = 0; list(); });
  const turn = (by) => { page += by; list(); };
  at("on").addEventListener("click", () => turn(1));
  at("back").addEventListener("click", () => turn(-1));
  document.addEventListener("keydown", (e) => {
    if (e.target.matches("input, select") || e.ctrlKey || e.metaKey || e.altKey) return;
    if (e.key === "n") turn(1);
    if (e.key === "p") turn(-1);
  });

  // #340111/2023 opens that field
  function follow() {
    let name = "";
    try { name = decodeURIComponent(location.hash.slice(1)); } catch { return; }
    if (!name) return;
    at("search").value = name.split("/")[0];
    page = 0;
    list();
    const td = [...document.querySelectorAll("#map td[data-place]")].find((e) => e.dataset.place === name);
    if (td) td.click();
  }
  window.addEventListener("hashchange", follow);
  overview();
  list();
  follow();
})();
