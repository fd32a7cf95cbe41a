// What a page costs as the archive grows: 1,000, 10,000 and 100,000 stories. For each page kind: CPU of printing, SQLite
// pages touched, statements, full scans; memory at the start and after 10,000 distinct pages; bytes of site.db a story.
import { execFileSync, spawnSync } from "node:child_process";
import { statSync, writeFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { corpus } from "./corpus.mjs";
import { built, folder, load, memory, program, report, serve, sleep, stop, tool } from "./lib.mjs";

const sizes = (process.env.SIZES ?? "1000 10000 100000").split(" ").map(Number), ROUNDS = process.env.ROUNDS ?? "200";
const dir = folder(), results = [];
tool("load");
execFileSync("make", ["-s", "build/bench/pages"]);

for (const size of sizes) {
  const files = join(dir, `files${size}`), site = join(dir, `site${size}`);
  const made = corpus(size, files, 11);
  execFileSync(program, ["init", site]);
  const t0 = Date.now();
  // where each lies, as publishing says; a renamed one at its new address
  const first = new Map(), now = new Map(), note = (map, words) => [...words.matchAll(/^published (\S+\/(s\d+)(?:-renamed)?)(?: |$)/gm)].forEach(([, path, id]) => map.set(id, path));
  const hand = (folder) => execFileSync(program, ["publish", site, folder], { stdio: ["ignore", "pipe", "pipe"], encoding: "utf8", maxBuffer: 1 << 30 });
  const words = hand(join(files, "1"));
  const bulk = size / ((Date.now() - t0) / 1000);
  note(first, words);
  note(now, words + hand(join(files, "2")));
  const addressOf = (s, old = false) => (old ? first : now).get(s.id);
  rmSync(files, { recursive: true });
  const bytes = statSync(join(site, "site.db")).size / size;
  const english = made.filter((s) => s.script === "en"), gone = english.at(-3);
  execFileSync(program, ["withdraw", site, gone.id, "--note", "It was wrong."]);
  const live = english.filter((s) => s !== gone), some = live.at(-Math.floor(size / 10));
  const newest = (list) => [...list].reverse(), day = (s) => addressOf(s).split("/").slice(-4, -1).join("/");
  // the first, a middle and the last page of a list, the newest story first
  const list = (kind, path, stories) => [[`${kind}, first page`, path], ...[["middle", stories.length >> 1], ["last", stories.length - 10]].map(([which, i]) => [`${kind}, ${which} page`, `${path}?before=${newest(stories)[Math.max(0, i)].id}`])];
  const yesterday = day(live.at(-60));
  const paths = [
    ["front", "/"], ["front", "/ar/"],
    ...list("section", "/harbour/", live.filter((s) => s.section === "harbour")),
    ...list("topic", "/topic/topic-0", live.filter((s) => s.topics.includes(0))),
    ...list("byline", "/by/writer-0", live.filter((s) => s.writers.includes(0))),
    ...list("day", `/archive/${yesterday}`, live.filter((s) => day(s) === yesterday)),
    ["story", addressOf(some)], ["story, text", addressOf(some) + ".txt"], ["story, data", addressOf(some) + ".json"],
    ["page", "/page/about"], ["feed", "/feed.xml"], ["section feed", "/harbour/feed.xml"], ["news map", "/sitemap/news.xml"], ["robots", "/robots.txt"],
    ["picture", execFileSync(join(built, "pages"), [site, "0"], { input: `${addressOf(some)}\n`, encoding: "utf8" }).match(/\/picture\/[0-9a-f]+\.png/)[0]],
    ["withdrawn", addressOf(gone)], ["old address", addressOf(english.find((s) => !addressOf(s).endsWith(s.id)), true)], ["not found", "/harbour/2020/01/01/none"],
  ];
  const out = execFileSync("taskset", ["-c", "0", join(built, "pages"), site, ROUNDS], { input: paths.map((p) => `${p[0].replaceAll(" ", "_")} ${p[1]}`).join("\n") + "\n", encoding: "utf8" });
  const pages = out.trim().split("\n").map((l) => JSON.parse(l)).map((p) => ({ ...p, kind: p.kind.replaceAll("_", " ") }));
  const addresses = join(dir, "paths"), all = made.filter((s) => s !== gone), seenOnce = new Set(all.slice(-10000).map((s) => addressOf(s)));
  if (seenOnce.size < 10000) {
    const data = execFileSync(join(built, "pages"), [site, "0"], { input: all.map((s) => `${addressOf(s)}.json\n`).join(""), encoding: "utf8", maxBuffer: 1 << 30 });
    for (const [p] of data.matchAll(/\/picture\/[0-9a-f]+\.png/g)) seenOnce.add(p);
  }
  for (const s of all) {
    if (seenOnce.size >= 10000) break;
    const base = s.script === "en" ? "" : `/${s.script}`;
    for (const p of [`${addressOf(s)}.txt`, `${addressOf(s)}.json`, `${base}/${s.section}/?before=${s.id}`, addressOf(s).replace(/\/[^/]+\/(\d+\/\d+\/\d+)\/[^/]+$/, `/archive/$1?before=${s.id}`), ...s.topics.map((t) => `${base}/topic/topic-${t}?before=${s.id}`), ...s.writers.map((w) => `${base}/by/writer-${w}?before=${s.id}`)]) seenOnce.add(p);
  }
  const distinct = [...seenOnce].slice(0, 10000);
  writeFileSync(addresses, distinct.join("\n") + "\n");
  const server = await serve(site, 8311);
  await sleep(500);
  const atStart = memory(server.pid);
  let seen = 0, statuses = {};
  while (seen < 10000) {
    const r = await load(8311, ["--paths", addresses, "--seconds", 8]);
    seen += r.requests;
    statuses = r;
    if (r.s4 || r.s5 || r.errors) throw new Error(`pages that should be there: ${JSON.stringify(r)}`);
  }
  const after = memory(server.pid);
  await stop(server);
  results.push({ size, bulk, bytes, atStart, after, distinct: distinct.length, pages });
  process.stderr.write(`${size} stories: ${bulk.toFixed(0)} published a second, ${bytes.toFixed(0)} bytes of site.db each, ${(atStart / 1024).toFixed(1)} MB at start, ${(after / 1024).toFixed(1)} MB after ${distinct.length} distinct pages, ${seen} requests\n`);
  for (const p of pages) process.stderr.write(`  ${p.kind.padEnd(22)} ${String(p.status)} ${String(p.bytes).padStart(6)} B  print ${p.print.toFixed(0).padStart(5)} us p99 ${p.print_p99.toFixed(0).padStart(5)}  gzip ${p.gzip.toFixed(0).padStart(5)}  pages ${String(p.pages).padStart(5)}  statements ${p.statements}  scans ${p.scans}\n`);
  rmSync(site, { recursive: true });
}

// the demo newsroom's stories, which people have written: prose compresses otherwise than words drawn by lot
const files = join(dir, "demo-files"), demo = join(dir, "demo");
execFileSync("demo/make-newsroom", [files]);
execFileSync(program, ["init", demo]);
const said = ["1", "1", "2"].map((n) => spawnSync(program, ["publish", demo, join(files, n)], { encoding: "utf8" }).stdout).join("");
const stories = [...new Set([...said.matchAll(/^published (\/\S+\/\d{4}\/\d\d\/\d\d\/\S+)/gm)].map(([, path]) => path))];
const prose = execFileSync("taskset", ["-c", "0", join(built, "pages"), demo, ROUNDS], { input: stories.map((s) => `story ${s}\n`).join(""), encoding: "utf8" }).trim().split("\n").map((l) => JSON.parse(l)).filter((p) => p.status === 200);
if (prose.length < 20) throw new Error(`only ${prose.length} of the demo's stories are printed`);
process.stderr.write(`${prose.length} demo stories: ${prose.map((p) => `${p.bytes} B ${(p.print / p.gzip).toFixed(2)}`).join(", ")}\n`);
report("growth", { rounds: Number(ROUNDS), results, prose });
