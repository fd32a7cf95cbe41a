// An address for each kind of page in the demo newsroom. The kinds are those of PAGE_KINDS in src/press/pages.h: one that
// has no address here fails every test that goes through them.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const header = readFileSync(new URL("../../src/press/pages.h", import.meta.url), "utf8");
export const pageKinds = [...header.matchAll(/\bX\(PAGE_\w+, "([^"]+)"\)/g)].map((m) => m[1]);

export const run = (...args) => execFileSync(process.env.PROGRAM, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });

export async function leadOf(page, front) {
  await page.goto(front);
  return page.locator(".lead h2 a").getAttribute("href");
}

// What the demo hasn't: a list longer than a page, a section with a picture, a withdrawn story, one without anything that
// may be left out. Once for all tests.
export function addToDemo() {
  const dir = mkdtempSync(join(tmpdir(), "broadsheet-"));
  const sections = readFileSync(join(process.env.FILES, "1/sections.yaml"), "utf8")
    .replace("slug: culture,", "slug: culture, picture: Bridge_by_Sander_Klootwijk.jpg,");
  writeFileSync(join(process.env.FILES, "1/sections.yaml"), sections);
  run("publish", process.env.SITE, "--replace", join(process.env.FILES, "1/sections.yaml")); // the desk may have changed them
  mkdirSync(join(dir, "more"));
  for (let i = 10; i < 45; i++)
    writeFileSync(join(dir, "more", `old-${i}.md`), `---\nid: old-${i}\nsection: sport\nheadline: Result ${i}\nslug: result-${i}\n` +
      `published: 2020-02-03T10:${i}:00Z\n---\nWords of result ${i}.\n`);
  run("publish", process.env.SITE, join(dir, "more"));
  run("withdraw", process.env.SITE, "old-44", "--note", "The match was never played.");
}

// { kind: [address, ...] }
export async function addresses(page) {
  const story = await leadOf(page, "/");
  await page.goto(story);
  const topic = await page.locator(".topics a").first().getAttribute("href");
  const by = await page.locator(".byline a").first().getAttribute("href");
  const picture = await page.locator("figure.picture img").first().getAttribute("src");
  const [, section, y, m, d] = story.split("/");
  const arabic = await leadOf(page, "/ar/");
  const old = "/sport/2020/02/03";
  return {
    front: ["/", "/ru/", "/ar/"],
    section: [`/${section}/`, "/culture/", "/sport/?before=old-20", "/ar/harbour/"],
    story: [story, arabic, await leadOf(page, "/ru/"), `${old}/result-12`, `${old}/result-44`],
    "story.txt": [`${story}.txt`, `${arabic}.txt`, `${old}/result-12.txt`],
    "story.json": [`${story}.json`, `${arabic}.json`, `${old}/result-12.json`],
    topic: [topic],
    byline: [by],
    day: [`/archive/${y}/${m}/${d}`, "/archive/2020/02/03", "/archive/2020/02/03?before=old-20"],
    page: ["/page/about"],
    feed: ["/feed.xml", "/ru/feed.xml", "/ar/feed.xml"],
    "section-feed": [`/${section}/feed.xml`, "/sport/feed.xml"],
    "news-map": ["/sitemap/news.xml"],
    robots: ["/robots.txt"],
    picture: [picture],
    error: ["/nowhere", "/ar/nowhere", "/%00", `/${"long".repeat(600)}`],
  };
}

// Kinds that aren't HTML, each with a check of its own in kinds.spec.mjs.
export const otherKinds = ["story.txt", "story.json", "feed", "section-feed", "news-map", "robots", "picture"];

export async function htmlPages(page) {
  const all = await addresses(page);
  return Object.entries(all).filter(([kind]) => !otherKinds.includes(kind))
    .flatMap(([kind, list]) => list.map((path) => [`${kind} ${path.slice(0, 60)}`, path]));
}
