// What fails without dying: full disks, broken disks, no memory, a database locked from outside, a clock that is set, a
// server that is stopped for a minute. A clear line or a 503 with Retry-After; readers of cached pages are served
// throughout; nothing acknowledged is lost.
//
//     node test/faults/errors.mjs [STEP]      STEP 5: every fifth call and allocation only
//
// PARTS="disks memory others arenas server stopped" chooses; SEED repeats a draw of "others".
import { acknowledged, close, cpSync, dir, env, execFileSync, fault, forget, join, mine, mkdirSync, openSync, picture, program, readers, report, rmSync, served, shares, sleep, spawn, spawnSync, start, text, toggle, verdict, whole, writeFileSync, writeSync } from "./lib.mjs";
import { resolve } from "node:path";
import { wire } from "../load/wire.mjs";

const STEP = Number(process.argv[2] ?? 1), OTHERS = Number(process.env.OTHERS ?? 1000), PAUSE = Number(process.env.PAUSE ?? 60), SEED = Number((process.env.SEED ??= String(Date.now() % 1000000))); // of both shares
const tested = resolve("build/test/broadsheet"); // where arenas and lanes can be made small
const base = join(dir, "base"), site = join(dir, "site"), files = join(dir, "files");
mkdirSync(files);
execFileSync(program, ["init", base]);
writeFileSync(join(files, "old.md"), text("old", 1));
execFileSync(program, ["publish", base, join(files, "old.md")]);
writeFileSync(join(files, "old.md"), text("old", 2));
writeFileSync(join(files, "a.md"), text("a", 1));
writeFileSync(join(files, "b.md"), text("b", 1, "picture: {file: b.png, alt: A square}\n"));
writeFileSync(join(files, "b.png"), picture(1));
const fresh = () => {
  rmSync(site, { recursive: true, force: true });
  cpSync(base, site, { recursive: true });
  forget();
};
const alone = (more) => spawnSync(program, ["publish", site, ...["a.md", "b.md", "old.md"].map((f) => join(files, f))], { encoding: "utf8", env: env(site, more), timeout: 60000 });

// Says what is amiss.
const clear = (line) => /memory|disk|full|I\/O|space|error|cannot|can't|locked|busy|unable|interrupted/i.test(line);

// A failure is one clear line for each file that it stopped, and exit 3; or it was survived.
function orderly(r, others) {
  if (r.signal) return [`ended by ${r.signal}: ${r.stderr.slice(-300)}`];
  if (others) return r.status > 3 ? [`status ${r.status}: ${r.stderr}`] : []; // what a library says of it may be wide of the mark
  if (![0, 3].includes(r.status)) return [`status ${r.status}: ${r.stderr}`];
  if (r.status === 3 && !clear(r.stderr)) return [`exit 3 without a clear word: ${r.stdout}${r.stderr}`];
  return [];
}

const parts = (process.env.PARTS ?? "disks memory others arenas server stopped").split(" "), part = (name) => parts.includes(name);

/* ---- disks ---- */

const draw = (seed) => () => (seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0) / 4294967296;
for (const mode of part("disks") ? ["enospc", "eio"] : []) {
  fresh();
  alone({});
  const N = report().n;
  for (let n = 1; n <= N; n += STEP)
    for (const stays of [false, true]) {
      fresh();
      const r = alone({ FAULT_AT: String(n), FAULT_MODE: mode, ...(stays ? { FAULT_STAYS: "1" } : {}) });
      verdict(`${mode} at call ${n} of ${N}${stays ? " and after" : ""} (${report().last})`, [...orderly(r), ...whole(site, { old: 1, ...acknowledged(r.stdout) })]);
    }
  console.log(`disks: ${mode} at ${Math.ceil(N / STEP)} of ${N} calls, once and lasting`);
}

/* ---- memory: every allocation of our own and of SQLite, drawn ones of other libraries ---- */

for (const caller of part("memory") ? ["broadsheet", "sqlite"] : part("others") ? ["!"] : []) {
  if (!process.env.SHARE) {
    await shares("test/faults/errors.mjs", part("memory") ? "memory" : "others");
    break;
  }
  fresh();
  alone({ FAULT_MALLOC: "1000000000", FAULT_CALLER: caller });
  const M = report().mallocs, other = caller === "!", name = other ? "other libraries" : caller, next = draw(SEED);
  const wanted = other ? Array.from({ length: Math.ceil(OTHERS / STEP) }, () => 1 + Math.floor(next() * M)) : Array.from({ length: Math.ceil(M / STEP) }, (_, i) => 1 + i * STEP);
  for (const [i, n] of wanted.entries()) {
    if (!mine(i)) continue;
    fresh();
    const r = alone({ FAULT_MALLOC: String(n), FAULT_CALLER: caller });
    verdict(`allocation ${n} of ${M} in ${name}`, [...orderly(r, other), ...whole(site, { old: 1, ...acknowledged(r.stdout) })]);
  }
  console.log(`memory: ${wanted.length} of ${M} allocations in ${name}${other ? `, drawn with SEED=${SEED}` : STEP > 1 ? `, every ${STEP}th` : ", each"}, share ${process.env.SHARE}`);
}
if (part("memory") && part("others") && !process.env.SHARE) await shares("test/faults/errors.mjs", "others");

if (part("arenas")) { // no arena is larger than so many bytes
  const small = (bytes) => spawnSync(tested, ["publish", site, ...["a.md", "b.md", "old.md"].map((f) => join(files, f))], { encoding: "utf8", env: { ...process.env, BROADSHEET_ARENA_MAX: String(bytes) }, timeout: 60000 });
  let enough = 1024;
  for (; ; enough *= 2) {
    fresh();
    if (small(enough).status === 0) break;
  }
  const step = Math.ceil((enough / 160) * STEP);
  for (let bytes = 16; bytes < enough; bytes += step) {
    fresh();
    const r = small(bytes);
    verdict(`arenas of ${bytes} bytes`, [...orderly(r), ...(/Sanitizer/.test(r.stderr) ? [r.stderr.slice(0, 400)] : []), ...whole(site, { old: 1, ...acknowledged(r.stdout) })]);
  }
  console.log(`memory: arenas of 16 to ${enough} bytes, every ${step} bytes`);
}

/* ---- a server meanwhile ---- */

const day = (ms = 0) => new Date(Date.now() + ms).toISOString().slice(0, 10).replaceAll("-", "/"), today = day(), own = (id) => `/news/${today}/${id}`;
const cached = [own("old"), `${own("old")}.json`, `${own("old")}.txt`];
const b1 = [{ name: "b.png", bytes: picture(1) }], withPicture = "picture: {file: b.png, alt: A square}\n";

async function serving(more = {}, options) {
  fresh();
  rmSync(toggle, { force: true });
  fault();
  const s = await start(site, env(site, { FAULT_SWITCH: toggle, ...more }), options);
  if (!s.up) throw new Error(`the server doesn't start: ${s.said}`);
  return s;
}
// A story's page as it must be once everything is well.
const shows = async (s, id, rev) => {
  const r = await s.get(own(id)), has = Number(/Revision (\d+) of/.exec(r.body)?.[1]);
  return r.status === 200 && has >= rev ? [] : [`${id}, acknowledged at ${rev}, answers ${r.status} with revision ${has}`];
};
async function ends(s, problems, acked) {
  const code = await s.stop();
  if (code !== 0) problems.push(`the server ended with ${code}: ${s.said.slice(-500)}`);
  return [...problems, ...(await served(site, acked)), ...whole(site, acked)];
}

// A full or broken disk under a server, from the k-th call after a publication began, once or lasting; then it is mended.
for (const mode of part("server") ? ["enospc", "eio"] : [])
  for (const stays of [false, true]) {
    const s = await serving({ FAULT_MODE: mode }), w = await wire(site), problems = [], acked = { old: 1 }, refusals = new Set(), people = await readers(s, cached);
    let rev = 0, refused = 0;
    for (let k = 1; k <= 24; k += k > 8 ? 4 * STEP : 1) {
      rev++;
      fault({ call: k, stays });
      for (const [id, more, pictures] of [["a", "", []], ["b", withPicture, [{ name: "b.png", bytes: picture(k % 30) }]], ["c", "", []]]) {
        const answer = await w.publish(id, text(id, rev, more), pictures).catch((e) => ({ status: -1, line: e.message }));
        if (!answer.status) acked[id] = rev;
        else refused++, refusals.add(answer.line.replace(/^.*?: /, ""));
        if (answer.status && (answer.status < 0 || !clear(answer.line))) problems.push(`not a clear line: ${answer.line}`);
      }
      const page = await s.get(`/none-${k}`); // not cached: it may be refused, and then it says when to come again
      if (page.status !== 404 && !(page.status === 503 && page.again)) problems.push(`a page that isn't cached answered ${page.status}`);
      fault();
      rev++;
      for (const [id, more, pictures] of [["a", "", []], ["b", withPicture, b1], ["c", "", []]]) {
        const answer = await w.publish(id, text(id, rev, more), pictures).catch((e) => ({ status: -1, line: e.message }));
        if (answer.status) problems.push(`call ${k}: when the disk was well again: ${answer.line}`);
        else acked[id] = rev;
        problems.push(...(await shows(s, id, acked[id] ?? 1)));
      }
      if (problems.length) break;
    }
    if (!refused) problems.push("nothing was refused");
    w.close();
    problems.push(...(await people.stop()));
    verdict(`${mode} under a server, ${stays ? "lasting" : "once"}`, await ends(s, problems, acked));
    console.log(`${mode} under a server, ${stays ? "lasting" : "once"}: ${refused} refused: ${[...refusals].slice(0, 4).join(" | ")}`);
  }

// No memory under a server: at allocations of the first print, of later prints and of publications.
for (const caller of part("server") ? ["broadsheet", "sqlite"] : []) {
  const problems = [], acked = { old: 1 };
  let first = await serving({ FAULT_CALLER: caller }), before = report().mallocs, answer = null, refused = 0;
  await first.get("/");
  const M = report().mallocs - before, step = Math.max(1, Math.floor((M * STEP) / 40));
  await first.stop();
  for (let n = 1; n <= M && problems.length < 4; n += step) {
    first = await serving({ FAULT_CALLER: caller });
    fault({ malloc: n });
    answer = await first.get("/");
    if (answer.status !== 200 && !(answer.status === 503 && answer.again)) problems.push(`allocation ${n} of the first print: ${answer.status}, Retry-After ${answer.again}`);
    refused += answer.status === 503;
    fault();
    answer = await first.get("/");
    if (answer.status !== 200) problems.push(`after allocation ${n} of the first print: ${answer.status}`);
    if ((await first.stop()) !== 0) problems.push(`after allocation ${n} of the first print it ended badly: ${first.said.slice(-300)}`);
  }
  console.log(`no memory under a server: ${caller}, the first print, every ${step} of ${M} allocations: ${refused} answered 503`);
  const s = await serving({ FAULT_CALLER: caller }), w = await wire(site);
  let prints = 0, sent = 0, reached = true;
  const people = await readers(s, cached, { refusals: () => prints + sent + 1 });
  await w.publish("a", text("a", 1));
  await s.get(own("a"));
  acked.a = 1;
  for (let n = 1; reached && problems.length < 4; n += STEP, prints++) { // a page that was just dropped
    const rev = acked.a + 1;
    answer = await w.publish("a", text("a", rev));
    if (answer.status) problems.push(`in peace: ${answer.line}`);
    acked.a = rev;
    const at = fault({ malloc: n });
    answer = await s.get(own("a"));
    reached = report().mallocs >= at;
    fault();
    if (answer.status !== 200 && !(answer.status === 503 && answer.again)) problems.push(`allocation ${n} of a print: ${answer.status}, Retry-After ${answer.again}`);
    problems.push(...(await shows(s, "a", rev)));
  }
  reached = true;
  for (let n = 1; reached && problems.length < 4; n += STEP, sent++) {
    const rev = (acked.b ?? 0) + 1, at = fault({ malloc: n });
    answer = await w.publish("b", text("b", rev, withPicture), [{ name: "b.png", bytes: picture(n % 40) }]).catch((e) => ({ status: -1, line: e.message }));
    reached = report().mallocs >= at;
    fault();
    if (answer.status && (answer.status < 0 || !clear(answer.line))) problems.push(`allocation ${n} of a publication: ${answer.line}`);
    if (answer.status) answer = await w.publish("b", text("b", rev, withPicture), b1).catch((e) => ({ status: -1, line: e.message }));
    if (answer.status) problems.push(`after allocation ${n} of a publication: ${answer.line}`);
    else acked.b = rev;
    if (acked.b) problems.push(...(await shows(s, "b", acked.b)));
  }
  console.log(`no memory under a server: ${caller}, each of ${prints - 1} allocations of a print and ${sent - 1} of a publication${STEP > 1 ? `, every ${STEP}th` : ""}`);
  w.close();
  problems.push(...(await people.stop()));
  verdict(`no memory under a server, ${caller}`, await ends(s, problems, acked));
}

if (part("server")) { // pages that are printed one at a time with room for one more: the rest are asked to come again
  fresh();
  const s = await start(site, { ...process.env, BROADSHEET_NARROW: "1", BROADSHEET_PAUSE_MS: "400" }, { with: tested }), people = await readers(s, cached), problems = [];
  let full = 0, answers = [];
  for (let round = 0; round < 5; round++) answers.push(...(await Promise.all(Array.from({ length: 12 }, (_, i) => s.get(`/none-${round}-${i}`)))));
  for (const a of answers) {
    full += a.status === 503;
    if (a.status === 503 ? !(Number(a.again) > 0) : a.status !== 404) problems.push(`a page for which there was no room: ${a.status}, Retry-After ${a.again}`);
  }
  if (full < 20 || full === answers.length) problems.push(`${full} of ${answers.length} were answered 503`);
  problems.push(...(await people.stop()));
  verdict("a lane that is full", await ends(s, problems, { old: 1 }));
  console.log(`a lane that is full: ${full} of ${answers.length} answered 503 with Retry-After`);
  // and arenas too small for a page: 503 until they aren't, never anything else
  const wrong = [];
  let turned = 0;
  writeFileSync(join(files, "large.md"), text("large", 1) + "Words upon words. ".repeat(12000));
  for (let least = 4096; least < 1 << 21; least = Math.ceil(least * 1.4)) {
    fresh();
    execFileSync(program, ["publish", site, join(files, "large.md")]);
    const t = await start(site, { ...process.env, BROADSHEET_ARENA_MAX: String(least) }, { with: tested });
    if (t.up) {
      const r = await t.get(own("large"));
      turned += r.status === 503;
      if (r.status !== 200 && !(r.status === 503 && r.again)) wrong.push(`arenas of ${least} bytes: ${r.status}, Retry-After ${r.again}`);
      if ((await t.stop()) !== 0) wrong.push(`arenas of ${least} bytes: it ended badly: ${t.said.slice(-300)}`);
    } else if (!clear(t.said) || t.ended !== 3) {
      wrong.push(`arenas of ${least} bytes: the server ended with ${t.ended}: ${t.said.slice(-300)}`);
    }
  }
  verdict("arenas too small for a page", [...wrong, ...(turned ? [] : ["no page was refused"])]);
}

if (part("server")) { // a database locked from outside for longer than anybody waits for it
  const s = await serving(), w = await wire(site), problems = [], people = await readers(s, cached);
  const locker = spawn(join(dir, "locker"), [join(site, "site.db"), "26"], { stdio: ["ignore", "pipe", "inherit"] });
  const unlocked = new Promise((r) => locker.on("exit", r));
  await new Promise((r) => locker.stdout.once("data", r));
  const command = new Promise((done) => {
    const p = spawn(program, ["publish", site, join(files, "b.md")], { stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    for (const out of [p.stdout, p.stderr]) out.on("data", (d) => { said += d; });
    p.on("exit", (status) => done({ status, said }));
  });
  const answer = await w.publish("a", text("a", 1)), told = await command;
  if (locker.exitCode !== null) problems.push("the lock was gone before anybody was answered");
  if (!answer.status || !/locked|busy/i.test(answer.line)) problems.push(`not a clear line: ${answer.status} ${answer.line}`);
  if (told.status !== 3 || !/locked|busy/i.test(told.said)) problems.push(`the command: ${told.status} ${told.said}`);
  await unlocked;
  for (const [id, pictures, more] of [["a", [], ""], ["b", b1, withPicture]]) {
    const later = await w.publish(id, text(id, 1, more), pictures);
    if (later.status) problems.push(`after the lock: ${later.line}`);
    problems.push(...(await shows(s, id, 1)));
  }
  w.close();
  problems.push(...(await people.stop()));
  verdict("a database locked from outside", await ends(s, problems, { old: 1, a: 1, b: 1 }));
  console.log(`a database locked from outside: ${answer.line}; the command says ${told.said.trim().split("\n").at(-1)}`);
}

if (part("server")) { // the clock is set forward and back by an hour
  const clock = join(dir, "clock"), fd = openSync(clock, "w+"), set = (s) => { const b = Buffer.alloc(8); b.writeBigInt64LE(BigInt(s)); writeSync(fd, b, 0, 8, 0); }; // in place: it is mapped
  set(0);
  const s = await serving({ FAULT_CLOCK: clock }), w = await wire(site), problems = [], people = await readers(s, cached), half = day(1800000);
  const at = (ms) => new Date(Date.now() + ms).toISOString().replace(/\.\d+/, "");
  await w.publish("half", text("half", 1, `published: ${at(1800000)}\n`));
  await w.publish("soon", text("soon", 1));
  set(3600);
  let seen = 0;
  for (let i = 0; i < 40 && seen !== 200; i++, await sleep(100)) seen = (await s.get(`/news/${half}/half`)).status;
  if (seen !== 200) problems.push("an hour forward: the scheduled story didn't come");
  set(-3600);
  await sleep(300);
  for (const path of [own("soon"), own("old"), `/news/${half}/half`]) if ((await s.get(path)).status !== 200) problems.push(`an hour back: ${path} is gone`);
  const answer = await w.publish("soon", text("soon", 2));
  if (answer.status) problems.push(`an hour back: ${answer.line}`);
  if (!(await s.get(own("soon"))).body.includes("Revision 2")) problems.push("an hour back: the new revision isn't seen");
  set(0);
  w.close();
  problems.push(...(await people.stop()));
  verdict("the clock is set", await ends(s, problems, { old: 1, soon: 2, half: 1 }));
}

if (part("stopped")) { // stopped for a minute: who asked meanwhile waits, and gets what he asked for
  const s = await serving(), w = await wire(site), problems = [], people = await readers(s, cached, { patience: PAUSE * 1000 + 3000 });
  await w.publish("a", text("a", 1));
  await sleep(300);
  s.p.kill("SIGSTOP");
  const pressed = w.publish("a", text("a", 2)), asked = s.get(own("a"));
  await sleep(PAUSE * 1000);
  s.p.kill("SIGCONT");
  const answer = await pressed, page = await asked;
  if (answer.status) problems.push(answer.line);
  if (page.status !== 200) problems.push(`the page that waited answered ${page.status}`);
  problems.push(...(await shows(s, "a", 2)));
  await sleep(500);
  w.close();
  problems.push(...(await people.stop()));
  verdict(`stopped for ${PAUSE} seconds`, await ends(s, problems, { old: 1, a: 2 }));
}
close();
