// Every kind of page: for those who read with help, for the standards, for narrow screens, and for machines.
import { test, expect } from "@playwright/test";
import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { addresses, addToDemo, htmlPages, otherKinds, pageKinds } from "./kinds.mjs";

const require = createRequire(import.meta.url);
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const vnu = join(require.resolve("vnu-jar/package.json"), "..", "build", "dist", "vnu.jar");
const rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

test.beforeAll(async ({ request }) => {
  if ((await request.get("/sport/2020/02/03/result-44")).status() === 404) addToDemo();
});

test("every kind of page has an address here, and answers", async ({ page, request }) => {
  const all = await addresses(page);
  expect(pageKinds.length).toBeGreaterThan(10);
  expect(Object.keys(all).sort()).toEqual([...pageKinds].sort());
  for (const [kind, list] of Object.entries(all))
    for (const path of list) {
      const status = (await request.get(path)).status();
      const want = path.includes("result-44") ? [410] : kind === "error" ? [400, 404, 414] : [200];
      expect(want, `${kind} at ${path.slice(0, 60)}: ${status}`).toContain(status);
    }
});

for (const scheme of ["light", "dark"])
  test(`no page has an accessibility fault, ${scheme}`, async ({ browser }) => {
    test.setTimeout(120000);
    const context = await browser.newContext({ colorScheme: scheme, bypassCSP: true, baseURL: process.env.BASE });
    const page = await context.newPage();
    for (const [name, path] of await htmlPages(page)) {
      await page.goto(path);
      await page.evaluate(axe);
      const result = await page.evaluate((runOnly) => window.axe.run(document, { runOnly }), rules);
      expect(result.violations.map((v) => `${name}: ${v.id}: ${v.nodes.map((n) => n.target).join(" ")}`)).toEqual([]);
    }
    await context.close();
  });

test("every page is valid HTML", async ({ page, request }) => {
  test.setTimeout(120000);
  const dir = mkdtempSync(join(tmpdir(), "broadsheet-"));
  const files = [];
  for (const [name, path] of await htmlPages(page)) {
    const file = join(dir, `${name.replaceAll(/[^a-z0-9]+/g, "-")}.html`);
    writeFileSync(file, await (await request.get(path)).text());
    files.push(file);
  }
  const post = join(dir, "error-405.html");
  writeFileSync(post, await (await request.post("/")).text());
  let said = "";
  try { said = execFileSync("java", ["-Xss1m", "-jar", vnu, "--stdout", "--also-check-css", ...files, post], { encoding: "utf8" }); }
  catch (e) { said = e.stdout; }
  expect(said).toBe("");
});

test("nothing scrolls sideways, at three widths", async ({ page }) => {
  test.setTimeout(120000);
  const list = await htmlPages(page);
  for (const width of [360, 768, 1440]) {
    await page.setViewportSize({ width, height: 900 });
    for (const [name, path] of list) {
      await page.goto(path);
      const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      expect(`${name} at ${width}: ${over}`).toBe(`${name} at ${width}: 0`);
    }
  }
});

// ---- what machines read ----

// The browser's own XML parser; faults, then elements as { name, text, attributes, children }.
async function parse(page, xml) {
  return page.evaluate((source) => {
    const doc = new DOMParser().parseFromString(source, "application/xml");
    const fault = doc.getElementsByTagName("parsererror")[0];
    const tree = (e) => ({ name: e.nodeName, ns: e.namespaceURI, text: e.textContent.trim(),
      attributes: Object.fromEntries([...e.attributes].map((a) => [a.name, a.value])), children: [...e.children].map(tree) });
    return { fault: fault ? fault.textContent : "", root: tree(doc.documentElement) };
  }, xml);
}
const all = (e, name) => e.children.filter((c) => c.name === name);
function only(e, name, where) {
  const found = all(e, name);
  expect(found.length, `${where}: ${name} in ${e.name}`).toBe(1);
  expect(found[0].text, `${where}: ${name} is empty`).not.toBe("");
  return found[0].text;
}
const moment = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

test("feeds are Atom (RFC 4287)", async ({ page, request }) => {
  const { feed, "section-feed": sections } = await addresses(page);
  for (const path of [...feed, ...sections]) {
    const answer = await request.get(path);
    expect(answer.headers()["content-type"]).toBe("application/atom+xml; charset=utf-8");
    const { fault, root } = await parse(page, await answer.text());
    expect(fault).toBe("");
    expect([root.name, root.ns]).toEqual(["feed", "http://www.w3.org/2005/Atom"]);
    only(root, "title", path);
    expect(only(root, "id", path)).toMatch(/^https?:/);
    expect(only(root, "updated", path)).toMatch(moment);
    const links = all(root, "link").map((l) => l.attributes);
    expect(new URL(links.find((l) => l.rel === "self").href).pathname).toBe(path);
    expect(links.some((l) => l.rel === "alternate")).toBe(true);
    const entries = all(root, "entry"), ids = new Set();
    expect(entries.length, path).toBeGreaterThan(0);
    for (const e of entries) {
      only(e, "title", path);
      ids.add(only(e, "id", path));
      expect(only(e, "updated", path)).toMatch(moment);
      expect(only(e, "published", path)).toMatch(moment);
      const authors = [...all(e, "author"), ...all(root, "author")];
      expect(authors.length, `${path}: no author`).toBeGreaterThan(0);
      for (const a of authors) only(a, "name", path);
      const to = all(e, "link").find((l) => l.attributes.rel === "alternate").attributes.href;
      expect((await request.get(new URL(to).pathname)).status(), to).toBe(200);
      const content = all(e, "content")[0];
      expect(content.attributes.type).toBe("html");
      const away = await page.evaluate((html) => [...new DOMParser().parseFromString(html, "text/html").querySelectorAll("[href],[src]")]
        .map((x) => x.getAttribute("href") ?? x.getAttribute("src")).filter((u) => !/^(https?|mailto|tel):/.test(u)), content.text);
      expect(away, `${path}: addresses that are relative`).toEqual([]);
    }
    expect(ids.size).toBe(entries.length);
  }
});

test("the news map is a news sitemap", async ({ page, request }) => {
  const answer = await request.get("/sitemap/news.xml");
  const { fault, root } = await parse(page, await answer.text());
  expect(fault).toBe("");
  expect([root.name, root.ns]).toEqual(["urlset", "http://www.sitemaps.org/schemas/sitemap/0.9"]);
  const urls = all(root, "url");
  expect(urls.length).toBeGreaterThan(0);
  expect(urls.length).toBeLessThanOrEqual(1000);
  const languages = new Set();
  for (const u of urls) {
    expect((await request.get(new URL(only(u, "loc", "news map")).pathname)).status()).toBe(200);
    const news = all(u, "news:news")[0], publication = all(news, "news:publication")[0];
    expect(news.ns).toBe("http://www.google.com/schemas/sitemap-news/0.9");
    only(publication, "news:name", "news map");
    languages.add(only(publication, "news:language", "news map"));
    only(news, "news:title", "news map");
    const at = only(news, "news:publication_date", "news map");
    expect(at).toMatch(moment);
    expect(Date.now() - Date.parse(at)).toBeLessThan(49 * 3600 * 1000);
  }
  expect([...languages].sort()).toEqual(["ar", "en", "ru"]);
});

test("linked data can be read, and says what search engines ask for", async ({ page }) => {
  const { story } = await addresses(page);
  for (const [name, path] of await htmlPages(page)) {
    await page.goto(path);
    const blocks = await page.locator("script[type='application/ld+json']").allTextContents();
    const data = blocks.map((b) => JSON.parse(b));
    if (!story.includes(path) || path.includes("result-44")) continue;
    const nodes = data.flatMap((d) => d["@graph"] ?? [d]);
    const article = nodes.find((n) => n["@type"] === "NewsArticle");
    for (const key of ["headline", "datePublished", "dateModified", "inLanguage", "mainEntityOfPage", "publisher"])
      expect(article?.[key], `${name}: ${key}`).toBeTruthy();
    const crumbs = nodes.find((n) => n["@type"] === "BreadcrumbList").itemListElement;
    expect(crumbs.map((c) => c.position)).toEqual([1, 2, 3]);
  }
});

test("texts, data, robots and pictures are what they say", async ({ page, request }) => {
  const everything = await addresses(page);
  expect(otherKinds.every((kind) => everything[kind])).toBe(true);
  for (const path of everything["story.txt"]) {
    const answer = await request.get(path);
    expect(answer.headers()["content-type"]).toBe("text/plain; charset=utf-8");
    expect(await answer.text()).not.toMatch(/<\/?[a-z]+>|&[a-z]+;/);
  }
  for (const path of everything["story.json"]) {
    const answer = await request.get(path), story = JSON.parse(await answer.text());
    expect(answer.headers()["content-type"]).toBe("application/json; charset=utf-8");
    expect([story.format, story.address]).toEqual(["broadsheet-story/1", path.replace(/\.json$/, "")]);
    expect(story.headline.length).toBeGreaterThan(0);
  }
  expect(await (await request.get("/robots.txt")).text()).toMatch(/^Sitemap: https?:\S+\/sitemap\/news\.xml$/m);
  for (const path of everything.picture)
    expect((await request.get(path)).headers()["content-type"]).toMatch(/^image\/(jpeg|png|webp)$/);
});
