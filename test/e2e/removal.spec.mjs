// Words removed by order at the desk, without script; killed in the middle; and an older backup restored.
import { test, expect } from "@playwright/test";
import { execFileSync, spawn } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "./kinds.mjs";
import { sound } from "./sound.mjs";

const PASSWORD = "several words unlike";
const NAME = "Zephyrinowitz", OLD = "/news/2026/11/20/zephyrinowitz-held", NEW = "/news/2026/11/20/held";
const story = (more, text) => `---\nid: a\nsection: news\nslug: ${more}\npublished: 2026-11-20T12:00:00Z\nheadline: ${NAME} held\ntopics: [${NAME}, Harbour]\n---\n${text}\n`;

// Every file of a folder that has the name in it, in capitals or not.
function filesWith(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).filter((e) => e.isFile())
    .map((e) => join(e.parentPath ?? e.path, e.name)).filter((path) => readFileSync(path, "latin1").toLowerCase().includes(NAME.toLowerCase().slice(1)));
}

async function free() {
  return new Promise((r) => { const s = createServer().listen(0, "127.0.0.1", () => { const p = s.address().port; s.close(() => r(p)); }); });
}

async function serve(site, port) {
  const p = spawn(process.env.PROGRAM, ["serve", site, "--listen", `127.0.0.1:${port}`], { stdio: "ignore" });
  for (let i = 0; i < 100 && !(await fetch(`http://127.0.0.1:${port}/`).catch(() => null)); i++) await new Promise((r) => setTimeout(r, 100));
  return p;
}

async function end(server, signal) {
  const ended = new Promise((r) => server.on("exit", r));
  server.kill(signal);
  await ended;
}

async function signIn(page) {
  await page.goto("/desk/");
  await page.locator("input[name=email]").fill("pia@example.org");
  await page.locator("input[name=password]").fill(PASSWORD);
  await page.keyboard.press("Enter");
  await expect(page.locator("h1")).toHaveText("Stories");
}

async function look(page) {
  await page.goto("/desk/story/a/removal");
  await page.locator("textarea[name=words]").fill(NAME);
  await page.locator("button[value=look]").click();
}

function make(dir) {
  const site = join(dir, "site"), file = join(dir, "a.md");
  run("init", site);
  execFileSync(process.env.PROGRAM, ["user", "add", site, "--email", "pia@example.org", "--name", "Pia", "--role", "publisher", "--password-stdin"], { input: `${PASSWORD}\n`, stdio: ["pipe", "pipe", "pipe"] });
  for (const [slug, text] of [["zephyrinowitz-held", `The mayor, ${NAME}, was held.`], ["zephyrinowitz-held", `**${NAME}** denies it.`]]) {
    writeFileSync(file, story(slug, text));
    run("publish", site, file);
  }
  return site;
}

test("words are removed by order, and stay so after an older backup", async ({ browser }) => {
  test.setTimeout(120000);
  const dir = mkdtempSync(join(tmpdir(), "broadsheet-")), site = make(dir), port = await free();
  run("backup", site, join(dir, "older.tar"));
  let server = await serve(site, port);
  const c = await browser.newContext({ baseURL: `http://127.0.0.1:${port}`, javaScriptEnabled: false, viewport: { width: 360, height: 800 } }), page = await c.newPage();
  expect((await page.goto(OLD)).status()).toBe(200);
  await page.goto(`${OLD}?q=%5Aephyrinowitz`);
  await signIn(page);
  await page.goto("/desk/story/a");
  await page.locator("a", { hasText: "Remove words by order" }).click();
  await page.locator("textarea[name=words]").fill("nowhere at all");
  await page.locator("button[value=look]").click();
  await expect(page.locator("h2")).toHaveText("It stands nowhere in this story.");
  await look(page);
  await expect(page.locator("h2")).toContainText("places");
  await expect(page.locator("mark").first()).toHaveText(NAME);
  expect(page.url()).not.toContain("ephyrin");
  await page.locator("button[value=remove]").click();
  await expect(page.locator(".done")).toHaveText("The words were removed everywhere.");
  expect((await page.goto(OLD)).status()).toBe(410);
  await expect(page.locator("h1")).toHaveText("This address has been removed");
  expect((await page.goto(NEW)).status()).toBe(200);
  await expect(page.locator("h1 .removed")).toHaveText("[removed by order]");
  await expect(page.locator(".body .removed")).toHaveText("[removed by order]");
  await page.goto("/desk/log");
  await expect(page.locator("tbody tr").first()).toContainText("removed words by order from");
  await c.close();
  await end(server, "SIGTERM");
  expect(filesWith(site)).toEqual([]);
  expect(run("check", site)).toContain("all is well");

  // another machine: the backup, and the list of the site that it is of
  run("restore", join(dir, "older.tar"), join(dir, "back"), "--removals", join(site, "removals"));
  expect(filesWith(join(dir, "back"))).toEqual([]);
  server = await serve(join(dir, "back"), port);
  expect((await fetch(`http://127.0.0.1:${port}${OLD}`)).status).toBe(410);
  expect(await (await fetch(`http://127.0.0.1:${port}${NEW}`)).text()).toContain("[removed by order]");
  await end(server, "SIGTERM");
  expect(filesWith(join(dir, "back"))).toEqual([]);
  rmSync(dir, { recursive: true });
});

test("killed in the middle, nothing is removed or all of it", async ({ browser }) => {
  test.setTimeout(240000);
  const dir = mkdtempSync(join(tmpdir(), "broadsheet-")), first = make(dir), port = await free();
  const ends = { nothing: 0, all: 0 };
  for (let round = 0; round < 8; round++) {
    const site = join(dir, `site-${round}`);
    cpSync(first, site, { recursive: true });
    let server = await serve(site, port);
    const c = await browser.newContext({ baseURL: `http://127.0.0.1:${port}`, javaScriptEnabled: false }), page = await c.newPage();
    await signIn(page);
    await look(page);
    const before = await page.locator("h2").textContent();
    page.locator("button[value=remove]").click().catch(() => null); // its answer may never come
    await new Promise((r) => setTimeout(r, round * 20));
    await end(server, "SIGKILL");
    server = await serve(site, port);
    await page.close();
    const again = await c.newPage();
    await look(again);
    const after = await again.locator("h2").textContent();
    await c.close();
    await end(server, "SIGTERM");
    if (after === before) {
      ends.nothing++;
    } else {
      expect(after).toBe("It stands nowhere in this story.");
      expect(filesWith(site)).toEqual([]);
      ends.all++;
    }
    rmSync(site, { recursive: true });
  }
  expect(ends.all, JSON.stringify(ends)).toBeGreaterThan(0);
  rmSync(dir, { recursive: true });
});

test("the page is sound in three widths, in light and dark", async ({ browser }) => {
  const dir = mkdtempSync(join(tmpdir(), "broadsheet-")), site = make(dir), port = await free(), server = await serve(site, port);
  const in_ = await browser.newContext({ baseURL: `http://127.0.0.1:${port}` });
  await signIn(await in_.newPage());
  const storageState = await in_.storageState();
  for (const [width, colorScheme] of [[360, "light"], [768, "dark"], [1440, "light"]]) {
    const c = await browser.newContext({ baseURL: `http://127.0.0.1:${port}`, viewport: { width, height: 900 }, colorScheme, storageState }), page = await c.newPage();
    await page.goto("/desk/story/a/removal");
    await sound(page, `removal ${width}`);
    await look(page);
    await sound(page, `removal, looked, ${width} ${colorScheme}`);
    if (process.env.SHOTS) await page.screenshot({ path: join(process.env.SHOTS, `removal-${width}.png`), fullPage: true });
    await c.close();
  }
  await end(server, "SIGTERM");
  rmSync(dir, { recursive: true });
});
