// Fills the demo's desk by its own forms, as people would: node demo/fill-desk.mjs BASE. Rita writes, Edda checks; one story in each
// state that readers don't see yet. The accounts are those of tools/run-demo.
const [base] = process.argv.slice(2), PASSWORD = "a demo and no secret";

async function ask(who, path, form) {
  const r = await fetch(new URL(path, base), {
    redirect: "manual", method: form ? "POST" : "GET", body: form && new URLSearchParams(form),
    headers: { "Sec-Fetch-Site": "same-origin", ...(who?.cookie && { Cookie: who.cookie }) },
  });
  const text = await r.text();
  if (r.status !== (form ? 303 : 200)) throw new Error(`${path}: ${r.status}\n${text.slice(0, 500)}`);
  return { text, cookie: r.headers.get("set-cookie")?.split(";")[0], location: r.headers.get("location") };
}
const hidden = (text, name) => new RegExp(`name="${name}" value="([^"]*)"`).exec(text)[1];

async function signIn(email) {
  const who = await ask(null, "/desk/sign-in", { email, password: PASSWORD });
  who.token = hidden((await ask(who, "/desk/account")).text, "token");
  return who;
}
async function press(who, path, button, fields) {
  const { text } = await ask(who, path);
  return ask(who, path, { token: who.token, parent: hidden(text, "parent"), base: hidden(text, "base"), ...fields, do: button });
}

const rita = await signIn("rita@example.org"), edda = await signIn("edda@example.org");
const tomorrow = (hour) => `${new Date(Date.now() + 864e5).toISOString().slice(0, 10)}T${hour}:00`;
const stories = [
  { section: "harbour", headline: "The gull that reads the timetable", standfirst: "It meets the ten-past ferry and no other.", topics: "Ferry", "by-0-name": "Rita Reed",
    body: "A gull has met the ten-past ferry on every weekday since September, the crew say, and never the half-past.\n\n> It knows the cook's shifts better than I do.\n> — Nils Aker, mate\n\nNobody has fed it from the deck, Mr Aker said, \"that we admit to\".\n", steps: [] },
  { section: "towns", headline: "Council to vote on benches that face the water", topics: "Joint council", "by-0-name": "Rita Reed",
    body: "Eleven benches on the front look at the car park. The joint council votes on Monday on turning them round.\n\nTurning one costs as much as painting three, the clerk said.\n", steps: [[rita, "send"]] },
  { section: "science", headline: "Ice came four days early to the flooded meadow", topics: "Weather", "by-0-name": "Rita Reed",
    body: "The first ice of the winter lay on the flooded meadow on Tuesday, four days before the mean of the last twenty years.\n", steps: [[rita, "send"], [edda, "approve"]] },
  { section: "sport", headline: "Rink closed by a burst pipe", "by-0-name": "Rita Reed", body: "The rink is closed until Friday, a notice on its door said.\n",
    steps: [[edda, "publish"], [edda, "withdraw", { reason: "The notice was of last year: the rink is open." }]] },
  { section: "harbour", headline: "What the early ferry carries besides people", topics: "Ferry", "by-0-name": "Rita Reed",
    body: "Bread, mostly, and on Thursdays a crate of eels, says the list that the mate keeps.\n", steps: [[edda, "schedule", { at: tomorrow("06") }]] },
  { section: "towns", headline: "Ticket office opens at six from January", topics: "Ferry", "by-0-name": "Rita Reed",
    body: "The ticket office opens at six instead of seven from the second of January.\n",
    steps: [[edda, "publish"], [rita, "save", { body: "The ticket office opens at six instead of seven from the second of January. The window on the quay stays shut until seven.\n" }],
      [edda, "schedule", { at: tomorrow("07"), body: "The ticket office opens at six instead of seven from the second of January. The window on the quay stays shut until seven.\n" }]] },
];
for (const { steps, ...fields } of stories) {
  const { location } = await ask(rita, "/desk/new", { token: rita.token, place: `en/${fields.section}` });
  await press(rita, location, "save", fields);
  for (const [who, button, more] of steps) await press(who, location, button, { ...fields, ...more });
}
const first = /href="(\/desk\/story\/[^"]+)"[^>]*>Council to vote/.exec((await ask(edda, "/desk/")).text)[1];
const { steps: _, ...council } = stories[1];
await press(edda, first, "note", { ...council, note: "Who pays for the painting? One line, please." });
