// The document's schema, as src/text/document.h has it: the same names, attributes and places. What the server's check would refuse
// by its shape can't be made here; what it refuses by its content (blanks at edges, empty blocks) is put right when the document is
// written (document.ts). Parse rules serve what was cleaned by paste.ts, and what is copied within the editor.
import { Schema, type Attrs, type DOMOutputSpec, type Node } from "prosemirror-model";

// Where a link may go; the server's url_allowed is the rule.
export const allowed = (href: string) => /^(https?:\/\/|mailto:|tel:|story:)[^\s<>]+$/i.test(href);
const attr = (dom: HTMLElement, name: string) => dom.getAttribute(`data-${name}`) ?? "";

// An element that keeps all attributes of its node, so that what is copied here comes back whole.
function kept(tag: string, node: Node, hole: boolean): DOMOutputSpec {
  const attrs: Record<string, string> = { "data-node": node.type.name };
  for (const [name, value] of Object.entries(node.attrs)) attrs[`data-${name}`] = String(value);
  return hole ? [tag, attrs, 0] : [tag, attrs];
}

const fields = (...names: string[]) => Object.fromEntries(names.map((name) => [name, { default: "" }]));
const back = (tag: string, name: string, ...names: string[]) =>
  ({ tag: `${tag}[data-node=${name}]`, getAttrs: (dom: HTMLElement): Attrs => Object.fromEntries(names.map((n) => [n, attr(dom, n)])) });

export const schema = new Schema({
  nodes: {
    doc: { content: "block+" },
    paragraph: { group: "block", content: "(text | hard_break)*", parseDOM: [{ tag: "p" }], toDOM: () => ["p", 0] },
    crosshead: {
      group: "block", content: "text*", defining: true, attrs: { level: { default: 2 } },
      parseDOM: [{ tag: "h2", attrs: { level: 2 } }, { tag: "h3", attrs: { level: 3 } }], toDOM: (node) => [`h${node.attrs.level}`, 0],
    },
    quote: {
      group: "block", content: "paragraph+", defining: true, attrs: fields("speaker", "role", "venue", "date"),
      parseDOM: [back("blockquote", "quote", "speaker", "role", "venue", "date"), { tag: "blockquote" }], toDOM: (node) => kept("blockquote", node, true),
    },
    picture: { group: "block", atom: true, draggable: true, attrs: fields("ref"), parseDOM: [back("div", "picture", "ref")], toDOM: (node) => kept("div", node, false) },
    related: { group: "block", atom: true, draggable: true, attrs: fields("key", "text"), parseDOM: [back("div", "related", "key", "text")], toDOM: (node) => kept("div", node, false) },
    bullet_list: { group: "block list", content: "list_item+", parseDOM: [{ tag: "ul" }], toDOM: () => ["ul", 0] },
    ordered_list: {
      group: "block list", content: "list_item+", attrs: { start: { default: 1 } },
      parseDOM: [{ tag: "ol", getAttrs: (dom) => ({ start: Math.min(Math.max((dom as HTMLOListElement).start, 0), 999999999) }) }],
      toDOM: (node) => ["ol", node.attrs.start === 1 ? {} : { start: node.attrs.start }, 0],
    },
    list_item: { content: "paragraph (paragraph | list)*", defining: true, parseDOM: [{ tag: "li" }], toDOM: () => ["li", 0] },
    table: { group: "block", content: "table_row+", isolating: true, parseDOM: [{ tag: "table" }], toDOM: () => ["table", ["tbody", 0]] },
    table_row: { content: "table_cell+", parseDOM: [{ tag: "tr" }], toDOM: () => ["tr", 0] },
    table_cell: {
      content: "text*", isolating: true, attrs: fields("align"),
      parseDOM: [{ tag: "td", getAttrs: (dom) => ({ align: attr(dom, "align") }) }, { tag: "th", getAttrs: (dom) => ({ align: attr(dom, "align") }) }],
      toDOM: (node) => ["td", node.attrs.align ? { "data-align": node.attrs.align } : {}, 0],
    },
    code_block: {
      group: "block", content: "text*", marks: "", code: true, defining: true, attrs: fields("language"),
      parseDOM: [{ tag: "pre", preserveWhitespace: "full", getAttrs: (dom) => ({ language: attr(dom, "language") }) }], toDOM: (node) => kept("pre", node, true),
    },
    link_card: { group: "block", atom: true, draggable: true, attrs: fields("href"), parseDOM: [back("div", "link_card", "href")], toDOM: (node) => kept("div", node, false) },
    hard_break: { inline: true, selectable: false, linebreakReplacement: true, parseDOM: [{ tag: "br" }], toDOM: () => ["br"] },
    text: { group: "inline" },
  },
  // in the order in which they stand in the document's JSON
  marks: {
    link: {
      attrs: { href: {} }, inclusive: false,
      parseDOM: [{ tag: "a[href]", getAttrs: (dom) => allowed(dom.getAttribute("href")!) && { href: dom.getAttribute("href") } }],
      toDOM: (mark) => ["a", { href: mark.attrs.href }, 0],
    },
    strong: { parseDOM: [{ tag: "strong" }, { tag: "b" }], toDOM: () => ["strong", 0] },
    emphasis: { parseDOM: [{ tag: "em" }, { tag: "i" }], toDOM: () => ["em", 0] },
    code: { parseDOM: [{ tag: "code" }], toDOM: () => ["code", { spellcheck: "false" }, 0] },
    insertion: { inclusive: false, parseDOM: [{ tag: "ins" }], toDOM: () => ["ins", 0] },
  },
});
