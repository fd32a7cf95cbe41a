// What the tests of faults share: the shim, sites to copy, what a power loss leaves, and what must be true afterwards.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, readSync, closeSync, readdirSync, rmSync, statSync, lstatSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { png } from "../../bench/corpus.mjs";

export const program = resolve(process.env.PROGRAM ?? "build/broadsheet");
export const dir = mkdtempSync(join(tmpdir(), "broadsheet-faults-"));
if (!process.env.KEEP) process.on("exit", () => rmSync(dir, { recursive: true, force: true }));
export const shim = join(dir, "shim.so");
execFileSync("cc", ["-shared", "-fPIC", "-O2", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-o", shim, "test/faults/shim.c", "-ldl", "-lpthread"]);
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
export const failures = () => failed;

export const env = (site, more) => ({ ...process.env, LD_PRELOAD: shim, FAULT_DIR: site, FAULT_REPORT: join(dir, "report"), ...more });
export function report() {
  const b = readFileSync(join(dir, "report"));
  return { n: Number(b.readBigInt64LE(0)), mallocs: Number(b.readBigInt64LE(8)), dirty: b.readInt32LE(16) !== 0, last: b.subarray(20, 84).toString().replace(/\0.*/s, "") };
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

/* ---- what must be true ---- */

export const text = (id, rev, more = "") => `---\nid: ${id}\nsection: news\nslug: ${id}\nheadline: Story ${id}\n${more}---\nRevision ${rev} of ${id}.\n`;
const seeded = () => { let x = 0.37; return () => (x = (x * 9301.7 + 0.49297) % 1); };
export const picture = (n) => { const next = seeded(); for (let i = 0; i < n; i++) next(); return png(next, 20 + n, 20); };

// The next start needs no help: a server started first thing gives every acknowledged story with its pictures, a scheduled
// one whose time has come included. acked: id -> revision; due: ids of scheduled stories that were acknowledged.
export async function served(site, acked, due = [], port = 8412) {
  const problems = [], base = `http://127.0.0.1:${port}`, get = (path) => fetch(base + path, { redirect: "manual" }).catch((e) => ({ status: e.message }));
  const p = spawn(program, ["serve", site, "--listen", `127.0.0.1:${port}`], { stdio: ["ignore", "ignore", "pipe"] });
  let words = "", gone = false;
  p.stderr.on("data", (d) => { words += d; });
  const ended = new Promise((r) => p.on("exit", (code) => r((gone = true, code))));
  for (let i = 0; i < 300 && !gone && (await get("/robots.txt")).status !== 200; i++) await sleep(10);
  if (gone) return [`the server doesn't start: ${words}`];
  const today = new Date().toISOString().slice(0, 10).replaceAll("-", "/");
  for (const id of new Set([...Object.keys(acked), ...due])) {
    const path = `/news/${today}/${id}.json`;
    let r = await get(path);
    for (let i = 0; due.includes(id) && r.status === 404 && i < 100; i++) { await sleep(10); r = await get(path); }
    if (r.status !== 200) { problems.push(`${path} answers ${r.status} after the next start`); continue; }
    const story = await r.json(), body = JSON.stringify(story.body);
    if (Number(/Revision (\d+) of/.exec(body)?.[1]) < (acked[id] ?? 1)) problems.push(`${path} is older than acknowledged`);
    const wanted = story.picture ? Object.entries(story.addresses).filter(([n]) => n.startsWith("picture:")) : [];
    if (story.picture && !wanted.length) problems.push(`${id} has lost its picture`);
    for (const [, address] of wanted) {
      const picture = await get(address);
      if (picture.status !== 200 || !(await picture.arrayBuffer()).byteLength) problems.push(`the picture of ${id} answers ${picture.status}`);
    }
  }
  p.kill("SIGTERM");
  if ((await ended) !== 0) problems.push(`the next server ended badly: ${words}`);
  return problems;
}

// acked: id -> newest revision's number that was acknowledged
export function whole(site, acked) {
  const problems = [], run = (...args) => spawnSync(program, args, { encoding: "utf8", timeout: 60000 });
  const check = run("check", site);
  if (check.status !== 0) problems.push(`check says ${check.status}: ${(check.stdout + check.stderr).trim().split("\n").slice(-2).join(" | ")}`);
  for (const [id, rev] of Object.entries(acked)) {
    const out = run("export", site, id);
    const has = /Revision (\d+) of/.exec(out.stdout);
    if (!has || Number(has[1]) < rev) problems.push(`${id} was acknowledged at ${rev} and has ${has?.[1] ?? out.stderr.trim()}`);
  }
  writeFileSync(join(dir, "next.md"), text("next", 1));
  const next = run("publish", site, join(dir, "next.md"));
  if (next.status !== 0) problems.push(`the next start needs help: ${next.stderr.trim()}`);
  return problems;
}
export { spawn, spawnSync, execFileSync, cpSync, rmSync, writeFileSync, readFileSync, mkdirSync, existsSync, join, readdirSync, openSync, readSync, closeSync };
