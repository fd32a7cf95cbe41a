// A backup taken under load, restored: whole, with everything acknowledged before it began, and nothing half there.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { png } from "../../bench/corpus.mjs";
import { freePort, wire } from "./wire.mjs";

const program = resolve(process.env.PROGRAM ?? "build/broadsheet"), dir = mkdtempSync(join(tmpdir(), "broadsheet-backup-")), site = join(dir, "site");
process.on("exit", () => rmSync(dir, { recursive: true, force: true }));
execFileSync(program, ["init", site]);
const server = spawn(program, ["serve", site, "--listen", `127.0.0.1:${await freePort()}`], { stdio: "ignore" });
process.on("exit", () => server.kill("SIGKILL"));
const WRITERS = 4;
const dial = async () => {
  for (let i = 0; i < 100; i++) {
    try {
      return await wire(site);
    } catch {
      await new Promise((r) => setTimeout(r, 50));
    }
  }
  throw new Error("the server takes no calls");
};
const acked = new Map();
let stop = false, n = 0;
const writer = async (me) => { // stories of its own, so that each one's revisions come in order
  const w = await dial();
  for (let i = 0; !stop; i++, n++) {
    const id = `s${me}-${i % 20}`, rev = 1 + Math.floor(i / 20), x = n;
    const answer = await w.publish(id, `---\nid: ${id}\nsection: news\nslug: ${id}\nheadline: ${id}\npicture: {file: p.png, alt: A square}\n---\nRevision ${rev}.\n`, [{ name: "p.png", bytes: png(() => (x * 0.137) % 1, 16 + (x % 200), 16) }]);
    if (answer.status) throw new Error(answer.line);
    acked.set(id, rev);
  }
};
const load = Promise.all(Array.from({ length: WRITERS }, (_, me) => writer(me)));
let failed = 0;
for (let round = 0; round < 5; round++) {
  await new Promise((r) => setTimeout(r, 800));
  const before = new Map(acked), file = join(dir, `${round}.tar`), to = join(dir, `r${round}`);
  const taken = await new Promise((ok) => {
    const p = spawn(program, ["backup", site, file], { stdio: "ignore" });
    p.on("exit", ok);
  });
  const restored = spawnSync(program, ["restore", file, to], { encoding: "utf8" });
  const problems = [];
  if (taken || restored.status) problems.push(`backup ${taken}, restore ${restored.status}: ${restored.stdout}${restored.stderr}`);
  for (const [id, rev] of before) {
    const has = /Revision (\d+)\./.exec(spawnSync(program, ["export", to, id], { encoding: "utf8" }).stdout);
    if (!has || Number(has[1]) < rev) problems.push(`${id}: revision ${rev} was acknowledged, the backup has ${has?.[1]}`);
  }
  if (problems.length) {
    failed++;
    console.log(problems.slice(0, 3).join("; "));
  }
}
stop = true;
await load;
console.log(`five backups while ${WRITERS} writers published ${n} revisions`);
console.log(`${5 - failed} passed`);
if (failed) console.log(`${failed} failed`);
process.exit(failed ? 1 : 0);
