// The files in contrib/, each with the program it is for, in front of a server: a page, its 304, who asked, and a change
// seen through it at once. Programs that aren't installed are skipped, with words. Then every smuggling case through nginx
// and HAProxy: nobody is answered with another's page.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync, appendFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const program = resolve(process.env.PROGRAM ?? "build/broadsheet"), dir = mkdtempSync(join(tmpdir(), "broadsheet-contrib-")), site = join(dir, "site");
chmodSync(dir, 0o755);
const started = [];
process.on("exit", () => { for (const p of started) try { p.kill("SIGTERM"); } catch { /* ended */ } rmSync(dir, { recursive: true, force: true }); });
const sleep = (ms) => new Promise((r) => setTimeout(r, ms)), backend = 8441;
let passed = 0, failed = 0;
const verdict = (name, problems) => { problems.length ? (failed++, console.log(`${name}: ${problems.slice(0, 4).join("; ")}`)) : passed++; };
const has = (name) => spawnSync("sh", ["-c", `command -v ${name} || ls /usr/sbin/${name}`], { encoding: "utf8" }).status === 0;

execFileSync(program, ["init", site]);
writeFileSync(join(site, "site.conf"), "[site]\nbase_url = https://news.example\n[server]\ntrusted_proxies = 127.0.0.1\nforwarding = x-forwarded-for\n[log]\nfull_address = yes\n");
const story = (id, words) => {
  writeFileSync(join(dir, "s.md"), `---\nid: ${id}\nsection: news\nslug: ${id}\nheadline: Page ${id}\n---\n${words}\n`);
  return execFileSync(program, ["publish", site, join(dir, "s.md")], { encoding: "utf8" }).match(/(\/news\/\S+)/)[1];
};
const page = story("wall", "First words.");
const paths = Array.from({ length: 20 }, (_, i) => story(`p${i}`, `marker-${i}-marker`));
const run = (command, args) => { const p = spawn(command, args, { stdio: "ignore" }); started.push(p); return p; };
run(program, ["serve", site, "--listen", `127.0.0.1:${backend}`]);
const get = (port, path, headers = {}) => new Promise((ok) => {
  const lines = Object.entries({ Host: "news.example", Connection: "close", ...headers }).map(([k, v]) => `${k}: ${v}\r\n`).join("");
  raw(port, `GET ${path} HTTP/1.1\r\n${lines}\r\n`).then(ok);
});
const raw = (port, bytes, ms = 3000, from = "127.0.0.1") => new Promise((ok) => {
  const s = connect({ port, host: "127.0.0.1", localAddress: from }), parts = [];
  const end = () => { s.destroy(); const text = Buffer.concat(parts).toString("latin1"); ok({ status: Number(/^HTTP\/1.1 (\d+)/.exec(text)?.[1] ?? 0), text }); };
  s.on("data", (d) => parts.push(d)).on("error", end).on("close", end).on("connect", () => s.write(bytes));
  setTimeout(end, ms);
});
const ready = async (port) => { for (let i = 0; i < 100; i++) { if ((await get(port, "/robots.txt")).status === 200) return true; await sleep(100); } return false; };
await ready(backend);

const conf = (name, ...changes) => {
  let text = readFileSync(join("contrib", name), "utf8");
  for (const [from, to] of changes) {
    if (!(from instanceof RegExp ? from.test(text) : text.includes(from))) throw new Error(`${name} has no ${from}`);
    text = text.replaceAll(from, to);
  }
  const file = join(dir, name);
  writeFileSync(file, text);
  return file;
};
const proxies = {
  nginx: (port) => {
    const inner = conf("nginx.conf", ["127.0.0.1:8080", `127.0.0.1:${backend}`], [/listen 80;/g, `listen 127.0.0.1:${port + 50};`], [/listen 443 ssl http2;/g, `listen 127.0.0.1:${port};`], [/ *ssl_certificate.*\n/g, ""]);
    writeFileSync(join(dir, "outer.conf"), `daemon off; pid ${dir}/nginx.pid; error_log ${dir}/nginx.error; events {}\nhttp { access_log off; ${["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((t) => `${t}_temp_path ${dir}/n-${t};`).join(" ")} include ${inner}; }\n`);
    return run("nginx", ["-c", join(dir, "outer.conf")]);
  },
  haproxy: (port) => run("haproxy", ["-f", conf("haproxy.cfg", ["127.0.0.1:8080", `127.0.0.1:${backend}`], ["bind :80\n", `bind 127.0.0.1:${port}\n`], [/ *bind :443.*\n/g, ""], [/ *http-request redirect.*\n/g, ""])]),
  caddy: (port) => run("caddy", ["run", "--adapter", "caddyfile", "--config", conf("Caddyfile", ["127.0.0.1:8080", `127.0.0.1:${backend}`], ["news.example {", `{\n\tadmin off\n\tauto_https off\n}\nhttp://news.example:${port} {`])]),
  varnishd: (port) => run("varnishd", ["-F", "-n", join(dir, "varnish"), "-a", `127.0.0.1:${port}`, "-f", conf("broadsheet.vcl", ["8080", String(backend)])]),
};

let port = 8450;
for (const [name, start] of Object.entries(proxies)) {
  if (!has(name)) {
    console.log(`skipped: ${name} isn't installed`);
    continue;
  }
  port++;
  const p = start(port), problems = [];
  if (!(await ready(port))) problems.push("it doesn't answer");
  const first = await get(port, page), etag = /\r\netag: (\S+)/i.exec(first.text)?.[1];
  if (first.status !== 200 || !first.text.includes("Page wall")) problems.push(`the page answers ${first.status}`);
  if (!etag) problems.push("no ETag comes through");
  const again = await get(port, page, { "If-None-Match": etag });
  if (again.status !== 304) problems.push(`asked again with its ETag: ${again.status}`);
  for (let i = 0; i < 5; i++) {
    story("wall", `Words of round ${i} through ${name}.`);
    if (!(await get(port, page)).text.includes(`round ${i} through ${name}`)) problems.push(`a change isn't seen (${i})`);
  }
  await raw(port, `GET ${page} HTTP/1.1\r\nHost: news.example\r\nX-Forwarded-For: 6.6.6.6\r\nUser-Agent: from-${name}\r\nConnection: close\r\n\r\n`, 1000, "127.0.0.77");
  await sleep(300);
  const line = readFileSync(join(site, "access.log"), "utf8").split("\n").reverse().find((l) => l.includes(`from-${name}`)) ?? "";
  if (!line.includes('"client":"127.0.0.77"')) problems.push(`it says that ${/"client":"[^"]*"/.exec(line)?.[0]} asked`);
  verdict(`${name} in front`, problems);
  if (name === "nginx" || name === "haproxy") await smuggle(name, port);
  p.kill("SIGTERM");
}

/* Each case tries to leave the beginning of a request of its own behind; then others ask, and each must get its own page. */
async function smuggle(name, port) {
  const evil = `GET ${paths[0]} HTTP/1.1\r\nHost: news.example\r\nX-Evil: `, start = `GET ${paths[1]} HTTP/1.1\r\nHost: news.example\r\n`;
  const cases = {
    "both lengths": `${start}Content-Length: ${evil.length + 5}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${evil}`,
    "two lengths": `${start}Content-Length: 0\r\nContent-Length: ${evil.length}\r\n\r\n${evil}`,
    "blank before the colon": `${start}Transfer-Encoding : chunked\r\nContent-Length: ${evil.length + 5}\r\n\r\n0\r\n\r\n${evil}`,
    "folded": `${start}Transfer-Encoding:\r\n chunked\r\nContent-Length: ${evil.length + 5}\r\n\r\n0\r\n\r\n${evil}`,
    "bare CR": `${start}X: y\rTransfer-Encoding: chunked\r\nContent-Length: ${evil.length + 5}\r\n\r\n0\r\n\r\n${evil}`,
    "bare LF": `${start}Transfer-Encoding: chunked\nContent-Length: ${evil.length + 5}\r\n\r\n0\r\n\r\n${evil}`,
    "two hosts": `${start}Host: other.example\r\nContent-Length: ${evil.length}\r\n\r\n${evil}`,
    "no host": `GET ${paths[1]} HTTP/1.1\r\nContent-Length: ${evil.length}\r\n\r\n${evil}`,
    "absolute target": `GET http://other.example${paths[0]} HTTP/1.1\r\nHost: news.example\r\n\r\n`,
    "xchunked": `${start}Transfer-Encoding: xchunked\r\nContent-Length: ${evil.length + 5}\r\n\r\n0\r\n\r\n${evil}`,
    "chunk extension": `${start}Transfer-Encoding: chunked\r\n\r\n0;a\rb\r\n\r\n${evil}`,
    "bare LF in chunks": `${start}Transfer-Encoding: chunked\r\n\r\n0\n\n${evil}`,
    "a near name": `${start}Content-Length-X: 5\r\nTransfer-Encodingx: chunked\r\nContent-Length: ${evil.length}\r\n\r\n${evil}`,
    "a body": `${start}Content-Length: ${evil.length}\r\n\r\n${evil}`,
    "a negative length": `${start}Content-Length: -1\r\n\r\n${evil}`,
    "a plus sign": `${start}Content-Length: +${evil.length}\r\n\r\n${evil}`,
  };
  for (const [what, bytes] of Object.entries(cases)) {
    const problems = [];
    for (let round = 0; round < 3; round++) {
      const attack = raw(port, bytes, 400);
      const others = await Promise.all(paths.slice(2).map((p) => get(port, p)));
      await attack;
      others.push(...(await Promise.all(paths.slice(2).map((p) => get(port, p)))));
      others.forEach((r, i) => {
        const own = 2 + (i % (paths.length - 2));
        if (r.status !== 200 || !r.text.includes(`marker-${own}-marker`)) problems.push(`${paths[own]} was answered ${r.status} with ${/marker-\d+-/.exec(r.text)?.[0]}`);
      });
    }
    verdict(`${what} through ${name}`, problems);
  }
}

if (has("systemd-analyze")) {
  const r = spawnSync("systemd-analyze", ["verify", "--man=no", conf("broadsheet.service", ["/usr/local/bin/broadsheet", program])], { encoding: "utf8" });
  verdict("the systemd unit", r.status === 0 || !/broadsheet\.service/.test(r.stderr) ? [] : [r.stderr]);
} else {
  console.log("skipped: systemd-analyze isn't installed");
}
console.log(`${passed} passed`);
if (failed) console.log(`${failed} failed`);
process.exit(failed ? 1 : 0);
