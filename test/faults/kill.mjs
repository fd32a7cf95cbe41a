// kill -9 before and after every write, sync and rename, and a power loss at each: nothing acknowledged is lost, nothing is
// half done, and the next start needs no help: a server is started on what is there, before anything else has looked at it,
// and gives out every acknowledged revision with its picture. Twice: a command that works alone (a new story, one with a
// picture, a new revision, one scheduled with its picture), and a server that publishes a scheduled story by itself and
// some for a caller. Then a hundred random moments, and a table of every sync with what is lost without it.
//
//     node test/faults/kill.mjs [STEP]      STEP 5: every fifth moment only
//
// PARTS="command server random syncs removal" chooses.
import { acknowledged, close, cpSync, dir, env, execFileSync, existsSync, forget, join, lose, mine, mkdirSync, picture, program, readFileSync, report, rmSync, served, shadow, shares, sleep, spawn, spawnSync, start, statSync, text, verdict, whole, writeFileSync } from "./lib.mjs";
import { createHash } from "node:crypto";
import { freePort, wire } from "../load/wire.mjs";

const STEP = Number(process.argv[2] ?? 1), RANDOM = Number(process.env.RANDOM ?? 100);
const parts = (process.env.PARTS ?? "command server random syncs removal").split(" "), part = (name) => parts.includes(name);
if (!process.env.SHARE) for (const name of ["command", "server"]) if (part(name)) await shares("test/faults/kill.mjs", name);
const shared = (name) => part(name) && process.env.SHARE;
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
writeFileSync(join(files, "sched.md"), text("sched", 1, "published: 2199-01-01T00:00:00Z\npicture: {file: sched.png, alt: A square}\n"));
writeFileSync(join(files, "sched.png"), picture(3));
const fresh = () => {
  rmSync(site, { recursive: true, force: true });
  cpSync(base, site, { recursive: true });
  forget();
};
// What once() gives when it was killed at call n, and nothing when it never was. How many calls a run makes depends on which
// changes come to share a commit: one that ended by itself is tried again.
const TRIES = 30;
let again = 0, never = 0;
async function reach(n, where, once) {
  const ends = [];
  for (let i = 0; i < (never < 3 ? TRIES : 1); i++) {
    const r = await once(), { n: calls } = report();
    if (r.ended === "SIGKILL" && calls >= n) return r;
    again++;
    ends.push(`${r.ended} after ${calls}`);
  }
  never++;
  verdict(`killed ${where}`, [`in ${ends.length} runs it never was: ${ends.slice(0, 3).join(", ")}`]);
}
const right = async (where, acked) => [...(await served(where, acked)), ...whole(where, acked)];

/* ---- a command alone ---- */

const alone = (more) => spawnSync(program, ["publish", site, ...["a.md", "b.md", "old.md", "sched.md"].map((f) => join(files, f))], { encoding: "utf8", env: env(site, more) });
const killed = (n, mode, of) => reach(n, `${mode} call ${n} of ${of}`, () => {
  fresh();
  const from = shadow(site), r = alone({ FAULT_AT: String(n), FAULT_MODE: mode, FAULT_SHADOW: from });
  return { from, stdout: r.stdout, ended: r.signal ?? r.status };
});
let N = 0, promised; // the most calls
for (let i = 0; i < 6; i++) {
  fresh();
  const calm = alone({});
  N = Math.max(N, report().n);
  promised = acknowledged(calm.stdout);
  verdict("a command alone, in peace", calm.status === 0 && N > 20 && Object.keys(promised).length === 4 ? [] : [`status ${calm.status}, ${N} calls: ${calm.stdout}${calm.stderr}`]);
}
for (let n = 1; shared("command") && n <= N; n += STEP) {
  if (!mine((n - 1) / STEP)) continue;
  for (const mode of ["before", "after"]) {
    const r = await killed(n, mode, N);
    if (!r) continue;
    const where = `${mode} call ${n} of ${N} (${report().last})`, acked = { old: 1, ...acknowledged(r.stdout) };
    const rebuilt = lose(site, r.from);
    verdict(`killed ${where}`, await right(site, acked));
    verdict(`power lost ${where}`, await right(rebuilt, acked));
    if (mode === "before") continue;
    // killed, started again, acknowledged, and then without power: what was found must have been made sure of
    const first = await killed(n, mode, N);
    if (!first) continue;
    const second = alone({ FAULT_SHADOW: first.from });
    verdict(`power lost after a start that followed a kill at call ${n}`, [...(second.status === 0 ? [] : [`it ended with ${second.signal ?? second.status}`]), ...(await right(lose(site, first.from), { old: 1, ...acknowledged(second.stdout) }))]);
  }
}
if (shared("command")) console.log(`a command alone: ${N} calls${STEP > 1 ? `, every ${STEP}th` : ""}, ${again} runs that weren't killed repeated, share ${process.env.SHARE}`);

/* ---- a server ---- */

const due = join(dir, "due");
cpSync(base, due, { recursive: true });
writeFileSync(join(files, "later.md"), text("later", 1, `published: ${new Date(Date.now() + 1500).toISOString().replace(/\.\d+/, "")}\npicture: {file: b.png, alt: A square}\n`));
execFileSync(program, ["publish", due, join(files, "later.md")]);
await sleep(2500);

async function serving(more) {
  rmSync(site, { recursive: true, force: true });
  cpSync(due, site, { recursive: true });
  forget();
  const from = more.FAULT_AT || more.FAULT_KILL_US ? shadow(site) : undefined;
  const p = spawn(program, ["serve", site, "--listen", `127.0.0.1:${await freePort()}`], { env: env(site, { ...more, ...(from ? { FAULT_SHADOW: from } : {}) }), stdio: ["ignore", "ignore", "pipe"] });
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
    if (i !== 1) continue;
    const due = await w.publish("sched", readFileSync(join(files, "sched.md")), [{ name: "sched.png", bytes: readFileSync(join(files, "sched.png")) }]).catch(() => null);
    if (!due) break;
    if (due.status) return [`refused: ${due.line}`];
    Object.assign(acked, acknowledged(`${due.line}\n`));
  }
  w?.close();
  return [];
}

// What was promised before the server began: the old story, and the one whose time has come.
const before = { old: 1, later: 1 };
if (shared("server")) {
  let M = 0;
  for (let i = 0; i < 3; i++) {
    const s = await serving({});
    const acked = { ...before }, problems = await work(s, 4, acked);
    await sleep(300);
    s.p.kill("SIGTERM");
    if ((await s.gone) !== 0) problems.push("it did not end well");
    M = Math.max(M, report().n);
    verdict("a server, in peace", [...problems, ...(acked.sched ? [] : ["nothing was scheduled"]), ...(await right(site, acked))]);
  }
  for (let n = 1; n <= M; n += STEP) {
    if (!mine((n - 1) / STEP)) continue;
    for (const mode of ["before", "after"]) {
      const k = await reach(n, `${mode} call ${n} of a server's ${M}`, async () => {
        const k = await serving({ FAULT_AT: String(n), FAULT_MODE: mode }), done = { ...before }, more = await work(k, 4, done);
        for (let i = 0; i < 40 && k.alive(); i++) await sleep(10);
        k.p.kill("SIGTERM"); // the last calls are those of a stop
        return { from: k.from, done, more, ended: await k.gone };
      });
      if (!k) continue;
      const { done, more } = k, rebuilt = lose(site, k.from), where = `${mode} call ${n} of ${M} (${report().last})`;
      verdict(`server killed ${where}`, [...more, ...(await right(site, done))]);
      verdict(`server without power ${where}`, await right(rebuilt, done));
    }
  }
  console.log(`a server: ${M} calls${STEP > 1 ? `, every ${STEP}th` : ""}, ${again} runs that weren't killed repeated, share ${process.env.SHARE}`);
}

/* ---- random moments ---- */

let inside = 0;
for (let i = 0; part("random") && i < RANDOM; i++) {
  const k = await serving({ FAULT_KILL_US: String(150000 + Math.floor(Math.random() * 400000)) });
  const done = { ...before }, more = await work(k, 10000, done);
  const ended = await k.gone;
  inside += report().dirty;
  const rebuilt = lose(site, k.from);
  verdict(`a random moment, ${i}`, [...(ended === "SIGKILL" ? [] : [`it ended with ${ended}`]), ...more, ...(await right(site, done))]);
  verdict(`a random moment, ${i}, without power`, await right(rebuilt, done));
}
if (part("random")) console.log(`${RANDOM} random moments, ${inside} of them inside a transaction`);
if (part("random") && RANDOM >= 100) verdict("random moments lie inside transactions", inside >= 30 ? [] : [`only ${inside}`]);

/* ---- every sync, and what is lost when it alone is forgotten and then the power goes ---- */

// A case says what is wrong after it with these syncs swallowed; with none of them nothing may be.
const table = [];
async function missed(name, pattern, run) {
  const problems = await run(pattern), what = problems[0]?.split("\n")[0].replace(/\S*broadsheet-faults-\w+\/(site|rebuilt)?\/?/g, "").slice(0, 90);
  verdict(`without the sync of ${name}`, problems.length ? [] : ["nothing was lost: no case needs it"]);
  table.push([name, what ?? "-"]);
}
async function needed(name, run) {
  verdict(`${name}, with every sync`, await run(""));
}

if (part("syncs")) {
  const media = join(site, "media"), hash = (file) => createHash("sha256").update(readFileSync(join(files, file))).digest("hex"), b = hash("b.png");
  if (b.slice(0, 2) === hash("sched.png").slice(0, 2)) throw new Error("the two pictures share a folder");

  // a command that ran to its end
  const ran = async (pattern) => {
    fresh();
    const from = shadow(site), r = alone({ FAULT_SHADOW: from, ...(pattern ? { FAULT_NO_SYNC: pattern } : {}) });
    return whole(lose(site, from), { old: 1, ...acknowledged(r.stdout) });
  };
  await needed("publish", ran);
  for (const [name, pattern] of [
    ["an original's bytes (write_blob, the file)", `${media}/originals/??/.new-*`], ["a served picture's bytes", `${media}/served/??/.new-*`],
    ["an original's name (write_blob, its folder)", `${media}/originals/??`], ["a served picture's name", `${media}/served/??`],
    ["a new folder of originals (blob_keep)", `${media}/originals`], ["a new folder of served pictures", `${media}/served`],
    ["the media folder (blobs_open)", media], ["the site's folder (blobs_open and SQLite)", site]]) await missed(name, pattern, ran);

  // one that was killed: what is acknowledged lies in the log until a stop writes it into the database
  await missed("the database's log", `${site}/site.db-wal`, async (pattern) => {
    for (let n = N; n > 0; n--) {
      fresh();
      const from = shadow(site), r = alone({ FAULT_SHADOW: from, FAULT_NO_SYNC: pattern, FAULT_AT: String(n), FAULT_MODE: "after" });
      const problems = whole(lose(site, from), { old: 1, ...acknowledged(r.stdout) });
      if (problems.length) return problems;
    }
    return [];
  });

  // one that found what another had renamed before it was killed
  const last = {}; // the call by which each came to be, when it was last looked for: the order is nearly always the same
  const found = (kind) => async (pattern) => {
    const folder = join(media, kind, b.slice(0, 2));
    const synced = (from) => { const list = join(from, `d${statSync(folder).ino}`); return existsSync(list) && readFileSync(list, "utf8").includes(` ${b}\n`); };
    for (const n of [...(last[kind] ? [last[kind]] : []), ...Array.from({ length: N }, (_, i) => i + 1)]) {
      fresh();
      const from = shadow(site);
      alone({ FAULT_AT: String(n), FAULT_MODE: "after", FAULT_SHADOW: from });
      if (!existsSync(join(folder, b)) || synced(from)) continue;
      last[kind] = n;
      const r = alone({ FAULT_SHADOW: from, ...(pattern ? { FAULT_NO_SYNC: pattern } : {}) });
      return whole(lose(site, from), { old: 1, ...acknowledged(r.stdout) });
    }
    throw new Error(`no call leaves the picture in ${kind} renamed and its folder not synced`);
  };
  for (const kind of ["originals", "served"]) {
    await needed(`a picture found in ${kind}`, found(kind));
    await missed(`a name found in ${kind} (blob_keep)`, `${media}/${kind}/${b.slice(0, 2)}`, found(kind));
  }

  // one that found files that somebody had copied there a moment ago
  const copied = async (pattern) => {
    fresh();
    const from = shadow(site);
    for (const kind of ["originals", "served"]) {
      mkdirSync(join(media, kind, b.slice(0, 2)), { recursive: true });
      cpSync(join(files, "b.png"), join(media, kind, b.slice(0, 2), b));
    }
    const r = alone({ FAULT_SHADOW: from, ...(pattern ? { FAULT_NO_SYNC: pattern } : {}) });
    return whole(lose(site, from), { old: 1, ...acknowledged(r.stdout) });
  };
  await needed("pictures copied by hand", copied);
  for (const kind of ["originals", "served"]) await missed(`the bytes of a file found in ${kind} (blob_keep)`, `${media}/${kind}/??/[0-9a-f]*`, copied);

  // the database itself is synced when its log is given up: that shows when the log has been used again
  const many = join(dir, "many");
  mkdirSync(many); // more than the second round's pages hold by themselves
  for (let i = 0; i < 80; i++) writeFileSync(join(many, `m${i}.md`), text(`m${i}`, 1) + "Words. ".repeat(300));
  writeFileSync(join(files, "c.md"), text("c", 1));
  const twice = async (pattern) => {
    fresh();
    const from = shadow(site), publish = (what) => spawnSync(program, ["publish", site, what], { encoding: "utf8", env: env(site, { FAULT_SHADOW: from, ...(pattern ? { FAULT_NO_SYNC: pattern } : {}) }) });
    const first = publish(many), second = publish(join(files, "c.md"));
    return whole(lose(site, from), { old: 1, ...acknowledged(first.stdout), ...acknowledged(second.stdout) });
  };
  await needed("two commands", twice);
  await missed("the database when its log is given up", `${site}/site.db`, twice);

  // init: the site, what a person edits, and its name in the folder above
  const above = join(dir, "above"), names = ["site.conf", "site.yaml", "sections.yaml"];
  const made = async (pattern) => {
    rmSync(above, { recursive: true, force: true });
    mkdirSync(above);
    const from = shadow(above), r = spawnSync(program, ["init", join(above, "site")], { encoding: "utf8", env: env(above, { FAULT_SHADOW: from, ...(pattern ? { FAULT_NO_SYNC: pattern } : {}) }) });
    const rebuilt = join(lose(above, from), "site"), same = (f) => { try { return readFileSync(join(rebuilt, f)).equals(readFileSync(join(above, "site", f))); } catch { return false; } };
    return [...(r.status === 0 ? [] : [`init: ${r.stderr}`]), ...names.filter((f) => !same(f)).map((f) => `${f} isn't what it was`), ...whole(rebuilt, {})];
  };
  await needed("init", made);
  for (const f of names) await missed(`${f} (init)`, `${above}/site/${f}`, made);
  await missed("the site's folder (init, blobs_open and SQLite)", `${above}/site`, made);
  await missed("the folder above the site (init)", above, made);

  // backup and restore
  const tars = join(dir, "tars"), back = join(dir, "back"), run = (args, under, from, pattern) => spawnSync(program, args, { encoding: "utf8", env: env(under, { FAULT_SHADOW: from, ...(pattern ? { FAULT_NO_SYNC: pattern } : {}) }) });
  fresh();
  alone({});
  const backed = async (pattern) => {
    rmSync(tars, { recursive: true, force: true });
    mkdirSync(tars);
    const from = shadow(tars), r = run(["backup", site, join(tars, "x.tar")], tars, from, pattern), rebuilt = lose(tars, from), to = join(dir, "from-backup");
    rmSync(to, { recursive: true, force: true });
    rmSync(`${to}.part`, { recursive: true, force: true });
    const again = spawnSync(program, ["restore", join(rebuilt, "x.tar"), to], { encoding: "utf8" });
    if (r.status !== 0 || again.status !== 0) return [`backup ${r.status}, restore ${again.status}: ${again.stderr.trim().split("\n").at(-1)}`];
    return whole(to, { old: 2, ...promised });
  };
  await needed("backup", backed);
  await missed("the backup's bytes (backup)", `${tars}/x.tar.part`, backed);
  await missed("the backup's name (backup)", tars, backed);
  await backed("");
  cpSync(join(tars, "x.tar"), join(dir, "x.tar"));
  const restored = async (pattern) => {
    rmSync(back, { recursive: true, force: true });
    mkdirSync(back);
    const from = shadow(back), r = run(["restore", join(dir, "x.tar"), join(back, "site")], back, from, pattern);
    return r.status === 0 ? whole(join(lose(back, from), "site"), { old: 2, ...promised }) : [`restore ${r.status}: ${r.stderr}`];
  };
  await needed("restore", restored);
  await missed("everything restored (restore)", `${back}/site.part/syncfs`, restored);
  await missed("the restored site's name (restore)", back, restored);
  for (const [name, what] of table) console.log(`  without the sync of ${name.padEnd(52)} ${what}`);
}

/* ---- words removed by order: what was answered holds for an older database, after a power loss as well ---- */

if (part("removal")) {
  const word = "Zephyrinowitz", secret = "several words unlike";
  const form = (s, path, fields, cookie) => fetch(`http://127.0.0.1:${s.port}${path}`, { method: "POST", redirect: "manual", body: new URLSearchParams(fields),
    headers: { "sec-fetch-site": "same-origin", origin: `http://127.0.0.1:${s.port}`, ...(cookie ? { cookie } : {}) } });
  const ordered = async (s) => {
    const cookie = (await form(s, "/desk/sign-in", { email: "pia@example.org", password: secret })).headers.get("set-cookie")?.split(";")[0];
    const page = await (await fetch(`http://127.0.0.1:${s.port}/desk/story/z/removal`, { headers: { cookie } })).text();
    return (await form(s, "/desk/story/z/removal", { token: /name="token" value="([^"]+)"/.exec(page)?.[1], words: word, do: "remove" }, cookie)).status;
  };
  const removal = async (pattern) => {
    fresh();
    writeFileSync(join(files, "z.md"), text("z", 1) + `Mr ${word} was held.\n`);
    execFileSync(program, ["publish", site, join(files, "z.md")]);
    execFileSync(program, ["user", "add", site, "--email", "pia@example.org", "--role", "publisher", "--password-stdin"], { input: `${secret}\n` });
    cpSync(join(site, "site.db"), join(dir, "older.db"));
    const from = shadow(site), s = await start(site, env(site, { FAULT_SHADOW: from, ...(pattern ? { FAULT_NO_SYNC: pattern } : {}) }));
    const answer = await ordered(s);
    s.p.kill("SIGKILL");
    await s.gone;
    if (answer !== 303) return [`the removal was answered with ${answer}`];
    const rebuilt = lose(site, from), problems = whole(rebuilt, { old: 1 });
    for (const end of ["", "-wal", "-shm"]) rmSync(join(rebuilt, `site.db${end}`), { force: true });
    cpSync(join(dir, "older.db"), join(rebuilt, "site.db"));
    problems.push(...whole(rebuilt, { old: 1 }));
    return readFileSync(join(rebuilt, "site.db"), "latin1").includes(word) ? [...problems, "an older database keeps the words"] : problems;
  };
  verdict("a removal by order, with every sync", await removal(""));
  for (const [name, pattern] of [["the list of removals", `${site}/removals`]])
    verdict(`a removal by order, without the sync of ${name}`, (await removal(pattern)).length ? [] : ["nothing was lost: no case needs it"]);
}
close();
