// The files in contrib/, each with the program it is for, in front of a server, as they stand but for ports and the places of
// certificates (made here): a page over TLS, HTTP/2 where the file has it, the way from port 80, its 304, who asked, and a
// change seen through it at once; and of a cache, what it asks us. Then everything of smuggle.mjs through each: nobody is answered with another's page. The
// same readers must notice when the server behind is one without our checks. Last the systemd unit.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { connect as http2 } from "node:http2";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { beside, cases, get, naive, raw, Reader, sleep } from "./smuggle.mjs";

const program = resolve(process.env.PROGRAM ?? "build/broadsheet"), dir = mkdtempSync(join(tmpdir(), "broadsheet-contrib-")), site = join(dir, "site");
chmodSync(dir, 0o755);
const started = [];
process.on("exit", () => { for (const p of started) try { p.kill("SIGTERM"); } catch { /* ended */ } rmSync(dir, { recursive: true, force: true }); });
const backend = 8441, lax = 8442; // ours, and one without our checks
const ONLY = process.env.ONLY; // one proxy, or "systemd"
let passed = 0, failed = 0;
const verdict = (name, problems) => { problems.length ? (failed++, console.log(`${name}: ${problems.slice(0, 4).join("; ")}`)) : passed++; };
const has = (name) => spawnSync("sh", ["-c", `command -v ${name} || ls /usr/sbin/${name}`], { encoding: "utf8" }).status === 0;
const run = (command, args) => { const p = spawn(command, args, { stdio: "ignore" }); started.push(p); return p; };
const ended = (p) => new Promise((ok) => { p.exitCode !== null || p.signalCode ? ok() : p.on("exit", ok); setTimeout(ok, 15000).unref(); });

execFileSync(program, ["init", site]);
writeFileSync(join(site, "site.conf"), "[site]\nbase_url = https://news.example\n[server]\ntrusted_proxies = 127.0.0.1\nforwarding = x-forwarded-for\n[log]\nfull_address = yes\n");
const story = (id, words) => {
  writeFileSync(join(dir, "s.md"), `---\nid: ${id}\nsection: news\nslug: ${id}\nheadline: Page ${id}\n---\n${words}\n`);
  return execFileSync(program, ["publish", site, join(dir, "s.md")], { encoding: "utf8" }).match(/(\/news\/\S+)/)[1];
};
const page = story("wall", "First words."), paths = Array.from({ length: 20 }, (_, i) => story(`p${i}`, `marker-${i}-marker`));
const crt = join(dir, "news.example.crt"), key = join(dir, "news.example.key"), both = join(dir, "news.example.pem");
execFileSync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=news.example", "-addext", "subjectAltName=DNS:news.example", "-keyout", key, "-out", crt], { stdio: "ignore" });
writeFileSync(both, readFileSync(crt, "utf8") + readFileSync(key, "utf8"));
const tls = { ca: readFileSync(crt) };
const ready = async (to) => { for (let i = 0; i < 100; i++) { if ((await get(to, "/robots.txt")).status === 200) return true; await sleep(100); } return false; };

/* ---- the programs ---- */

const conf = (name, port, ...changes) => {
  let text = readFileSync(join("contrib", name), "utf8");
  for (const [from, to] of changes) {
    if (!text.includes(from)) throw new Error(`${name} has no ${from}`);
    text = text.replaceAll(from, to);
  }
  const file = join(dir, `${port}-${name}`);
  writeFileSync(file, text);
  return file;
};
const ours = "127.0.0.1:8080", at = (behind) => `127.0.0.1:${behind}`;
// port: where TLS is; port + 50: where port 80 is
const proxies = {
  nginx: {
    tls, plain: true,
    start: (port, behind) => {
      const inner = conf("nginx.conf", port, [ours, at(behind)], ["listen 80;", `listen 127.0.0.1:${port + 50};`], ["listen 443 ssl http2;", `listen 127.0.0.1:${port} ssl http2;`], ["/etc/ssl/news.example.pem", crt], ["/etc/ssl/news.example.key", key]);
      const outer = join(dir, `${port}-outer.conf`);
      writeFileSync(outer, `daemon off; pid ${dir}/${port}.pid; error_log ${dir}/nginx.error; events {}\nhttp { access_log off; ${["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((t) => `${t}_temp_path ${dir}/${port}-${t};`).join(" ")} include ${inner}; }\n`);
      return run("nginx", ["-c", outer]);
    },
  },
  haproxy: { // its connections to the server are shared as freely as they can be
    tls, plain: true,
    start: (port, behind) => run("haproxy", ["-f", conf("haproxy.cfg", port, [ours, at(behind)], ["bind :80\n", `bind 127.0.0.1:${port + 50}\n`], ["bind :443 ", `bind 127.0.0.1:${port} `], ["/etc/ssl/news.example.pem", both], ["http-reuse safe", "http-reuse always"])]),
  },
  caddy: { // it would fetch its certificates
    tls,
    start: (port, behind) => run("caddy", ["run", "--adapter", "caddyfile", "--config", conf("Caddyfile", port, [ours, at(behind)], ["news.example {", `{\n\tadmin off\n\tauto_https disable_redirects\n}\nhttps://news.example:${port} {\n\ttls ${crt} ${key}`])]),
  },
  varnishd: { // TLS is another's work
    keeps: true,
    start: (port, behind) => run("varnishd", ["-F", "-n", join(dir, `${port}-varnish`), "-a", `127.0.0.1:${port}`, "-f", conf("broadsheet.vcl", port, ['.port = "8080"', `.port = "${behind}"`])]),
  },
};

const overH2 = (port, path) => new Promise((ok) => {
  const c = http2(`https://news.example:${port}`, { ca: tls.ca, lookup: (_host, o, f) => (o.all ? f(null, [{ address: "127.0.0.1", family: 4 }]) : f(null, "127.0.0.1", 4)) });
  const no = (e) => { c.destroy(); ok({ status: 0, text: String(e) }); };
  c.on("error", no);
  const r = c.request({ ":path": path, ":authority": "news.example" });
  let status = 0, text = "";
  r.on("response", (h) => { status = h[":status"]; }).on("data", (d) => { text += d; }).on("end", () => { c.close(); ok({ status, text }); }).on("error", no);
  r.end();
  setTimeout(() => no("no answer"), 5000).unref();
});

async function inFront(name, to, p) {
  const problems = [];
  if (!(await ready(to))) problems.push("it doesn't answer");
  const first = await get(to, page), etag = /\r\netag: (\S+)/i.exec(first.text)?.[1];
  if (first.status !== 200 || !first.text.includes("Page wall")) problems.push(`the page answers ${first.status}`);
  if (p.tls && !/\r\nstrict-transport-security: max-age=\d/i.test(first.text)) problems.push("no Strict-Transport-Security");
  if (!etag) problems.push("no ETag comes through");
  const again = await get(to, page, { "If-None-Match": etag });
  if (again.status !== 304) problems.push(`asked again with its ETag: ${again.status}`);
  for (let i = 0; i < 5; i++) {
    story("wall", `Words of round ${i} through ${name}.`);
    if (!(await get(to, page)).text.includes(`round ${i} through ${name}`)) problems.push(`a change isn't seen (${i})`);
  }
  if (p.tls) {
    const r = await overH2(to.port, page);
    if (r.status !== 200 || !r.text.includes(`round 4 through ${name}`)) problems.push(`over HTTP/2 the page answers ${r.status} ${r.status ? "" : r.text}`);
  }
  if (p.keeps) problems.push(...(await kept(to)));
  if (p.plain) {
    const r = await get({ port: to.port + 50 }, `${page}?a=b`);
    const where = /\r\nlocation: (\S+)/i.exec(r.text)?.[1];
    if (![301, 302, 308].includes(r.status) || where !== `https://news.example${page}?a=b`) problems.push(`port 80 answers ${r.status} ${where}`);
  }
  await raw(to, `GET ${page} HTTP/1.1\r\nHost: news.example\r\nX-Forwarded-For: 6.6.6.6\r\nUser-Agent: from-${name}\r\nConnection: close\r\n\r\n`, 1000, "127.0.0.77");
  await sleep(700);
  const line = readFileSync(join(site, "access.log"), "utf8").split("\n").reverse().find((l) => l.includes(`from-${name}`)) ?? "";
  if (!line.includes('"client":"127.0.0.77"')) problems.push(`it says that ${/"client":"[^"]*"/.exec(line)?.[0]} asked`);
  verdict(`${name} in front`, problems);
}

// A cache keeps a page and asks about it each time: what it was answered stands in our own access log.
async function kept(to) {
  const problems = [], path = page.replace("wall", "kept");
  const asked = async (what, want, words) => {
    await sleep(700); // the log is written in pieces
    const from = statSync(join(site, "access.log")).size, r = await get(to, path);
    await sleep(700);
    const lines = readFileSync(join(site, "access.log")).subarray(from).toString().split("\n").filter((l) => l.includes(`"target":"${path}"`));
    const got = lines.map((l) => /"status":(\d+)/.exec(l)?.[1]).join(" ");
    if (r.status !== (want === "404" ? 404 : 200) || !r.text.includes(words)) problems.push(`${what}: the reader is answered ${r.status}`);
    if (got !== want) problems.push(`${what}: the log has ${got || "nothing"}, not ${want}`);
  };
  await asked("before it is there", "404", "");
  await asked("before it is there, again", "404", "");
  story("kept", "Kept once.");
  await asked("at first", "200", "Kept once.");
  await asked("again", "304", "Kept once.");
  story("kept", "Kept twice.");
  await asked("changed", "200", "Kept twice.");
  await asked("changed, again", "304", "Kept twice.");
  return problems;
}

// And what it does with answers that are slow, that fail, or that mustn't be kept, from a server that is told which to give.
async function answers(name, p, port) {
  const problems = [], asked = [];
  let version = 1, failing = true;
  const behind = createServer((q, r) => {
    asked.push(`${q.url} ${q.headers["if-none-match"] ?? "-"}`);
    const etag = `"v${version}"`, send = () => r.writeHead(200, { ETag: etag, "Cache-Control": q.url === "/secret" ? "no-store" : "no-cache" }).end(`version ${etag}`);
    if (q.url === "/slow") setTimeout(send, 400);
    else if (q.url === "/fails" && failing) setTimeout(() => r.destroy(), 400);
    else send();
  }).listen(port + 100, "127.0.0.1");
  const to = { port }, one = p.start(port, port + 100);
  for (let i = 0; i < 50 && (await get(to, "/")).status !== 200; i++) await sleep(100);
  for (let i = 0; i < 3; i++) { // who asks after a change sees it, though an answer from before is still on its way
    const early = get(to, "/slow");
    await sleep(150);
    version++;
    const late = await get(to, "/slow");
    await early;
    if (!late.text.includes(`version "v${version}"`)) problems.push(`one who asked while another waited is answered ${late.status} ${late.text.split("\r\n\r\n")[1]}`);
  }
  await get(to, "/secret");
  await get(to, "/secret");
  if (asked.filter((a) => a === "/secret -").length !== 2) problems.push("what mustn't be kept was kept");
  const both = [get(to, "/fails"), sleep(150).then(() => get(to, "/fails"))];
  if ((await both[0]).status !== 503) problems.push("the server's failure isn't told");
  failing = false;
  if ((await get(to, "/fails")).status !== 200) problems.push("a failure is told when it is over");
  await both[1];
  one.kill("SIGTERM");
  behind.close();
  verdict(`what ${name} keeps`, problems);
}

async function smuggle(name, to) {
  const readers = Array.from({ length: 6 }, () => new Reader(to));
  for (const [what, [bytes, allowed, kind]] of Object.entries(cases(paths))) {
    const problems = await beside(to, paths, bytes, allowed, readers);
    if (kind === "other" && /marker/.test((await raw(to, bytes, 300)).text)) problems.push("another host's request is answered with our page");
    verdict(`${what} through ${name}`, problems);
  }
  readers.forEach((r) => r.close());
}

// A body that is left behind must be noticed when the server behind takes it for a request.
async function notices(name, to) {
  const list = cases(paths), readers = Array.from({ length: 6 }, () => new Reader(to));
  let noticed = 0;
  for (const what of ["a body", "a body of POST"]) {
    const problems = await beside(to, paths, list[what][0], [0, 200, 400, 404, 502], readers);
    noticed += problems.some((p) => /with page 0|was answered 4|left behind/.test(p));
  }
  readers.forEach((r) => r.close());
  verdict(`a server without checks behind ${name}`, noticed ? [] : ["nobody noticed what was left behind"]);
}

const wants = (name) => !ONLY || ONLY === name;
const missing = [...Object.keys(proxies), "systemd-analyze", "strace", "setpriv"].filter((n) => !has(n));
verdict("the programs", missing.map((n) => `${n} isn't installed (tools/packages long)`));
const server = run(program, ["serve", site, "--listen", at(backend)]);
if (!(await ready({ port: backend })) || server.exitCode !== null) throw new Error("the server doesn't start");
const unchecked = await naive(lax, paths);
let port = 8450;
for (const [name, p] of Object.entries(proxies)) {
  port += 2;
  if (!wants(name) || missing.includes(name)) continue;
  const to = { port, tls: p.tls }, one = p.start(port, backend);
  await inFront(name, to, p);
  await smuggle(name, to);
  one.kill("SIGTERM");
  const other = { port: port + 1, tls: p.tls }, two = p.start(port + 1, lax);
  for (let i = 0; i < 50 && (await get(other, paths[1])).status !== 200; i++) await sleep(100);
  await notices(name, other);
  two.kill("SIGTERM");
  if (p.keeps) await answers(name, p, port + 20);
}
unchecked.close();
server.kill("SIGTERM");
await ended(server);

/* ---- the systemd unit ---- */

const unit = readFileSync("contrib/broadsheet.service", "utf8");
if (wants("systemd") && !missing.includes("systemd-analyze")) {
  const file = join(dir, "broadsheet.service");
  writeFileSync(file, unit.replace("/usr/local/bin/broadsheet", program));
  const verify = spawnSync("systemd-analyze", ["verify", "--man=no", file], { encoding: "utf8" });
  verdict("the systemd unit", verify.status === 0 || !/broadsheet\.service/.test(verify.stderr) ? [] : [verify.stderr]);
  // 0 is "nothing is open", a service without hardening has 96
  const security = spawnSync("systemd-analyze", ["security", "--offline=yes", "--threshold=20", "--no-pager", file], { encoding: "utf8" });
  verdict("the unit's hardening", security.status === 0 ? [] : [security.stdout.trim().split("\n").slice(-1) + security.stderr]);
}

// Where systemd doesn't run, the program does as the unit has it: nobody's user, no way to more rights, the unit's umask; and
// every system call it makes is looked up in the unit's filter.
const filterSet = (name, seen = new Set()) => {
  const out = spawnSync("systemd-analyze", ["syscall-filter", "--no-pager", name], { encoding: "utf8" }).stdout;
  for (const word of out.split("\n").slice(1).map((l) => l.trim()).filter((l) => l && !l.startsWith("#")))
    word.startsWith("@") ? filterSet(word, seen) : seen.add(word);
  return seen;
};
function filter() {
  const allowed = new Set();
  for (const line of unit.match(/^SystemCallFilter=.*/gm)) {
    const words = line.slice("SystemCallFilter=".length), off = words.startsWith("~");
    for (const w of words.replace("~", "").split(" "))
      for (const call of w.startsWith("@") ? filterSet(w) : [w]) off ? allowed.delete(call) : allowed.add(call);
  }
  return allowed;
}
if (wants("systemd") && !missing.some((n) => ["systemd-analyze", "strace", "setpriv"].includes(n))) {
  const calls = join(dir, "calls"), root = process.getuid() === 0, problems = [];
  if (root) execFileSync("chown", ["-R", "nobody:nogroup", site]);
  writeFileSync(calls, "");
  chmodSync(calls, 0o666);
  const as = ["--no-new-privs", ...(root ? ["--reuid=nobody", "--regid=nogroup", "--clear-groups", "--inh-caps=-all", "--bounding-set=-all"] : [])];
  const old = process.umask(parseInt(/^UMask=(\d+)/m.exec(unit)[1], 8));
  const p = run("setpriv", [...as, "strace", "-f", "-qq", "-o", calls, program, "serve", site, "--listen", at(backend)]);
  process.umask(old);
  if (!(await ready({ port: backend }))) problems.push("it doesn't answer");
  const inner = Number(readFileSync(`/proc/${p.pid}/task/${p.pid}/children`, "utf8").split(" ")[0]); // strace's
  const r = await get({ port: backend }, page, { "Accept-Encoding": "br" });
  if (r.status !== 200) problems.push(`the page answers ${r.status}`);
  story("wall", "Words while it is confined.");
  if (!(await get({ port: backend }, page)).text.includes("while it is confined")) problems.push("a change isn't seen");
  if (inner) process.kill(inner, "SIGHUP");
  await get({ port: backend }, "/news/");
  if (inner) process.kill(inner, "SIGTERM");
  await ended(p);
  const used = new Set(readFileSync(calls, "latin1").split("\n").map((l) => /^\d+ +([a-z_0-9]+)\(/.exec(l)?.[1]).filter(Boolean));
  const allowed = filter(), denied = [...used].filter((c) => !allowed.has(c));
  if (used.size < 30) problems.push(`only ${used.size} kinds of system call were seen`);
  if (denied.length) problems.push(`the unit forbids ${denied.join(", ")}`);
  verdict("the program under the unit's system calls", problems);
}
console.log(`${passed} passed`);
if (failed) console.log(`${failed} failed`);
process.exit(failed ? 1 : 0);
