// From request to acknowledgement: 64 connections unthrottled, then at half that rate as an open loop, in rounds; between
// the rounds the disk alone, asked at the same rate. A disk in a data centre stops for 20 to 500 ms at any moment, whoever
// writes: the rounds show which of them it hit. Bulk: one `publish` of a folder, alone and through the server.
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { corpus } from "./corpus.mjs";
import { built, folder, median, program, report, serve, stop } from "./lib.mjs";

const ROUNDS = 7, SECONDS = process.env.SECONDS ?? "3", BULK = Number(process.env.BULK ?? 5000);
const dir = folder(), site = join(dir, "site");
execFileSync("make", ["-s", "build/bench/publish"]);
execFileSync(program, ["init", site]);
const bench = (...args) => JSON.parse(execFileSync(join(built, "publish"), [at, ...args], { encoding: "utf8" }));
let at = site;
let server = await serve(site, 8321, { core: null });
const full = bench("64", "10", "0");
await stop(server);
at = join(dir, "second"); // the disk has nothing left to write of the first
execFileSync(program, ["init", at]);
execFileSync("sync");
server = await serve(at, 8321, { core: null });
const rate = String(Math.round(full.per_second / 2)), rounds = [];
for (let i = 0; i < ROUNDS; i++) {
  const disk = bench("sync", SECONDS, rate), half = bench("64", SECONDS, rate);
  rounds.push({ disk, half });
  process.stderr.write(`  ${i + 1}: p50 ${half.p50} p99 ${half.p99} us; the disk alone p99 ${disk.call.p99} a call, ${disk.p99} for who waits, ${disk.max} at most\n`);
}
await stop(server);

const files = join(dir, "files"), alone = join(dir, "alone"), through = join(dir, "through");
corpus(BULK, files, 3);
const timed = (where) => {
  const t0 = Date.now();
  execFileSync(program, ["publish", where, join(files, "1")], { stdio: ["ignore", "ignore", "pipe"] });
  return BULK / ((Date.now() - t0) / 1000);
};
execFileSync(program, ["init", alone]);
execFileSync(program, ["init", through]);
const bulkAlone = timed(alone);
server = await serve(through, 8321, { core: null });
const bulkThrough = timed(through);
await stop(server);
const of = (f) => median(rounds.map(f));
const half = { p50: of((r) => r.half.p50), p99: of((r) => r.half.p99) };
const disk = { call: of((r) => r.disk.call.p99), waits: of((r) => r.disk.p99), p50: of((r) => r.disk.p50) };
const bar = 10000 + disk.call;
process.stderr.write(`unthrottled ${full.per_second} a second, p99 ${full.p99} us; at half: p50 ${half.p50} p99 ${half.p99} us (bar ${bar}); bulk ${bulkAlone.toFixed(0)} alone, ${bulkThrough.toFixed(0)} through the server\n`);
report("publish", { full, half, disk, rounds, bar, bulk: { stories: BULK, alone: bulkAlone, through: bulkThrough } });
