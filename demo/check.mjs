#!/usr/bin/env node
// The demo's English stories have 300 words each and no run of eight words twice: node demo/check
import { readFileSync, readdirSync } from "node:fs";
const dir = new URL("stories/", import.meta.url);
const seen = new Map();
let faults = 0, stories = 0;
for (const name of readdirSync(dir).filter((n) => n.endsWith(".md") && !n.endsWith(".2.md")).sort()) {
  const [, head, body] = readFileSync(new URL(name, dir), "utf8").split(/^---$/m);
  if (/^edition:/m.test(head)) continue;
  const words = body.toLowerCase().match(/[\p{L}\p{N}’'-]+/gu);
  const page = /^kind:/m.test(head);
  if (!page && ++stories && words.length < 300) { console.log(`${name}: ${words.length} words`); faults++; }
  for (let i = 0; i + 8 <= words.length; i++) {
    const run = words.slice(i, i + 8).join(" ");
    if (seen.has(run)) { console.log(`${name}: "${run}" stands in ${seen.get(run)} too`); faults++; }
    seen.set(run, name);
  }
}
if (stories < 12) { console.log(`only ${stories} stories`); faults++; }
process.exit(faults ? 1 : 0);
