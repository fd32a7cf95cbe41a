// A walk through the demo newsroom in a real browser. Every kind of page is looked at in kinds.spec.mjs.
import { test, expect } from "@playwright/test";
import { writeFileSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { leadOf, run } from "./kinds.mjs";

test("three editions, each in its language and direction", async ({ page }) => {
  for (const [front, lang, dir, skip] of [["/", "en-GB", "ltr", "Skip to the text"], ["/ru/", "ru-RU", "ltr", "Перейти к тексту"], ["/ar/", "ar", "rtl", "انتقل إلى النص"]]) {
    await page.goto(front);
    await expect(page.locator("html")).toHaveAttribute("lang", lang);
    await expect(page.locator("html")).toHaveAttribute("dir", dir);
    await expect(page.locator(".skip")).toHaveText(skip);
  }
  const lead = await leadOf(page, "/");
  await page.goto(lead);
  await page.locator(".translations a[hreflang=ar]").click();
  await expect(page.locator("html")).toHaveAttribute("dir", "rtl");
  await page.locator(".translations a[hreflang=en]").click();
  await expect(page).toHaveURL(new RegExp(`${lead}$`));
});

test("the lead has its parts", async ({ page }) => {
  await page.goto(await leadOf(page, "/"));
  await expect(page.locator(".related")).toHaveCount(4);
  await expect(page.locator(".quote")).toHaveCount(2);
  await expect(page.locator(".body > h2")).toHaveText("The next stage begins when the answer is here");
  await expect(page.locator(".body ins")).toHaveText("[a letter]");
  await expect(page.locator(".picture.wide .credit span[lang=ru]")).toHaveText("Сандер Клотвейк");
  await expect(page.locator(".picture.wide .credit")).toContainText("Archive, 2018");
  await expect(page.locator(".changed")).toContainText("Corrected");
  await page.locator(".changed").click();
  await expect(page.locator("#corrections")).toContainText("She said one.");
  await expect(page.locator(".related .label").first()).toHaveText("Reports");
  await expect(page.locator(".background")).toContainText("Two towns, one channel");
});

for (const [edition, headline] of [["/", "Both towns will dredge alone"], ["/ru/", null], ["/ar/", null]])
test(`it works by keyboard at ${edition}`, async ({ page }) => {
  await page.goto(edition);
  await page.keyboard.press("Tab");
  await expect(page.locator(".skip")).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.locator("main")).toBeFocused();
  await page.keyboard.press("Tab");
  await expect(page.locator(".lead h2 a")).toBeFocused();
  const words = headline ?? (await page.locator(".lead h2").innerText()).trim();
  await page.keyboard.press("Enter");
  await expect(page.locator("article h1")).toContainText(words);
});

test("it is read without a script, and asks nobody else for anything", async ({ browser }) => {
  const context = await browser.newContext({ javaScriptEnabled: false, baseURL: process.env.BASE });
  const page = await context.newPage();
  const foreign = [];
  page.on("request", (r) => { if (!r.url().startsWith(process.env.BASE)) foreign.push(r.url()); });
  await page.goto("/");
  await expect(page.locator(".switch")).toHaveCount(0);
  await page.locator(".lead h2 a").click();
  await expect(page.locator("article h1")).toBeVisible();
  expect(foreign).toEqual([]);
  await context.close();
});

test("the switch between light and dark keeps the reader's choice", async ({ page }) => {
  await page.goto("/");
  await page.locator(".switch").click();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await page.reload();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
});

test("a story page is light", async ({ page, request }) => {
  const lead = await leadOf(page, "/");
  const html = await request.get(lead, { headers: { "Accept-Encoding": "br" } });
  const css = await page.locator("link[rel=stylesheet]").getAttribute("href");
  const size = async (path) => Number((await request.get(path, { headers: { "Accept-Encoding": "br" } })).headers()["content-length"]);
  expect((await size(lead)) + (await size(css))).toBeLessThan(20000);
  expect(html.ok()).toBe(true);
  let fonts = 0;
  page.on("response", async (r) => { if (r.url().endsWith(".woff2")) fonts += Number(r.headers()["content-length"]); });
  await page.goto(lead, { waitUntil: "networkidle" });
  expect(fonts).toBeLessThan(170000);
});

test("who publishes sees it on the next request", async ({ request }) => {
  const dir = mkdtempSync(join(tmpdir(), "broadsheet-"));
  const file = join(dir, "fresh.md");
  let path = "";
  for (let i = 1; i <= 20; i++) {
    writeFileSync(file, `---\nid: fresh\nsection: towns\nheadline: Fresh ${i}\nslug: fresh\n---\nWords of turn ${i}.\n`);
    path = run("publish", process.env.SITE, file).split(" ")[1].trim();
    expect(await (await request.get(path)).text()).toContain(`Words of turn ${i}.`);
    expect(await (await request.get("/towns/")).text()).toContain(`Fresh ${i}`);
  }
  const exported = run("export", process.env.SITE, "fresh");
  writeFileSync(file, exported);
  expect(run("publish", process.env.SITE, file)).toBe("unchanged fresh\n");
  run("withdraw", process.env.SITE, "fresh", "--note", "It was only a test.");
  const gone = await request.get(path);
  expect(gone.status()).toBe(410);
  expect(await gone.text()).toContain("It was only a test.");
  expect(await (await request.get("/towns/")).text()).not.toContain("Fresh 20");
});

test("pictures are whole, in parts, and without what their files said", async ({ page, request }) => {
  await page.goto("/");
  const src = await page.locator(".lead img").getAttribute("src");
  const all = await request.get(src);
  expect(all.headers()["cache-control"]).toContain("immutable");
  const body = await all.body();
  expect(body.includes(Buffer.from("Exif"))).toBe(false);
  const part = await request.get(src, { headers: { Range: "bytes=10-19" } });
  expect(part.status()).toBe(206);
  expect(Buffer.compare(await part.body(), body.subarray(10, 20))).toBe(0);
  expect((await request.get(src.replace(/.\.jpg$/, "_.jpg"))).status()).toBe(404);
});
