#!/usr/bin/env node
// Reads every SQL(...) of src/store and refuses what two engines don't share (docs/architecture.md, "SQL for two engines").
import { readFileSync, readdirSync } from "node:fs";
const dir = new URL("../src/store/", import.meta.url);
const banned = [[/::/, "::"], [/\bLIKE\b/i, "LIKE"], [/\bOFFSET\b/i, "OFFSET"], [/\b(datetime|strftime|now)\s*\(/i, "the time"],
  [/CURRENT_/i, "the time"], [/\?\d/, "?N: parameters are $N"], [/\b(TRUE|FALSE)\b/, "a bare boolean"],
  [/INSERT[^;]*SELECT(?![^;]*WHERE true)[^;]*ON CONFLICT/i, "INSERT ... SELECT ... ON CONFLICT without WHERE true"]];
let faults = 0, statements = 0;
for (const name of readdirSync(dir).filter((n) => n.endsWith(".c"))) {
  const text = readFileSync(new URL(name, dir), "utf8");
  for (const m of text.matchAll(/\bSQL\((\w+),\s*"(\w*)",([^;]*?)\);/g)) {
    const sql = [...m[3].matchAll(/"((?:[^"\\]|\\.)*)"/g)].map((s) => s[1]).join("");
    const most = Math.max(0, ...[...sql.matchAll(/\$(\d+)/g)].map((n) => Number(n[1])));
    const say = (what) => { console.log(`${name}: ${m[1]}: ${what}`); faults++; };
    statements++;
    if (most !== m[2].length) say(`${m[2].length} parameters are declared and $${most} is used`);
    if (name !== "schema.c") for (const [rule, what] of banned) if (rule.test(sql)) say(what);
  }
}
if (statements < 30) { console.log(`only ${statements} statements were found`); faults++; }
process.exit(faults ? 1 : 0);
