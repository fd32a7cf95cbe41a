// Makes story files for measuring growth: corpus(N, OUT, SEED). Words are Zipf-distributed over a vocabulary of each
// script; each story has a picture, three cards into the whole archive, two of 600 bylines, three of 2,000 topics, both
// Zipf-distributed too; the busiest of nine sections holds a third; the newest 200 lie in the last two days whatever N is,
// so that pages of a day and the news map have one length; OUT/2 corrects one in twenty and renames one in fifty.
import { mkdirSync, writeFileSync } from "node:fs";
import { deflateSync, crc32 } from "node:zlib";
import { join } from "node:path";
import { random } from "./lib.mjs";

const VOCABULARY = 20000, PICTURES = 500, WORDS = 320;
const scripts = {
  en: { letters: "etaoinshrdlcumwfgypbvk", edition: "", locale: "en-GB", zone: "Europe/London" },
  ru: { letters: "оеаинтсрвлкмдпуяыьгзбчй", edition: "ru", locale: "ru-RU", zone: "Europe/Riga" },
  ar: { letters: "ابتثجحخدرزسشصعفقكلمنهوي", edition: "ar", locale: "ar", zone: "Africa/Cairo" },
};
const sections = ["harbour", "towns", "land", "science", "culture", "sport", "money", "opinion", "weather"];
const RECENT = 200, DAY = 86400000;

export function vocabulary(next, letters) {
  const alphabet = [...letters];
  return Array.from({ length: VOCABULARY }, () => Array.from({ length: 2 + Math.floor(next() * 8) }, () => alphabet[Math.floor(next() ** 1.5 * alphabet.length)]).join(""));
}

export const zipf = (next, n) => Math.min(n - 1, Math.floor(Math.exp(next() * Math.log(n))) - 1);

const chunk = (type, data) => {
  const out = Buffer.alloc(12 + data.length);
  out.writeUInt32BE(data.length, 0);
  out.write(type, 4, "latin1");
  data.copy(out, 8);
  out.writeUInt32BE(crc(out.subarray(4, 8 + data.length)), 8 + data.length);
  return out;
};
function crc(bytes) {
  if (crc32) return crc32(bytes);
  let c = ~0;
  for (const b of bytes) {
    c ^= b;
    for (let k = 0; k < 8; k++) c = (c >>> 1) ^ (c & 1 ? 0xedb88320 : 0);
  }
  return ~c >>> 0;
}

export function png(next, width = 48, height = 32) {
  const head = Buffer.alloc(13), rows = Buffer.alloc(height * (1 + width * 3));
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const tone = [next() * 255, next() * 255, next() * 255];
  for (let y = 0; y < height; y++) for (let x = 0; x < width * 3; x++) rows[y * (1 + width * 3) + 1 + x] = (tone[x % 3] + next() * 40) & 255;
  return Buffer.concat([Buffer.from("89504e470d0a1a0a", "hex"), chunk("IHDR", head), chunk("IDAT", deflateSync(rows)), chunk("IEND", Buffer.alloc(0))]);
}

export function corpus(n, out, seed = 1, { from = Date.now() - 3 * 365 * 86400000 } = {}) {
  const next = random(seed), words = {}, now = Date.now() - 60000, recent = Math.min(RECENT, n >> 1), old = n - recent;
  // so many different ones, the first the most used
  const some = (count, of) => { const seen = new Set(); while (seen.size < count) seen.add(zipf(next, of)); return [...seen]; };
  const when = (i) => new Date(i < old ? from + ((now - 3 * DAY - from) / old) * i : now - 2 * DAY + ((2 * DAY) / recent) * (i - old + 0.5));
  for (const [name, s] of Object.entries(scripts)) words[name] = vocabulary(next, s.letters);
  for (const d of ["1", "2"]) mkdirSync(join(out, d, "pictures"), { recursive: true });
  for (let i = 0; i < Math.min(n, PICTURES); i++) {
    const bytes = png(next);
    for (const d of ["1", "2"]) writeFileSync(join(out, d, "pictures", `${i}.png`), bytes);
  }
  writeFileSync(join(out, "1", "site.yaml"), `name: {en: Archive, ru: Архив, ar: الأرشيف}\neditions:\n${Object.entries(scripts).map(([k, s]) => `  - {slug: ${k}, locale: ${s.locale}, zone: ${s.zone}}`).join("\n")}\n`);
  writeFileSync(join(out, "1", "sections.yaml"), Object.keys(scripts).map((k) => `${k}:\n${sections.map((s) => `  - {slug: ${s}, name: ${words[k][5]} ${s}, description: ${words[k][9]}.}`).join("\n")}\n`).join(""));
  const text = (list, count) => Array.from({ length: count }, () => list[zipf(next, VOCABULARY)]).join(" ");
  const made = [];
  for (let i = 0; i < n; i++) {
    const script = next() < 0.6 ? "en" : next() < 0.5 ? "ru" : "ar", list = words[script], id = `s${String(i).padStart(6, "0")}`;
    const section = next() < 1 / 3 ? sections[0] : sections[1 + Math.floor(next() * (sections.length - 1))];
    const cards = i > 3 ? [0, 1, 2].map(() => `s${String(Math.floor(next() * i)).padStart(6, "0")}`) : [];
    const headline = text(list, 7), at = when(i).toISOString().replace(/\.\d+Z/, "Z");
    const writers = some(2, 600), topics = some(3, 2000);
    made.push({ id, script, section, at, writers, topics });
    const head = [`id: ${id}`, script === "en" ? null : `edition: ${script}`, `section: ${section}`, `headline: "${headline} ${i}"`, `standfirst: "${text(list, 18)}"`, `slug: ${id}`, `published: ${at}`,
      `by: [${writers.map((w) => `Writer ${w}`).join(", ")}]`,
      `topics: [${topics.map((t) => `Topic ${t}`).join(", ")}]`,
      `picture: {file: pictures/${i % Math.min(n, PICTURES)}.png, caption: "${text(list, 8)}", credit: "${text(list, 2)}", alt: "${text(list, 5)}"}`].filter(Boolean);
    const paragraphs = Array.from({ length: 5 }, () => text(list, WORDS / 5) + ".");
    cards.forEach((c, k) => paragraphs.splice(1 + 2 * k, 0, `[${text(list, 4)}](story:${c})`));
    const file = (lines, paras) => `---\n${lines.join("\n")}\n---\n${paras.join("\n\n")}\n`;
    writeFileSync(join(out, "1", `${id}.md`), file(head, paragraphs));
    if (i % 20 === 7) writeFileSync(join(out, "2", `${id}.md`), file([...head, "change: correction", `correction: "${text(list, 9)}"`], [...paragraphs.slice(0, -1), text(list, 40) + "."]));
    else if (i % 50 === 11) writeFileSync(join(out, "2", `${id}.md`), file(head.map((l) => (l.startsWith("slug:") ? `slug: ${id}-renamed` : l)), paragraphs));
  }
  writeFileSync(join(out, "1", "about.md"), `---\nid: about\nkind: page\nheadline: About\nslug: about\n---\n${text(words.en, 120)}.\n`);
  return made;
}

if (process.argv[1]?.endsWith("corpus.mjs")) corpus(Number(process.argv[2]), process.argv[3]);
