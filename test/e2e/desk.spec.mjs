// A day at the desk in a real browser: two people, with script, and its main line again without script on a phone.
import { test, expect } from "@playwright/test";
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "./kinds.mjs";
import { sound } from "./sound.mjs";

const PASSWORD = "several words unlike";
const people = { rita: ["Rita Reed", "reporter"], edda: ["Edda Ebb", "editor"], pia: ["Pia Pole", "publisher,editor"], petra: ["Petra Pine", "publisher"], lena: ["Lena Loss", "reporter"] };

// An account whose password is known; made while the server runs.
function account(who) {
  const [name, roles] = people[who];
  if (run("user", "list", process.env.SITE).includes(`${who}@example.org`)) return; // a test that failed begins all anew
  execFileSync(process.env.PROGRAM, ["user", "add", process.env.SITE, "--email", `${who}@example.org`, "--name", name, "--role", roles, "--password-stdin"], { input: `${PASSWORD}\n`, stdio: ["pipe", "pipe", "pipe"] });
}


async function signIn(page, who) {
  await page.goto("/desk/");
  await page.locator("input[name=email]").fill(`${who}@example.org`);
  await page.locator("input[name=password]").fill(PASSWORD);
  await page.keyboard.press("Enter");
  await expect(page.locator("h1")).toHaveText("Stories");
}

async function begin(page, place) {
  await page.goto("/desk/new");
  if (place) await page.locator("select[name=place]").selectOption(place);
  await page.locator("main button").click();
  await expect(page.locator("textarea[name=headline]")).toBeVisible();
}

const press = (page, value) => page.locator(`button[name=do][value=${value}]`).first().click();
// with script the text is written in the editor that looks like the page
const box = (page) => page.locator("[role=textbox][aria-multiline]");
async function write(page, text) {
  await box(page).click();
  await page.keyboard.press("ControlOrMeta+A");
  const blocks = text.trimEnd().split("\n\n");
  for (const [i, block] of blocks.entries()) {
    await page.keyboard.insertText(block);
    if (i < blocks.length - 1) await page.keyboard.press("Enter");
  }
}
const reads = (page, blocks) => expect(box(page).locator("p")).toHaveText(blocks);
const saved = (page) => expect(page.locator("[data-saved]")).toContainText("Saved");

test.beforeAll(() => Object.keys(people).forEach(account));

test("two people take a story from its first word to its correction", async ({ browser }) => {
  const a = await browser.newContext({ baseURL: process.env.BASE }), b = await browser.newContext({ baseURL: process.env.BASE });


  const rita = await a.newPage(), edda = await b.newPage();
  await signIn(rita, "rita");
  await begin(rita);
  await rita.locator("textarea[name=headline]").fill("A gull has learnt the ferry's timetable");
  await write(rita, "It comes at ten past.\n\nNobody taught it.\n");
  await saved(rita); // by itself
  const where = new URL(rita.url()).pathname;

  // she goes on typing in the form that saved itself; the other changes another paragraph meanwhile
  await box(rita).press("ControlOrMeta+End");
  await press(rita, "send");
  await expect(rita.locator(".done")).toHaveText("Sent to review.");
  await signIn(edda, "edda");
  await expect(edda.locator("section").first()).toContainText("A gull has learnt");
  await edda.goto(where);
  await rita.goto(where);
  await write(edda, "It comes at ten past nine.\n\nNobody taught it.\n");
  await press(edda, "save");
  await expect(edda.locator(".done")).toBeVisible();
  await write(rita, "It comes at ten past.\n\nNobody has taught it.\n");
  await press(rita, "save");
  await reads(rita, ["It comes at ten past nine.", "Nobody has taught it."]);

  // the same words: a choice
  await edda.goto(where);
  await edda.locator("textarea[name=headline]").fill("A gull knows the ferry's timetable");
  await press(edda, "save");
  await expect(edda.locator(".done")).toBeVisible();
  await rita.locator("textarea[name=headline]").fill("A gull mocks the ferry's timetable");
  await press(rita, "save");
  await expect(rita.locator("h1")).toHaveText("You both changed the same words");
  await sound(rita, "choices");
  await rita.locator("input[value=theirs]").first().check();
  await rita.locator("main button").last().click();
  await expect(rita.locator("textarea[name=headline]")).toHaveValue("A gull knows the ferry's timetable");

  await edda.goto(where);
  await press(edda, "approve");
  await expect(edda.locator(".done")).toHaveText("Approved.");
  await press(edda, "publish");
  await expect(edda.locator(".done")).toContainText("Published");
  const address = await edda.locator(".buttons a", { hasText: "The page" }).getAttribute("href");
  const reader = await browser.newContext({ baseURL: process.env.BASE }), front = await reader.newPage();
  await front.goto(address);
  await expect(front.locator("article h1")).toHaveText("A gull knows the ferry's timetable");
  await expect(front.locator(".body")).toContainText("Nobody has taught it.");

  await write(edda, "It comes at ten past eight.\n\nNobody has taught it.\n");
  await edda.locator("select[name=change]").selectOption("correction");
  await edda.locator("textarea[name=correction]").fill("It comes at ten past eight, not nine.");
  await saved(edda);
  await press(edda, "publish");
  await expect(edda.locator(".done")).toContainText("Published");
  await front.reload();
  await expect(front.locator("#corrections")).toContainText("not nine");

  await edda.goto(`${where}/saves`);
  await sound(edda, "saves");
  await edda.locator(".lines a").last().click();
  await expect(edda.locator(".compared ins").first()).toBeVisible();
  await sound(edda, "a save");
  await edda.goto(where);
  await edda.locator("summary", { hasText: "Withdraw" }).click();
  await edda.locator("textarea[name=reason]").fill("The gull was a pigeon.");
  await press(edda, "withdraw");
  await expect(edda.locator(".done")).toHaveText("Withdrawn.");
  expect((await front.reload()).status()).toBe(410);
  await press(edda, "reinstate");
  await expect(edda.locator(".done")).toHaveText("Put back.");
  expect((await front.reload()).status()).toBe(200);
  await Promise.all([a, b, reader].map((c) => c.close()));
});

test("the main line without a script, on a phone", async ({ browser }) => {
  const c = await browser.newContext({ baseURL: process.env.BASE, javaScriptEnabled: false, viewport: { width: 360, height: 740 } }), page = await c.newPage();
  await signIn(page, "edda");
  await page.locator(".button", { hasText: "New story" }).click();
  await page.locator("main button").click();
  await page.locator("textarea[name=headline]").fill("Fog over both towns");
  await page.locator("textarea[name=body]").fill("It came <b>by night</b>.\n");
  await press(page, "save");
  await expect(page.locator(".error")).toContainText("HTML"); // and what was typed is still there
  await expect(page.locator("textarea[name=body]")).toHaveValue("It came <b>by night</b>.\n");
  await page.locator("textarea[name=body]").fill("It came *by night*.\n");
  await press(page, "save");
  await expect(page.locator(".done")).toHaveText("Saved.");
  await press(page, "publish");
  await expect(page.locator(".done")).toContainText("Published");
  await page.locator(".buttons a", { hasText: "The page" }).click();
  await expect(page.locator("article h1")).toHaveText("Fog over both towns");
  await c.close();
});

test("an embargo is lifted, a due translation answered, a story held", async ({ browser }) => {
  const context = async (options = {}) => (await browser.newContext({ baseURL: process.env.BASE, ...options })).newPage();
  const edda = await context(), petra = await context(), stranger = await context();
  await signIn(edda, "edda");
  await begin(edda);
  await edda.locator("textarea[name=headline]").fill("The harbour board names its new chair");
  await write(edda, "She begins on Monday.");
  await edda.locator("input[name=embargo]").fill("2031-03-01T06:00");
  await press(edda, "save");
  await expect(edda.locator(".done")).toHaveText("Saved.");
  await expect(edda.locator(".notice")).toContainText("Under embargo until");
  const where = new URL(edda.url()).pathname;
  await sound(edda, "a story under embargo");

  // a link to it opens for nobody who isn't of the newsroom, until a publisher lifts it
  await edda.goto(`${where}/saves/1`);
  await press(edda, "share");
  const link = new URL(await edda.locator(".secret").innerText()).pathname;
  await stranger.goto(link);
  await expect(stranger.locator("h1")).toHaveText("Under embargo");
  await expect(stranger.locator("body")).not.toContainText("harbour board");
  await edda.goto(where);
  await edda.locator("input[name=embargo]").fill("");
  await press(edda, "save");
  await expect(edda.locator(".error")).toContainText("can only be made longer");
  await edda.goto(where);
  await press(edda, "publish");
  await expect(edda.locator(".error")).toContainText("Under embargo at that time");

  await signIn(petra, "petra"); // once: a publisher's second time wants a second step
  await petra.goto(where);
  await petra.locator("summary", { hasText: "Lift the embargo" }).click();
  await petra.locator("textarea[name=lift-reason]").fill("The board told everybody today.");
  await press(petra, "lift");
  await expect(petra.locator(".done")).toHaveText("The embargo is changed.");
  await expect(petra.locator(".notice")).toHaveCount(0);
  await stranger.goto(link);
  await expect(stranger.locator("article h1")).toHaveText("The harbour board names its new chair");
  await press(petra, "publish");
  await expect(petra.locator(".done")).toContainText("Published");

  // a correction puts its translations on Due, and "needs nothing" takes one off
  await edda.goto("/desk/story/lifeboat-aground");
  await edda.locator("select[name=change]").selectOption("correction");
  await edda.locator("textarea[name=correction]").fill("The tide turned at four, not at five.");
  await press(edda, "publish");
  await expect(edda.locator(".done")).toContainText("Published");
  await edda.goto("/desk/");
  const due = edda.locator("section", { has: edda.locator("#due") }), line = due.locator("tr", { hasText: "Спасательный катер" });
  await expect(line).toContainText("A linked translation was corrected");
  await sound(edda, "due");
  await line.locator("a").click();
  await expect(edda.locator(".notice")).toContainText("Lifeboat aground");
  await sound(edda, "a due translation");
  await press(edda, "needs-nothing");
  await expect(edda.locator(".done")).toHaveText("Noted that it needs nothing.");
  await expect(edda.locator(".notice")).toHaveCount(0);
  await edda.goto("/desk/");
  await expect(line).toHaveCount(0);

  // without script, on a phone, a publisher holds a story
  const phone = await context({ javaScriptEnabled: false, viewport: { width: 360, height: 740 }, storageState: await petra.context().storageState() });
  await phone.goto(where);
  await phone.locator("summary", { hasText: "Legal hold" }).click();
  await phone.locator("textarea[name=hold-reason]").fill("A court has asked for it.");
  await press(phone, "hold");
  await expect(phone.locator(".notice.grave")).toContainText("A court has asked for it.");
  await edda.goto(where);
  await expect(edda.locator(".notice.grave")).toContainText("by Petra Pine");
  await expect(edda.locator("button[value=withdraw]")).toHaveCount(0);
  await sound(edda, "a story on hold");
  await phone.locator("summary", { hasText: "Legal hold" }).click();
  await phone.locator("textarea[name=hold-reason]").fill("The court has it now.");
  await press(phone, "release");
  await expect(phone.locator(".done")).toHaveText("The hold is lifted.");
  for (const page of [edda, petra, stranger, phone]) await page.context().close();
});

test("every page of the desk is sound, in three widths, in light and dark, in Arabic", async ({ browser }) => {
  test.setTimeout(180000);
  const pages = ["/desk/", "/desk/new", "/desk/forgotten", "/desk/account", "/desk/fronts", "/desk/site", "/desk/people", "/desk/log", "/desk/second-factor", "/desk/nowhere"];
  for (const [width, colorScheme] of [[360, "light"], [768, "dark"], [1440, "light"]]) {
    const c = await browser.newContext({ baseURL: process.env.BASE, viewport: { width, height: 900 }, colorScheme }), page = await c.newPage();
    await page.goto("/desk/sign-in");
    await sound(page, `sign-in ${width}`);
    if (width === 360) {
      await signIn(page, "pia");
      await c.storageState({ path: "test-results/pia.json" });
    }
    await c.close();
    const in_ = await browser.newContext({ baseURL: process.env.BASE, viewport: { width, height: 900 }, colorScheme, storageState: "test-results/pia.json" }), desk = await in_.newPage();
    for (const path of pages) {
      await desk.goto(path);
      await sound(desk, `${path} ${width} ${colorScheme}`);
    }
    await begin(desk);
    await sound(desk, `editor ${width} ${colorScheme}`);
    await in_.close();
  }
  const in_ = await browser.newContext({ baseURL: process.env.BASE, viewport: { width: 1440, height: 900 }, storageState: "test-results/pia.json" }), desk = await in_.newPage();
  await desk.goto("/desk/account");
  await desk.locator("select[name=language]").selectOption("ar");
  await desk.locator("button[value=name]").click();
  await expect(desk.locator("html")).toHaveAttribute("dir", "rtl");
  for (const path of pages.slice(0, 7)) {
    await desk.goto(path);
    await sound(desk, `${path} in Arabic`);
  }
  await in_.close();
});

// Of messages that became files, the newest one to an address that speaks of something, decoded (RFC 2045, 6.7).
async function mailed(to, subject) {
  const folder = join(process.env.SITE, "mailbox");
  const decode = (text) => Buffer.from(text.replace(/=\r?\n/g, "").replace(/=([0-9A-F]{2})/g, (_, h) => String.fromCharCode(parseInt(h, 16))), "latin1").toString();
  const all = () => (existsSync(folder) ? readdirSync(folder).filter((f) => !f.startsWith(".")).map((f) => decode(readFileSync(join(folder, f), "latin1"))) : []);
  const found = () => all().find((m) => m.includes(`<${to}>`) && m.includes(subject));
  await expect.poll(found, { timeout: 15000 }).toBeTruthy();
  return found();
}

test("a forgotten password comes anew by mail, without script on a phone", async ({ browser }) => {
  const c = await browser.newContext({ baseURL: process.env.BASE, javaScriptEnabled: false, viewport: { width: 360, height: 740 } }), page = await c.newPage();
  await page.goto("/desk/sign-in");
  await page.getByRole("link", { name: "Forgotten your password?" }).click();
  await page.locator("input[name=email]").fill("lena@example.org");
  await page.locator("main button").click();
  await expect(page.locator("main")).toContainText("If there is an account with this e-mail");
  const message = await mailed("lena@example.org", "a new password");
  await page.goto(message.match(/\/desk\/link\/[\w-]{43}/)[0]);
  await expect(page.locator("main")).toContainText("lena@example.org");
  await page.locator("input[name=password]").fill("quite another few words");
  await page.locator("input[name=again]").fill("quite another few words");
  await page.locator("main button").click();
  await expect(page.locator("h1")).toHaveText("Stories");
  await mailed("lena@example.org", "your password was changed");
  await c.close();
});

test("a publisher changes the site by keyboard, and on a phone without script", async ({ browser }) => {
  const c = await browser.newContext({ baseURL: process.env.BASE, storageState: "test-results/pia.json" }), page = await c.newPage();
  const reader = await browser.newContext({ baseURL: process.env.BASE }), front = await reader.newPage();
  const shown = () => front.locator("nav.nav a").allTextContents();
  await front.goto("/");
  const before = await shown();
  await page.goto("/desk/account"); // which the test before has left in Arabic
  await page.locator("select[name=language]").selectOption("en");
  await page.locator("button[value=name]").click();
  await page.goto("/desk/site");
  const rows = before.length;
  await page.locator(`input[name=name-${rows}]`).focus();
  await page.keyboard.type("Tides");
  await page.keyboard.press("Tab");
  await page.keyboard.type("High water and low.");
  await page.keyboard.press("Enter");
  await expect(page.locator(".done")).toHaveText("Saved: readers see it now.");
  await front.reload();
  expect(await shown()).toEqual([...before, "Tides"]);
  await front.goto("/tides/");
  await expect(front.locator("main")).toContainText("High water and low.");

  const still = await browser.newContext({ baseURL: process.env.BASE, javaScriptEnabled: false, viewport: { width: 360, height: 800 }, storageState: await c.storageState() });
  const phone = await still.newPage();
  await phone.goto("/desk/site/en");
  await phone.locator(`input[name=number-${rows}]`).fill("1");
  await phone.locator(`input[name=name-${rows + 2}]`).fill("Weather");
  await phone.locator(`input[name=target-${rows + 2}]`).fill("weather, example");
  await press(phone, "save");
  await expect(phone.locator("[aria-invalid]")).toHaveAttribute("name", `target-${rows + 1}`); // what is empty goes to the end
  await expect(phone.locator(".error")).toContainText("A link leads to a page of the newsroom");
  await phone.locator("[aria-invalid]").fill("https://weather.example/");
  await press(phone, "save");
  await front.goto("/");
  expect(await shown()).toEqual(["Tides", ...before, "Weather"]);
  // a page of the newsroom, and the footer's link to it
  await phone.goto("/desk/site/en");
  await phone.locator("form[action$='/pages'] button").click();
  const key = phone.url().split("/").pop();
  await phone.locator("textarea[name=headline]").fill("What we keep");
  await phone.locator("textarea[name=body]").fill("Nothing but *this*.");
  await press(phone, "publish");
  await expect(phone.locator(".tag.live").first()).toBeVisible();
  await phone.goto("/desk/site/en");
  const foot = phone.locator("input[name^=foot-name-]"), last = (await foot.count()) - 1;
  await foot.nth(last).fill("What we keep");
  await phone.locator(`input[name=foot-target-${last}]`).fill(key);
  await press(phone, "save");
  await sound(page, "the site");
  await front.reload();
  await front.locator("footer a", { hasText: "What we keep" }).click();
  await expect(front.locator("article em")).toHaveText("this");
  await phone.locator("input[name^=foot-name-]").nth(last - 1).fill("");
  await phone.locator(`input[name=foot-target-${last - 1}]`).fill("");
  await phone.locator("input[name=end-0]").check();
  await phone.locator(`input[name=name-${rows + 1}]`).fill("");
  await phone.locator(`input[name=target-${rows + 1}]`).fill("");
  await press(phone, "save"); // as the other tests find it
  await front.goto("/");
  expect(await shown()).toEqual(before);
  await expect(front.locator("footer a", { hasText: "What we keep" })).toHaveCount(0);
  expect((await front.goto("/tides/")).status()).toBe(404);
  await still.close();
  await reader.close();
  await c.close();
});

const places = (page) => page.locator("input[list=stories]").evaluateAll((all) => all.map((i) => i.value).filter(Boolean));

test("a front is arranged by dragging, by arrow keys, and by numbers without script", async ({ browser }) => {
  test.setTimeout(180000);
  const c = await browser.newContext({ baseURL: process.env.BASE }), page = await c.newPage();
  await signIn(page, "edda");
  await page.goto("/desk/fronts");
  const newest = await page.locator("#stories option").evaluateAll((all) => all.slice(0, 3).map((o) => o.value));
  for (const i of [0, 1, 2]) await page.locator(`input[name=story-${i}]`).fill(newest[2 - i]);
  await press(page, "save");
  await expect(page.locator(".done")).toHaveText("The front is in force.");
  expect(await places(page)).toEqual([newest[2], newest[1], newest[0]]);

  const handle = (i) => page.locator(".slot").nth(i).locator("[data-handle]");
  await handle(2).focus();
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowUp"); // no higher than the first
  expect(await places(page)).toEqual([newest[0], newest[2], newest[1]]);
  await expect(handle(0)).toBeFocused();
  await expect(page.locator("[data-unsaved]")).toBeVisible();
  const from = await handle(0).boundingBox(), to = await page.locator(".slot").nth(2).boundingBox();
  await page.mouse.move(from.x + 5, from.y + 5);
  await page.mouse.down();
  await page.mouse.move(from.x + 5, to.y + to.height - 5, { steps: 20 });
  await page.mouse.up();
  expect(await places(page)).toEqual([newest[2], newest[1], newest[0]]);
  await handle(1).press("ArrowUp");
  await sound(page, "a front that was moved");
  await press(page, "save");
  await expect(page.locator(".done")).toHaveText("The front is in force.");
  expect(await places(page)).toEqual([newest[1], newest[2], newest[0]]);
  await page.goto("/");
  const words = await page.locator(".card.lead h2").textContent();

  const still = await browser.newContext({ baseURL: process.env.BASE, javaScriptEnabled: false, viewport: { width: 360, height: 800 }, storageState: await c.storageState() });
  const phone = await still.newPage();
  await phone.goto("/desk/fronts");
  await expect(phone.locator("[data-handle]").first()).toBeHidden();
  await phone.locator("input[name=number-2]").fill("1");
  await press(phone, "save");
  expect(await places(phone)).toEqual([newest[0], newest[1], newest[2]]);
  await phone.locator("button[value^=take-]").first().click();
  await expect(phone.locator(".done")).toHaveText("The earlier front is in force again.");
  expect(await places(phone)).toEqual([newest[1], newest[2], newest[0]]);
  await phone.goto("/");
  await expect(phone.locator(".card.lead h2")).toHaveText(words);
  await phone.goto("/desk/fronts");
  await phone.locator("select[name=rule-3]").selectOption({ label: "The newest in Harbour" });
  await press(phone, "save");
  await expect(phone.locator(".slot").nth(3).locator(".found a")).toBeVisible();
  await page.goto("/desk/fronts"); // with script, a rule's place has no field for a story
  await expect(page.locator("input[name=story-3]")).toBeHidden();
  await page.locator("select[name=rule-3]").focus();
  await page.keyboard.press("Home");
  await expect(page.locator("input[name=story-3]")).toBeVisible();
  await page.locator("select[name=rule-3]").selectOption("pictured");
  await handle(3).press("ArrowUp");
  await press(page, "save");
  await expect(page.locator("select[name=rule-2]")).toHaveValue("pictured");
  await sound(page, "a front with a rule");
  await phone.goto("/desk/fronts");
  for (let i = 0; i < 4; i++) await phone.locator("button[value=remove-0]").click();
  await press(phone, "save"); // as the other tests find it
  expect(await places(phone)).toEqual([]);
  await still.close();
  await c.close();
});

test("what can't be sent is kept until it can", async ({ browser }) => {
  const c = await browser.newContext({ baseURL: process.env.BASE });

  const page = await c.newPage();
  await signIn(page, "edda");
  await begin(page);
  await page.locator("textarea[name=headline]").fill("Line down");
  await saved(page);
  const where = page.url();
  await c.setOffline(true);
  await write(page, "Words from a tunnel.\n");
  await page.waitForTimeout(300);
  await page.evaluate(() => { window.onbeforeunload = null; });
  await c.setOffline(false);
  const again = await c.newPage(); // the first is lost with its words
  await page.close({ runBeforeUnload: false });
  await again.goto(where);
  await reads(again, ["Words from a tunnel."]);
  await saved(again);
  await c.close();
});

// A site of its own, with one account, and a server that can be killed.
async function ownSite(who) {
  const [name, role] = people[who], dir = mkdtempSync(join(tmpdir(), "broadsheet-")), site = join(dir, "site");
  const port = await new Promise((r) => { const s = createServer().listen(0, "127.0.0.1", () => { const p = s.address().port; s.close(() => r(p)); }); });
  const serve = async () => {
    const p = spawn(process.env.PROGRAM, ["serve", site, "--listen", `127.0.0.1:${port}`], { stdio: "ignore" });
    for (let i = 0; i < 100 && !(await fetch(`http://127.0.0.1:${port}/`).catch(() => null)); i++) await new Promise((r) => setTimeout(r, 100));
    return p;
  };
  run("init", site);
  execFileSync(process.env.PROGRAM, ["user", "add", site, "--email", `${who}@example.org`, "--name", name, "--role", role, "--password-stdin"], { input: `${PASSWORD}\n`, stdio: ["pipe", "pipe", "pipe"] });
  return { dir, site, port, serve };
}

test("the server is killed as soon as it has answered, and fronts, sections and pages are as they were saved", async ({ browser }) => {
  const { dir, site, port, serve } = await ownSite("pia");
  let server = await serve();
  const c = await browser.newContext({ baseURL: `http://127.0.0.1:${port}` }), page = await c.newPage();
  const read = async (path) => (await fetch(`http://127.0.0.1:${port}${path}`)).text();
  const kill = async () => {
    const ended = new Promise((r) => server.on("exit", r));
    server.kill("SIGKILL");
    await ended;
    server = await serve();
  };
  await signIn(page, "pia");
  await page.goto("/desk/site/en");
  await page.locator("input[name=name-1]").fill("Tides");
  await page.locator("input[name=motto]").fill("High and low");
  await press(page, "save");
  await expect(page.locator(".done")).toBeVisible();
  await kill();
  expect(await read("/")).toContain("High and low");
  expect(await read("/tides/")).toContain("Tides");
  await page.goto("/desk/site/en");
  await page.locator("form[action$='/pages'] button").click();
  await page.locator("textarea[name=headline]").fill("What we keep");
  await write(page, "Nothing.\n");
  await press(page, "publish");
  await expect(page.locator(".tag.live").first()).toBeVisible();
  await kill();
  expect(await read("/page/what-we-keep")).toContain("Nothing.");
  await page.goto("/desk/fronts/en");
  await page.locator("select[name=rule-0]").selectOption("section/tides");
  await press(page, "save");
  await expect(page.locator(".done")).toBeVisible();
  await kill();
  await page.goto("/desk/fronts/en");
  await expect(page.locator("select[name=rule-0]")).toHaveValue("section/tides");
  await c.close();
  server.kill("SIGTERM");
  await new Promise((r) => server.on("exit", r));
  expect(run("check", site)).not.toContain("wrong");
  rmSync(dir, { recursive: true });
});

test("the server is killed in the middle of typing, and no word is missing", async ({ browser }) => {
  const { dir, site, port, serve } = await ownSite("edda");
  let server = await serve();
  const c = await browser.newContext({ baseURL: `http://127.0.0.1:${port}` }), page = await c.newPage();
  await signIn(page, "edda");
  await begin(page);
  const body = box(page);
  await body.click();
  await body.pressSequentially("Words that were kept.");
  await saved(page);
  for (let round = 1; round <= 3; round++) {
    await body.press("ControlOrMeta+End");
    await body.pressSequentially(` Round ${round} begins`, { delay: 20 });
    const ended = new Promise((r) => server.on("exit", r));
    server.kill("SIGKILL");
    await ended;
    await body.pressSequentially(" and ends."); // nobody is there to take it
    server = await serve();
    const want = `Words that were kept.${Array.from({ length: round }, (_, i) => ` Round ${i + 1} begins and ends.`).join("")}`;
    const other = await c.newPage();
    await expect(async () => { // it comes to the server by itself
      await other.goto(`${page.url().split("?")[0]}/preview`);
      await expect(other.locator(".body")).toHaveText(want, { timeout: 500 });
    }).toPass({ timeout: 20000 });
    await other.close();
  }
  await c.close();
  server.kill("SIGTERM");
  await new Promise((r) => server.on("exit", r));
  expect(run("check", site)).not.toContain("wrong");
  rmSync(dir, { recursive: true });
});
