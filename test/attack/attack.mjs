// Attacks from other addresses while readers read: others' p99 stays within twice the baseline, memory is bounded, and hot
// pages stay in the cache. The server has one core, all clients the other; readers ask 200 times a second, open loop.
//
//     node test/attack/attack.mjs [SECONDS]
import { execFileSync, spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { CLIENT, folder, load, memory, program, publish, serve, sleep, start, stop, tool } from "../../bench/lib.mjs";

const SECONDS = Number(process.argv[2] ?? 8), port = 8461, dir = folder(), site = join(dir, "site");
tool("load");
execFileSync("taskset", ["-cp", String(CLIENT), String(process.pid)], { stdio: "ignore" });
execFileSync(program, ["init", site]);
const paths = [];
for (let i = 0; i < 40; i++) {
  writeFileSync(join(dir, "s.md"), `---\nid: s${i}\nsection: news\nslug: s${i}\nheadline: Page ${i}\n---\n${"Words of a page that people read. ".repeat(i === 39 ? 7000 : 60)}\n`);
  paths.push(publish(site, join(dir, "s.md")).match(/(\/news\/\S+)/)[1]);
}
const big = paths.pop(), hot = join(dir, "hot");
writeFileSync(hot, [...paths, "/", "/news/"].join("\n") + "\n");
const server = await serve(site, port);
const readers = (seconds = SECONDS) => load(port, ["--paths", hot, "--rate", 200, "--connections", 32, "--seconds", seconds, "--warm", 1]);
await load(port, ["--paths", hot, "--seconds", 1]);

let passed = 0, failed = 0;
async function attack(name, begin, baseline) {
  const before = memory(server.pid), quiet = baseline ? await baseline() : await readers();
  const end = await begin();
  const during = await readers(), during_kb = memory(server.pid);
  const more = await end();
  const misses = await hotMisses();
  const problems = [];
  if (during.errors || during.s5 || during.s4) problems.push(`${during.errors} errors, ${during.s4} 4xx, ${during.s5} 5xx for readers`);
  if (during.p99 > 2 * quiet.p99) problems.push(`p99 ${during.p99} us, ${quiet.p99} without`);
  if (during_kb - before > 200 * 1024) problems.push(`memory grew by ${((during_kb - before) / 1024).toFixed(0)} MB`);
  if (misses) problems.push(`${misses} hot pages were put out of the cache`);
  if (more) problems.push(more);
  problems.length ? failed++ : passed++;
  console.log(`${name}: p99 ${during.p99} us beside ${quiet.p99}, ${((during_kb - before) / 1024).toFixed(1)} MB more${problems.length ? ": " + problems.join("; ") : ""}`);
  await sleep(500);
}
async function hotMisses() {
  await sleep(300);
  const at = readFileSync(join(site, "access.log"), "utf8").length;
  for (const p of [...paths, "/", "/news/"]) await fetch(`http://127.0.0.1:${port}${p}`, { headers: { "user-agent": "hot-check" } });
  await sleep(300);
  return readFileSync(join(site, "access.log"), "utf8").slice(at).split("\n").filter((l) => l.includes("hot-check") && l.includes('"cache":"miss"')).length;
}

// n connections from addresses 127.0.from.x, at most `each` from one; what each does once it is open
function crowd(n, each, from, opened) {
  const list = [];
  let open = 0, closed = 0;
  for (let i = 0; i < n; i++) {
    const s = connect({ port, host: "127.0.0.1", localAddress: `127.0.${from}.${1 + Math.floor(i / each)}` });
    s.on("connect", () => { open++; opened?.(s, i); }).on("error", () => {}).on("close", () => { closed++; });
    list.push(s);
  }
  return { list, counts: () => ({ open, closed }), end: () => list.forEach((s) => s.destroy()) };
}

await attack("heads that never end", async () => {
  const c = crowd(400, 100, 10, (s) => s.write("GET / HTTP/1.1\r\nHost: localhost\r\nX: "));
  const drip = setInterval(() => c.list.forEach((s) => s.writable && s.write("y")), 1000);
  await sleep(500);
  return async () => { clearInterval(drip); c.end(); return c.counts().closed < 400 && SECONDS > 11 ? `${400 - c.counts().closed} were never cut off` : ""; };
});
await attack("bodies that never end", async () => {
  const c = crowd(400, 100, 11, (s) => s.write("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n"));
  const drip = setInterval(() => c.list.forEach((s) => s.writable && s.write("y")), 1000);
  await sleep(500);
  return async () => { clearInterval(drip); c.end(); };
});
await attack("readers who don't read", async () => {
  const c = crowd(200, 100, 12, (s) => { s.pause(); s.write(`GET ${big} HTTP/1.1\r\nHost: localhost\r\n\r\n`.repeat(8)); });
  await sleep(500);
  return async () => { c.end(); };
});
await attack("10,000 idle connections", async () => {
  const c = crowd(10000, 200, 13);
  for (let i = 0; i < 100 && c.counts().open < 10000; i++) await sleep(100);
  const { open } = c.counts();
  return async () => { c.end(); await sleep(1000); return open < 10000 ? `only ${open} were taken` : ""; };
});
await attack("one client with 500 connections", async () => {
  const c = crowd(500, 500, 14);
  await sleep(800);
  const left = 500 - c.counts().closed;
  return async () => { c.end(); return left > 260 ? `it holds ${left}` : ""; };
});
const flood = (args) => async () => {
  const p = start("build/bench/load", ["--port", String(port), "--rate", "2000", "--connections", "64", "--from", "127.0.0.15", "--seconds", String(SECONDS + 2), ...args], { core: CLIENT });
  await sleep(300);
  return async () => { await stop(p, "SIGKILL"); };
};
const same = async () => {
  const end = await flood([paths[0]])();
  const r = await readers();
  await end();
  return r;
};
const unknown = join(dir, "unknown"), queries = join(dir, "queries");
writeFileSync(unknown, Array.from({ length: 60000 }, (_, i) => `/news/2026/01/01/unknown-${i * 7919 % 1000003}`).join("\n") + "\n");
writeFileSync(queries, Array.from({ length: 60000 }, (_, i) => `${paths[i % 10]}?x=${i * 7919 % 1000003}`).join("\n") + "\n");
await attack("a flood of query strings", flood(["--paths", queries]), same);
await attack("a flood of unknown addresses", flood(["--paths", unknown]), same);

/* ---- heads and paths that no browser sends: refused or redirected, and nothing outside is ever read ---- */

const raw = (bytes) => new Promise((ok) => {
  const s = connect({ port, host: "127.0.0.1" }), parts = [];
  const end = () => { s.destroy(); ok(Buffer.concat(parts).toString("latin1")); };
  s.on("data", (d) => parts.push(d)).on("error", end).on("close", end).on("connect", () => s.write(bytes, () => {}));
  setTimeout(end, 1500);
});
const host = "Host: localhost\r\n";
const odd = [
  ["10,000 header lines", `GET / HTTP/1.1\r\n${host}${"X: y\r\n".repeat(10000)}\r\n`, /^(HTTP\/1.1 4\d\d|$)/],
  ["a header of a megabyte", `GET / HTTP/1.1\r\n${host}X: ${"y".repeat(1 << 20)}\r\n\r\n`, /^(HTTP\/1.1 4\d\d|$)/],
  ["a target of 100 kB", `GET /${"y".repeat(100000)} HTTP/1.1\r\n${host}\r\n`, /^(HTTP\/1.1 4\d\d|$)/],
  ["chunks without end", `POST / HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\n${"1\r\na\r\n".repeat(20000)}`, /^(HTTP\/1.1 4\d\d|$)/],
  ...["/../../etc/passwd", "/..%2f..%2fetc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "//etc/passwd", "/assets/../../site.conf", "/picture/../../site.db", "/picture/..%5c..%5csite.db", "/%c0%ae%c0%ae/%c0%ae%c0%ae/etc/passwd", "/site.conf%00.html", "/picture/%00", "/./././../site.db", "/assets//x/../../../site.db", "/media/originals/", "/site.db", "/site.conf"].map((p) => [`path ${p}`, `GET ${p} HTTP/1.1\r\n${host}Connection: close\r\n\r\n`, /^HTTP\/1.1 (400|404|301)/]),
];
for (const [name, bytes, want] of odd) {
  const answer = await raw(bytes);
  const leak = /root:|SQLite format 3|base_url/.test(answer);
  if (want.test(answer) && !leak) passed++;
  else {
    failed++;
    console.log(`${name}: ${leak ? "a file was read: " : ""}${answer.slice(0, 80)}`);
  }
}
// keys chosen to collide in a hash without a secret: paths that differ in one byte, by the thousand, cost no more than others
await stop(server);
console.log(`${passed} passed`);
if (failed) console.log(`${failed} failed`);
process.exit(failed ? 1 : 0);
