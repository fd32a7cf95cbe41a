// What the tests of faults share: the shim, sites to copy, what a power loss leaves, and what must be true afterwards.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { Agent, request } from "node:http";
import { cpSync, existsSync, writeSync, mkdirSync, mkdtempSync, openSync, readFileSync, readSync, closeSync, readdirSync, rmSync, statSync, lstatSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { png } from "../../bench/corpus.mjs";
import { freePort } from "../load/wire.mjs";

export const program = resolve(process.env.PROGRAM ?? "build/broadsheet");
export const dir = mkdtempSync(join(tmpdir(), "broadsheet-faults-"));
if (!process.env.KEEP) process.on("exit", () => rmSync(dir, { recursive: true, force: true }));
export const shim = join(dir, "shim.so");
execFileSync("cc", ["-shared", "-fPIC", "-O2", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-o", shim, "test/faults/shim.c", "-ldl", "-lpthread"]);
for (const tool of ["rows", "locker"]) execFileSync("cc", ["-O2", "-Wall", "-Wextra", "-o", join(dir, tool), `test/faults/${tool}.c`, "-lsqlite3"]);
export const sleep = (ms) => new Promise((r) => setTimeout(r, ms));

let passed = 0, failed = 0;
export function verdict(name, problems) {
  if (problems.length) {
    failed++;
    console.log(`${name}: ${problems.join("; ")}`);
  } else {
    passed++;
  }
}
export function close() {
  console.log(`${passed} passed`);
  if (failed) console.log(`${failed} failed`);
  process.exitCode = failed ? 1 : 0;
}
// Runs this file again, once for each core, each with its share (see mine) of the part; what they print is theirs.
export async function shares(file, part, n = 2) {
  await Promise.all(Array.from({ length: n }, (_, i) => new Promise((done) => {
    const p = spawn(process.execPath, [file, ...process.argv.slice(2)], { env: { ...process.env, PARTS: part, SHARE: `${i}/${n}` }, stdio: ["ignore", "pipe", "inherit"] });
    let out = "";
    p.stdout.on("data", (d) => { out += d; });
    p.on("exit", (code) => {
      const ok = /^(\d+) passed$/m.exec(out), bad = /^(\d+) failed$/m.exec(out);
      passed += Number(ok?.[1] ?? 0);
      failed += ok && (code === 0 || bad) ? Number(bad?.[1] ?? 0) : 1;
      process.stdout.write(out.replace(/^\d+ (passed|failed)\n/gm, ""));
      done();
    });
  })));
}
const [share, sharers] = (process.env.SHARE ?? "0/1").split("/").map(Number);
export const mine = (n) => n % sharers === share;

export const env = (site, more) => ({ ...process.env, LD_PRELOAD: shim, FAULT_DIR: site, FAULT_REPORT: join(dir, "report"), ...more });
export function report() {
  const b = readFileSync(join(dir, "report"));
  return { n: Number(b.readBigInt64LE(0)), mallocs: Number(b.readBigInt64LE(8)), dirty: b.readInt32LE(16) !== 0, last: b.subarray(20, 84).toString().replace(/\0.*/s, "") };
}
// What fails from now on, in a program started with FAULT_SWITCH: writes and syncs from the k-th call that follows (the
// k-th alone, or all after it as well), or allocations. Nothing: all is well again.
export const toggle = join(dir, "switch");
export function fault({ call = 0, malloc = 0, stays = false } = {}) {
  const b = Buffer.alloc(32), now = call || malloc ? report() : {}, from = (now.n ?? 0) + call, first = (now.mallocs ?? 0) + malloc, never = 1n << 62n;
  if (call) b.writeBigInt64LE(BigInt(from), 0), b.writeBigInt64LE(stays ? never : BigInt(from), 8);
  if (malloc) b.writeBigInt64LE(BigInt(first), 16), b.writeBigInt64LE(stays ? never : BigInt(first), 24);
  const fd = openSync(toggle, existsSync(toggle) ? "r+" : "w"); // in place: it is mapped
  writeSync(fd, b, 0, 32, 0);
  closeSync(fd);
  return malloc ? first : from;
}
export const forget = () => rmSync(join(dir, "report"), { force: true });

/* ---- a power loss ---- */

// The site as it was is durable: its files and folders stand in the shadow from the beginning.
export function shadow(site) {
  const to = join(dir, "shadow");
  rmSync(to, { recursive: true, force: true });
  mkdirSync(to);
  const walk = (path) => {
    const s = lstatSync(path);
    if (s.isDirectory()) {
      writeFileSync(join(to, `d${s.ino}`), readdirSync(path).map((n) => {
        const t = lstatSync(join(path, n));
        return `${t.isDirectory() ? "d" : "f"} ${t.ino} ${n}\n`;
      }).join(""));
      readdirSync(path).forEach((n) => walk(join(path, n)));
    } else if (s.isFile()) {
      cpSync(path, join(to, `f${s.ino}`));
    }
  };
  walk(site);
  return to;
}

// Rebuilds the site from what was synced: a file without a synced entry is not there, one never synced is empty.
export function lose(site, from) {
  const top = statSync(site).ino, rebuilt = join(dir, "rebuilt");
  rmSync(rebuilt, { recursive: true, force: true });
  const walk = (ino, to) => {
    mkdirSync(to);
    const list = join(from, `d${ino}`);
    if (!existsSync(list)) return;
    for (const line of readFileSync(list, "utf8").split("\n").filter(Boolean)) {
      const [, kind, id, name] = /^(.) (\d+) (.*)$/s.exec(line);
      if (name.endsWith(".sock") || name.endsWith("-shm")) continue;
      if (kind === "d") walk(id, join(to, name));
      else if (existsSync(join(from, `f${id}`))) cpSync(join(from, `f${id}`), join(to, name));
      else writeFileSync(join(to, name), "");
    }
  };
  walk(top, rebuilt);
  return rebuilt;
}

/* ---- a server, and its readers ---- */

export const rows = (site, sql) => {
  const r = spawnSync(join(dir, "rows"), [join(site, "site.db"), sql], { encoding: "utf8", timeout: 60000 });
  if (r.status !== 0) throw new Error(r.stderr);
  return r.stdout.split("\n").filter(Boolean).map((l) => l.split("\t"));
};

// A server on a port of its own that has said that it serves, or is gone.
export async function start(site, more = {}, { with: which = program } = {}) {
  const port = await freePort(), p = spawn(which, ["serve", site, "--listen", `127.0.0.1:${port}`], { env: more, stdio: ["ignore", "ignore", "pipe"] });
  const s = { p, port, site, said: "", ended: null };
  p.stderr.on("data", (d) => { s.said += d; });
  s.gone = new Promise((r) => p.on("exit", (code, signal) => r((s.ended = signal ?? code))));
  for (let i = 0; i < 1500 && s.ended === null && !s.said.includes("broadsheet: serving"); i++) await sleep(10);
  s.up = s.said.includes("broadsheet: serving") && s.ended === null;
  s.get = (path, options) => get(port, path, options);
  s.stop = async () => {
    p.kill("SIGTERM");
    return s.gone;
  };
  return s;
}
export const get = (port, path, { agent, method = "GET", headers = {} } = {}) => new Promise((ok) => {
  const r = request({ host: "127.0.0.1", port, path, agent, method, headers }, (res) => {
    const parts = [];
    res.on("data", (d) => parts.push(d)).on("error", (e) => ok({ status: e.message, headers: {}, bytes: Buffer.alloc(0), body: "" }))
      .on("end", () => ok({ status: res.statusCode, headers: res.headers, again: res.headers["retry-after"], bytes: Buffer.concat(parts), body: Buffer.concat(parts).toString() }));
  });
  r.on("error", (e) => ok({ status: e.message, headers: {}, bytes: Buffer.alloc(0), body: "" })).end();
});

// People who read cached pages all the time, until stop() says what they met. refusals: how many of them may have been
// asked to come again (a reader's own request is what an allocation failed for).
export async function readers(s, paths, { few = 4, patience = 2000, refusals = () => 0 } = {}) {
  const agent = new Agent({ keepAlive: true, maxSockets: few }), problems = [];
  let done = false, count = 0, slowest = 0, refused = 0;
  for (const path of paths) {
    const first = await get(s.port, path, { agent });
    if (first.status !== 200) problems.push(`${path} answered ${first.status} before anything was wrong`);
  }
  const all = Promise.all(Array.from({ length: few }, async (_, n) => {
    for (let i = n; !done; i++) {
      const path = paths[i % paths.length], began = performance.now(), r = await get(s.port, path, { agent });
      count++;
      slowest = Math.max(slowest, performance.now() - began);
      if (r.status === 503 && r.again && ++refused <= refusals()) continue;
      if (r.status !== 200) problems.push(`a reader of ${path} got ${r.status}`);
      await sleep(2);
    }
  }));
  return {
    stop: async () => {
      done = true;
      await all;
      agent.destroy();
      if (count < 20) problems.push(`readers came only ${count} times`);
      if (slowest > patience) problems.push(`a reader waited ${Math.round(slowest)} ms`);
      return problems.length > 3 ? [...problems.slice(0, 3), `and ${problems.length - 3} more of ${count} requests`] : problems;
    },
  };
}

/* ---- what must be true ---- */

export const text = (id, rev, more = "") => `---\nid: ${id}\nsection: news\nslug: ${id}\nheadline: Story ${id}\n${more}---\nRevision ${rev} of ${id}.\n`;
const seeded = () => { let x = 0.37; return () => (x = (x * 9301.7 + 0.49297) % 1); };
export const picture = (n) => { const next = seeded(); for (let i = 0; i < n; i++) next(); return png(next, 20 + n, 20); };

// acked: id -> newest revision's number that was acknowledged, or { due } for one acknowledged as scheduled
const withPicture = (id) => ["b", "later", "sched"].includes(id);

// The next start needs no help: a server starts on what is there, before anything else has looked at it, and gives out
// every acknowledged revision with its picture.
export async function served(site, acked) {
  const s = await start(site, process.env), problems = [];
  if (!s.up) return [`the next start needs help: ${s.ended} ${s.said.trim()}`];
  for (const [id, rev] of Object.entries(acked)) {
    const path = rows(site, `SELECT path FROM story WHERE key = '${id}'`)[0]?.[0] ?? "/none", isDue = !rev.due;
    let page = await s.get(path);
    for (let i = 0; isDue && page.status !== 200 && i < 20; i++) { // one whose time came while nothing ran has a second
      await sleep(50);
      page = await s.get(rows(site, `SELECT path FROM story WHERE key = '${id}'`)[0]?.[0] ?? "/none");
    }
    if (rev.due) {
      if (page.status !== 404) problems.push(`${id} isn't due and ${path} answers ${page.status}`);
      continue;
    }
    const has = /Revision (\d+) of/.exec(page.body);
    if (page.status !== 200 || !(Number(has?.[1]) >= rev)) problems.push(`${id} was acknowledged at ${rev}, and ${path} answers ${page.status} with ${has?.[1]}`);
    const pictures = [...new Set([...page.body.matchAll(/src="(\/picture\/([0-9a-f]{64})\.\w+)"/g)].map((m) => m[0]))].map((m) => /"(\/picture\/(\w+)\.\w+)"/.exec(m));
    if (withPicture(id) && !pictures.length) problems.push(`${id} shows no picture`);
    for (const [, src, hash] of pictures) {
      const r = await s.get(src);
      if (r.status !== 200 || createHash("sha256").update(r.bytes).digest("hex") !== hash) problems.push(`${id}: ${src} answers ${r.status} with ${r.bytes.length} bytes`);
    }
  }
  const code = await s.stop();
  if (code !== 0) problems.push(`the next server ended with ${code}: ${s.said}`);
  return problems;
}

// What was acknowledged as scheduled: its row, its job, its address, its picture's files.
function scheduled(site, id, due) {
  const [row] = rows(site, `SELECT sc.due, st.state, (SELECT count(*) FROM job j WHERE j.kind = 'publish' AND j.payload = CAST(st.id AS TEXT) AND j.due = sc.due), (SELECT count(*) FROM address a WHERE a.story = st.id AND a.path = st.path), sc.bytes FROM story st JOIN scheduled sc ON sc.story = st.id WHERE st.key = '${id}'`);
  if (!row) return [`${id} was acknowledged as scheduled and isn't`];
  const problems = [], [at, state, jobs, addresses, bytes] = row;
  if (Number(at) !== due || state !== "0" || jobs !== "1" || addresses !== "1" || !bytes.includes(`Revision 1 of ${id}.`)) problems.push(`${id} is scheduled by halves: ${row}`);
  const key = /"picture":\{[^}]*"key":"(\w+)"/.exec(bytes)?.[1], files = rows(site, `SELECT original, served FROM picture WHERE key = '${key}'`)[0] ?? [];
  if (files.length !== 2) problems.push(`${id}: its picture has no row`);
  files.forEach((hash, i) => {
    const path = join(site, "media", ["originals", "served"][i], hash.slice(0, 2), hash);
    if (!existsSync(path) || createHash("sha256").update(readFileSync(path)).digest("hex") !== hash) problems.push(`${id}: its picture's file ${path} is not there whole`);
  });
  return problems;
}

export function whole(site, acked) {
  const problems = [], run = (...args) => spawnSync(program, args, { encoding: "utf8", timeout: 60000 });
  const check = run("check", site);
  if (check.status !== 0) problems.push(`check says ${check.status}: ${(check.stdout + check.stderr).trim().split("\n").slice(-2).join(" | ")}`);
  for (const [id, rev] of Object.entries(acked)) {
    try {
      if (rev.due) {
        problems.push(...scheduled(site, id, rev.due));
        continue;
      }
      const has = /Revision (\d+) of/.exec(rows(site, `SELECT r.bytes FROM story s JOIN revision r ON r.story = s.id AND r.number = s.revision WHERE s.key = '${id}' AND s.state = 1`)[0]?.[0]);
      if (!has || Number(has[1]) < rev) problems.push(`${id} was acknowledged at ${rev} and has ${has?.[1]}`);
    } catch (e) {
      problems.push(`${id} can't be read: ${e.message.trim()}`);
    }
  }
  writeFileSync(join(dir, "next.md"), text("next", 1));
  const next = run("publish", site, join(dir, "next.md"));
  if (next.status !== 0) problems.push(`the next start needs help: ${next.stderr.trim()}`);
  return problems;
}
export const acknowledged = (out) => Object.fromEntries([
  ...[...out.matchAll(/^published \S*\/(\w+)(?: \(revision (\d+)\))?$/gm)].map((m) => [m[1], Number(m[2] ?? 1)]),
  ...[...out.matchAll(/^scheduled (\w+) for (\S+)$/gm)].map((m) => [m[1], { due: Date.parse(m[2]) }])]);
export { spawn, spawnSync, execFileSync, cpSync, rmSync, writeFileSync, readFileSync, mkdirSync, existsSync, join, openSync, statSync, writeSync };
