// Holds the desk's table of refusals against the source: every sentence with which a story, its text, its pictures or a step can be
// refused stands in src/desk/refusal.c, but for those named here; and no sentence stands there that nobody says.
import { readFileSync } from "node:fs";

const files = [
  "text/story_file.c", "text/document.c", "text/document_json.c", "text/yaml.c", "text/markdown_read.c", "media/picture.c", "media/jpeg.c", "media/png.c", "media/webp.c",
  "newsroom/change.c", "newsroom/checks.c", "newsroom/draft.c", "newsroom/draft_publish.c", "newsroom/draft_text.c", "newsroom/draft_save.c", "newsroom/draft_merge.c",
  "newsroom/draft_pictures.c", "newsroom/draft_wait.c", "newsroom/embargo.c", "newsroom/family.c", "newsroom/hold.c", "newsroom/publish.c", "newsroom/translations.c", "newsroom/uses.c", "desk/story_actions.c", "desk/story_form.c",
];
// Nobody at the desk is told these: a page of their own says that something isn't there, isn't permitted or is broken.
const elsewhere = new Set([
  'there is no story "{}"', "{} may not: {}", "too many stories were begun today", 'the story "{}" is not scheduled, and its row says so', "the story {} is not scheduled, and its row says so",
  "there is no step {}", "story {} has no content", "the site has no edition yet: publish its site.yaml first", "not due yet", 'the story "{}" is due and can\'t go live: what it names is gone',
]);

const joined = (text) => text.replace(/"\s*\n\s*"/g, "");
const plain = (sentence) =>
  sentence.replace(/\\(["\\])/g, "$1").replace(/%%/g, "%").replace(/%[-.*0-9]*(?:ll|z)?[a-z]/g, "{}").replace(/^line (?:\{\}|\d+): ?/, "").replace(/^body\{\}: |^body: /, "").replace(/ \(body\{\}\)$/, "");

const said = new Map();
for (const file of files) {
  for (const [, name, before, sentence] of joined(readFileSync(`src/${file}`, "utf8")).matchAll(/\b(fail|wrong|bad|at)\(([^;"]*?)"((?:[^"\\]|\\.)*)"/g)) {
    let text = plain(sentence);
    if (text.startsWith("{}") && !/^\{\} /.test(text)) text = text.slice(2); // "line N: ", or nothing
    if (/^[{}:. ]*$/.test(text) || text.startsWith("desk-error-")) continue; // words of somebody else, passed on; a message's own key
    said.set(text, `src/${file}: ${name}(${before.trim().slice(0, 40)}`);
  }
}

const table = [...joined(readFileSync("src/desk/refusal.c", "utf8").replace(/\s*\\\n\s*/g, "\n")).matchAll(/\bX\("((?:[^"\\]|\\.)*)",/g)].map(([, s]) => s.replace(/\\(["\\])/g, "$1").replace(/\{[a-z]*\}/g, "{}"));
const known = new Set(table);
let faults = 0;
const fault = (words) => { faults++; console.log(words); };
if (said.size < 100 || table.length < 100) fault(`only ${said.size} sentences and ${table.length} lines were found: this check reads too little`);
for (const [sentence, where] of said) if (!known.has(sentence) && !elsewhere.has(sentence)) fault(`${where}...: "${sentence}" has no line in src/desk/refusal.c`);
for (const sentence of known) if (!said.has(sentence)) fault(`src/desk/refusal.c: nobody says "${sentence}"`);
for (const sentence of elsewhere) if (!said.has(sentence)) fault(`tools/check-refusals.mjs: nobody says "${sentence}"`);
if (known.size !== table.length) fault("a sentence stands twice in src/desk/refusal.c");
process.exit(faults ? 1 : 0);
