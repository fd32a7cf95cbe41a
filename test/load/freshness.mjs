// No answer is older than a change acknowledged before its request began, and none mixes two revisions.
//
// Writers publish, correct, rename, withdraw and reinstate stories one after the other, each knowing what was sent and
// what was acknowledged; some stories come late, to addresses that were asked for before. Readers ask for every kind of page
// meanwhile, in every coding. What a page must show is looked for too: the cards of a story, the lead and the newest of the
// front, as far as it is certain which they are. Every headline, standfirst, paragraph, card and
// JSON-LD field of a story carries its key and revision as K3R17; an answer must fit one of the states between the last
// acknowledged when its request began and the last sent when it ended. Run in the test build, where random pauses stand
// between a render and its entry, and between a commit and the cache hearing of it.
//
//     node test/load/freshness.mjs [REQUESTS]
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { png } from "../../bench/corpus.mjs";
import { wire } from "./wire.mjs";

const WANT = Number(process.argv[2] ?? 100000), READERS = 48, WRITERS = 4, STORIES = 5, LATE = 5, ALL = WRITERS * (STORIES + LATE), LEAST = Number(process.env.LEAST ?? 100);
const program = process.env.PROGRAM ?? "build/test/broadsheet", port = Number(process.env.PORT ?? 8401);
const dir = mkdtempSync(join(tmpdir(), "broadsheet-fresh-")), site = join(dir, "site");
if (!process.env.KEEP) process.on("exit", () => rmSync(dir, { recursive: true, force: true }));
const fail = (words) => {
  console.error(`not fresh: ${words}`);
  process.exitCode = 1;
  done = true;
};
let done = false;

writeFileSync(join(dir, "site.yaml"), "name: {en: Fresh}\neditions: [{slug: en, locale: en-GB, zone: UTC}]\n");
writeFileSync(join(dir, "sections.yaml"), "en:\n  - {slug: town, name: Town, description: Streets.}\n  - {slug: sea, name: Sea, description: Water.}\n");
execFileSync(program, ["init", site]);
execFileSync(program, ["publish", site, join(dir, "site.yaml"), join(dir, "sections.yaml")]);
const server = spawn(program, ["serve", site, "--listen", `127.0.0.1:${port}`], { env: { ...process.env, BROADSHEET_PAUSE_MS: process.env.PAUSE ?? "20" }, stdio: ["ignore", "ignore", "pipe"] });
let said = "";
server.stderr.on("data", (d) => { said += d; });
const ended = new Promise((r) => server.on("exit", (code) => r(code)));
process.on("exit", () => server.kill("SIGKILL"));

/* ---- what is true, as far as anybody was told ---- */

// key -> { section, pictured, states: [{ live, rev, slug }], acked, sent, born, known }: born and known are when the first
// change was sent and acknowledged, by a clock that counts both
const stories = new Map();
const day = new Date().toISOString().slice(0, 10).replaceAll("-", "/");
const square = png(Math.random, 24, 24);
let clock = 0;
const address = (s, slug) => `/${s.section}/${day}/${slug}`;

const other = (key) => (key + 1) % ALL;
function file(key, s, state, change) {
  const mark = `K${key}R${state.rev}`;
  return `---\nid: story-${key}\nsection: ${s.section}\nslug: ${state.slug}\nheadline: ${mark} headline\nstandfirst: ${mark} standfirst\ntopics: [Load]\nby: [Ada Quill]\n${s.pictured ? "picture: {file: square.png, alt: A square, credit: Nobody}\n" : ""}${change ? `change: correction\ncorrection: what revision ${state.rev} says was wrong before\n` : ""}---\n${mark} first.\n\n[a card](story:story-${other(key)})\n\n${mark} second.\n`;
}

async function write(w, key, s) {
  const last = s.states.at(-1), dice = Math.random();
  let next, send;
  if (!last.live && last.rev) {
    next = { ...last, live: true };
    send = () => w.reinstate(`story-${key}`);
  } else if (last.live && dice < 0.08) {
    next = { ...last, live: false };
    send = () => w.withdraw(`story-${key}`, "It was wrong.");
  } else {
    next = { live: true, rev: last.rev + 1, slug: last.rev && dice < 0.18 ? `k${key}-${last.rev}` : last.slug };
    send = () => w.publish(`story-${key}`, file(key, s, next, last.rev && dice > 0.7), s.pictured ? [{ name: "square.png", bytes: square }] : []);
  }
  if (!last.rev) {
    s.born = ++clock;
    asked.push(key);
  }
  s.states.push(next);
  s.sent = s.states.length - 1;
  const answer = await send();
  if (answer.status) return fail(`a change was refused: ${answer.line}`);
  s.acked = s.sent;
  s.known ??= ++clock;
  changes++;
}

let changes = 0;
const hot = Array(WRITERS).fill(0);
async function writer(n) {
  const w = await wire(site);
  const own = [...stories.entries()].filter(([key]) => key % WRITERS === n), mine = own.slice(0, STORIES), late = own.slice(STORIES);
  for (let i = 0; !done; i++) {
    const comes = late.length && requests > (WANT * (LATE + 1 - late.length)) / (LATE + 1); // they come all through the run
    if (comes) mine.push(late.shift());
    const [key, s] = comes ? mine.at(-1) : mine[i % mine.length];
    hot[n] = key; // what is changed is what people read
    await write(w, key, s);
    presser(key, s).forEach((p) => p.catch((e) => done || fail(e.message)));
    await new Promise((r) => setTimeout(r, Math.random() * (Date.now() % 6000 < 3000 ? 10 : 120))); // a rush, then calm
  }
  w.close();
}

/* ---- readers ---- */

const agent = new Agent({ keepAlive: true, maxSockets: READERS });
const ownAgent = new Agent({ keepAlive: true, maxSockets: 150 }); // who pressed waits for no reader's connection
const codings = { identity: (b) => b, gzip: gunzipSync, br: brotliDecompressSync }, coded = { identity: 0, gzip: 0, br: 0 };
const anyCoding = () => Object.keys(codings)[Math.floor(Math.random() * 3)];
const ask = (path, etag, agent, coding) => new Promise((ok, no) => {
  const r = request({ host: "127.0.0.1", port, path, agent, headers: { "accept-encoding": coding, ...(etag ? { "if-none-match": etag } : {}) } }, (res) => {
    const parts = [];
    res.on("data", (d) => parts.push(d)).on("error", no).on("end", () => {
      const has = res.headers["content-encoding"] ?? "identity";
      if (has !== "identity" && has !== coding) return no(new Error(`${path} is ${has}, and ${coding} was asked for`));
      coded[has] += parts.length > 0;
      try {
        ok({ status: res.statusCode, etag: res.headers.etag, location: res.headers.location, body: (parts.length ? codings[has] : codings.identity)(Buffer.concat(parts)).toString() });
      } catch (e) {
        no(new Error(`${path} isn't ${has}: ${e.message}`));
      }
    });
  });
  r.on("error", no).end();
});

const asked = []; // the stories that readers ask for
let early = 0, requests = 0, notModified = 0, kinds = {};
const window = (s, floor) => s.states.slice(floor, s.sent + 1);

function marks(body) {
  const found = new Map();
  for (const [, key, rev] of body.matchAll(/K(\d+)R(\d+)/g)) {
    if (!found.has(+key)) found.set(+key, new Set());
    found.get(+key).add(+rev);
  }
  return found;
}

function check(path, kind, own, answer, floors) {
  const found = marks(answer.body);
  const where = `${path} (${answer.status})`;
  for (const [key, revs] of found) {
    const s = stories.get(key), states = window(s, floors.get(key));
    const newest = Math.max(...revs);
    if (revs.size > 1) return fail(`${where} mixes revisions ${[...revs]} of story ${key}`);
    if (!states.some((t) => t.live && t.rev === newest)) return fail(`${where} shows revision ${newest} of story ${key}; acknowledged ${JSON.stringify(s.states[floors.get(key)])}, sent ${JSON.stringify(s.states[s.sent])}`);
  }
  const surely = (key) => window(stories.get(key), floors.get(key)).every((t) => t.live), maybe = (key) => window(stories.get(key), floors.get(key)).some((t) => t.live);
  // how many of those that pass may stand above it: all but those that were acknowledged before it was sent
  const above = (key, pass) => [...stories].filter(([k, s]) => k !== key && pass(s) && maybe(k) && !(s.known < stories.get(key).born)).length;
  if (path === "/") {
    const top = answer.body.split('<section class="row section">')[0], lead = marks(/<article class="card lead">.*?<\/article>/s.exec(top)?.[0] ?? ""), first = marks(top);
    for (const [key, s] of stories) {
      if (s.pictured && !lead.has(key) && surely(key) && !above(key, (o) => o.pictured)) return fail(`${where} lacks story ${key} as its lead`);
      if (!first.has(key) && surely(key) && above(key, () => true) < 5) return fail(`${where} lacks story ${key} among its newest`);
    }
  } else if (kind === "list") {
    const { has, most } = lists.get(path);
    for (const [key, s] of stories)
      if (!found.has(key) && has(s) && surely(key) && above(key, has) < most) return fail(`${where} lacks story ${key}`);
  }
  if (own === undefined) return;
  // every part of a story's page says its revision: none may be left out
  if (answer.status === 200) {
    const mark = `K${own}R${Math.max(...(found.get(own) ?? [0]))}`, ending = /\.(txt|json)$/.exec(path)?.[1] ?? "html";
    for (const part of parts[ending]) if (!answer.body.includes(part(mark))) return fail(`${where} lacks ${part(mark)}`);
    const o = other(own), at = new RegExp(`"story:story-${o}":"([^"]*)"`).exec(answer.body)?.[1];
    if (surely(o) && (ending === "json" ? !at : !found.has(o))) return fail(`${where} lacks story ${o} as its card`);
    if (at && !window(stories.get(o), floors.get(o)).some((t) => t.live && at === address(stories.get(o), t.slug))) return fail(`${where} says that story ${o} is at ${at}, which fits no state of it`);
  }
  const s = stories.get(own), slug = path.split("/").at(-1).replace(/\.(txt|json)$/, "");
  const fits = window(s, floors.get(own)).some((t) => {
    const was = s.states.slice(0, s.sent + 1).some((u) => u.rev && u.slug === slug);
    if (!t.rev || !was) return answer.status === 404;
    if (t.slug !== slug) return answer.status === 301 && answer.location.startsWith(address(s, t.slug)) || (answer.status === 404 && !s.states.slice(0, floors.get(own) + 1).some((u) => u.rev && u.slug === slug));
    return t.live ? answer.status === 200 && found.has(own) : answer.status === 410;
  });
  if (!fits) fail(`${where} ${answer.location ?? ""} fits no state of story ${own}: ${JSON.stringify(window(s, floors.get(own)))}`);
}

const parts = {
  html: [(m) => `<title>${m} headline`, (m) => `<h1>${m} headline</h1>`, (m) => `<p class="standfirst">${m} standfirst</p>`, (m) => `<p>${m} first.</p>`, (m) => `<p>${m} second.</p>`, (m) => `"headline":"${m} headline"`, (m) => `"description":"${m} standfirst"`, (m) => `property="og:title" content="${m} headline"`],
  txt: [(m) => `${m} headline\n=`, (m) => `${m} standfirst\n`, (m) => `${m} first.\n`, (m) => `${m} second.\n`],
  json: [(m) => `"headline":"${m} headline"`, (m) => `"standfirst":"${m} standfirst"`, (m) => `"text":"${m} first."`, (m) => `"text":"${m} second."`],
};
// which stories a list shows as long as they are live, and how many of the newest
const all = () => true, town = (s) => s.section === "town", sea = (s) => s.section === "sea", LIST = 30, FEED = 20;
const lists = new Map([["/"], ["/town/", town, LIST], ["/sea/", sea, LIST], ["/topic/load", all, LIST], ["/by/ada-quill", all, LIST], ["/feed.xml", all, FEED], [`/archive/${day}`, all, LIST], ["/town/feed.xml", town, FEED], ["/sea/feed.xml", sea, FEED]].map(([path, has, most]) => [path, { has, most }])), listed = [...lists.keys()];

async function look(path, own, kept, by = agent) {
  const floors = new Map([...stories].map(([k, v]) => [k, v.acked]));
  const mine = kept?.get(path);
  const coding = mine && Math.random() < 0.8 ? mine.coding : anyCoding(); // an ETag is for one of them
  let answer = await ask(path, mine?.etag, by, coding);
  if (done) return; // the server is being stopped
  requests++;
  kinds[answer.status] = (kinds[answer.status] ?? 0) + 1;
  if (answer.status === 404 && own >= WRITERS * STORIES) early++;
  if (answer.status === 304) {
    notModified++;
    answer = { ...answer, status: 200, body: mine.body };
  } else if (answer.status === 200) {
    kept?.set(path, { etag: answer.etag, coding, body: answer.body });
  } else if (![301, 404, 410].includes(answer.status)) {
    return fail(`${path} answered ${answer.status}`);
  }
  check(path, lists.has(path) ? "list" : "page", own, answer, floors);
}

// Who pressed looks at once, while others' renders from before are still under way.
const presser = (key, s) => [[address(s, s.states[s.sent].slug), key], [`/${s.section}/`], ["/"], ["/topic/load"], ["/feed.xml"]].map(([path, own]) => look(path, own, undefined, ownAgent));

async function reader() {
  const kept = new Map(); // path -> { etag, body }
  while (!done && requests < WANT) {
    const dice = Math.random(), key = Math.random() < 0.6 ? hot[Math.floor(Math.random() * WRITERS)] : asked[Math.floor(Math.random() * asked.length)] ?? 0, s = stories.get(key);
    if (dice < 0.5) {
      const state = s.states[Math.max(0, s.sent - (Math.random() < 0.2 ? Math.floor(Math.random() * 30) : 0))];
      await look(address(s, state.slug) + (dice < 0.3 ? "" : dice < 0.4 ? ".json" : ".txt"), key, kept);
    } else if (dice < 0.95) {
      await look(listed[Math.floor(Math.random() * listed.length)], undefined, kept);
    } else if (dice < 0.97) {
      await look(`/town/${day}/none-${Math.floor(Math.random() * 50)}`, undefined, kept);
    } else { // where nothing is yet, or has just come
      const late = WRITERS * STORIES + Math.floor(Math.random() * WRITERS * LATE), l = stories.get(late);
      await look(address(l, l.states[0].slug) + ["", ".json", ".txt"][Math.floor(Math.random() * 3)], late, kept);
    }
  }
}

/* ---- the run ---- */

for (let key = 0; key < ALL; key++) stories.set(key, { section: key % 2 ? "sea" : "town", pictured: key % 3 === 0, states: [{ live: false, rev: 0, slug: `k${key}` }], acked: 0, sent: 0 });
for (let i = 0; i < 100 && !said.includes("serving"); i++) await new Promise((r) => setTimeout(r, 100));
const began = Date.now();
const writers = Array.from({ length: WRITERS }, (_, n) => writer(n).catch((e) => done || fail(e.message)));
await Promise.all(Array.from({ length: READERS }, () => reader().catch((e) => done || fail(e.message))));
done = true;
await Promise.all(writers);
server.kill("SIGTERM");
const code = await ended;
const line = /the page cache gave (\d+) pages and missed (\d+).*refused (\d+) late ones and rejected (\d+) waiters/.exec(readFileSync(join(site, "error.log"), "utf8"));
console.log(`${requests} requests in ${((Date.now() - began) / 1000).toFixed(1)} s (${JSON.stringify(kinds)}), ${changes} changes; cache ${line?.slice(1, 3).join("/")}; late entries refused ${line?.[3]}, waiters rejected ${line?.[4]}, not modified ${notModified}; ${JSON.stringify(coded)}`);
if (process.env.KEEP) console.log(dir);
if (code) fail(`the server ended with ${code}: ${said.slice(-2000)}`);
for (const [what, n] of [["late entries", +line?.[3]], ["rejected waiters", +line?.[4]], ["304s", notModified], ["404s where a story came", early], ...Object.entries(coded)])
  if (!process.exitCode && LEAST > 0 && !(n >= LEAST)) fail(`only ${n} ${what}: the run proves too little`);
if (!process.exitCode && LEAST > 0 && asked.length < ALL) fail(`only ${asked.length} of ${ALL} stories came`);
if (!process.exitCode) console.log("1 passed");
