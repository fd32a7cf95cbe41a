// The desk under load: 50 people save a story of 1,500 words once a second each while an editor publishes; the list of 100,000
// stories with every filter; readers while sign-in is tried at full rate. The server has one core, all who ask the other.
import { execFileSync } from "node:child_process";
import { appendFileSync, rmSync, writeFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { join } from "node:path";
import { corpus, vocabulary, zipf } from "./corpus.mjs";
import { CLIENT, folder, load, program, quantile, random, report, serve, sleep, stop, tool } from "./lib.mjs";

const SIZE = Number(process.env.SIZE ?? 100000), PEOPLE = 50, SECONDS = Number(process.env.SECONDS ?? 20), PASSWORD = "several words unlike", port = 8471;
const dir = folder(), site = join(dir, "site"), files = join(dir, "files"), agent = new Agent({ keepAlive: true, maxSockets: 128 });
tool("load");
execFileSync("taskset", ["-cp", String(CLIENT), String(process.pid)], { stdio: "ignore" });
corpus(SIZE, files, 11);
execFileSync(program, ["init", site], { stdio: "ignore" });
execFileSync(program, ["publish", site, join(files, "1")], { stdio: ["ignore", "pipe", "pipe"], maxBuffer: 1 << 30 });
rmSync(files, { recursive: true });
appendFileSync(join(site, "site.conf"), "\n[desk]\nsecond_step =\n");
for (let i = 0; i < PEOPLE + 1; i++)
  execFileSync(program, ["user", "add", site, "--email", `p${i}@example.org`, "--name", `Person ${i}`, "--role", "editor", "--password-stdin"], { input: `${PASSWORD}\n`, stdio: ["pipe", "ignore", "pipe"] });
const server = await serve(site, port);

// One request; the answer with how long it took in ms.
function ask(method, path, { cookie = "", form, from = "127.0.0.1" } = {}) {
  const body = form && new URLSearchParams(form).toString(), t0 = performance.now();
  return new Promise((resolve, reject) => {
    const r = request({ port, host: "127.0.0.1", localAddress: from, agent, method, path, headers: { Host: "localhost", Cookie: cookie, "Sec-Fetch-Site": "same-origin", ...(body !== undefined && { "Content-Type": "application/x-www-form-urlencoded", "Content-Length": Buffer.byteLength(body) }) } }, (a) => {
      let text = "";
      a.setEncoding("utf8").on("data", (d) => { text += d; }).on("end", () => resolve({ status: a.statusCode, headers: a.headers, text, ms: performance.now() - t0 }));
    });
    r.on("error", reject);
    r.end(body);
  });
}
const hidden = (text, name) => new RegExp(`name="${name}" value="([^"]*)"`).exec(text)?.[1];
const expect = (r, status, what) => { if (r.status !== status) throw new Error(`${what}: ${r.status}\n${r.text.slice(0, 2000)}`); return r; };

async function person(i) {
  const r = expect(await ask("POST", "/desk/sign-in", { form: { email: `p${i}@example.org`, password: PASSWORD }, from: `127.0.1.${1 + i}` }), 303, "signing in");
  const cookie = r.headers["set-cookie"][0].split(";")[0];
  const page = expect(await ask("GET", "/desk/new", { cookie }), 200, "a new story");
  const made = expect(await ask("POST", "/desk/new", { cookie, form: { token: hidden(page.text, "token"), place: /<option value="([^"]+)"/.exec(page.text)[1] } }), 303, "beginning a story");
  return { cookie, token: hidden(page.text, "token"), path: made.headers.location, parent: 0 };
}

const next = random(3), words = vocabulary(next, "etaoinshrdlcumwfgypbvk");
const text = (n) => Array.from({ length: n }, (_, i) => words[zipf(next, words.length)] + (i % 75 === 74 ? ".\n\n" : "")).join(" ");
async function save(p, body, extra = {}) {
  const r = await ask("POST", p.path, { cookie: p.cookie, form: { token: p.token, parent: String(p.parent), base: String(p.base ?? 0), headline: "A story of many words", section: "harbour", body, do: "save", ...extra } });
  expect(r, 303, "saving");
  return r.ms;
}
async function again(p) { // what a browser does next: the page with the new save's number
  const r = expect(await ask("GET", p.path, { cookie: p.cookie }), 200, "the editor");
  p.parent = Number(hidden(r.text, "parent"));
  p.base = Number(hidden(r.text, "base"));
  return r.ms;
}

const people = [];
for (let i = 0; i < PEOPLE; i++) people.push(await person(i));
const editor = await person(PEOPLE);

// ---- saving and publishing ----
const saves = [], opens = [], publishes = [];
let ended = false;
const typing = people.map(async (p, i) => {
  let body = text(1500);
  await sleep(i * 1000 / PEOPLE);
  while (!ended) {
    const t0 = performance.now();
    body = `${body.trimEnd()} ${words[zipf(next, words.length)]}\n`;
    saves.push(await save(p, body));
    opens.push(await again(p));
    await sleep(Math.max(0, 1000 - (performance.now() - t0)));
  }
});
await sleep(2000);
saves.length = opens.length = 0;
for (const until = Date.now() + SECONDS * 1000; Date.now() < until;) {
  const mark = `mark${publishes.length}mark`;
  publishes.push(await save(editor, `${mark} ${text(300)}\n`, { do: "publish", slug: "published-over-and-over" }));
  await again(editor);
  const address = editor.address ??= /href="(\/harbour\/[^"]*published-over-and-over)"/.exec((await ask("GET", editor.path, { cookie: editor.cookie })).text)[1];
  if (!expect(await ask("GET", address), 200, "the page").text.includes(mark)) throw new Error("who published does not see it");
  await sleep(50);
}
ended = true;
await Promise.all(typing);

// ---- the list ----
const lists = {};
for (const query of ["", "state=draft", "state=live", "state=withdrawn", "edition=ru", "section=harbour", "edition=ar&section=sport", "who=mine", "who=assigned", "state=live&section=money", "state=draft&who=mine&section=harbour"]) {
  const took = [];
  for (let i = 0; i < 200; i++) took.push(expect(await ask("GET", `/desk/?${query}`, { cookie: editor.cookie }), 200, query).ms);
  lists[query] = { p50: quantile(took, 0.5), p99: quantile(took, 0.99) };
}

// ---- sign-in at full rate ----
const hot = join(dir, "hot");
writeFileSync(hot, "/\n/harbour/\n");
const readers = () => load(port, ["--paths", hot, "--rate", 200, "--connections", 32, "--seconds", 10, "--warm", 1, "--from", "127.0.0.2"]);
await readers();
const quiet = await readers();
let tries = 0, over = false;
const attackers = Array.from({ length: 16 }, async (_, i) => {
  while (!over) {
    await ask("POST", "/desk/sign-in", { form: { email: `p${(tries + i) % PEOPLE}@example.org`, password: `wrong ${tries}` }, from: `127.0.${20 + i}.${1 + (tries % 250)}` }).catch(() => {});
    tries++;
  }
});
// Two who work here sign in meanwhile, once a second each: one from where nobody has signed in before, and one whose browser is
// known. The first has an account that the others don't try.
async function signsIn(email, from, browser) {
  const waits = [];
  let refused = 0, cookie = "";
  if (browser) cookie = expect(await ask("POST", "/desk/sign-in", { form: { email, password: PASSWORD }, from }), 303, "signing in").headers["set-cookie"][1].split(";")[0];
  while (!over) {
    const t0 = performance.now(), r = await ask("POST", "/desk/sign-in", { cookie, form: { email, password: PASSWORD }, from });
    if (r.status === 303) waits.push(r.ms);
    else refused++;
    await sleep(Math.max(0, 1000 - (performance.now() - t0)));
  }
  return { n: waits.length, refused, p50: quantile(waits, 0.5), longest: Math.max(...waits) };
}
const persons = [signsIn(`p${PEOPLE}@example.org`, "127.0.200.1", false), signsIn("p0@example.org", "127.0.201.1", true)];
await sleep(500);
const during = await readers();
over = true;
await Promise.all(attackers);
const [newcomer, known] = await Promise.all(persons);
await stop(server);

const figures = { saves: { n: saves.length, p50: quantile(saves, 0.5), p99: quantile(saves, 0.99) }, opens: { p50: quantile(opens, 0.5), p99: quantile(opens, 0.99) },
  publishes: { n: publishes.length, p50: quantile(publishes, 0.5), p99: quantile(publishes, 0.99) }, lists, signIn: { tries, quiet: quiet.p99, during: during.p99, newcomer, known } };
report("desk", { size: SIZE, people: PEOPLE, ...figures });
console.log(JSON.stringify(figures, null, 1));
process.exit(0);
