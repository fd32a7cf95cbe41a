// What comes from other programs as the few tags that schema.ts reads: paragraphs, crossheads, quotes, lists, tables, code, links, and
// what is strong or emphasised, said by a tag or by a style. Everything else is dropped. Styles are read as text, under another name:
// the page's Content-Security-Policy lets none take effect, and would report each.
import { allowed } from "./schema.ts";

type Marks = { strong: boolean; emphasis: boolean; code: boolean; href: string };
type Block = { kind: "p" | "h2" | "h3" | "list" | "table" | "quote" | "pre"; html: string };

const NONE: Marks = { strong: false, emphasis: false, code: false, href: "" };
const DROPPED = new Set("head style script meta link title xml base img picture svg math object embed iframe video audio canvas map button input select textarea option template noscript hr nav form".split(" "));
const BLOCKS = new Set("address article aside body center dd details dialog div dl dt fieldset figcaption figure footer header html legend li main p section summary tbody td tfoot th thead tr".split(" "));
const CODES = new Set(["code", "kbd", "samp", "tt", "var"]);

const escaped = (text: string) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");
const style = (el: Element, name: string) => new RegExp(`(?:^|;)\\s*${name}\\s*:\\s*([^;]+)`, "i").exec(el.getAttribute("data-css") ?? "")?.[1].trim().toLowerCase() ?? "";
const tagOf = (el: Element) => el.localName.toLowerCase();
const wordless = (html: string) => !/[^\s\u00a0]/.test(html.replace(/<[^>]*>/g, ""));

function address(el: Element): string {
  let href = (el.getAttribute("href") ?? "").trim();
  const through = /^https?:\/\/www\.google\.com\/url\?(?:[^#]*&)?q=([^&]+)/.exec(href);
  try {
    if (through) href = decodeURIComponent(through[1]);
  } catch {
    return "";
  }
  return allowed(href) ? href : "";
}

function marksOf(el: Element, marks: Marks): Marks {
  const tag = tagOf(el), weight = style(el, "font-weight"), slant = style(el, "font-style"), out = { ...marks };
  if (tag === "b" || tag === "strong") out.strong = true;
  if (tag === "i" || tag === "em" || tag === "cite" || tag === "dfn") out.emphasis = true;
  if (CODES.has(tag)) out.code = true;
  if (tag === "a") out.href = address(el) || marks.href;
  if (/^(bold|bolder|[6-9]00)/.test(weight)) out.strong = true;
  else if (/^(normal|lighter|[1-5]00)/.test(weight)) out.strong = false;
  if (/^(italic|oblique)/.test(slant)) out.emphasis = true;
  else if (/^normal/.test(slant)) out.emphasis = false;
  return out;
}

function marked(text: string, marks: Marks): string {
  if (!text) return "";
  let html = escaped(text);
  if (marks.code) html = `<code>${html}</code>`;
  if (marks.emphasis) html = `<em>${html}</em>`;
  if (marks.strong) html = `<strong>${html}</strong>`;
  return marks.href ? `<a href="${escaped(marks.href)}">${html}</a>` : html;
}

// 0 for none: by its tag, or by what Word calls it.
function headingOf(el: Element): number {
  const tag = /^h([1-6])$/.exec(tagOf(el)), outline = /^([1-6])$/.exec(style(el, "mso-outline-level")), named = /^Mso(?:Heading|Titel|Title|Subtitle)(\d?)/.exec(el.className);
  return Number(tag?.[1] ?? outline?.[1] ?? (named ? named[1] || 1 : 0));
}

const wordItem = (el: Element) => /\blevel(\d)/.exec(style(el, "mso-list"));
const hidden = (el: Element) => style(el, "display") === "none" || style(el, "mso-hide") === "all" || style(el, "mso-list") === "ignore";

const html: { [kind in Block["kind"]]: (inner: string) => string } = {
  p: (s) => `<p>${s}</p>`, h2: (s) => `<h2>${s}</h2>`, h3: (s) => `<h3>${s}</h3>`, list: (s) => s, table: (s) => `<table>${s}</table>`, quote: (s) => `<blockquote>${s}</blockquote>`,
  pre: (s) => `<pre>${s}</pre>`,
};

// Blocks within a quote or an item, where only paragraphs (and lists, in items) can stand.
const plainly = (list: Block[], lists: boolean) =>
  list.map((b) => (b.kind === "p" || b.kind.startsWith("h") ? html.p(b.html) : b.kind === "list" && lists ? b.html : b.kind === "quote" ? b.html : html.p(b.html.replace(/<\/(td|tr|p|li)>/g, " ").replace(/<[^>]*>/g, ""))));

class Cleaning {
  list: Block[] = [];
  private open = "";
  private heading = false;

  // Ends the paragraph that is open; two line breaks part it.
  end(kind: "p" | "h2" | "h3" = "p") {
    for (const part of this.open.split(/(?:<br>\s*){2,}/)) {
      const inner = part.replace(/^(?:\s|<br>)+|(?:\s|<br>)+$/g, "");
      if (!wordless(inner)) this.list.push({ kind, html: kind === "p" ? inner : inner.replace(/<br>/g, " ") });
    }
    this.open = "";
  }

  private put(kind: Block["kind"], inner: string) {
    this.end();
    if (!wordless(inner)) this.list.push({ kind, html: inner });
  }

  children(parent: Node, marks: Marks) {
    for (let node = parent.firstChild; node; node = node.nextSibling) {
      if (node.nodeType === 3) {
        const text = (node.nodeValue ?? "").replace(/[ \t\r\n\f]+/g, " ");
        this.open += marked(/Apple-converted-space/.test((parent as Element).className ?? "") || /yes/.test(parent.nodeType === 1 ? style(parent as Element, "mso-spacerun") : "") ? text.replace(/[\s\u00a0]+/g, " ") : text, this.heading ? { ...marks, strong: false } : marks);
      } else if (node.nodeType === 1 && wordItem(node as Element) && !hidden(node as Element)) node = this.wordList(node as Element);
      else if (node.nodeType === 1) this.element(node as Element, marks);
    }
  }

  private element(el: Element, marks: Marks) {
    const tag = tagOf(el), level = headingOf(el);
    if (DROPPED.has(tag) || hidden(el) || (tag === "o:p" && wordless(el.textContent ?? ""))) return;
    if (tag === "br") this.open += "<br>";
    else if (level) {
      this.end();
      this.heading = true;
      this.children(el, NONE);
      this.heading = false;
      this.end(level <= 2 ? "h2" : "h3");
    } else if (tag === "ul" || tag === "ol") this.put("list", listed(el));
    else if (tag === "table" && el.querySelectorAll("td, th").length > 1) this.put("table", tabled(el));
    else if (tag === "pre") this.put("pre", escaped(el.textContent ?? ""));
    else if (tag === "blockquote") this.put("quote", plainly(blocksOf(el), false).join(""));
    else if (BLOCKS.has(tag) || tag === "table") {
      this.end();
      this.children(el, marksOf(el, marks));
      this.end();
    } else this.children(el, marksOf(el, marks));
  }

  // Word writes a list as paragraphs with signs before them. Returns the last of them.
  private wordList(first: Element): Element {
    const items: { level: number; ordered: boolean; html: string }[] = [];
    let last = first;
    for (let el: Element | null = first; el && wordItem(el); el = el.nextElementSibling) {
      const sign = [...el.querySelectorAll("span")].find((s) => style(s, "mso-list") === "ignore")?.textContent?.replace(/[\s\u00a0]/g, "") ?? "";
      items.push({ level: Number(wordItem(el)![1]), ordered: /^\(?\w{1,4}[.)]$/.test(sign), html: plainly(blocksOf(el), false).join("") || "<p></p>" });
      last = el;
    }
    const build = (from: number, level: number): [string, number] => {
      const tag = items[from].ordered ? "ol" : "ul";
      let i = from, inner = "";
      while (i < items.length && items[i].level >= level) {
        if (items[i].level > level && inner) {
          const [deeper, next] = build(i, items[i].level);
          inner = `${inner.slice(0, -"</li>".length)}${deeper}</li>`;
          i = next;
        } else inner += `<li>${items[i++].html}</li>`;
      }
      return [`<${tag}>${inner}</${tag}>`, i];
    };
    for (let i = 0; i < items.length; ) {
      const [list, next] = build(i, items[i].level);
      this.put("list", list);
      i = next;
    }
    return last;
  }
}

function blocksOf(el: Node): Block[] {
  const c = new Cleaning();
  c.children(el, NONE);
  c.end();
  return c.list;
}

// Google Docs and LibreOffice put a list within a list beside the item that it belongs to.
function listed(list: Element): string {
  const tag = tagOf(list), start = Number(list.getAttribute("start") ?? 1);
  let inner = "";
  for (const child of list.children) {
    const name = tagOf(child);
    if (name === "ul" || name === "ol") inner = inner ? `${inner.slice(0, -"</li>".length)}${listed(child)}</li>` : listed(child).replace(/^<[^>]*>|<\/[^>]*>$/g, "");
    else if (name === "li" && !hidden(child)) {
      const parts = plainly(blocksOf(child), true);
      if (parts.length) inner += `<li>${parts[0].startsWith("<p>") ? "" : "<p></p>"}${parts.join("")}</li>`;
    }
  }
  return `<${tag}${tag === "ol" && start > 1 ? ` start="${start}"` : ""}>${inner}</${tag}>`;
}

// Rows of the same length: a cell over several columns is followed by empty ones.
function tabled(table: Element): string {
  const rows = [...table.querySelectorAll("tr")].map((row) => [...row.children].flatMap((cell) => {
    const inner = plainly(blocksOf(cell), false).join(" ").replace(/<\/?p>/g, "").replace(/<br>/g, " ");
    return [inner, ...Array<string>(Math.min(Math.max(Number(cell.getAttribute("colspan") ?? 1), 1), 50) - 1).fill("")];
  })).filter((row) => row.length);
  const columns = Math.max(...rows.map((row) => row.length));
  return rows.map((row) => `<tr>${[...row, ...Array<string>(columns - row.length).fill("")].map((cell) => `<td>${cell}</td>`).join("")}</tr>`).join("");
}

// So that the browser's reader finds nothing that the policy would have to stop. What this misses is dropped all the same.
const quiet = (source: string) =>
  source.replace(/<(style|script)\b[\s\S]*?<\/\1\s*>/gi, "").replace(/<[a-z][^>]*>/gi, (tag) => tag.replace(/\sstyle\s*=/gi, " data-css=").replace(/\son[a-z]+\s*=/gi, " data-on="));

export function cleanPaste(source: string): string {
  if (/data-pm-slice/.test(source) && /data-broadsheet/.test(source)) return source; // copied here
  const body = new DOMParser().parseFromString(quiet(source), "text/html").body;
  return blocksOf(body).map((b) => html[b.kind](b.html)).join("");
}
