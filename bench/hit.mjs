// A cached page against nginx, which serves the very same bytes from files, and against a bare epoll loop: requests per
// second of server CPU, alternating pairs on one core, 64 keep-alive connections from the other.
import { writeFileSync, mkdirSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { execFileSync } from "node:child_process";
import { answers, cpu, folder, load, median, program, publish, random, report, serve, start, stop, tool, SERVER } from "./lib.mjs";

const PAIRS = Number(process.env.PAIRS ?? 7), SECONDS = Number(process.env.SECONDS ?? 3), sizes = (process.env.SIZES ?? "6000 12000 30000").split(" ").map(Number);
const dir = folder(), site = join(dir, "site"), next = random(7);
tool("load");
tool("epoll");
execFileSync(program, ["init", site]);

const word = () => Array.from({ length: 3 + Math.floor(next() * 8) }, () => "abcdefghijklmnopqrstuvwxyz"[Math.floor(next() * 26)]).join("");
function story(id, words) {
  const text = [];
  for (let i = 0; i < words; i += 60) text.push(Array.from({ length: Math.min(60, words - i) }, word).join(" ") + ".");
  const file = join(dir, `${id}.md`);
  writeFileSync(file, `---\nid: ${id}\nsection: news\nslug: ${id}\nheadline: A page of ${id}\n---\n${text.join("\n\n")}\n`);
  return publish(site, file).match(/(\/news\/\S+)/)[1];
}

const ours = await serve(site, 8301);
const pages = [];
for (const size of sizes) {
  let words = size / 6, path, reply;
  for (let i = 0; i < 6; i++) {
    path = story(`s${size}`, Math.round(words));
    reply = await fetch(`http://127.0.0.1:8301${path}`, { headers: { "accept-encoding": "gzip" } });
    const have = Number(reply.headers.get("content-length"));
    if (Math.abs(have - size) < size / 50) break;
    words *= 1 + (size - have) / Math.max(have - 1500, 1000);
  }
  pages.push({ size, path });
}

// the bytes as they lie on the wire, head and body
for (const p of pages) {
  p.file = join(dir, `${p.size}.reply`);
  execFileSync("curl", ["-s", "-o", p.file + ".body", "-D", p.file + ".head", "-H", "Accept-Encoding: gzip", `http://127.0.0.1:8301${p.path}`]);
  execFileSync("sh", ["-c", `cat "$1.head" "$1.body" >"$1"`, "sh", p.file]);
  p.bytes = Number(execFileSync("stat", ["-c", "%s", p.file + ".body"], { encoding: "utf8" }));
  p.head = Object.fromEntries(execFileSync("cat", [p.file + ".head"], { encoding: "utf8" }).split("\r\n").slice(1).filter(Boolean).map((l) => [l.slice(0, l.indexOf(":")), l.slice(l.indexOf(":") + 2)]));
  const at = join(dir, "www", p.path);
  mkdirSync(join(at, ".."), { recursive: true });
  execFileSync("sh", ["-c", `cp "$1" "$2.gz" && gunzip -c "$2.gz" >"$2"`, "sh", p.file + ".body", at]);
  const when = new Date(p.head["Last-Modified"]);
  for (const file of [at, at + ".gz"]) utimesSync(file, when, when);
}
const own = ["Date", "Content-Type", "Content-Length", "Content-Encoding", "Vary", "Last-Modified", "Connection"];
const nginxConf = join(dir, "nginx.conf");
writeFileSync(nginxConf, `daemon off; worker_processes 1; pid ${dir}/nginx.pid; error_log ${dir}/nginx.error;
events { worker_connections 4096; }
http {
  sendfile on; tcp_nopush on; server_tokens off; keepalive_requests 1000000000; keepalive_timeout 65; etag off;
  open_file_cache max=1000; gzip_static on; gzip_vary on; default_type "text/html; charset=utf-8"; types {}
  log_format lines escape=json '{"time":"$time_iso8601","client":"$remote_addr","method":"$request_method","host":"$host","target":"$request_uri","status":$status,"bytes":$bytes_sent,"micros":$request_time,"agent":"$http_user_agent"}';
  access_log ${dir}/nginx.log lines buffer=64k flush=1s;
  client_body_temp_path ${dir}/n1; proxy_temp_path ${dir}/n2; fastcgi_temp_path ${dir}/n3; uwsgi_temp_path ${dir}/n4; scgi_temp_path ${dir}/n5;
  server { listen 127.0.0.1:8302 backlog=1024; root ${dir}/www;
${pages.map((p) => `    location = ${p.path} { ${Object.entries(p.head).filter(([n]) => !own.includes(n)).map(([n, v]) => `add_header ${n} '${v.replaceAll("'", "\\'")}';`).join(" ")} }`).join("\n")}
  }
}
`);
const nginx = start("nginx", ["-c", nginxConf], { core: SERVER });
await answers(`http://127.0.0.1:8302${pages[0].path}`);
// nginx names itself and the connection, 39 bytes that can't be switched off; all else is the same on the wire
for (const p of pages) {
  const [a, b] = [8301, 8302].map((port) => execFileSync("curl", ["-s", "-i", "-H", "Accept-Encoding: gzip", `http://127.0.0.1:${port}${p.path}`]));
  const parts = (x) => { const at = x.indexOf("\r\n\r\n"); return { head: x.subarray(0, at).toString("latin1").split("\r\n").slice(1).filter((l) => !/^(Date|Server|Connection):/i.test(l)).map((l) => l.replace(/^[^:]+/, (n) => n.toLowerCase())).sort().join("\n"), body: x.subarray(at + 4) }; };
  const x = parts(a), y = parts(b);
  if (!x.body.equals(y.body)) throw new Error(`${p.path}: nginx sends other bytes`);
  if (x.head !== y.head) throw new Error(`${p.path}: nginx sends other headers:\n${x.head}\n--\n${y.head}`);
}

async function once(pid, port, path) {
  const before = cpu(pid), r = await load(port, ["--gzip", "--seconds", SECONDS, path]);
  if (r.errors || r.s2 !== r.requests) throw new Error(`${port}${path}: ${JSON.stringify(r)} ${execFileSync("sh", ["-c", `tail -3 ${dir}/nginx.error; ls -lR ${dir}/www; curl -si http://127.0.0.1:${port}${path} | head -5`], { encoding: "utf8" })}`);
  return { perCpu: r.requests / ((cpu(pid) - before) / 1e9), rps: r.rps, p99: r.p99 };
}

const results = [];
for (const p of pages) {
  const bare = start(join("build/bench", "epoll"), ["8303", p.file], { core: SERVER });
  await answers("http://127.0.0.1:8303/");
  const pairs = [];
  for (let i = 0; i <= PAIRS; i++) {
    const a = await once(ours.pid, 8301, p.path), b = await once(nginx.pid, 8302, p.path), c = await once(bare.pid, 8303, p.path);
    if (i) pairs.push({ ours: a, nginx: b, epoll: c }); // the first pair warms up
    process.stderr.write(`${p.size} ${i}: ours ${a.perCpu.toFixed(0)} nginx ${b.perCpu.toFixed(0)} epoll ${c.perCpu.toFixed(0)} per CPU second; p99 ${a.p99} ${b.p99} ${c.p99} us\n`);
  }
  await stop(bare, "SIGKILL");
  results.push({
    size: p.bytes, pairs,
    toNginx: median(pairs.map((x) => x.ours.perCpu / x.nginx.perCpu)),
    toEpoll: median(pairs.map((x) => x.ours.perCpu / x.epoll.perCpu)),
    p99: { ours: median(pairs.map((x) => x.ours.p99)), nginx: median(pairs.map((x) => x.nginx.p99)), epoll: median(pairs.map((x) => x.epoll.p99)) },
  });
  process.stderr.write(`${p.bytes} bytes: ${results.at(-1).toNginx.toFixed(2)} x nginx, ${results.at(-1).toEpoll.toFixed(2)} x bare epoll\n`);
}
await stop(ours);
await stop(nginx);
report("hit", { pairs: PAIRS, seconds: SECONDS, results });
