// Requests that two readers of them could understand differently, and readers beside whom they are sent: on connections they
// keep, through a proxy that shares its connections to the server among all. A request left behind on such a connection is
// answered to the next who asks, and that is seen.
import { createServer, connect as connectTcp } from "node:net";
import { connect as connectTls } from "node:tls";

export const sleep = (ms) => new Promise((r) => setTimeout(r, ms));

// how a proxy is reached: { port, tls: { ca } | undefined }
export const dial = (to, from = "127.0.0.1") => to.tls
  ? connectTls({ port: to.port, host: "127.0.0.1", localAddress: from, servername: "news.example", ca: to.tls.ca, ALPNProtocols: ["http/1.1"] })
  : connectTcp({ port: to.port, host: "127.0.0.1", localAddress: from });

// sends bytes; { status, text } of what comes back until the other side closes, or for so long
export const raw = (to, bytes, ms = 3000, from = "127.0.0.1") => new Promise((ok) => {
  const s = dial(to, from), parts = [];
  let over = false;
  const end = () => {
    if (over) return;
    over = true;
    s.destroy();
    const text = Buffer.concat(parts).toString("latin1");
    ok({ status: Number(/^HTTP\/1.[01] (\d+)/.exec(text)?.[1] ?? 0), text });
  };
  s.on("data", (d) => parts.push(d)).on("error", end).on("close", end).on(to.tls ? "secureConnect" : "connect", () => s.write(Buffer.from(bytes, "latin1")));
  setTimeout(end, ms);
});
export const get = (to, path, headers = {}) =>
  raw(to, `GET ${path} HTTP/1.1\r\n${Object.entries({ Host: "news.example", Connection: "close", ...headers }).map(([k, v]) => `${k}: ${v}\r\n`).join("")}\r\n`);

// One who reads on a connection that stays open. ask gives { status, text }, with status 0 when there is no answer.
export class Reader {
  constructor(to) {
    this.to = to;
    this.left = "";
  }
  open() {
    const s = this.s = dial(this.to);
    this.left = "";
    s.on("data", (d) => { this.left += d.toString("latin1"); this.wake?.(); }).on("error", () => this.gone(s)).on("close", () => this.gone(s));
    return new Promise((ok) => { s.once(this.to.tls ? "secureConnect" : "connect", ok); s.once("close", ok); });
  }
  gone(s) {
    if (this.s === s) this.s = null;
    this.wake?.();
  }
  async ask(path) {
    if (!this.s) await this.open(); // a server may close what idles
    this.s?.write(`GET ${path} HTTP/1.1\r\nHost: news.example\r\n\r\n`);
    for (const until = Date.now() + 3000; Date.now() < until; ) {
      const one = this.take();
      if (one) return one;
      if (!this.s) break;
      await new Promise((ok) => { this.wake = ok; setTimeout(ok, 200); });
    }
    const text = this.left;
    this.close();
    return { status: 0, text };
  }
  // an answer that has come whole
  take() {
    const end = this.left.indexOf("\r\n\r\n");
    if (end < 0) return null;
    const head = this.left.slice(0, end + 2), length = /\r\ncontent-length: *(\d+)/i.exec(head), chunked = /\r\ntransfer-encoding: *chunked/i.test(head);
    let size = length ? Number(length[1]) : 0;
    if (chunked) {
      const last = this.left.indexOf("\r\n0\r\n\r\n", end);
      if (last < 0) return null;
      size = last + 7 - end - 4;
    }
    if (this.left.length < end + 4 + size) return null;
    const text = this.left.slice(0, end + 4 + size);
    this.left = this.left.slice(text.length);
    if (/\r\nconnection: *close/i.test(head)) this.close();
    return { status: Number(/^HTTP\/1.1 (\d+)/.exec(text)?.[1] ?? 0), text };
  }
  close() {
    const s = this.s;
    this.s = null;
    s?.destroy();
  }
}

/* Each case: what is sent, and what may be answered. 0 is a connection closed without a word. paths: pages that hold
 * "marker-N-marker" for their N; what is left behind asks for paths[0]. */
export function cases(paths) {
  const evil = `GET ${paths[0]} HTTP/1.1\r\nHost: news.example\r\nX-Evil: `, start = `GET ${paths[1]} HTTP/1.1\r\nHost: news.example\r\n`;
  const both = evil.length + 5, no = [0, 400, 411, 413, 501, 505];
  const page = [...no, 200]; // a proxy may have made one sound request of it
  const head = (lines, body = "") => `${start}${lines}\r\n${body}`;
  const target = (t) => `GET ${t} HTTP/1.1\r\nHost: news.example\r\n\r\n`;
  return {
    // framing
    "both lengths": [head(`Content-Length: ${both}\r\nTransfer-Encoding: chunked\r\n`, `0\r\n\r\n${evil}`), page],
    "both lengths, the other way": [head("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", `${evil.length.toString(16)}\r\n${evil}\r\n0\r\n\r\n`), page],
    "two lengths": [head(`Content-Length: 0\r\nContent-Length: ${evil.length}\r\n`, evil), no],
    "the same length twice": [head(`Content-Length: ${evil.length}\r\nContent-Length: ${evil.length}\r\n`, evil), page],
    "lengths in one line": [head(`Content-Length: ${evil.length}, ${evil.length}\r\n`, evil), page],
    "two encodings": [head("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", `0\r\n\r\n${evil}`), page],
    "a blank before the colon": [head(`Transfer-Encoding : chunked\r\nContent-Length: ${both}\r\n`, `0\r\n\r\n${evil}`), page],
    "a blank before the length's colon": [head(`Content-Length : ${evil.length}\r\n`, evil), page],
    "a tab before the value": [head(`Transfer-Encoding:\tchunked\r\nContent-Length: ${both}\r\n`, `0\r\n\r\n${evil}`), page],
    "folded": [head(`Transfer-Encoding:\r\n chunked\r\nContent-Length: ${both}\r\n`, `0\r\n\r\n${evil}`), page],
    "a bare CR": [head(`X: y\rTransfer-Encoding: chunked\r\nContent-Length: ${both}\r\n`, `0\r\n\r\n${evil}`), page],
    "a bare LF": [head(`Transfer-Encoding: chunked\nContent-Length: ${both}\r\n`, `0\r\n\r\n${evil}`), page],
    "xchunked": [head(`Transfer-Encoding: xchunked\r\nContent-Length: ${both}\r\n`, `0\r\n\r\n${evil}`), page],
    "chunked, with more": [head(`Transfer-Encoding: chunked, x\r\nContent-Length: ${both}\r\n`, `0\r\n\r\n${evil}`), page],
    "a vertical tab": [head(`Transfer-Encoding: \x0bchunked\r\nContent-Length: ${both}\r\n`, `0\r\n\r\n${evil}`), page],
    "a chunk extension": [head("Transfer-Encoding: chunked\r\n", `0;a\rb\r\n\r\n${evil}`), page],
    "bare LF in chunks": [head("Transfer-Encoding: chunked\r\n", `0\n\n${evil}`), page],
    "a chunk too long": [head("Transfer-Encoding: chunked\r\n", `ffffffffffffffff1\r\n${evil}`), [...page, 502]],
    "names that are near": [head(`Content-Length-X: 5\r\nTransfer-Encodingx: chunked\r\nContent-Length: ${evil.length}\r\n`, evil), page],
    "a body": [head(`Content-Length: ${evil.length}\r\n`, evil), page],
    "a body of POST": [head(`Content-Length: ${evil.length}\r\n`, evil).replace("GET", "POST"), [...no, 405]],
    "a length below zero": [head("Content-Length: -1\r\n", evil), no],
    "a plus sign": [head(`Content-Length: +${evil.length}\r\n`, evil), no],
    "a length of no number": [head(`Content-Length: ${evil.length}x\r\n`, evil), no],
    "a length of hex": [head(`Content-Length: 0x${evil.length.toString(16)}\r\n`, evil), no],
    "an empty length": [head("Content-Length:\r\n", evil), page],
    "a length past all numbers": [head("Content-Length: 18446744073709551616\r\n", evil), no],
    "HTTP/1.0 with chunks": [head("Transfer-Encoding: chunked\r\n", `0\r\n\r\n${evil}`).replace("HTTP/1.1", "HTTP/1.0"), page],
    "two requests at once": [`${start}\r\n${start.replace(paths[1], "/none")}\r\n`, [200]],
    // hosts
    "two hosts": [head(`Host: other.example\r\nContent-Length: ${evil.length}\r\n`, evil), no],
    "no host": [`GET ${paths[1]} HTTP/1.1\r\nContent-Length: ${evil.length}\r\n\r\n${evil}`, [...no, 421]],
    "an unknown host": [target(paths[1]).replace("news.example", "other.example"), [0, 400, 404, 421, 200], "other"],
    "a host that is no name": [target(paths[1]).replace("news.example", "news.example/x"), [...no, 404, 421]],
    "an absolute target of another host": [target(`http://other.example${paths[0]}`), [...no, 200, 404, 421], "other"],
    "an absolute target without a path": [target("http://news.example"), [...page, 301, 421]],
    "a target without a slash": [target("news"), no],
    // names and values
    "a name with a blank": [head("X y: z\r\n"), page],
    "a name with a parenthesis": [head("X(y): z\r\n"), page],
    "an empty name": [head(": z\r\n"), page],
    "a name of high bytes": [head("X\xff: z\r\n"), page],
    "a line without a colon": [head("X\r\n"), page],
    "a first line that is folded": [`GET ${paths[1]} HTTP/1.1\r\n Host: news.example\r\nHost: news.example\r\n\r\n`, page],
    "a control character in a value": [head("X: a\x01b\r\n"), page],
    "NUL in a value": [head("X: a\0b\r\n"), page],
    "DEL in a value": [head("X: a\x7fb\r\n"), page],
    // targets
    "a blank in the target": [target(`${paths[1]} x`), [...no, 404]],
    "a tab in the target": [target(`${paths[1]}\tx`), [...no, 404]],
    "NUL in the target": [target(`${paths[1]}\0x`), [...no, 404]],
    "high bytes in the target": [target("/caf\xe9"), [...no, 404]],
    "%00": [target(`${paths[1]}%00`), [400]],
    "%2F": [target(paths[1].replace("/2", "%2F2")), [400]],
    "%0a": [target(`${paths[1]}%0d%0aX:%20y`), [400]],
    "broken UTF-8": [target("/news/%ff"), [400]],
    "overlong UTF-8": [target("/%c0%ae%c0%ae/site.conf"), [400]],
    "a malformed escape": [target("/news/%zz"), [400]],
    "half an escape": [target("/news/%4"), [400]],
    "dots": [target("/news/../news/"), [301, 400]],
    "escaped dots": [target("/%2e%2e/site.conf"), [301, 400, 404]],
    "two slashes": [target("//news/"), [301, 400]],
    "a letter escaped": [target("/%6eews/"), [301]],
    "a fragment": [target("/news/#x"), [...page, 404]],
    "a target of 9 kB": [target(`/${"x".repeat(9000)}`), [0, 400, 404, 414, 431, 502]],
    "headers of 40 kB": [head(Array.from({ length: 400 }, (_, i) => `X-${i}: ${"y".repeat(92)}\r\n`).join("")), [0, 400, 413, 431, 502]],
  };
}

const marker = (text) => /marker-(\d+)-marker/.exec(text)?.[1];

/* Sends one case three times between the questions of readers who keep their connections, and gives what went wrong. */
export async function beside(to, paths, bytes, allowed, readers, ms = 250) {
  const problems = [];
  const own = async (reader, n) => {
    const r = await reader.ask(paths[n]);
    if (r.status !== 200 || marker(r.text) !== String(n)) problems.push(`${paths[n]} was answered ${r.status} with ${marker(r.text) === undefined ? "nothing of it" : `page ${marker(r.text)}`}`);
  };
  for (let round = 0; round < 3; round++) {
    await own(readers[0], 2); // opens the way to the server that the attack then takes
    const attack = raw(to, bytes, ms);
    if (round === 1) await Promise.all(readers.map((r, i) => own(r, 3 + i)));
    const answer = await attack;
    if (!allowed.includes(answer.status)) problems.push(`it is answered ${answer.status}`);
    if (marker(answer.text) === "0") problems.push("its answer is the page that was left behind");
    await own(readers[0], 3); // one after the other: the very next on that way
    for (let i = 0; i < readers.length; i++) await own(readers[i], 4 + i);
    await Promise.all(readers.map((r, i) => own(r, 10 + i)));
  }
  return problems;
}

/* A server without our checks, to see that the readers above notice: it reads no bodies, so that a body is the next request.
 * Listens on port; gives the server. */
export function naive(port, paths) {
  return new Promise((ok) => {
    const server = createServer((s) => {
      let have = "";
      s.on("error", () => {}).on("data", (d) => {
        have += d.toString("latin1");
        for (let end; (end = have.indexOf("\r\n\r\n")) >= 0; have = have.slice(end + 4)) {
          const n = paths.indexOf(have.split(" ")[1]), body = n < 0 ? "nothing\n" : `marker-${n}-marker\n`;
          s.write(`HTTP/1.1 ${n < 0 ? "404 Not Found" : "200 OK"}\r\nContent-Type: text/plain\r\nCache-Control: no-cache\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
        }
      });
    });
    server.listen(port, "127.0.0.1", () => ok(server));
  });
}
