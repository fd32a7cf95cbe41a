// What begins by time: 200 stories due within SPAN seconds while the server is killed at random, each out once and in
// time; 40 changes of live stories, scheduled at the desk for one minute, likewise, half of them joined with what was
// published meanwhile; and an embargo that holds everywhere before its moment and nowhere after it, with a warm cache.
import { createHash } from "node:crypto";
import { close, dir, execFileSync, join, mkdirSync, picture, program, rows, sleep, spawn, spawnSync, verdict, writeFileSync } from "./lib.mjs";
import { freePort } from "../load/wire.mjs";

const SPAN = Number(process.env.SPAN ?? 60), COUNT = 200, port = await freePort(), base = `http://127.0.0.1:${port}`;
const get = async (path, headers = {}) => {
  const r = await fetch(base + path, { redirect: "manual", headers }).catch(() => null);
  return r && { status: r.status, etag: r.headers.get("etag"), headers: [...r.headers].map((h) => h.join(": ")).join("\n"), bytes: Buffer.from(await r.arrayBuffer()) };
};
const iso = (ms) => new Date(ms).toISOString().replace(/\.\d+/, "");
const up = async () => { for (let i = 0; i < 200; i++) if ((await get("/robots.txt"))?.status === 200) return Date.now(); else await sleep(10); throw new Error("the server doesn't start"); };
const serve = (site) => {
  const p = spawn(program, ["serve", site, "--listen", `127.0.0.1:${port}`], { stdio: "ignore" });
  p.gone = new Promise((r) => p.on("exit", r));
  return p;
};

{ // due one after the other, under kill -9
  const site = join(dir, "due"), files = join(dir, "due-files"), stories = [];
  mkdirSync(files);
  execFileSync(program, ["init", site]);
  const from = Date.now() + 4000;
  for (let i = 0; i < COUNT; i++) {
    const due = Math.floor((from + (i * SPAN * 1000) / COUNT) / 1000) * 1000, id = `due${i}`;
    writeFileSync(join(files, `${id}.md`), `---\nid: ${id}\nsection: news\nslug: ${id}\nheadline: Due ${i}\npublished: ${iso(due)}\n---\nWords.\n`);
    stories.push({ id, due, path: `/news/${iso(due).slice(0, 10).replaceAll("-", "/")}/${id}`, seen: 0 });
  }
  execFileSync(program, ["publish", site, files], { stdio: "ignore" });
  const problems = [], starts = [];
  let kills = 0, done = false;
  const killer = (async () => {
    while (!done) {
      const p = serve(site);
      starts.push(await up());
      for (let until = Date.now() + 300 + Math.random() * 3000; Date.now() < until && !done;) await sleep(20);
      p.kill(done ? "SIGTERM" : "SIGKILL");
      kills += !done;
      await p.gone;
    }
  })();
  const asked = async (s) => {
    const began = Date.now(), r = await get(s.path);
    if (r?.status === 200 && !s.seen) s.seen = Date.now();
    if (r?.status === 200 && began < s.due - 50) problems.push(`${s.id} was out before its time`);
    if (r && r.status !== 200 && s.seen) problems.push(`${s.id} was out and answers ${r.status}`);
    // late: neither its time nor the last start lies within the last second
    const start = starts.at(-1) ?? Infinity;
    if (r?.status === 404 && began > Math.max(s.due, start) + 1000 && starts.at(-1) === start) problems.push(`${s.id} is ${began - Math.max(s.due, start)} ms late`);
  };
  while (Date.now() < from + SPAN * 1000 + 2500 && problems.length < 5) {
    const now = Date.now();
    await Promise.all(stories.filter((s) => Math.abs(now - s.due) < 4000).map(asked));
    await sleep(50);
  }
  done = true;
  await killer;
  const check = spawnSync(program, ["check", site], { encoding: "utf8" });
  if (check.status) problems.push(check.stdout + check.stderr);
  const made = new Map(rows(site, `SELECT s.key, s.state, s.revision, (SELECT count(*) FROM revision r WHERE r.story = s.id), (SELECT count(*) FROM event e WHERE char(10) || e.keys || char(10) LIKE '%' || char(10) || 'story/' || s.id || char(10) || '%'), (SELECT count(*) FROM scheduled d WHERE d.story = s.id), (SELECT count(*) FROM job j WHERE j.kind = 'publish' AND j.payload = CAST(s.id AS TEXT)) FROM story s`).map(([key, ...n]) => [key, n.join(" ")]));
  for (const s of stories) {
    // live, at its first revision; one revision, one event that names it, and nothing scheduled
    if (made.get(s.id) !== "1 1 1 1 0 0") problems.push(`${s.id} isn't out once: ${made.get(s.id)}`);
    if (!s.seen) problems.push(`${s.id} was never seen`);
    const again = spawnSync(program, ["publish", site, join(files, `${s.id}.md`)], { encoding: "utf8" });
    if (!/^unchanged/.test(again.stdout)) problems.push(`${s.id}: ${again.stdout}${again.stderr}`);
  }
  verdict(`${COUNT} stories due in ${SPAN} s, ${kills} kills`, problems.slice(0, 5));
  console.log(`${COUNT} stories due in ${SPAN} s under ${kills} kills`);
}

{ // changes of live stories, all due at one minute, under kill -9 around it
  const site = join(dir, "changes"), files = join(dir, "changes-files"), home = `http://localhost:${port}`, problems = [], CHANGES = 40;
  const file = (i, last) => writeFileSync(join(files, `live${i}.md`), `---\nid: live${i}\nsection: news\nslug: live${i}\nheadline: Live ${i}\n---\nFirst paragraph of ${i}.\n\n${last}\n`);
  mkdirSync(files);
  execFileSync(program, ["init", site]);
  for (let i = 0; i < CHANGES; i++) file(i, "Last paragraph.");
  execFileSync(program, ["publish", site, files], { stdio: "ignore" });
  execFileSync(program, ["user", "add", site, "--email", "e@example.org", "--name", "Edda", "--role", "editor", "--password-stdin"], { input: "several words unlike\n", stdio: ["pipe", "ignore", "ignore"] });
  let server = serve(site);
  await up();
  const hidden = (text, name) => new RegExp(`name="${name}" value="([^"]*)"`).exec(text)[1];
  const ask = (path, cookie, form) => fetch(home + path, { redirect: "manual", method: form ? "POST" : "GET", body: form && new URLSearchParams(form), headers: { "Sec-Fetch-Site": "same-origin", ...(cookie && { Cookie: cookie }) } });
  const cookie = (await ask("/desk/sign-in", "", { email: "e@example.org", password: "several words unlike" })).headers.get("set-cookie").split(";")[0];
  const due = Math.ceil((Date.now() + 20000) / 60000) * 60000;
  for (let i = 0; i < CHANGES; i++) {
    const page = await (await ask(`/desk/story/live${i}`, cookie)).text();
    const form = { token: hidden(page, "token"), parent: hidden(page, "parent"), base: hidden(page, "base"), headline: `Live ${i}`, section: "news", slug: `live${i}`, body: `First and changed paragraph of ${i}.\n\nLast paragraph.\n`, change: "update", do: "schedule", at: iso(due).slice(0, 16) };
    const r = await ask(`/desk/story/live${i}`, cookie, form);
    if (r.status !== 303) throw new Error(`scheduling a change: ${r.status} ${await r.text()}`);
  }
  for (let i = 0; i < CHANGES; i += 2) file(i, "Last paragraph, published meanwhile.");
  execFileSync(program, ["publish", site, files], { stdio: "ignore" });
  server.kill("SIGTERM");
  await server.gone;
  const day = iso(Date.now()).slice(0, 10).replaceAll("-", "/");
  let kills = 0, early = 0;
  while (Date.now() < due + 5000) {
    server = serve(site);
    await up();
    const until = Math.max(Date.now() + 30, due - 2000) + Math.random() * (Date.now() < due - 2000 ? 0 : 120); // where it matters, dense
    while (Date.now() < until) {
      const began = Date.now(), text = (await get(`/news/${day}/live${kills % CHANGES}`))?.bytes.toString() ?? "";
      early += text.includes("changed") && began < due - 50;
      await sleep(5);
    }
    server.kill("SIGKILL");
    kills++;
    await server.gone;
  }
  server = serve(site);
  await up();
  await sleep(1500);
  for (let i = 0; i < CHANGES; i++) {
    const text = (await get(`/news/${day}/live${i}`)).bytes.toString();
    if (!text.includes(`First and changed paragraph of ${i}.`)) problems.push(`live${i} lacks its change`);
    if (text.includes("published meanwhile") !== (i % 2 === 0)) problems.push(`live${i} isn't joined with what was published`);
  }
  if (early) problems.push(`${early} were out before their time`);
  server.kill("SIGTERM");
  await server.gone;
  const check = spawnSync(program, ["check", site], { encoding: "utf8" });
  if (check.status) problems.push(check.stdout + check.stderr);
  for (const [key, ...n] of rows(site, "SELECT s.key, s.revision, (SELECT count(*) FROM revision r WHERE r.story = s.id), (SELECT count(*) FROM waiting), (SELECT count(*) FROM job j WHERE j.kind = 'waiting') FROM story s")) {
    const want = Number(key.slice(4)) % 2 ? "2 2 0 0" : "3 3 0 0"; // once each
    if (n.join(" ") !== want) problems.push(`${key}: ${n.join(" ")}, not ${want}`);
  }
  verdict(`${CHANGES} changes of live stories due at one minute`, problems.slice(0, 5));
  console.log(`${CHANGES} changes of live stories under ${kills} kills`);
}

{ // the embargo
  const site = join(dir, "embargo"), files = join(dir, "embargo-files"), problems = [];
  mkdirSync(files);
  execFileSync(program, ["init", site]);
  const due = Math.floor((Date.now() + 9000) / 1000) * 1000, secrets = ["zwqxword", "zwqx-slug", "zwqxheadline", "zwqxtopic", "zwqxbyline", "zwqxalt"], bytes = picture(9);
  writeFileSync(join(files, "p.png"), bytes);
  writeFileSync(join(files, "open.md"), `---\nid: open\nsection: news\nslug: open\nheadline: An open one\ntopics: [Known]\nby: [Ada Quill]\n---\nFirst.\n\n[More about it](story:secret)\n\nSee [there](story:secret) too.\n`);
  writeFileSync(join(files, "secret.md"), `---\nid: secret\nsection: news\nslug: zwqx-slug\nheadline: zwqxheadline\nstandfirst: zwqxword\npublished: ${iso(due)}\ntopics: [zwqxtopic, Known]\nby: [zwqxbyline, Ada Quill]\npicture: {file: p.png, alt: zwqxalt, credit: Nobody}\n---\nzwqxword.\n`);
  execFileSync(program, ["publish", site, files], { stdio: "ignore" });
  const p = serve(site);
  await up();
  const day = iso(due).slice(0, 10).replaceAll("-", "/"), own = `/news/${day}/zwqx-slug`, open = `/news/${iso(Date.now()).slice(0, 10).replaceAll("-", "/")}/open`, hash = createHash("sha256").update(bytes).digest("hex");
  const served = `/picture/${hash}.png`; // this picture has nothing to cut out
  const addresses = new Set(["/", "/news/", "/feed.xml", "/news/feed.xml", "/sitemap/news.xml", "/robots.txt", `/archive/${day}`, "/topic/known", "/by/ada-quill", "/topic/zwqxtopic", "/by/zwqxbyline", own, `${own}.txt`, `${own}.json`, served, `${open}.txt`, `${open}.json`, "/news/?before=secret", "/topic/known?before=secret", "/none", "/news/zwqx"]);
  const before = new Map(); // the ETags of what was shown
  const crawl = async (visit) => {
    for (const path of addresses) { // grows as it goes
      const r = await get(path);
      for (const [, link] of r.bytes.toString().matchAll(/(?:href|src)="(\/[^"#]*)"/g)) addresses.add(link.replaceAll("&amp;", "&"));
      if (r.etag) before.set(path, r.etag);
      visit(path, r);
    }
  };
  let pages = 0;
  while (Date.now() < due - 1500)
    await crawl((path, r) => {
      pages++;
      const text = (r.headers + "\n" + r.bytes.toString()).replaceAll(path, "");
      for (const s of secrets) if (Date.now() < due - 200 && text.toLowerCase().includes(s)) problems.push(`${path} (${r.status}) shows ${s}`);
      if (Date.now() < due - 200 && (r.bytes.includes(bytes.subarray(40)) || text.includes(hash))) problems.push(`${path} (${r.status}) gives the picture away`);
    });
  for (const path of [own, `${own}.txt`, `${own}.json`, served, "/topic/zwqxtopic", "/by/zwqxbyline"]) if (Date.now() < due && (await get(path)).status !== 404) problems.push(`${path} is not a 404`);
  await sleep(due + 1000 - Date.now());
  const card = ["zwqxword", "zwqx-slug", "zwqxheadline", "zwqxtopic", "zwqxalt", hash], entry = ["zwqxword", "zwqx-slug", "zwqxheadline", "zwqxbyline", "zwqxalt", hash];
  const belongs = {
    "/": card, "/news/": card, [`/archive/${day}`]: card, "/topic/known": card, "/topic/zwqxtopic": card, "/by/ada-quill": card, "/by/zwqxbyline": [...card, "zwqxbyline"],
    "/feed.xml": entry, "/news/feed.xml": entry, "/sitemap/news.xml": ["zwqx-slug", "zwqxheadline"],
    [own]: [...secrets, hash], [`${own}.txt`]: ["zwqxword", "zwqxheadline", "zwqxbyline"], [`${own}.json`]: [...secrets, hash],
    [`${open}`]: ["zwqx-slug", "zwqxheadline", "zwqxalt", hash, `<a href="${own}">there</a>`], [`${open}.txt`]: [own, "Related: zwqxheadline"], [`${open}.json`]: [`"story:secret":"${own}"`],
  };
  for (const [path, words] of Object.entries(belongs)) {
    if (!addresses.has(path)) problems.push(`${path} wasn't asked for before its moment`);
    // the first without anything, the second as a browser asks that has the page from before
    for (const headers of [{}, ...(before.has(path) ? [{ "If-None-Match": before.get(path) }] : [])]) {
      const r = await get(path, headers), text = r.bytes.toString(), lacks = words.filter((w) => !text.includes(w));
      if (r.status !== 200 || lacks.length) problems.push(`a second after its moment ${path} (${r.status}) doesn't show ${lacks.join(", ")}`);
    }
  }
  const shown = await get(served);
  if (shown.status !== 200 || !shown.bytes.equals(bytes)) problems.push(`the picture answers ${shown.status}`);
  p.kill("SIGTERM");
  await p.gone;
  verdict(`an embargo, ${addresses.size} addresses`, [...new Set(problems)].slice(0, 8));
  console.log(`an embargo: ${pages} pages at ${addresses.size} addresses before its moment`);
}
close();
