// What a page costs as the archive grows: 1,000, 10,000 and 100,000 stories. For each page kind: CPU of printing, SQLite
// pages touched, statements, full scans; memory at the start and after 10,000 distinct pages; bytes of site.db a story.
import { execFileSync } from "node:child_process";
import { statSync, writeFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { corpus } from "./corpus.mjs";
import { built, folder, load, memory, program, report, serve, sleep, stop, tool } from "./lib.mjs";

const sizes = (process.env.SIZES ?? "1000 10000 100000").split(" ").map(Number), ROUNDS = process.env.ROUNDS ?? "200";
const dir = folder(), results = [];
tool("load");
execFileSync("make", ["-s", "build/bench/pages"]);

const zones = { en: "Europe/London", ru: "Europe/Riga", ar: "Africa/Cairo" };
function addressOf(s, old = false) {
  const day = new Intl.DateTimeFormat("en-CA", { timeZone: zones[s.script], year: "numeric", month: "2-digit", day: "2-digit" }).format(new Date(s.at)).replaceAll("-", "/");
  const number = Number(s.id.slice(1)), renamed = !old && number % 20 !== 7 && number % 50 === 11;
  return `${s.script === "en" ? "" : "/" + s.script}/${s.section}/${day}/${s.id}${renamed ? "-renamed" : ""}`;
}

for (const size of sizes) {
  const files = join(dir, `files${size}`), site = join(dir, `site${size}`);
  const made = corpus(size, files, 11);
  execFileSync(program, ["init", site]);
  const t0 = Date.now();
  execFileSync(program, ["publish", site, join(files, "1")], { stdio: ["ignore", "ignore", "pipe"] });
  const bulk = size / ((Date.now() - t0) / 1000);
  execFileSync(program, ["publish", site, join(files, "2")], { stdio: ["ignore", "ignore", "pipe"] });
  rmSync(files, { recursive: true });
  const bytes = statSync(join(site, "site.db")).size / size;
  const section = made.filter((s) => s.script === "en" && s.section === "harbour").reverse();
  const some = made.filter((s) => s.script === "en").at(-Math.floor(size / 10)), before = (k) => `?before=${section[Math.max(0, Math.min(section.length - 1, k))].id}`;
  const day = addressOf(some).split("/").slice(2, 5).join("/");
  const paths = [
    ["front", "/"], ["front", "/ar/"],
    ["section, first page", "/harbour/"], ["section, middle page", `/harbour/${before(section.length >> 1)}`], ["section, last page", `/harbour/${before(section.length - 10)}`],
    ["story", addressOf(some)], ["story, text", addressOf(some) + ".txt"], ["story, data", addressOf(some) + ".json"],
    ["topic", "/topic/topic-30"], ["byline", "/by/writer-1"], ["day", `/archive/${day}`],
    ["feed", "/feed.xml"], ["section feed", "/harbour/feed.xml"], ["news map", "/sitemap/news.xml"], ["old address", addressOf(made.find((s) => s.script === "en" && !addressOf(s).endsWith(s.id)), true)], ["not found", "/harbour/2020/01/01/none"],
  ];
  const out = execFileSync("taskset", ["-c", "0", join(built, "pages"), site, ROUNDS], { input: paths.map((p) => `${p[0].replaceAll(" ", "_")} ${p[1]}`).join("\n") + "\n", encoding: "utf8" });
  const pages = out.trim().split("\n").map((l) => JSON.parse(l)).map((p) => ({ ...p, kind: p.kind.replaceAll("_", " ") }));
  const server = await serve(site, 8311);
  await sleep(500);
  const atStart = memory(server.pid);
  const list = join(dir, "paths");
  const distinct = made.slice(-10000).map((s) => addressOf(s));
  for (const ending of [".txt", ".json"]) if (distinct.length < 10000) distinct.push(...made.map((s) => addressOf(s) + ending));
  writeFileSync(list, distinct.slice(0, 10000).join("\n") + "\n");
  let seen = 0, statuses = {};
  while (seen < 10000) {
    const r = await load(8311, ["--paths", list, "--seconds", 8]);
    seen += r.requests;
    statuses = r;
  }
  const after = memory(server.pid);
  await stop(server);
  results.push({ size, bulk, bytes, atStart, after, pages });
  process.stderr.write(`${size} stories: ${bulk.toFixed(0)} published a second, ${bytes.toFixed(0)} bytes of site.db each, ${(atStart / 1024).toFixed(1)} MB at start, ${(after / 1024).toFixed(1)} MB after ${Math.min(seen, distinct.length)} pages (${statuses.s4} not found)\n`);
  for (const p of pages) process.stderr.write(`  ${p.kind.padEnd(22)} ${String(p.status)} ${String(p.bytes).padStart(6)} B  print ${p.print.toFixed(0).padStart(5)} us p99 ${p.print_p99.toFixed(0).padStart(5)}  gzip ${p.gzip.toFixed(0).padStart(5)}  pages ${String(p.pages).padStart(5)}  statements ${p.statements}  scans ${p.scans}\n`);
  rmSync(site, { recursive: true });
}
report("growth", { rounds: Number(ROUNDS), results });
