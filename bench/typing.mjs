// Typing in a story of 300 blocks, in Chromium: from the key until what it made is painted. Frames come as fast as they are made, for a
// screen's own 60 a second would add up to 17 ms that nobody works in. The server has one core, the browser the other.
import { execFileSync } from "node:child_process";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "@playwright/test";
import { CLIENT, folder, program, quantile, report, serve, stop } from "./lib.mjs";

const BLOCKS = 300, KEYS = Number(process.env.KEYS ?? 600), PAUSE = 40, PASSWORD = "several words unlike", port = 8472;
const dir = folder(), site = join(dir, "site");
execFileSync("taskset", ["-cp", String(CLIENT), String(process.pid)], { stdio: "ignore" });
execFileSync(program, ["init", site], { stdio: "ignore" });
appendFileSync(join(site, "site.conf"), "\n[desk]\nsecond_step =\n");
execFileSync(program, ["user", "add", site, "--email", "p@example.org", "--name", "Person", "--role", "editor", "--password-stdin"], { input: `${PASSWORD}\n`, stdio: ["pipe", "ignore", "pipe"] });
const server = await serve(site, port);
const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-frame-rate-limit", "--disable-gpu-vsync"],
});
const page = await browser.newPage({ baseURL: `http://127.0.0.1:${port}` });
await page.goto("/desk/sign-in");
await page.locator("input[name=email]").fill("p@example.org");
await page.locator("input[name=password]").fill(PASSWORD);
await page.keyboard.press("Enter");
await page.locator("h1").waitFor();
await page.goto("/desk/new");
await page.locator("main button").click();

// a story as long as they come: a crosshead at every twentieth block, the others paragraphs
const box = page.locator("[role=textbox][aria-multiline]");
await box.click();
await box.evaluate((el, n) => {
  const words = "The ferry waits outside the harbour until the water has come back, says the office of the port.", data = new DataTransfer();
  data.setData("text/html", Array.from({ length: n }, (_, i) => (i % 20 ? `<p>${words}</p>` : "<h2>Part</h2>")).join(""));
  el.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
}, BLOCKS);
const have = await page.locator(".ProseMirror > *").count();
if (have !== BLOCKS) throw new Error(`the text has ${have} blocks`);
await page.evaluate(() => {
  window.stands = [];
  window.painted = [];
  let at = 0;
  const after = (list, from) => {
    const channel = new MessageChannel(); // its message comes when the frame is done
    channel.port1.onmessage = () => list.push(performance.now() - from);
    channel.port2.postMessage(0);
  };
  window.addEventListener("keydown", (event) => { const from = (at = event.timeStamp); requestAnimationFrame(() => after(window.painted, from)); }, true);
  window.addEventListener("input", (event) => { if (event.target.closest?.(".ProseMirror")) after(window.stands, at); }, true);
});
await page.locator(".ProseMirror p").nth(150).click();
const letters = "words typed as fast as a person could ever type them in the very middle of a long text ";
for (let i = 0; i < KEYS; i++) await page.keyboard.press(letters[i % letters.length] === " " ? "Space" : letters[i % letters.length], { delay: PAUSE });
await page.waitForTimeout(200);
const [stands, painted] = await page.evaluate(() => [window.stands, window.painted]);
if (painted.length < KEYS || stands.length < KEYS * 0.9) throw new Error(`${KEYS} keys, ${stands.length} stand, ${painted.length} were painted`);
await browser.close();
await stop(server);
const of = (list) => ({ p50: quantile(list, 0.5), p95: quantile(list, 0.95), p99: quantile(list, 0.99) });
const data = { blocks: BLOCKS, keys: KEYS, stands: of(stands), painted: of(painted) };
report("typing", data);
console.log(`typing at ${BLOCKS} blocks: painted p50 ${data.painted.p50.toFixed(1)} ms, p95 ${data.painted.p95.toFixed(1)} ms, p99 ${data.painted.p99.toFixed(1)} ms; in the text p95 ${data.stands.p95.toFixed(1)} ms`);
process.exit(0);
