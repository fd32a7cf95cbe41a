// kill -9 before and after every write, sync and rename, and a power loss at each: nothing acknowledged is lost, nothing is
// half done, and the next start needs no help. Twice: a command that works alone (a new story, one with a picture, a new
// revision), and a server that publishes a scheduled story by itself and one for a caller. Then a hundred random moments.
//
//     node test/faults/kill.mjs [STEP]      STEP 5: every fifth moment only
import { close, cpSync, dir, env, execFileSync, forget, join, lose, mkdirSync, picture, program, report, rmSync, served, shadow, sleep, spawn, spawnSync, text, verdict, whole, writeFileSync } from "./lib.mjs";
import { wire } from "../load/wire.mjs";

const STEP = Number(process.argv[2] ?? 1), RANDOM = Number(process.env.RANDOM ?? 100);
const base = join(dir, "base"), site = join(dir, "site"), files = join(dir, "files");
mkdirSync(files);
execFileSync(program, ["init", base]);
writeFileSync(join(files, "old.md"), text("old", 1));
execFileSync(program, ["publish", base, join(files, "old.md")]);
rmSync(join(base, "media"), { recursive: true }); // it is made when it is needed
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

/* ---- a command alone ---- */

const alone = (more) => spawnSync(program, ["publish", site, join(files, "a.md"), join(files, "b.md"), join(files, "old.md")], { encoding: "utf8", env: env(site, more) });
fresh();
const calm = alone({});
const N = report().n;
verdict("a command alone, in peace", calm.status === 0 && N > 20 ? [] : [`status ${calm.status}, ${N} calls: ${calm.stderr}`]);
for (let n = 1; n <= N; n += STEP)
  for (const mode of ["before", "after"]) {
    fresh();
    const from = shadow(site), r = alone({ FAULT_AT: String(n), FAULT_MODE: mode, FAULT_SHADOW: from }), where = `killed ${mode} call ${n} of ${N} (${report().last})`;
    const acked = { old: 1, ...acknowledged(r.stdout) };
    const rebuilt = lose(site, from), last = report().last;
    verdict(where, [...(await served(site, acked)), ...whole(site, acked)]);
    verdict(`power lost ${mode} call ${n} of ${N} (${last})`, [...(await served(rebuilt, acked)), ...whole(rebuilt, acked)]);
    if (mode === "before") continue;
    // killed, started again, acknowledged, and then without power: what was found must have been made sure of
    fresh();
    const again = shadow(site);
    alone({ FAULT_AT: String(n), FAULT_MODE: mode, FAULT_SHADOW: again });
    const second = alone({ FAULT_SHADOW: again });
    verdict(`power lost after a start that followed a kill at call ${n}`, whole(lose(site, again), { old: 1, ...acknowledged(second.stdout) }));
  }
console.log(`a command alone: ${N} calls`);

/* ---- the promise rests on every sync: each kind, forgotten, is noticed by some moment ---- */

for (const [name, pattern] of [
  ["the database's log", "*-wal"], ["the site's folder", site], ["a picture's bytes", "*/.new-*"], ["a picture's name", "*/media/*/??"],
  ["a new folder of pictures", "*/media/originals"], ["the media folder", "*/media"], ["originals' new folders", "*/media/originals/??"], ["served pictures' new folders", "*/media/served/??"], ["the folder of served pictures", "*/media/served"]]) {
  let noticed = false;
  for (let n = N; n > 0 && !noticed; n -= Math.max(1, STEP >> 1)) {
    fresh();
    const from = shadow(site), r = alone({ FAULT_SHADOW: from, FAULT_NO_SYNC: pattern, FAULT_AT: String(n), FAULT_MODE: "after" });
    noticed = whole(lose(site, from), { old: 1, ...acknowledged(r.stdout) }).length > 0;
  }
  verdict(`forgetting to sync ${name}`, noticed ? [] : ["is not noticed"]);
}
{ // the database is synced when its log is given up: that shows when the log has been used again
  fresh();
  const from = shadow(site), many = join(dir, "many"), publish = (what, no) => spawnSync(program, ["publish", site, what], { encoding: "utf8", env: env(site, { FAULT_SHADOW: from, ...(no ? { FAULT_NO_SYNC: "*/site.db" } : {}) }) });
  mkdirSync(many); // more than the second round's pages hold by themselves
  for (let i = 0; i < 80; i++) writeFileSync(join(many, `m${i}.md`), text(`m${i}`, 1) + "Words. ".repeat(300));
  writeFileSync(join(files, "c.md"), text("c", 1));
  const first = publish(many, true), second = publish(join(files, "c.md"), true);
  const problems = whole(lose(site, from), { old: 1, ...acknowledged(first.stdout), ...acknowledged(second.stdout) });
  verdict("forgetting to sync the database", problems.length ? [] : ["is not noticed"]);
}

/* ---- a server ---- */

const due = join(dir, "due");
cpSync(base, due, { recursive: true });
writeFileSync(join(files, "later.md"), text("later", 1, `published: ${new Date(Date.now() + 1500).toISOString().replace(/\.\d+/, "")}\npicture: {file: b.png, alt: A square}\n`));
execFileSync(program, ["publish", due, join(files, "later.md")]);
await sleep(2500);

async function serving(more, port = 8411) {
  rmSync(site, { recursive: true, force: true });
  cpSync(due, site, { recursive: true });
  forget();
  const from = more.FAULT_AT || more.FAULT_KILL_US ? shadow(site) : undefined;
  const p = spawn(program, ["serve", site, "--listen", `127.0.0.1:${port}`], { env: env(site, { ...more, ...(from ? { FAULT_SHADOW: from } : {}) }), stdio: ["ignore", "ignore", "pipe"] });
  let ended = null;
  const gone = new Promise((r) => p.on("exit", (code, signal) => r((ended = signal ?? code))));
  return { p, gone, from, alive: () => ended === null };
}

async function work(s, rounds, acked) {
  let w;
  for (let i = 0; i < 100 && s.alive() && !w; i++) w = await wire(site).catch(() => sleep(10));
  for (let i = 0; w && i < rounds && s.alive(); i++) {
    const id = i % 2 ? "b" : "a", rev = 1 + (i >> 1);
    const answer = await w.publish(id, text(id, rev, i % 2 ? "picture: {file: b.png, alt: A square}\n" : ""), i % 2 ? [{ name: "b.png", bytes: picture(2 + (i % 5)) }] : []).catch(() => null);
    if (!answer) break;
    if (answer.status) return [`refused: ${answer.line}`];
    acked[id] = rev;
  }
  w?.close();
  return [];
}

{
  const s = await serving({});
  const acked = {}, problems = await work(s, 4, acked);
  await sleep(300);
  s.p.kill("SIGTERM");
  if ((await s.gone) !== 0) problems.push("it did not end well");
  const M = report().n;
  verdict("a server, in peace", [...problems, ...whole(site, { old: 1, later: 1, ...acked })]);
  for (let n = 1; n <= M; n += STEP)
    for (const mode of ["before", "after"]) {
      const k = await serving({ FAULT_AT: String(n), FAULT_MODE: mode });
      const done = { old: 1 }, more = await work(k, 4, done);
      for (let i = 0; i < 40 && k.alive(); i++) await sleep(10);
      k.p.kill("SIGTERM"); // the last calls are those of a stop
      await k.gone;
      const rebuilt = lose(site, k.from), last = report().last;
      verdict(`server killed ${mode} call ${n} of ${M} (${last})`, [...more, ...(await served(site, done, ["later"])), ...whole(site, { ...done, later: 1 })]);
      verdict(`server without power ${mode} call ${n} of ${M}`, [...(await served(rebuilt, done, ["later"])), ...whole(rebuilt, { ...done, later: 1 })]);
    }
  console.log(`a server: ${M} calls`);
}

/* ---- random moments ---- */

let inside = 0;
for (let i = 0; i < RANDOM; i++) {
  const k = await serving({ FAULT_KILL_US: String(150000 + Math.floor(Math.random() * 400000)) });
  const done = { old: 1 }, more = await work(k, 10000, done);
  await k.gone;
  inside += report().dirty;
  const rebuilt = lose(site, k.from);
  verdict(`a random moment, ${i}`, [...more, ...(await served(site, done, ["later"])), ...whole(site, { ...done, later: 1 })]);
  verdict(`a random moment, ${i}, without power`, [...(await served(rebuilt, done, ["later"])), ...whole(rebuilt, { ...done, later: 1 })]);
}
console.log(`${RANDOM} random moments, ${inside} of them inside a transaction`);
if (RANDOM >= 100) verdict("random moments lie inside transactions", inside >= 30 ? [] : [`only ${inside}`]);
close();
