// The control socket as a command speaks it (src/app/wire.h): one message in, one answer out, in order.
import { connect, createServer } from "node:net";

// A port that nobody listens at.
export async function freePort() {
  const server = createServer();
  await new Promise((ok, no) => server.once("error", no).listen(0, "127.0.0.1", ok));
  const { port } = server.address();
  await new Promise((ok) => server.close(ok));
  return port;
}

const text = (s) => {
  const b = Buffer.isBuffer(s) ? s : Buffer.from(s);
  const head = Buffer.alloc(4);
  head.writeUInt32BE(b.length);
  return Buffer.concat([head, b]);
};
const number = (n) => {
  const b = Buffer.alloc(4);
  b.writeUInt32BE(n);
  return b;
};

export async function wire(site) {
  const socket = connect(`${site}/control.sock`);
  await new Promise((ok, no) => socket.once("connect", ok).once("error", no));
  const waiting = [];
  let got = Buffer.alloc(0), gone = null;
  const end = (why) => {
    gone = gone ?? why;
    for (const w of waiting.splice(0)) w.no(gone);
  };
  socket.on("data", (d) => {
    got = Buffer.concat([got, d]);
    while (got.length >= 4 && got.length >= 4 + got.readUInt32BE(0)) {
      const body = got.subarray(4, 4 + got.readUInt32BE(0));
      got = got.subarray(4 + body.length);
      waiting.shift().ok({ status: body.readUInt32BE(4), line: body.subarray(12, 12 + body.readUInt32BE(8)).toString() });
    }
  });
  socket.on("error", end).on("close", () => end(new Error("the server went away")));
  const send = (kind, key, note, messages) => new Promise((ok, no) => {
    if (gone) return no(gone);
    const body = Buffer.concat([Buffer.from([kind]), text(key), text(note), number(messages.length),
      ...messages.flatMap((m) => [number(m.kind), text(m.name), text(m.bytes), number(m.files?.length ?? 0), ...(m.files ?? []).flatMap((f) => [text(f.name), text(f.bytes)])])]);
    waiting.push({ ok, no });
    socket.write(Buffer.concat([number(body.length), body]));
  });
  return {
    publish: (name, bytes, files) => send(1, "", "", [{ kind: 0, name, bytes, files }]),
    withdraw: (key, note) => send(3, key, note, []),
    reinstate: (key) => send(4, key, "", []),
    close: () => socket.destroy(),
  };
}
