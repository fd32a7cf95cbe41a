// Broadsheet beside Ghost (production, SQLite) and WordPress (nginx, php-fpm with opcache, MariaDB): the same 1,000 stories,
// one story page and the front, each asked by 16 keep-alive connections. Server CPU a request, requests a second, memory, and
// what a reader's first visit downloads of HTML, CSS and script, as Chromium counts it. Sets the peers up by itself: Ghost from
// npm in ~/.cache/broadsheet-peers (or $BROADSHEET_PEERS), kept between runs; WordPress from Debian's packages.
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";
import { vocabulary, zipf } from "./corpus.mjs";
import { answers, cpu, folder, load, median, memory, program, publish, random, report, serve, sleep, start, stop, tool, SERVER } from "./lib.mjs";

const GHOST = "5.130.6", STORIES = 1000, SECONDS = Number(process.env.SECONDS ?? 10);
const dir = folder(), cache = process.env.BROADSHEET_PEERS ?? join(homedir(), ".cache", "broadsheet-peers");
const require = createRequire(import.meta.url);
tool("load");

// ---- the stories: headline, standfirst and five paragraphs, 340 words; no pictures, which all three would send alike ----
const next = random(5), words = vocabulary(next, "etaoinshrdlcumwfgypbvk");
const text = (count) => Array.from({ length: count }, () => words[zipf(next, words.length)]).join(" ");
const sentence = (count) => text(count).replace(/^./, (c) => c.toUpperCase());
const stories = Array.from({ length: STORIES }, (_, i) => ({ id: `story-${i}`, headline: `${sentence(7)} ${i}`, standfirst: `${sentence(18)}.`, paragraphs: Array.from({ length: 5 }, () => `${sentence(64)}.`), at: new Date(Date.now() - (STORIES - i) * 3600000) }));
const html = (s) => s.paragraphs.map((p) => `<p>${p}</p>`).join("\n"), the = stories.at(-50);

// ---- Broadsheet ----
async function broadsheet() {
  const site = join(dir, "broadsheet"), files = join(dir, "files");
  mkdirSync(files);
  for (const s of stories) writeFileSync(join(files, `${s.id}.md`), `---\nid: ${s.id}\nsection: news\nslug: ${s.id}\nheadline: "${s.headline}"\nstandfirst: "${s.standfirst}"\nby: [Ada Quill]\npublished: ${s.at.toISOString().replace(/\.\d+/, "")}\n---\n${s.paragraphs.join("\n\n")}\n`);
  execFileSync(program, ["init", site]);
  const path = publish(site, files).match(new RegExp(`(/news/\\S+/${the.id})\\n`))[1];
  const p = await serve(site, 8341);
  return { name: "Broadsheet", base: "http://127.0.0.1:8341", port: 8341, story: path, processes: [p] };
}

// The same, with a page cache too small for its stories: each is printed for whoever asks.
async function anew() {
  const site = join(dir, "anew"), files = join(dir, "files"), list = join(dir, "stories");
  execFileSync(program, ["init", site]);
  writeFileSync(join(site, "site.conf"), "[server]\ncache_mb = 1\n");
  const said = publish(site, files), paths = [...said.matchAll(/^published (\/news\/\S+)$/gm)].map(([, path]) => path);
  if (paths.length !== STORIES) throw new Error(`${paths.length} stories have an address`);
  writeFileSync(list, paths.map((path) => `${path}\n`).join(""));
  const p = await serve(site, 8344);
  return { name: "Broadsheet, printing each", base: "http://127.0.0.1:8344", port: 8344, story: paths.find((path) => path.endsWith(`/${the.id}`)), stories: list, processes: [p] };
}

// ---- Ghost ----
function installGhost() {
  const home = join(cache, `ghost-${GHOST}`);
  if (existsSync(join(home, "installed"))) return home;
  mkdirSync(home, { recursive: true });
  const run = (command, args, env) => execFileSync(command, args, { cwd: home, stdio: ["ignore", "ignore", "inherit"], env: { ...process.env, ...env } });
  run("npm", ["pack", "--silent", `ghost@${GHOST}`]);
  run("tar", ["xzf", `ghost-${GHOST}.tgz`, "--strip-components=1"]);
  const about = JSON.parse(readFileSync(join(home, "package.json"), "utf8"));
  delete about.devDependencies;
  writeFileSync(join(home, "package.json"), JSON.stringify(about, null, 1));
  // its database driver is compiled here, against the headers that come with Node.js
  run("npm", ["install", "--legacy-peer-deps", "--no-audit", "--no-fund", "--loglevel=error"], { npm_config_nodedir: join(process.execPath, "..", "..") });
  writeFileSync(join(home, "installed"), GHOST + "\n");
  return home;
}

async function ghost() {
  const home = installGhost(), content = join(dir, "ghost"), base = "http://127.0.0.1:8342", file = join(content, "data", "ghost.db");
  for (const d of ["data", "images", "files", "media", "logs", "settings", "public", "adapters", "themes"]) mkdirSync(join(content, d), { recursive: true });
  for (const t of readdirSync(join(home, "content", "themes"))) symlinkSync(join(home, "content", "themes", t), join(content, "themes", t));
  const env = { NODE_ENV: "production", url: base, server__host: "127.0.0.1", server__port: "8342", database__client: "sqlite3", database__connection__filename: file, database__useNullAsDefault: "true", paths__contentPath: content, mail__transport: "Direct", logging__transports: '["stdout"]', logging__level: "error", privacy__useUpdateCheck: "false", privacy__useGravatar: "false", imageOptimization__resize: "false" };
  const boot = async () => {
    const p = start("sh", ["-c", `cd "${home}" && exec node index.js`], { core: SERVER, env });
    for (let i = 0; i < 180; i++) {
      try {
        if ((await fetch(base + "/", { signal: AbortSignal.timeout(5000) })).status === 200) return p;
      } catch { /* it is starting */ }
      await sleep(1000);
      if (p.exitCode !== null) throw new Error(`Ghost ended: ${p.words}`);
    }
    throw new Error(`Ghost doesn't answer: ${p.words}`);
  };
  await stop(await boot()); // the first start makes its tables
  const { Database } = createRequire(join(home, "package.json"))("sqlite3");
  const db = new Database(file), all = (sql, args = []) => new Promise((ok, no) => db.all(sql, args, (e, rows) => (e ? no(e) : ok(rows))));
  const owner = (await all("SELECT id FROM users ORDER BY created_at LIMIT 1"))[0].id, hex = (kind, i) => (kind + i.toString(16).padStart(8, "0")).padStart(24, "0");
  await all("BEGIN");
  await all("DELETE FROM posts_authors WHERE post_id IN (SELECT id FROM posts WHERE type = 'post')");
  await all("UPDATE posts SET status = 'draft' WHERE type = 'post'");
  const columns = new Set((await all("PRAGMA table_info(posts)")).map((c) => c.name));
  for (const [i, s] of stories.entries()) {
    const at = s.at.toISOString().slice(0, 19).replace("T", " "), lexical = JSON.stringify({ root: { children: s.paragraphs.map((p) => ({ children: [{ detail: 0, format: 0, mode: "normal", style: "", text: p, type: "extended-text", version: 1 }], direction: "ltr", format: "", indent: 0, type: "paragraph", version: 1 })), direction: "ltr", format: "", indent: 0, type: "root", version: 1 } });
    const row = Object.entries({ id: hex("a", i), uuid: `00000000-0000-4000-8000-${String(i).padStart(12, "0")}`, title: s.headline, slug: s.id, lexical, html: html(s), plaintext: s.paragraphs.join("\n\n"), custom_excerpt: s.standfirst, status: "published", type: "post", visibility: "public", email_recipient_filter: "all", featured: 0, show_title_and_feature_image: 1, created_at: at, created_by: owner, updated_at: at, updated_by: owner, published_at: at, published_by: owner }).filter(([n]) => columns.has(n));
    await all(`INSERT INTO posts (${row.map(([n]) => n).join(", ")}) VALUES (${row.map(() => "?").join(", ")})`, row.map(([, v]) => v));
    await all("INSERT INTO posts_authors (id, post_id, author_id, sort_order) VALUES (?, ?, ?, 0)", [hex("b", i), hex("a", i), owner]);
  }
  await all("COMMIT");
  await new Promise((ok) => db.close(ok));
  return { name: `Ghost ${GHOST}`, base, port: 8342, story: `/${the.id}/`, processes: [await boot()] };
}

// ---- WordPress ----
async function wordpress() {
  const at = join(dir, "wordpress"), root = join(at, "root"), data = join(at, "data"), base = "http://127.0.0.1:8343";
  mkdirSync(at);
  cpSync("/usr/share/wordpress", root, { recursive: true, dereference: true });
  const fpm = readdirSync("/usr/sbin").find((n) => n.startsWith("php-fpm"));
  execFileSync("mariadb-install-db", ["--no-defaults", `--datadir=${data}`, "--auth-root-authentication-method=normal", "--user=mysql"], { stdio: "ignore" });
  execFileSync("sh", ["-c", `chown -R mysql "${data}" && chown -R www-data "${root}/wp-content" && chmod 755 "${at}"`]);
  const socket = join(at, "db.sock"), db = start("mariadbd", ["--no-defaults", `--datadir=${data}`, `--socket=${socket}`, "--skip-networking", "--user=mysql", `--pid-file=${data}/pid`], { core: SERVER });
  execFileSync("chown", ["mysql", at]);
  for (let i = 0; i < 100 && !existsSync(socket); i++) await sleep(200);
  execFileSync("mariadb", ["--no-defaults", "-uroot", `--socket=${socket}`, "-e", "CREATE DATABASE wp CHARACTER SET utf8mb4; CREATE USER wp@localhost IDENTIFIED BY 'wp'; GRANT ALL ON wp.* TO wp@localhost"]);
  writeFileSync(join(root, "wp-config.php"), `<?php
define('DB_NAME', 'wp'); define('DB_USER', 'wp'); define('DB_PASSWORD', 'wp'); define('DB_HOST', 'localhost:${socket}'); define('DB_CHARSET', 'utf8mb4'); define('DB_COLLATE', '');
define('WP_HOME', '${base}'); define('WP_SITEURL', '${base}'); define('WP_HTTP_BLOCK_EXTERNAL', true); define('DISABLE_WP_CRON', true); define('AUTOMATIC_UPDATER_DISABLED', true);
foreach (['AUTH_KEY', 'SECURE_AUTH_KEY', 'LOGGED_IN_KEY', 'NONCE_KEY', 'AUTH_SALT', 'SECURE_AUTH_SALT', 'LOGGED_IN_SALT', 'NONCE_SALT'] as $k) define($k, md5($k));
$table_prefix = 'wp_';
if (!defined('ABSPATH')) define('ABSPATH', __DIR__ . '/');
require_once ABSPATH . 'wp-settings.php';
`);
  mkdirSync(join(root, "wp-content", "mu-plugins"), { recursive: true }); // its redirect to the address it has already, when that names a port
  writeFileSync(join(root, "wp-content", "mu-plugins", "port.php"), "<?php remove_filter('template_redirect', 'redirect_canonical');\n");
  writeFileSync(join(at, "stories.json"), JSON.stringify(stories.map((s) => ({ ...s, html: s.paragraphs.map((p) => `<!-- wp:paragraph -->\n<p>${p}</p>\n<!-- /wp:paragraph -->`).join("\n\n"), at: s.at.toISOString().slice(0, 19).replace("T", " ") }))));
  writeFileSync(join(at, "install.php"), `<?php
$_SERVER['HTTP_HOST'] = '127.0.0.1:8343'; $_SERVER['REQUEST_METHOD'] = 'GET'; $_SERVER['SERVER_PROTOCOL'] = 'HTTP/1.1';
define('WP_INSTALLING', true);
require '${root}/wp-load.php';
require '${root}/wp-admin/includes/upgrade.php';
add_filter('pre_wp_mail', '__return_true');
wp_install('The Sound', 'admin', 'admin@example.org', true, '', 'a long word for a bench');
foreach (get_posts(['numberposts' => -1, 'post_type' => ['post', 'page'], 'post_status' => 'any']) as $p) wp_delete_post($p->ID, true);
update_option('permalink_structure', '/%year%/%monthnum%/%day%/%postname%/');
foreach (json_decode(file_get_contents('${at}/stories.json')) as $s)
  if (is_wp_error(wp_insert_post(['post_title' => $s->headline, 'post_name' => $s->id, 'post_content' => $s->html, 'post_excerpt' => $s->standfirst, 'post_status' => 'publish', 'post_date' => $s->at, 'post_date_gmt' => $s->at], true))) exit(1);
`);
  execFileSync("php", ["-d", "memory_limit=1G", join(at, "install.php")], { stdio: ["ignore", "ignore", "inherit"] });
  writeFileSync(join(at, "fpm.conf"), `[global]\nerror_log = ${at}/fpm.log\ndaemonize = no\n[www]\nuser = www-data\ngroup = www-data\nlisten = ${at}/fpm.sock\nlisten.owner = www-data\npm = static\npm.max_children = 5\nphp_admin_value[opcache.enable] = 1\n`);
  writeFileSync(join(at, "nginx.conf"), `daemon off; worker_processes 1; pid ${at}/nginx.pid; error_log ${at}/nginx.error; user www-data;
events { worker_connections 1024; }
http { include /etc/nginx/mime.types; sendfile on; tcp_nopush on; gzip on; gzip_types text/css application/javascript; keepalive_requests 1000000; access_log ${at}/access.log combined buffer=64k;
  ${["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((n) => `${n}_temp_path ${at}/${n};`).join(" ")}
  server { listen 127.0.0.1:8343; root ${root}; index index.php;
    location / { try_files $uri $uri/ /index.php?$args; }
    location ~ \\.php$ { include /etc/nginx/fastcgi_params; fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name; fastcgi_pass unix:${at}/fpm.sock; } } }
`);
  const php = start(fpm, ["-F", "-y", join(at, "fpm.conf")], { core: SERVER }), web = start("nginx", ["-c", join(at, "nginx.conf")], { core: SERVER });
  await answers(base + "/");
  const about = execFileSync("php", ["-r", `require '${root}/wp-includes/version.php'; echo $wp_version;`], { encoding: "utf8" });
  const story = "/" + the.at.toISOString().slice(0, 10).replaceAll("-", "/") + `/${the.id}/`;
  return { name: `WordPress ${about}`, base, port: 8343, story, processes: [web, php, db] };
}

// ---- measuring ----
const ROUNDS = Number(process.env.ROUNDS ?? 3);
const all = (s, f) => s.processes.reduce((sum, p) => sum + f(p.pid), 0);

async function page(s, paths) {
  const ask = (seconds) => load(s.port, ["--connections", 16, "--host", `127.0.0.1:${s.port}`, "--seconds", seconds, "--gzip", "--drain", ...paths]);
  await ask(3); // warm
  const before = all(s, cpu), r = await ask(SECONDS), ns = all(s, cpu) - before;
  if (r.errors || r.s2 !== r.requests) throw new Error(`${s.name} ${paths}: ${JSON.stringify(r)}`);
  return { ms: ns / 1e6 / r.requests, rps: r.rps, p99: r.p99 };
}

async function isTheStory(s) {
  const words = await (await fetch(s.base + s.story)).text();
  if (!words.includes(the.paragraphs[4])) throw new Error(`${s.name}${s.story} isn't the story`);
}

async function downloads(s, browser, path) {
  const context = await browser.newContext(), tab = await context.newPage(), sum = { document: 0, stylesheet: 0, script: 0 }, others = new Set();
  await tab.route("**/*", (r) => (r.request().url().startsWith(s.base) ? r.continue() : (others.add(new URL(r.request().url()).host), r.abort())));
  const waits = [];
  tab.on("requestfinished", (r) => { if (r.resourceType() in sum) waits.push(r.sizes().then((z) => { sum[r.resourceType()] += z.responseBodySize; })); });
  await tab.goto(s.base + path, { waitUntil: "load" });
  await sleep(1000);
  await Promise.all(waits);
  await context.close();
  return { ...sum, others: [...others].length };
}

const { chromium } = require("@playwright/test"), browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
const wanted = (process.env.PEERS ?? "broadsheet anew ghost wordpress").split(" "), sets = [];
for (const make of [broadsheet, anew, ghost, wordpress].filter((f) => wanted.includes(f.name))) {
  const s = await make();
  sets.push({ ...s, rounds: { story: [], front: [] } });
  await isTheStory(s);
  sets.at(-1).bytes = { story: await downloads(s, browser, s.story), front: await downloads(s, browser, "/") };
}
await browser.close();
for (let i = 0; i < ROUNDS; i++) // in turn, so that what the machine does besides falls on all
  for (const s of sets) {
    s.rounds.story.push(await page(s, s.stories ? ["--paths", s.stories] : [s.story]));
    if (!s.stories) s.rounds.front.push(await page(s, ["/"]));
  }
const middle = (rounds) => (rounds.length ? Object.fromEntries(["ms", "rps", "p99"].map((k) => [k, median(rounds.map((r) => r[k]))])) : null);
const results = [];
for (const s of sets) {
  const story = middle(s.rounds.story), front = middle(s.rounds.front);
  results.push({ name: s.name, story, front, memory: all(s, memory), bytes: s.bytes, rounds: s.rounds });
  process.stderr.write(`${s.name}: story ${story.ms.toFixed(3)} ms CPU, ${story.rps.toFixed(0)}/s; front ${front ? `${front.ms.toFixed(3)} ms, ${front.rps.toFixed(0)}/s` : "not asked"}; ${(results.at(-1).memory / 1024).toFixed(0)} MB; ${JSON.stringify(s.bytes)}\n`);
}
for (const s of sets) for (const p of s.processes) await stop(p);
report("peers", { stories: STORIES, seconds: SECONDS, rounds: ROUNDS, results });
