// What the benchmarks share: processes on a core of their own, their CPU time, a site made for measuring.
import { spawn, execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync, existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { tmpdir } from "node:os";

export const program = resolve(process.env.PROGRAM ?? "build/broadsheet");
export const built = resolve("build/bench");
export const SERVER = 0, CLIENT = 1; // cores

export const sleep = (ms) => new Promise((r) => setTimeout(r, ms));
export const median = (list) => {
  const l = [...list].sort((a, b) => a - b), m = l.length >> 1;
  return l.length % 2 ? l[m] : (l[m - 1] + l[m]) / 2;
};
export const quantile = (list, q) => [...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(q * list.length))];

const started = new Set();
process.on("exit", () => started.forEach((p) => { try { process.kill(p.pid, "SIGTERM"); } catch { /* it has ended */ } }));

export function start(command, args, { core, env, log } = {}) {
  const line = core === undefined || core === null ? [command, ...args] : ["taskset", "-c", String(core), command, ...args];
  const p = spawn(line[0], line.slice(1), { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...env } });
  p.words = "";
  for (const s of [p.stdout, p.stderr]) s.on("data", (d) => { p.words = (p.words + d).slice(-20000); if (log) process.stderr.write(d); });
  p.ended = new Promise((r) => p.on("exit", (code, signal) => { started.delete(p); r({ code, signal }); }));
  started.add(p);
  return p;
}

export async function stop(p, signal = "SIGTERM") {
  p.kill(signal);
  return p.ended;
}

export const children = (pid) => {
  const out = [pid];
  for (const t of readdirSync(`/proc/${pid}/task`))
    for (const c of readFileSync(`/proc/${pid}/task/${t}/children`, "utf8").split(" ").filter(Boolean)) out.push(...children(Number(c)));
  return out;
};

// CPU nanoseconds of a process, its threads and its children. A thread that ends takes its own with it.
export function cpu(pid) {
  let ns = 0n;
  for (const p of children(pid))
    for (const t of readdirSync(`/proc/${p}/task`)) ns += BigInt(readFileSync(`/proc/${p}/task/${t}/schedstat`, "utf8").split(" ")[0]);
  return Number(ns);
}

export function memory(pid) { // resident kB of all, shared pages counted once each by PSS
  let kb = 0;
  for (const p of children(pid)) kb += Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${p}/smaps_rollup`, "utf8"))[1]);
  return kb;
}

export function tool(name) {
  const out = join(built, name);
  mkdirSync(built, { recursive: true });
  execFileSync("cc", ["-O2", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-o", out, `bench/${name}.c`]);
  return out;
}

export async function load(port, args, { core = CLIENT } = {}) {
  const p = start(join(built, "load"), ["--port", String(port), ...args.map(String)], { core });
  await p.ended;
  try {
    return JSON.parse(p.words);
  } catch {
    throw new Error(`load: ${p.words}`);
  }
}

export async function answers(url, seconds = 30, headers = {}) {
  for (let i = 0; i < seconds * 20; i++) {
    try {
      return await fetch(url, { headers, redirect: "manual" });
    } catch {
      await sleep(50);
    }
  }
  throw new Error(`${url} doesn't answer`);
}

export function folder() {
  const dir = mkdtempSync(join(process.env.BENCH_DIR ?? tmpdir(), "broadsheet-bench-"));
  chmodSync(dir, 0o755); // others serve files from it
  process.on("exit", () => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

export const publish = (site, ...files) => execFileSync(program, ["publish", site, ...files], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], maxBuffer: 1 << 30 });

// core: null lets it run on all
export async function serve(site, port, { core = SERVER, env } = {}) {
  const p = start(program, ["serve", site, "--listen", `127.0.0.1:${port}`], { core, env });
  await answers(`http://127.0.0.1:${port}/`);
  // taskset becomes the program it starts, so its pid is the server's
  return p;
}

export function report(name, data) {
  mkdirSync(built, { recursive: true });
  const about = {
    when: new Date().toISOString().slice(0, 10),
    machine: execFileSync("sh", ["-c", "grep -m1 'model name' /proc/cpuinfo | cut -d: -f2; uname -r"], { encoding: "utf8" }).trim().split("\n").map((s) => s.trim()),
  };
  writeFileSync(join(built, `${name}.json`), JSON.stringify({ ...about, ...data }, null, 1) + "\n");
}

export function random(seed) { // xorshift, so that every run makes the same newsroom
  let x = seed >>> 0 || 1;
  return () => {
    x ^= x << 13; x >>>= 0;
    x ^= x >>> 17;
    x ^= x << 5; x >>>= 0;
    return x / 4294967296;
  };
}

export const exists = existsSync;
