// What fails without dying: full disks, broken disks, no memory, a database locked from outside, a clock that is set, a
// server that is stopped for a minute. A clear line or a 503; readers of cached pages are served; nothing acknowledged is
// lost.
//
//     node test/faults/errors.mjs [STEP]
import { close, cpSync, dir, env, execFileSync, forget, join, mkdirSync, picture, program, report, rmSync, sleep, spawn, spawnSync, text, verdict, whole, writeFileSync, readFileSync } from "./lib.mjs";
import { wire } from "../load/wire.mjs";

const STEP = Number(process.argv[2] ?? 1), OTHERS = Number(process.env.OTHERS ?? 1000), PAUSE = Number(process.env.PAUSE ?? 60);
const base = join(dir, "base"), site = join(dir, "site"), files = join(dir, "files"), port = 8421;
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
const acknowledged = (out) => Object.fromEntries([...out.matchAll(/^published \S*\/(\w+)(?: \(revision (\d+)\))?$/gm)].map((m) => [m[1], Number(m[2] ?? 1)]));
const alone = (more) => spawnSync(program, ["publish", site, ...["a.md", "b.md", "old.md"].map((f) => join(files, f))], { encoding: "utf8", env: env(site, more), timeout: 60000 });

// A failure is one clear line for each file that it stopped, and exit 3; or it was survived.
function orderly(r, others) {
  if (r.signal) return [`ended by ${r.signal}: ${r.stderr.slice(-300)}`];
  if (others) return r.status > 3 ? [`status ${r.status}: ${r.stderr}`] : []; // what a library says of it may be wide of the mark
  if (![0, 3].includes(r.status)) return [`status ${r.status}: ${r.stderr}`];
  if (r.status === 3 && !/broadsheet: |: /.test(r.stderr)) return [`exit 3 without a word: ${r.stdout}${r.stderr}`];
  return [];
}

const parts = (process.env.PARTS ?? "disks memory server").split(" ");

/* ---- disks ---- */

fresh();
alone({});
const N = report().n;
for (const mode of parts.includes("disks") ? ["enospc", "eio"] : [])
  for (let n = 1; n <= N; n += STEP)
    for (const stays of [false, true]) {
      fresh();
      const r = alone({ FAULT_AT: String(n), FAULT_MODE: mode, ...(stays ? { FAULT_STAYS: "1" } : {}) });
      verdict(`${mode} at call ${n} of ${N}${stays ? " and after" : ""} (${report().last})`, [...orderly(r), ...whole(site, { old: 1, ...acknowledged(r.stdout) })]);
    }
console.log(`disks: ${N} calls`);

/* ---- memory ---- */

for (const [caller, least] of parts.includes("memory") ? [["broadsheet", 1], ["sqlite", 1], ["!", 0]] : []) {
  fresh();
  alone({ FAULT_MALLOC: "1000000000", FAULT_CALLER: caller });
  const M = report().mallocs, step = least ? Math.max(STEP, Math.ceil(M / 1500)) : Math.max(STEP, Math.ceil(M / OTHERS));
  let ran = 0;
  for (let n = 1; n <= M; n += step, ran++) {
    fresh();
    const r = alone({ FAULT_MALLOC: String(n), FAULT_CALLER: caller });
    verdict(`allocation ${n} of ${M} in ${caller === "!" ? "other libraries" : caller}`, [...orderly(r, caller === "!"), ...whole(site, { old: 1, ...acknowledged(r.stdout) })]);
  }
  console.log(`memory: ${ran} of ${M} allocations in ${caller === "!" ? "other libraries" : caller}`);
}

/* ---- a server meanwhile ---- */

async function serving(more = {}) {
  fresh();
  const p = spawn(program, ["serve", site, "--listen", `127.0.0.1:${port}`], { env: env(site, more), stdio: ["ignore", "ignore", "pipe"] });
  p.gone = new Promise((r) => p.on("exit", (code, signal) => r(signal ?? code)));
  for (let i = 0; i < 200; i++) if (await fetch(`http://127.0.0.1:${port}/`).then((r) => r.ok, () => false)) break; else await sleep(20);
  return p;
}
const get = async (path) => {
  const r = await fetch(`http://127.0.0.1:${port}${path}`, { redirect: "manual" }).catch((e) => ({ status: e.message, headers: new Map(), text: () => "" }));
  return { status: r.status, again: r.headers.get("retry-after"), body: await r.text() };
};
// Somebody who reads a cached page all the while: what isn't 200, or takes over a second, is a problem.
function reader(path) {
  let done = false, asked = 0;
  const problems = [], ended = (async () => {
    while (!done) {
      const began = Date.now(), r = await get(path);
      asked++;
      if (r.status !== 200) problems.push(`a reader of a cached page was answered ${r.status}`);
      if (Date.now() - began > 1000) problems.push(`a reader of a cached page waited ${Date.now() - began} ms`);
      await sleep(20);
    }
  })();
  return async () => { done = true; await ended; return [...new Set(problems), ...(asked < 5 ? [`only ${asked} reads`] : [])]; };
}
const today = new Date().toISOString().slice(0, 10).replaceAll("-", "/");

const LOCKED = 14; // seconds; longer than the server waits (10)
{ // a database locked from outside
  execFileSync("cc", ["-O2", "-o", join(dir, "locker"), "test/faults/locker.c", "-lsqlite3"]);
  const p = await serving(), w = await wire(site), problems = [];
  await get(`/news/${today}/old`);
  const locker = spawn(join(dir, "locker"), [join(site, "site.db"), String(LOCKED)], { stdio: ["ignore", "pipe", "inherit"] });
  const unlocked = new Promise((r) => locker.on("exit", r));
  await new Promise((r) => locker.stdout.once("data", r));
  const read = reader(`/news/${today}/old`), miss = await get(`/news/${today}/old.txt`); // a page not printed yet reads on
  if (miss.status !== 200) problems.push(`a page not yet printed answered ${miss.status}`);
  const answer = await w.publish("a", text("a", 1));
  if (!answer.status || !/lock|busy/i.test(answer.line)) problems.push(`not a clear refusal: ${answer.status} ${answer.line}`);
  await unlocked;
  const later = await w.publish("b", text("b", 1));
  if (later.status) problems.push(`after the lock: ${later.line}`);
  problems.push(...(await read()));
  w.close();
  p.kill("SIGTERM");
  await p.gone;
  verdict(`a database locked from outside (${answer.line})`, [...problems, ...whole(site, { old: 1, b: 1 })]);
}

// A disk that fails under a server at some call, once or from then on: what is cached is served, what can't be published is
// refused with words; when the disk is well again so is the server, and nothing acknowledged is lost.
async function broken(mode, ahead, stays) {
  const well = await serving({ FAULT_AT: "1000000", FAULT_MODE: mode });
  await get(`/news/${today}/old`);
  const at = report().n + ahead;
  well.kill("SIGTERM");
  await well.gone;
  const q = await serving({ FAULT_AT: String(at), FAULT_MODE: mode, ...(stays ? { FAULT_STAYS: "1", FAULT_LIFTED: join(dir, "lifted") } : {}) }), problems = [], acked = { old: 1 };
  rmSync(join(dir, "lifted"), { force: true });
  await get(`/news/${today}/old`);
  const read = reader(`/news/${today}/old`), w = await wire(site);
  let refused = "";
  for (let i = 1; i < 40 && !(stays && refused); i++) {
    const answer = await w.publish("a", text("a", i));
    if (!answer.status) acked.a = i;
    else refused = answer.line || problems.push("refused without a word");
  }
  if (stays && !refused) problems.push("nothing was refused");
  if (stays) await sleep(300); // of reading while nothing can be written
  writeFileSync(join(dir, "lifted"), "");
  const after = await w.publish("a", text("a", 99));
  if (after.status) problems.push(`after the fault: ${after.line}`);
  else acked.a = 99;
  const page = await get(`/news/${today}/a`);
  if (page.status !== 200 || !page.body.includes("Revision 99")) problems.push(`after the fault a page answers ${page.status}`);
  problems.push(...(await read()));
  w.close();
  q.kill("SIGTERM");
  await q.gone;
  verdict(`${mode} under a server, ${ahead} calls on${stays ? ", until it is lifted" : ""} (${refused})`, [...problems, ...whole(site, acked)]);
}
for (const mode of ["enospc", "eio"]) for (const stays of [false, true]) for (let ahead = 1; ahead <= 12; ahead++) await broken(mode, ahead, stays);

{ // the clock is set forward and back by an hour
  const clock = join(dir, "clock"), set = (s) => { const b = Buffer.alloc(8); b.writeBigInt64LE(BigInt(s)); writeFileSync(clock, b); };
  set(0);
  const p = await serving({ FAULT_CLOCK: clock }), w = await wire(site), problems = [];
  const at = (ms) => new Date(Date.now() + ms).toISOString().replace(/\.\d+/, "");
  await w.publish("half", text("half", 1, `published: ${at(1800000)}\n`));
  await w.publish("soon", text("soon", 1));
  await get(`/news/${today}/old`);
  const read = reader(`/news/${today}/old`);
  set(3600);
  let seen = 0;
  for (let i = 0; i < 40 && seen !== 200; i++, await sleep(100)) seen = (await get(`/news/${new Date(Date.now() + 1800000).toISOString().slice(0, 10).replaceAll("-", "/")}/half`)).status;
  if (seen !== 200) problems.push("an hour forward: the scheduled story didn't come");
  set(-3600);
  await sleep(300);
  for (const id of ["soon", "old"]) if ((await get(`/news/${today}/${id}`)).status !== 200) problems.push(`an hour back: ${id} is gone`);
  const answer = await w.publish("soon", text("soon", 2));
  if (answer.status) problems.push(`an hour back: ${answer.line}`);
  if (!(await get(`/news/${today}/soon`)).body.includes("Revision 2")) problems.push("an hour back: the new revision isn't seen");
  set(0);
  problems.push(...(await read()));
  w.close();
  p.kill("SIGTERM");
  await p.gone;
  verdict("the clock is set", [...problems, ...whole(site, { old: 1, soon: 2, half: 1 })]);
}

{ // stopped for a minute
  const p = await serving(), w = await wire(site), problems = [];
  await w.publish("a", text("a", 1));
  p.kill("SIGSTOP");
  const pressed = w.publish("a", text("a", 2)), asked = get(`/news/${today}/old`);
  await sleep(PAUSE * 1000);
  p.kill("SIGCONT");
  const answer = await pressed, page = await asked;
  if (answer.status) problems.push(answer.line);
  if (page.status !== 200) problems.push(`the page that waited answered ${page.status}`);
  if (!(await get(`/news/${today}/a`)).body.includes("Revision 2")) problems.push("what was published isn't seen");
  w.close();
  p.kill("SIGTERM");
  await p.gone;
  verdict(`stopped for ${PAUSE} seconds`, [...problems, ...whole(site, { old: 1, a: 2 })]);
}
close();
