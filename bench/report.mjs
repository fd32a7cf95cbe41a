// Makes docs/benchmarks.md and its plots from build/bench/*.json; with --bars it prints the bars and what was measured, and
// writes nothing.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";

const read = (name) => (existsSync(`build/bench/${name}.json`) ? JSON.parse(readFileSync(`build/bench/${name}.json`, "utf8")) : null);
const hit = read("hit"), publish = read("publish"), growth = read("growth"), desk = read("desk"), typing = read("typing"), peers = read("peers");
for (const [name, d] of Object.entries({ hit, publish, growth, desk, typing, peers })) if (!d) throw new Error(`build/bench/${name}.json is missing: run node bench/${name}.mjs`);
const f = (x, digits = 2) => x.toFixed(digits), k = (x) => Math.round(x).toLocaleString("en");
const ratio = (x) => f(x, 2) + " ×";

const onlyBars = process.argv[2] === "--bars";
function plot(file, title, series, labels, unit) {
  if (onlyBars) return;
  const width = 640, height = 300, left = 60, bottom = 50, top = 40, max = Math.max(...series.flatMap((s) => s.values)) * 1.1;
  const colours = ["#0b5c6b", "#9a6a1c", "#7a7a74"], group = (width - left - 20) / labels.length, bar = group / (series.length + 1);
  const y = (v) => height - bottom - (v / max) * (height - bottom - top);
  const parts = [`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12" role="img" aria-label="${title}">`, `<rect width="${width}" height="${height}" fill="#fff"/>`, `<text x="${left}" y="18" font-size="14">${title}</text>`];
  for (let i = 0; i <= 4; i++) {
    const v = (max * i) / 4;
    parts.push(`<line x1="${left}" x2="${width - 20}" y1="${y(v)}" y2="${y(v)}" stroke="#ddd"/><text x="${left - 6}" y="${y(v) + 4}" text-anchor="end">${v >= 1000 ? Math.round(v / 1000) + "k" : f(v, v < 10 ? 1 : 0)}</text>`);
  }
  labels.forEach((label, i) => {
    series.forEach((s, j) => parts.push(`<rect x="${left + i * group + bar * (j + 0.5)}" y="${y(s.values[i])}" width="${bar * 0.9}" height="${height - bottom - y(s.values[i])}" fill="${colours[j]}"/>`));
    parts.push(`<text x="${left + i * group + group / 2}" y="${height - bottom + 16}" text-anchor="middle">${label}</text>`);
  });
  series.forEach((s, j) => parts.push(`<rect x="${left + j * 180}" y="${height - 20}" width="10" height="10" fill="${colours[j]}"/><text x="${left + j * 180 + 14}" y="${height - 11}">${s.name}</text>`));
  parts.push(`<text x="14" y="${top - 6}" font-size="11">${unit}</text></svg>`);
  mkdirSync("docs/benchmarks", { recursive: true });
  writeFileSync(`docs/benchmarks/${file}`, parts.join("\n") + "\n");
}

const med = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];
const sizes = hit.results.map((r) => `${Math.round(r.size / 1000)} kB`);
plot("hit.svg", "A cached page: requests a second of server CPU", ["ours", "nginx", "epoll"].map((n) => ({ name: { ours: "Broadsheet", nginx: "nginx, from files", epoll: "bare epoll loop" }[n], values: hit.results.map((r) => med(r.pairs.map((p) => p[n].perCpu))) })), sizes, "requests");
const first = growth.results[0], last = growth.results.at(-1), by = (r, kind) => r.pages.filter((p) => p.kind === kind);
const kinds = ["front", "section, first page", "section, last page", "story", "topic, first page", "feed"];
plot("growth.svg", "CPU of printing a page as the archive grows", growth.results.map((r) => ({ name: `${k(r.size)} stories`, values: kinds.map((x) => by(r, x)[0].print) })), kinds.map((x) => x.replace("section, ", "sect., ").replace("topic, first page", "topic")), "µs");

const pageRows = last.pages.map((p, i) => {
  const a = first.pages[i];
  return `| ${p.kind} | ${p.status} | ${k(p.bytes)} | ${growth.results.map((r) => `${f(r.pages[i].print, 0)} (${f(r.pages[i].print_p99, 0)})`).join(" | ")} | ${ratio(p.print / a.print)} | ${ratio(p.print / p.gzip)} | ${growth.results.map((r) => r.pages[i].pages).join(" → ")} | ${p.statements} | ${p.scans} |`;
});
plot("pages.svg", "SQLite pages touched by one print", growth.results.map((r) => ({ name: `${k(r.size)} stories`, values: kinds.map((x) => by(r, x)[0].pages) })), kinds.map((x) => x.replace(", first page", "").replace("section, last page", "sect., last")), "pages");
plot("memory.svg", "Memory as the archive grows", [{ name: "at start", values: growth.results.map((r) => r.atStart / 1024) }, { name: "after 10,000 distinct pages", values: growth.results.map((r) => r.after / 1024) }], growth.results.map((r) => `${k(r.size)} stories`), "MB");
plot("publish.svg", "From request to acknowledgement, at half the full rate", [{ name: "Broadsheet", values: [publish.half.p50 / 1000, publish.half.p99 / 1000] }, { name: "the disk alone, asked as often", values: [publish.disk.p50 / 1000, publish.disk.waits / 1000] }], ["median", "p99"], "ms");

// every bar with what was measured
const story = by(last, "story")[0], fronts = by(last, "front"), codings = last.pages.filter((p) => p.bytes > 2000).map((p) => p.finish / p.gzip), grew = last.pages.map((p, i) => ({ ...p, more: p.pages - first.pages[i].pages, cpu: p.print / first.pages[i].print }));
const prose = growth.prose.map((p) => p.print / p.gzip).sort((a, b) => b - a);
const worst = (list, key) => list.reduce((a, b) => (key(b) > key(a) ? b : a));
const spare = worst(grew, (p) => p.more - 8 * p.statements), slower = worst(grew.filter((p) => first.pages.find((a) => a.kind === p.kind).print > 20), (p) => p.cpu);
const bars = [
  ...hit.results.map((r, i) => [`a cached page of ${sizes[i]}, to nginx`, `≥ ${[1, 1, 0.85][i]} ×`, ratio(r.toNginx), r.toNginx >= [1, 1, 0.85][i]]),
  ["the same at 30 kB, to a bare loop", "≥ 0.95 ×", ratio(hit.results[2].toEpoll), hit.results[2].toEpoll >= 0.95],
  [`printing a story of the demo newsroom, to gzip 6 of its bytes: the dearest of ${prose.length}`, "≤ 0.75 ×", ratio(prose[0]), prose[0] <= 0.75],
  ["the same, a story of words drawn by lot", "≤ 0.75 ×", ratio(story.print / story.gzip), story.print / story.gzip <= 0.75],
  ["printing a front of 42 cards, to gzip 6", "≤ 1.25 ×", fronts.map((p) => ratio(p.print / p.gzip)).join(", "), fronts.every((p) => p.print / p.gzip <= 1.25)],
  ["both codings (with ETag and response), to gzip 6", "≤ 2.5 ×", `${ratio(med(codings))} (${ratio(Math.min(...codings))} to ${ratio(Math.max(...codings))})`, med(codings) <= 2.5],
  ["publishing at half the full rate, p99", `≤ ${f(publish.bar / 1000, 1)} ms`, `${f(publish.half.p99 / 1000, 1)} ms`, publish.half.p99 <= publish.bar],
  ["a folder published, alone and through the server", "≥ 1,000 a second", `${k(publish.bulk.alone)}, ${k(publish.bulk.through)}`, Math.min(publish.bulk.alone, publish.bulk.through) >= 1000],
  [`SQLite pages from ${k(first.size)} to ${k(last.size)} stories`, "≤ 8 more a statement", `${spare.kind}: ${spare.more} more with ${spare.statements}`, spare.more <= 8 * spare.statements],
  ["CPU of printing, likewise, of what takes more than 20 µs", "≤ 1.2 ×", `${slower.kind}: ${ratio(slower.cpu)}`, slower.cpu <= 1.2],
  ["full-scan steps", "0", String(Math.max(...growth.results.flatMap((r) => r.pages.map((p) => p.scans)))), growth.results.every((r) => r.pages.every((p) => p.scans === 0))],
  ["memory at start", "≤ 40 MB", `${f(Math.max(...growth.results.map((r) => r.atStart)) / 1024, 1)} MB`, growth.results.every((r) => r.atStart <= 40 * 1024)],
  ["memory after 10,000 distinct pages", "≤ 40 + 256 MB", `${f(Math.max(...growth.results.map((r) => r.after)) / 1024, 1)} MB`, growth.results.every((r) => r.after <= 296 * 1024)],
  [`a save of 1,500 words while ${desk.people} people save, p99`, "≤ 50 ms", `${f(desk.saves.p99, 1)} ms`, desk.saves.p99 <= 50],
  ["publishing at the desk meanwhile, p99", "≤ 25 ms", `${f(desk.publishes.p99, 1)} ms`, desk.publishes.p99 <= 25],
  [`the list of ${k(desk.size)} stories, the slowest filter, p99`, "≤ 50 ms", `${f(Math.max(...Object.values(desk.lists).map((l) => l.p99)), 1)} ms`, Object.values(desk.lists).every((l) => l.p99 <= 50)],
  ["readers' p99 while sign-in is tried at full rate", "≤ 1.2 ×", ratio(desk.signIn.during / desk.signIn.quiet), desk.signIn.during <= 1.2 * desk.signIn.quiet],
  [`typing at ${typing.blocks} blocks, from the key to the paint, p95`, "≤ 16 ms", `${f(typing.painted.p95, 1)} ms`, typing.painted.p95 <= 16],
];
const barsTable = ["| bar | wanted | measured | met |", "|---|---|---|---|", ...bars.map(([what, want, have, met]) => `| ${what} | ${want} | ${have} | ${met ? "yes" : "**no**"} |`)].join("\n");
if (onlyBars) { // to be read only: docs/benchmarks.md stays as it is
  console.log(barsTable);
  process.exit(0);
}
function peersTable(whole) {
  const kb = (b) => `${f(b.document / 1000, 1)} / ${f(b.stylesheet / 1000, 1)} / ${f(b.script / 1000, 1)}`;
  const head = ["", "story: CPU ms", "requests/s", "front: CPU ms", "requests/s", "memory MB", "story: HTML / CSS / script kB", ...(whole ? ["front: kB", "p99 ms, story, front", "other hosts asked"] : [])];
  const ms = (x) => (x ? f(x.ms, x.ms < 10 ? (x.ms < 1 ? 3 : 2) : 1) : "");
  const rows = peers.results.map((r) => [r.name, ms(r.story), k(r.story.rps), ms(r.front), r.front ? k(r.front.rps) : "", k(r.memory / 1024), kb(r.bytes.story), ...(whole ? [kb(r.bytes.front), [r.story, r.front].filter(Boolean).map((x) => f(x.p99 / 1000, 1)).join(", "), r.bytes.front.others] : [])]);
  return [head, head.map(() => "---"), ...rows].map((x) => `| ${x.join(" | ")} |`).join("\n");
}
const text = `# Benchmarks

Ratios within one run hold; absolute figures do not travel. Measured on ${hit.when} on a virtual machine with two cores
(${hit.machine[0]}, Linux ${hit.machine[1]}), Debian 12, client and server on the same machine. \`make bench\` repeats all of
it and writes this file; \`bench/\` holds the programs.

${barsTable}

## A cached page
nginx serves the very same bytes and headers (compared before the run; but for its \`Server\` and \`Connection\`, 39 bytes) from files (\`sendfile\`, \`tcp_nopush\`, \`open_file_cache\`, \`gzip_static\`, a
buffered access log of the same fields); the bare loop is \`bench/epoll.c\`: it looks for the blank line and sends what lies
ready. Each server has one core to itself in turn, the load generator (\`bench/load.c\`, 64 keep-alive connections) the other.
${hit.pairs} alternating rounds of ${hit.seconds} s after one that warms up; CPU is the server's own, threads and children. The figure is
the median of the rounds' ratios of requests per second of server CPU.

![A cached page](benchmarks/hit.svg)

| coded size | to nginx | to a bare loop | p99 of ours, nginx, the loop (µs) |
|---|---|---|---|
${hit.results.map((r) => `| ${k(r.size)} B | ${ratio(r.toNginx)} | ${ratio(r.toEpoll)} | ${r.p99.ours}, ${r.p99.nginx}, ${r.p99.epoll} |`).join("\n")}

All rounds, requests per second of server CPU (Broadsheet, nginx, bare loop):
${hit.results.map((r) => `- ${k(r.size)} B: ${r.pairs.map((p) => `${k(p.ours.perCpu)}, ${k(p.nginx.perCpu)}, ${k(p.epoll.perCpu)}`).join("; ")}`).join("\n")}

What separates us from the bare loop: the system calls are the same three (epoll_wait, recv, sendmsg), and four fifths of our
time at 30 kB are the kernel's, the copy of the body above all. Of the rest (\`perf record\`, 30 kB) about 9 % of all is
libmicrohttpd's with what it asks of libc (reading the request, writing the head, the date formatted anew each time, its 8 kB of
memory cleared between requests), 5 % is ours (checks of the head, the page cache's lock, the access log's line), and some 3 % is
the kernel waking the load generator, which sleeps more the slower a server is. The bar of 0.95 at 30 kB leaves 5 % for all of
that together: with this library it can't be reached, and a loop of our own is what the project has decided against. Sending
large bodies from a memfd with sendfile was tried: no gain at 30 kB, because the head then leaves in a packet of its own.

## Printing a page, as the archive grows
\`bench/corpus.mjs\` makes the stories: Zipf-distributed words of three scripts, a picture each, three cards into the whole
archive, two of 600 bylines, three of 2,000 topics, nine sections; one in twenty is corrected, one in fifty renamed; the busiest section
holds a third. \`bench/pages.c\` prints each page ${growth.rounds} times: median CPU in µs to identity bytes (p99 in brackets), beside gzip 6
of the same bytes in the same run; pages of SQLite touched (hits and misses); statements; full-scan steps.

![Growth](benchmarks/growth.svg)

| page | status | bytes | ${growth.results.map((r) => `${k(r.size)} stories`).join(" | ")} | growth | to gzip 6 | SQLite pages | statements | scans |
|---|---|---|${growth.results.map(() => "---|").join("")}---|---|---|---|---|
${pageRows.join("\n")}

![SQLite pages](benchmarks/pages.svg)

Words drawn by lot compress faster than prose, so the corpus flatters gzip. The demo newsroom's ${prose.length} stories, ${k(Math.min(...growth.prose.map((p) => p.bytes)))} to
${k(Math.max(...growth.prose.map((p) => p.bytes)))} bytes in three scripts, cost ${ratio(prose.at(-1))} to ${ratio(prose[0])} of gzip 6 of their bytes to print, ${ratio(med(prose))} in the middle.

Text and data pages are small, but compress to nearly nothing, so their ratio to gzip says little. The lists of a topic, a
byline and a day are as long at each size: topics and bylines are Zipf-distributed, and the newest 200 stories lie in the last
two days.

| stories | published a second | bytes of site.db each | MB at start | MB after 10,000 distinct pages |
|---|---|---|---|---|
${growth.results.map((r) => `| ${k(r.size)} | ${k(r.bulk)} | ${k(r.bytes)} | ${f(r.atStart / 1024, 1)} | ${f(r.after / 1024, 1)} |`).join("\n")}

![Memory](benchmarks/memory.svg)

The page cache's bound is 256 MB by default; the bar is 40 MB and that bound. Memory is what belongs to the process alone (PSS).

## Publishing
![Publishing](benchmarks/publish.svg)

\`bench/publish.c\` speaks to the server as the command does, a new story each time, 64 connections. Unthrottled it takes
${k(publish.full.per_second)} a second. At half that rate, as an open loop, from the moment a request was due to its acknowledgement, in
${publish.rounds.length} rounds of a few seconds on one growing site: the median of their medians is ${f(publish.half.p50 / 1000, 1)} ms, of their p99 ${f(publish.half.p99 / 1000, 1)} ms. The bar is
10 ms plus the p99 of 4 kB written and synced on that disk between the rounds (${f(publish.disk.call / 1000, 2)} ms): ${f(publish.bar / 1000, 1)} ms.

Rounds, because the disk of a rented machine stops for 20 to 500 ms now and then, whoever writes (a loop that does nothing but
write 4 kB and sync saw eleven such stops in 40 seconds): one of them in a round of three seconds makes its p99, and none shows
in the p99 of the syncs, of which there are thousands. "Waits": the disk alone, asked at the same rate, everybody waiting
for the sync that began after them.

| round | p50 ms | p99 ms | longest | the disk: p99 of a sync | of who waits | longest |
|---|---|---|---|---|---|---|
${publish.rounds.map((r, i) => `| ${i + 1} | ${[r.half.p50, r.half.p99, r.half.max, r.disk.call.p99, r.disk.p99, r.disk.max].map((x) => f(x / 1000, 1)).join(" | ")} |`).join("\n")}

What a batch costs apart from its stories sets the tail: 46 pages of 34 trees are written for one story as for five, in half a
millisecond with the sync; every 800 pages the log is brought into the database, which takes 3 to 4 ms and which only the
writer may do (SQLite before 3.51.3). Connecting and hanging up are not measured: the clock starts when each connection has had an answer.

One \`publish\` of a folder of ${k(publish.bulk.stories)} stories with 500 different pictures: ${k(publish.bulk.alone)} a second alone, ${k(publish.bulk.through)} through the server (bar: 1,000).

## The desk
\`bench/desk.mjs\`: ${k(desk.size)} stories; ${desk.people} people each save a story of 1,500 words once a second and fetch the page again, as the
editor's script does, while one publishes over and over and looks whether readers see it; the server has one core, all of them
the other, in one process whose own pauses are part of what is measured. A save takes ${f(desk.saves.p50, 1)} ms in the middle, p99 ${f(desk.saves.p99, 1)}; the page after it
${f(desk.opens.p50, 1)} and ${f(desk.opens.p99, 1)}; publishing ${f(desk.publishes.p50, 1)} and ${f(desk.publishes.p99, 1)}.

| filter of the list | median ms | p99 ms |
|---|---|---|
${Object.entries(desk.lists).map(([q, l]) => `| ${q ? `\`${q}\`` : "none"} | ${f(l.p50, 1)} | ${f(l.p99, 1)} |`).join("\n")}

16 connections from changing addresses tried to sign in as fast as they were answered (${k(desk.signIn.tries)} tries in about 12 s); readers, 200 a
second, had a p99 of ${k(desk.signIn.during)} µs meanwhile and ${k(desk.signIn.quiet)} µs before.${desk.signIn.known ? ` Two who work there signed in
once a second each: from a browser that wasn't known, ${desk.signIn.newcomer.n} times, in ${f(desk.signIn.newcomer.p50, 0)} ms in the middle and ${f(desk.signIn.newcomer.longest, 0)} at most, ${desk.signIn.newcomer.refused} refused; from
a known one, to an account that was being tried, ${desk.signIn.known.n} times, in ${f(desk.signIn.known.p50, 0)} ms and ${f(desk.signIn.known.longest, 0)}, ${desk.signIn.known.refused} refused.` : ""}

\`bench/typing.mjs\`: ${k(typing.keys)} letters typed into the middle of a story of ${typing.blocks} blocks in Chromium, frames as fast as they are made: painted
${f(typing.painted.p50, 1)} ms after the key in the middle, p95 ${f(typing.painted.p95, 1)}, p99 ${f(typing.painted.p99, 1)}; in the text after ${f(typing.stands.p95, 1)} (p95).

## Peers
\`bench/peers.mjs\` gives each of three systems the same ${k(peers.stories)} stories, 340 words each, without pictures: Broadsheet; Ghost from npm, in
production, on SQLite, its default theme; WordPress from Debian behind nginx, php-fpm with opcache and five workers, MariaDB, the
theme of its year. All share one core, of which only the one that is asked makes use; 16 keep-alive connections from the other core
ask for one story, then for the front, ${peers.seconds} s each, after 3 s to warm up; what is under way at the end is waited for and
counted. ${peers.rounds} rounds in turn, the median of each figure. CPU and memory (PSS) are of all its processes. Broadsheet's pages come
from its cache, as they do for its readers; in the second row that cache is too small for the stories, which are asked for one
after the other, so that each is printed and compressed anew. Bytes are those of a reader's first visit as Chromium counts them,
coded as sent; faces and pictures are not counted, nor what comes from other hosts (which can't be reached here).

${peersTable(true)}
`;
writeFileSync("docs/benchmarks.md", text);
const readme = readFileSync("README.md", "utf8");
writeFileSync("README.md", readme.replace(/(<!-- peers -->\n)[^]*?(<!-- \/peers -->)/, (_, a, b) => `${a}${peersTable(false)}\n${b}`));
console.log("docs/benchmarks.md and the table in README.md");
