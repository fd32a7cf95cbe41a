// From request to acknowledgement: 64 connections unthrottled, then at half that rate as an open loop; beside it what the
// disk takes for 4 kB and fdatasync. Bulk: one `publish` of a folder, alone and through the server.
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { corpus } from "./corpus.mjs";
import { built, folder, program, report, serve, stop } from "./lib.mjs";

const dir = folder(), site = join(dir, "site"), SECONDS = process.env.SECONDS ?? "10", BULK = Number(process.env.BULK ?? 5000);
execFileSync("make", ["-s", "build/bench/publish"]);
execFileSync(program, ["init", site]);
const bench = (...args) => JSON.parse(execFileSync(join(built, "publish"), [at, ...args], { encoding: "utf8" }));
let at = site;
const sync = bench("sync", "5");
let server = await serve(site, 8321, { core: null });
const full = bench("64", SECONDS, "0");
await stop(server);
at = join(dir, "second"); // the disk has nothing left to write of the first
execFileSync(program, ["init", at]);
execFileSync("sync");
server = await serve(at, 8321, { core: null });
const half = bench("64", SECONDS, String(Math.round(full.per_second / 2)));
const syncAfter = bench("sync", "5");
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
const bar = 10000 + Math.max(sync.p99, syncAfter.p99);
process.stderr.write(`unthrottled ${full.per_second} a second, p99 ${full.p99} us; at half: p50 ${half.p50} p99 ${half.p99} us (bar ${bar}); disk p99 ${sync.p99}, ${syncAfter.p99} us; bulk ${bulkAlone.toFixed(0)} alone, ${bulkThrough.toFixed(0)} through the server\n`);
report("publish", { full, half, sync, syncAfter, bar, bulk: { stories: BULK, alone: bulkAlone, through: bulkThrough } });
