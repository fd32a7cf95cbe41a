// Between the document's JSON (src/text/document.h) and the editor. Blocks that nobody touched are written as they were read; of the
// others is put right what can't be kept and means nothing: empty blocks, blanks at edges, brackets that lost their partner.
import { Node } from "prosemirror-model";
import { schema } from "./schema.ts";

type Json = { [key: string]: unknown };
type Mark = { attrs?: { href: string }; type: string };
type Run = { text: string; marks: Mark[] } | "break";

// eslint-disable-next-line no-control-regex
const UNCLEAN = /[\u0000-\u001f\u007f\ufdd0-\ufdef\ufffe\uffff]|[\u{1fffe}\u{1ffff}\u{2fffe}\u{2ffff}\u{3fffe}\u{3ffff}\u{4fffe}\u{4ffff}\u{5fffe}\u{5ffff}\u{6fffe}\u{6ffff}\u{7fffe}\u{7ffff}\u{8fffe}\u{8ffff}\u{9fffe}\u{9ffff}\u{afffe}\u{affff}\u{bfffe}\u{bffff}\u{cfffe}\u{cffff}\u{dfffe}\u{dffff}\u{efffe}\u{effff}\u{ffffe}\u{fffff}\u{10fffe}\u{10ffff}]|\p{Cs}/gu;
const clean = (text: string) => text.replace(/[\t\r\n]/g, " ").replace(UNCLEAN, "");
const line = (text: unknown) => clean(String(text ?? "")).replace(/^ +| +$/g, "");
// as url_bare() in src/text/document.c
export const bare = (text: string) => /^https?:\/\/[^\u0000-\u0020<>"`[\]()\\]+$/.test(text);

const has = (marks: Mark[], type: string) => marks.some((m) => m.type === type);
const same = (a: Mark, b: Mark) => a.type === b.type && a.attrs?.href === b.attrs?.href;
const equal = (a: Mark[], b: Mark[]) => a.length === b.length && a.every((m, i) => same(m, b[i]));

// Words and the blanks between them, each with its marks.
function pieces(node: Node): Run[] {
  const list: Run[] = [];
  node.forEach((child) => {
    if (child.type === schema.nodes.hard_break) return void list.push("break");
    const code = schema.marks.code.isInSet(child.marks); // within it brackets are brackets
    const marks = child.marks.filter((m) => !code || m.type !== schema.marks.insertion)
      .map((m): Mark => (m.type === schema.marks.link ? { attrs: { href: line(m.attrs.href) }, type: "link" } : { type: m.type.name }));
    for (const text of clean(child.text ?? "").match(/ +|[^ ]+/g) ?? []) list.push({ text, marks });
  });
  return list;
}

const blank = (run: Run | undefined) => run !== undefined && run !== "break" && run.text[0] === " ";

// No blanks at the edges of a block or line, no break where nothing is to break.
function trimmed(list: Run[]): Run[] {
  const out: Run[] = [];
  for (const run of list) {
    const last = out[out.length - 1];
    if (run === "break") {
      while (blank(out[out.length - 1])) out.pop();
      if (out.length && out[out.length - 1] !== "break") out.push(run);
    } else if (!blank(run) || (last !== undefined && last !== "break")) out.push(run);
  }
  while (out.length && (out[out.length - 1] === "break" || blank(out[out.length - 1]))) out.pop();
  return out;
}

// Blanks are marked where all of them and the words on both their sides are.
function blanksMarked(list: Run[]): Run[] {
  const marksOf = (run: Run | undefined) => (run === undefined || run === "break" ? [] : run.marks);
  return list.map((run, i) => {
    if (run === "break" || !blank(run)) return run;
    let from = i, to = i;
    while (blank(list[from])) from--;
    while (blank(list[to])) to++;
    const around = list.slice(Math.max(from, 0), to + 1), edge = from < 0 || to >= list.length;
    const keep = (m: Mark) => m.type === "code" || m.type === "insertion" || (!edge && around.every((other) => marksOf(other).some((o) => same(o, m))));
    return { text: run.text, marks: run.marks.filter(keep) };
  });
}

const without = (run: Run, type: string): Run => (run === "break" ? run : { text: run.text, marks: run.marks.filter((m) => m.type !== type) });

// An insertion stands in [brackets] and holds no other: else it is text.
function insertionsWhole(list: Run[]): Run[] {
  const out = [...list];
  for (let i = 0; i < out.length; i++) {
    let end = i, text = "";
    for (let run = out[end]; run !== undefined && run !== "break" && has(run.marks, "insertion"); run = out[++end]) text += run.text;
    if (end > i && !/^(\[[^[\]]*\])+$/.test(text)) for (let k = i; k < end; k++) out[k] = without(out[k], "insertion");
    i = Math.max(i, end - 1);
  }
  return out;
}

function joined(list: Run[]): Run[] {
  const out: Run[] = [];
  for (const run of list) {
    const last = out[out.length - 1];
    if (run !== "break" && last !== undefined && last !== "break" && equal(last.marks, run.marks)) out[out.length - 1] = { text: last.text + run.text, marks: last.marks };
    else out.push(run);
  }
  return out;
}

function inline(node: Node): Run[] {
  let list = trimmed(pieces(node));
  if (node.type === schema.nodes.table_cell) list = list.map((run) => (run !== "break" && run.text.includes("|") ? without(run, "code") : run));
  return joined(insertionsWhole(blanksMarked(list)));
}

const content = (list: Run[]) =>
  list.map((run): Json => (run === "break" ? { type: "hard_break" } : run.marks.length ? { marks: run.marks, text: run.text, type: "text" } : { text: run.text, type: "text" }));

// What a file can't tell apart is one thing: a story's link alone is a related card, an address alone a link card.
function paragraph(node: Node, top: boolean): Json | null {
  const list = inline(node), first = list[0];
  if (first === undefined) return null;
  if (top && first !== "break") {
    const link = first.marks.find((m) => m.type === "link")?.attrs?.href ?? "";
    if (link.startsWith("story:") && list.every((run) => run !== "break" && run.marks.some((m) => m.attrs?.href === link)))
      return { attrs: { key: link.slice(6), text: line(list.map((run) => (run === "break" ? "" : run.text)).join("")) }, type: "related" };
    if (list.length === 1 && !first.marks.length && bare(first.text)) return { attrs: { href: first.text }, type: "link_card" };
  }
  return { content: content(list), type: "paragraph" };
}

// Items as they can be kept: each begins with a paragraph. One that holds but a list is that list's items.
function items(list: Node): Json[] {
  const out: Json[] = [];
  list.forEach((item) => {
    const parts: Json[] = [];
    item.forEach((child) => {
      const part = child.type === schema.nodes.paragraph ? paragraph(child, false) : listed(child);
      if (part) parts.push(part);
    });
    while (parts.length && parts[0].type !== "paragraph") out.push(...(parts.shift()!.content as Json[]));
    if (parts.length) out.push({ content: parts, type: "list_item" });
  });
  return out;
}

function listed(list: Node): Json | null {
  const all = items(list);
  if (!all.length) return null;
  return list.type === schema.nodes.ordered_list ? { attrs: { start: list.attrs.start }, content: all, type: "ordered_list" } : { content: all, type: "bullet_list" };
}

function quote(node: Node): Json | null {
  const all: Json[] = [];
  node.forEach((child) => {
    const p = paragraph(child, false);
    if (p) all.push(p);
  });
  if (!all.length) return null;
  const attrs: Json = {};
  for (const name of ["date", "role", "speaker", "venue"]) if (line(node.attrs[name])) attrs[name] = line(node.attrs[name]);
  return Object.keys(attrs).length ? { attrs, content: all, type: "quote" } : { content: all, type: "quote" };
}

function table(node: Node): Json | null {
  const rows: Json[] = [];
  let words = false;
  node.forEach((row) => {
    const cells: Json[] = [];
    row.forEach((cell, _, i) => {
      const list = content(inline(cell)), align = node.firstChild!.maybeChild(i)?.attrs.align ?? "";
      words ||= list.length > 0;
      cells.push({ ...(align ? { attrs: { align } } : {}), ...(list.length ? { content: list } : {}), type: "table_cell" });
    });
    rows.push({ content: cells, type: "table_row" });
  });
  return words ? { content: rows, type: "table" } : null;
}

function code(node: Node): Json | null {
  const text = (node.textContent ?? "").replace(/\r\n?/g, "\n").replace(UNCLEAN, (c) => (c === "\n" ? c : c === "\t" ? "    " : ""));
  if (!text) return null;
  return { ...(node.attrs.language ? { attrs: { language: line(node.attrs.language) } } : {}), content: [{ text, type: "text" }], type: "code_block" };
}

const writers: { [type: string]: (node: Node) => Json | null } = {
  paragraph: (node) => paragraph(node, true),
  crosshead: (node) => {
    const list = inline(node);
    return list.length ? { attrs: { level: node.attrs.level }, content: content(list), type: "crosshead" } : null;
  },
  quote, table, code_block: code, bullet_list: listed, ordered_list: listed,
  picture: (node) => ({ attrs: { ref: node.attrs.ref }, type: "picture" }),
  related: (node) => (line(node.attrs.key) || line(node.attrs.text) ? { attrs: { key: line(node.attrs.key), text: line(node.attrs.text) }, type: "related" } : null),
  link_card: (node) => (line(node.attrs.href) ? { attrs: { href: line(node.attrs.href) }, type: "link_card" } : null),
};

// One document on its way from the server and back: what was read is remembered block by block.
export class Written {
  private blocks = new WeakMap<Node, string>();
  private start: Node | null = null;
  private source = "";

  read(source: string): Node {
    const json = JSON.parse(source) as { content?: Json[] };
    const all = json.content ?? [];
    const nodes = all.map((block) => Node.fromJSON(schema, block));
    const doc = schema.nodes.doc.create(null, nodes.length ? nodes : schema.nodes.paragraph.create());
    doc.check();
    nodes.forEach((node, i) => this.blocks.set(node, JSON.stringify(all[i])));
    this.start = doc;
    this.source = source;
    return doc;
  }

  // "" for a block that means nothing.
  private text(block: Node): string {
    let text = this.blocks.get(block);
    if (text === undefined) {
      const json = writers[block.type.name](block);
      this.blocks.set(block, (text = json ? JSON.stringify(json) : ""));
    }
    return text;
  }

  // How many blocks are written of what stands before a position.
  before(doc: Node, pos: number): number {
    let n = 0;
    doc.forEach((block, offset) => { if (offset < pos && this.text(block)) n++; });
    return n;
  }

  write(doc: Node): string {
    if (doc === this.start) return this.source;
    const list: string[] = [];
    doc.forEach((block) => {
      const text = this.text(block);
      if (text) list.push(text);
    });
    return list.length ? `{"content":[${list.join(",")}],"type":"doc"}` : '{"type":"doc"}';
  }
}
