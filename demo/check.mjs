#!/usr/bin/env node
// What the demo promises of its stories: node demo/check.mjs [FOLDER]
// English ones have 300 words each and two people who are named and say something; no run of eight words stands twice in the
// whole demo, in any language; four Russian and four Arabic ones are translations of English ones.
import { readFileSync, readdirSync } from "node:fs";
import { pathToFileURL } from "node:url";

const dir = process.argv[2] ? pathToFileURL(`${process.argv[2]}/`) : new URL("stories/", import.meta.url);
const SPEECH = /“[^”]+”|\b(said|says?|told|asks?|asked|explain(s|ed)|confirm(s|ed)|admits?|admitted|thinks|argue[sd]|adds|added|recall(s|ed)|wrote|writes|reckons|advise[sd]|remembers|insist(s|ed)?|answer(s|ed)|warn(s|ed)|declined|recommend(s|ed)|remark(s|ed)|according to|calls?)\b/iu;
const PERSON = /(?:(Ms|Mrs|Mr|Miss|Dr|Professor) (\p{Lu}[\p{L}-]+)|\b(\p{Lu}\p{Ll}+) (\p{Lu}\p{Ll}[\p{L}-]*))/gu;
const PLACE = /\b(Saint|Lammas|Quay|Lane|Street|Road|Square|Meadow|Mile|Bridge|Sound|Ministry|January|February|March|April|May|June|July|August|September|October|November|December|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|The|An?|By|In|On|At|Of)\b/u;

// Sources are people whom a story names and lets speak: in a paragraph with a quotation or a verb of speech, or, where that
// paragraph names nobody ("she said"), the one named last before it; and whoever stands below a quote. One by surname.
function sources(body) {
  const found = new Map();
  let latest;
  for (const paragraph of body.split(/\n{2,}/)) {
    const quoted = paragraph.match(/^> — ([^,\n]+)/m)?.[1];
    const people = quoted ? [quoted] : [...paragraph.matchAll(PERSON)].map((m) => m[0]).filter((name) => !PLACE.test(name));
    const speak = quoted || SPEECH.test(paragraph);
    for (const name of speak && !people.length && latest ? [latest] : people) {
      const surname = name.split(" ").pop();
      if (speak && !(found.get(surname) ?? "").match(/^\p{Lu}\p{Ll}+ \p{Lu}/u)) found.set(surname, name);
      latest = name;
    }
  }
  return [...found.values()];
}

const stories = [], faults = [];
for (const name of readdirSync(dir).filter((n) => n.endsWith(".md")).sort()) {
  const [, head, ...rest] = readFileSync(new URL(name, dir), "utf8").split(/^---$/m);
  const key = (k) => head.match(new RegExp(`^${k}: *(.*)$`, "m"))?.[1].trim() ?? "";
  stories.push({ name, id: key("id"), edition: key("edition") || "en", kind: key("kind") || "story", later: name.endsWith(".2.md"),
    of: key("translation-of"), body: rest.join("---"), standfirst: key("standfirst") });
}

const seen = new Map();
for (const s of stories.filter((x) => !x.later)) {
  const words = `${s.standfirst}\n${s.body}`.replace(/@\{[^}]*\}/g, "").toLowerCase().match(/[\p{L}\p{N}\p{M}’'-]+/gu) ?? [];
  for (let i = 0; i + 8 <= words.length; i++) {
    const run = words.slice(i, i + 8).join(" ");
    if (seen.has(run)) faults.push(`${s.name}: "${run}" stands in ${seen.get(run)} too`);
    seen.set(run, s.name);
  }
}

const english = stories.filter((s) => s.edition === "en" && s.kind === "story" && !s.later);
for (const s of english) {
  const words = s.body.match(/[\p{L}\p{N}’'-]+/gu) ?? [];
  if (words.length < 300) faults.push(`${s.name}: ${words.length} words`);
  const named = sources(s.body);
  if (process.env.VERBOSE) console.log(`${s.name}: ${named.join(", ")}`);
  if (named.length < 2) faults.push(`${s.name}: ${named.length} named sources: ${named.join(", ")}`);
}
if (english.length < 12) faults.push(`only ${english.length} English stories`);
for (const edition of ["ru", "ar"]) {
  const linked = stories.filter((s) => s.edition === edition && s.kind === "story" && english.some((e) => e.id === s.of));
  if (linked.length < 4) faults.push(`only ${linked.length} stories in ${edition} are translations of English ones`);
  for (const s of stories.filter((x) => x.edition === edition && x.of && !stories.some((e) => e.id === x.of)))
    faults.push(`${s.name}: it translates ${s.of}, which isn't there`);
}
for (const f of faults) console.log(f);
process.exit(faults.length ? 1 : 0);
