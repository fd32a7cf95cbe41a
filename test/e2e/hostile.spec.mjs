// Strings that are made to be taken for something else, through every field of every form of the desk, and looked at wherever they then
// stand. A site of its own, in a real browser: no script may run, none may even be stopped, and nothing of them may become an element.
import { test, expect } from "@playwright/test";
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "./kinds.mjs";

const PASSWORD = "several words unlike", WHO = "hettie@example.org";
// Each kind has a letter, for what has none is refused before it is shown. "mark" is how it is known again in a page.
const hostile = {
  script: "S1 <script data-hostile>ran('script')</script>",
  image: "S2 \"><img data-hostile src=x onerror=ran('image')>",
  single: "S3 '><svg data-hostile onload=ran('svg')>",
  closing: "S4 </textarea></title></style></script></template><script data-hostile>ran('closing')</script>",
  attribute: "S5 \" autofocus onfocus=ran('attribute') data-hostile=\"",
  address: "S6 javascript:ran('address')",
  template: "S7 {{{t.desk}}} {{#site}} {{>desk-layout}} ${ran('template')} #{7*7} <%= 7*7 %>",
  comment: "S8 --><!-- <![CDATA[ <?php ran() ?> ]]> -->",
  sql: "S9 '; DROP TABLE story; -- \" OR 1=1 /*",
  path: "S10 ../../../../etc/passwd %2e%2e%2f C:\\con",
  bidi: "S11 \u202e\u2066evil\u2069 \u200f\u061c<b data-hostile>\u202c",
  headers: "S12 \r\nSet-Cookie: hostile=1\r\nX-Hostile: 1\r\n\r\n<b data-hostile>x</b>",
  marks: `S13 Z${"\u0310\u0489\u0335\u0327".repeat(8)}`,
  entities: "S14 &lt;script&gt; &#60;img data-hostile&#62; &amp;amp; &quot;",
  percent: "S15 %s%n%x %00 %0d%0a \\u0000 \\x00",
  yaml: "S16: {a: !!x, *b, &c} | > - [ ] --- # %TAG",
  markdown: "S17 ![x](javascript:ran()) [x](data:text/html,<script>ran()</script>) `**_~",
  unicode: "S18 \u{1F469}\u200d\u{1F692} \ufeff\u00ad\u2028\u2029 \u{E0041}",
};
const long = `S19 ${"wide ".repeat(60000)}`;
let dir, server, base, context, page, seen;

test.beforeAll(async ({ browser }) => {
  dir = mkdtempSync(join(tmpdir(), "broadsheet-"));
  const site = join(dir, "site"), port = await new Promise((r) => { const s = createServer().listen(0, "127.0.0.1", () => { const p = s.address().port; s.close(() => r(p)); }); });
  run("init", site);
  execFileSync(process.env.PROGRAM, ["user", "add", site, "--email", WHO, "--name", "Hettie", "--role", "publisher,editor", "--password-stdin"], { input: `${PASSWORD}\n`, stdio: ["pipe", "pipe", "pipe"] });
  server = spawn(process.env.PROGRAM, ["serve", site, "--listen", `127.0.0.1:${port}`], { stdio: "ignore" });
  base = `http://127.0.0.1:${port}`;
  for (let i = 0; i < 100 && !(await fetch(`${base}/`).catch(() => null)); i++) await new Promise((r) => setTimeout(r, 100));
  context = await browser.newContext({ baseURL: base });
  seen = [];
  await context.exposeFunction("ran", (what) => { seen.push(`a script ran: ${what}`); });
  // what the policy has to stop has become an element all the same
  await context.addInitScript(() => document.addEventListener("securitypolicyviolation", (e) => window.ran(`${e.violatedDirective} stopped ${e.blockedURI} at ${location.pathname}`)));
  context.setDefaultTimeout(15000);
  context.on("page", watch);
  page = await context.newPage();
  await page.goto("/desk/sign-in");
  await page.locator("input[name=email]").fill(WHO);
  await page.locator("input[name=password]").fill(PASSWORD);
  await page.keyboard.press("Enter");
  await expect(page.locator("h1")).toHaveText("Stories");
  // it would be seen
  await page.evaluate(() => { const s = document.createElement("script"); s.textContent = "ran('inline')"; document.body.append(s); return window.ran("probe"); });
  await expect.poll(() => seen.join("; ")).toMatch(/probe.*stopped inline|stopped inline.*probe/);
  seen = [];
});
test.afterAll(async () => {
  await context.close();
  const ended = new Promise((r) => server.on("exit", r));
  server.kill("SIGTERM");
  await ended;
  expect(run("check", join(dir, "site"))).not.toContain("wrong");
  rmSync(dir, { recursive: true });
});
test.afterEach(() => expect(seen).toEqual([]));

function watch(one) {
  one.on("dialog", (d) => { if (d.type() !== "beforeunload") seen.push(`a dialog: ${d.message()}`); return d.accept(); });
  one.on("pageerror", (e) => seen.push(`${one.url()}: ${e}`));
  one.on("response", (r) => {
    const headers = r.headers();
    if ("x-hostile" in headers || /hostile/.test(headers["set-cookie"] ?? "")) seen.push(`a header of ours at ${r.url()}`);
    if (r.status() >= 500) seen.push(`${r.status()} at ${r.url()}`);
  });
}

// The page that is open holds none of it as anything but text.
async function clean(where) {
  const found = await page.evaluate(() => [...document.querySelectorAll("*")].filter((el) => el.hasAttribute("data-hostile") || [...el.attributes].some((a) => /^on/i.test(a.name)) || /^\s*(javascript|data|vbscript):/i.test(el.getAttribute("href") ?? el.getAttribute("src") ?? "")).map((el) => el.outerHTML.slice(0, 200)));
  expect(found, where).toEqual([]);
}

async function look(path, status = 200) {
  const reply = await page.goto(path);
  expect(reply.status(), path).toBe(status);
  await clean(path);
  return page.locator("body").innerText();
}

// Sends a form of the open page with some fields set otherwise, by its button, as its browser would; says what came of it.
const send = (form, fields, button) => page.evaluate(async ([index, set, press]) => {
  const form = document.forms[index], data = new FormData(form);
  for (const [name, value] of Object.entries(set)) data.set(name, value);
  if (press) data.set("do", press);
  const get = form.method === "get", multipart = form.enctype === "multipart/form-data";
  if (multipart) data.delete("new-picture");
  const reply = get ? await fetch(`${form.getAttribute("action")}?${new URLSearchParams(data)}`) : await fetch(form.getAttribute("action"), { method: "POST", body: multipart ? data : new URLSearchParams(data) });
  const html = await reply.text(), made = new DOMParser().parseFromString(html, "text/html");
  const bad = [...made.querySelectorAll("*")].filter((el) => el.hasAttribute("data-hostile") || [...el.attributes].some((a) => /^on/i.test(a.name)) || /^\s*(javascript|data|vbscript):/i.test(el.getAttribute("href") ?? el.getAttribute("src") ?? ""));
  const inline = [...made.querySelectorAll("script:not([src])")];
  return { status: reply.status, bad: [...bad, ...inline].map((el) => el.outerHTML.slice(0, 200)), headers: [...reply.headers.keys()].filter((n) => /hostile/.test(n)), error: made.querySelector("main .error")?.textContent ?? "" };
}, [form, fields, button]);

// The forms of the open page: names of the fields that take words, and the buttons; but for what ends the session that is looked from.
const forms = () => page.evaluate(() => [...document.forms].map((form, index) => ({
  index, action: form.getAttribute("action"),
  fields: [...new Set([...form.elements].filter((el) => el.name && el.type !== "password" && el.type !== "file" && el.tagName !== "BUTTON" && el.name !== "token").map((el) => el.name))],
  buttons: [...new Set([...form.elements].filter((el) => el.tagName === "BUTTON" && el.name === "do").map((el) => el.value))],
})).filter((form) => form.action && !/sign-out|password/.test(form.action)));

const GRAVE = /^(destroy|end|second-off|reset|withdraw|restore|restrict|open|roles)$/;

async function everyField(path, known) {
  await page.goto(path);
  const all = await forms();
  let tried = 0;
  for (const form of all) {
    const buttons = form.buttons.filter((b) => !GRAVE.test(b));
    if (form.buttons.length && !buttons.length) continue;
    for (const field of [...form.fields, ...(known.test(form.action) ? ["document"] : [])]) {
      for (const [kind, words] of Object.entries({ ...hostile, long })) {
        if (kind === "long" && /\/desk\/(\?|$)/.test(form.action)) continue; // an address has its own limit
        const came = await send(form.index, { [field]: words }, buttons[0] ?? "");
        const where = `${path}, ${form.action}, ${field}, ${kind}`;
        expect(came.status, where).toBeLessThan(500);
        expect(came.bad, where).toEqual([]);
        expect(came.headers, where).toEqual([]);
        tried++;
      }
    }
  }
  return tried;
}

async function begin() {
  await page.goto("/desk/new");
  await page.locator("main button").click();
  await expect(page.locator("textarea[name=headline]")).toHaveCount(1);
  return new URL(page.url()).pathname;
}

test("one field at a time, in every form of the desk", async () => {
  test.setTimeout(600000);
  const story = await begin();
  await page.locator("textarea[name=headline]").fill("A story");
  await page.locator("button[name=do][value=save]").first().click();
  await expect(page.locator(".done")).toBeVisible();
  const first = await everyField(story, /story/);
  expect(first).toBeGreaterThan(600);
  await page.goto("/desk/people");
  const person = await page.locator("main a[href^='/desk/people/']").first().getAttribute("href");
  let rest = 0;
  for (const path of ["/desk/", "/desk/new", `${story}/find`, `${story}/saves/1`, "/desk/fronts", "/desk/people", person, `${person}/published`, "/desk/account", "/desk/second-factor"]) rest += await everyField(path, /never/);
  expect(rest).toBeGreaterThan(300);
  for (const path of ["/desk/", story, `${story}/saves`, "/desk/people", "/desk/log", "/desk/fronts"]) await look(path);
});

test("in the queries of every address", async () => {
  test.setTimeout(600000);
  const names = ["find", "state", "edition", "section", "who", "before", "done", "from", "kind", "pages", "ms", "since", "return"];
  for (const path of ["/desk/", "/desk/sign-in", "/desk/people", "/desk/log", "/desk/account", "/desk/fronts/en", "/"])
    for (const words of Object.values(hostile)) {
      const reply = await page.goto(`${path}?${new URLSearchParams(names.map((n) => [n, words]))}`);
      expect(reply.status(), `${path} ${words}`).toBeLessThan(500);
      await clean(`${path} ${words}`);
    }
});

// All kinds at once in a story that is published, signed with such a name and such topics, with notes and a correction; then everywhere.
test("looked at wherever they stand", async () => {
  test.setTimeout(600000);
  const one = (words) => words.replace(/[\r\n\u2028\u2029]+/g, " ").replace(/\ufeff/g, "").trim();
  const kinds = Object.values(hostile).map(one), text = (words) => ({ type: "text", text: words });
  const para = (words) => ({ content: [text(words)], type: "paragraph" });
  const blocks = kinds.flatMap((w) => [
    para(w), { attrs: { level: 2 }, content: [text(w)], type: "crosshead" },
    { attrs: { date: "2026-11-20", role: w, speaker: w, venue: w }, content: [para(w)], type: "quote" },
    { content: [{ content: [para(w)], type: "list_item" }], type: "bullet_list" },
    { attrs: { key: "none", text: w }, type: "related" },
    { content: [text(w)], type: "code_block" },
    { content: [{ content: [{ content: [text(w)], type: "table_cell" }], type: "table_row" }], type: "table" },
    { content: [{ marks: [{ attrs: { href: `https://example.org/?${encodeURIComponent(w)}` }, type: "link" }], text: w, type: "text" }], type: "paragraph" },
  ]);
  const document = JSON.stringify({ content: blocks, type: "doc" });
  const addresses = [], looked = new Set();
  await page.goto("/desk/account");
  await page.locator("input[name=name]").fill(hostile.image);
  await page.locator("button[value=name]").click();
  await look("/desk/account");
  for (const [kind, raw] of Object.entries(hostile)) {
    const words = one(raw), path = await begin();
    const fields = { headline: words, standfirst: words, front: words, social: words, push: words, dateline: words, topics: words, "by-0-name": words, "by-0-role": words, body: "", document };
    const came = await send(await page.evaluate(() => [...window.document.forms].findIndex((f) => f.matches("[data-editor]"))), { ...fields, note: words }, "note");
    expect([came.status, came.error], kind).toEqual([200, ""]);
    await look(path);
    await expect(page.locator("textarea[name=headline]"), kind).toHaveValue(words);
    await page.locator("button[name=do][value=publish]").click();
    await expect(page.locator(".done"), kind).toContainText("Published");
    await clean(path);
    addresses.push([path, await page.locator(".buttons a", { hasText: /^The page$/ }).getAttribute("href"), words]);
    await page.locator("select[name=change]").selectOption("correction");
    await page.locator("textarea[name=correction]").fill(words);
    await page.locator("textarea[name=standfirst]").fill(`${words} corrected`);
    await page.locator("button[name=do][value=publish]").click();
    await expect(page.locator(".done"), kind).toContainText("Published");
  }
  for (const [path, address, words] of addresses) {
    for (const below of ["", "/saves", "/saves/1", "/preview", "/saves/1/preview", `/find?find=${encodeURIComponent(words.slice(0, 3))}`]) await look(path + below);
    const shown = (await look(address)).replace(/\s+/g, " ");
    expect(shown, address).toContain(words.split(" ")[0]);
    await expect(page.locator("article h1")).toHaveText(words.replace(/\s+/g, " "));
    for (const link of await page.locator("article a[href^='/'], main a[href^='/']").evaluateAll((all) => [...new Set(all.map((a) => a.getAttribute("href")))].slice(0, 12))) {
      if (looked.has(link)) continue;
      looked.add(link);
      const reply = await page.request.get(link);
      expect(reply.status(), link).toBeLessThan(500);
      if (/html/.test(reply.headers()["content-type"] ?? "") && reply.ok()) await look(link);
    }
    JSON.parse(await (await page.request.get(`${address}.json`)).text());
    expect(await (await page.request.get(`${address}.txt`)).text(), address).toContain(words.split(" ")[0]);
  }
  for (const path of ["/", "/desk/", "/desk/log", "/desk/people", "/desk/fronts", "/desk/?find=S1", "/desk/account"]) await look(path);
  await page.goto("/desk/people");
  await look(`${await page.locator("main a[href^='/desk/people/']").first().getAttribute("href")}/published?since=2020-01-01T00:00`);
  // feeds and maps are whole XML, with the words as text
  await page.goto("/");
  const feeds = await page.locator("link[type='application/rss+xml'], link[type='application/atom+xml'], link[type='application/feed+json']").evaluateAll((all) => all.map((l) => l.getAttribute("href")));
  expect(feeds.length).toBeGreaterThan(0);
  for (const path of [...feeds, "/sitemap.xml", "/news-sitemap.xml"]) {
    const reply = await page.request.get(path), body = await reply.text();
    if (reply.status() === 404) continue;
    const wrong = await page.evaluate((xml) => {
      const doc = new DOMParser().parseFromString(xml, "application/xml");
      return [doc.querySelector("parsererror")?.textContent ?? "", ...[...doc.querySelectorAll("*")].filter((el) => el.hasAttribute("data-hostile") || /^(script|img|svg)$/i.test(el.localName)).map((el) => el.outerHTML)].filter(Boolean);
    }, body);
    expect(wrong, path).toEqual([]);
  }
  // a front that is arranged with them
  await page.goto("/desk/fronts");
  await page.locator("input[name=story-0]").fill(addresses[0][0].split("/").pop());
  await page.locator("input[name=headline-0]").fill(hostile.closing);
  await page.locator("button[name=do][value=save]").first().click();
  await clean("/desk/fronts");
  expect(await look("/")).toContain("S4 </textarea>");
});

// A sign-in that fails says again what was typed; last, for wrong tries slow down those that follow.
test("at the sign-in", async ({ browser }) => {
  const out = await browser.newContext({ baseURL: base }), stranger = await out.newPage();
  await stranger.goto(`/desk/sign-in?return=${encodeURIComponent(hostile.attribute)}`);
  await stranger.locator("input[name=email]").evaluate((el, words) => { el.type = "text"; el.value = words; }, hostile.image);
  await stranger.locator("input[name=password]").fill("x");
  await stranger.locator("main button").click();
  await expect(stranger.locator(".error")).toBeVisible();
  expect(await stranger.locator("[data-hostile]").count()).toBe(0);
  await out.close();
});
