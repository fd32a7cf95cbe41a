// Blocks with fields of their own, and pictures: they look as on the page, with what is said of them below.
import { Selection } from "prosemirror-state";
import { Finder } from "./find.ts";
import type { Node } from "prosemirror-model";
import type { EditorView, NodeView, NodeViewConstructor, ViewMutationRecord } from "prosemirror-view";

export type Words = (name: string) => string;
type Field = { attr: string; word: string; dir?: "ltr" | "auto"; finds?: string };
type Look = { tag: string; kind: string; content?: string; fields: Field[] };

const looks: { [type: string]: Look } = {
  quote: {
    tag: "figure", kind: "quote", content: "blockquote",
    fields: [{ attr: "speaker", word: "speaker" }, { attr: "role", word: "speaker-role" }, { attr: "venue", word: "venue" }, { attr: "date", word: "date", dir: "ltr" }],
  },
  related: { tag: "div", kind: "related plain", fields: [{ attr: "key", word: "key", finds: "text" }, { attr: "text", word: "words" }] },
  link_card: { tag: "div", kind: "link-card", fields: [{ attr: "href", word: "address", dir: "ltr" }] },
  code_block: { tag: "div", kind: "code", content: "pre", fields: [{ attr: "language", word: "code-language", dir: "ltr" }] },
};

// Back into the text, behind a block.
function behind(view: EditorView, at: number | undefined, node: Node) {
  if (at === undefined) return;
  const { state } = view, after = Math.min(at + node.nodeSize, state.doc.content.size);
  view.dispatch(state.tr.setSelection(Selection.near(state.doc.resolve(after))).scrollIntoView());
  view.focus();
}

class Fielded implements NodeView {
  dom: HTMLElement;
  contentDOM?: HTMLElement;
  private inputs: HTMLInputElement[] = [];
  private fields = document.createElement("div");

  constructor(private node: Node, private view: EditorView, private where: () => number | undefined, private look: Look, words: Words, find: string) {
    this.dom = document.createElement(look.tag);
    this.dom.className = look.kind;
    this.fields.className = "fields";
    this.fields.contentEditable = "false";
    if (look.content) this.contentDOM = this.dom.appendChild(document.createElement(look.content));
    for (const field of look.fields) {
      const label = document.createElement("label"), input = document.createElement("input");
      label.append(words(field.word), input);
      input.dir = field.dir ?? "auto";
      input.value = node.attrs[field.attr];
      this.inputs.push(input);
      this.fields.append(label);
      if (field.finds) this.finds(input, field.attr, field.finds, words, find);
      else input.addEventListener("input", () => this.keep(field.attr, input.value));
      input.addEventListener("keydown", (event) => this.leave(event));
    }
    this.dom.append(this.fields);
  }

  // Its headline stands in the other field, unless words of somebody's own do.
  private finds(input: HTMLInputElement, attr: string, beside: string, words: Words, find: string) {
    let own = "";
    new Finder(input, find, words("found-keys"), words("unreached"), (key, story) => {
      if (this.node.attrs[attr] !== key) this.keep(attr, key);
      if (!story || (this.node.attrs[beside] && this.node.attrs[beside] !== own)) return;
      own = story.headline;
      this.keep(beside, own);
    });
  }

  private keep(attr: string, value: string) {
    const at = this.where();
    if (at !== undefined) this.view.dispatch(this.view.state.tr.setNodeAttribute(at, attr, value));
  }

  // Enter and Escape lead back into the text, behind the block.
  private leave(event: KeyboardEvent) {
    if (event.key !== "Enter" && event.key !== "Escape") return;
    event.preventDefault();
    behind(this.view, this.where(), this.node);
  }

  update(node: Node) {
    if (node.type !== this.node.type) return false;
    this.node = node;
    this.look.fields.forEach((field, i) => {
      const input = this.inputs[i], searching = field.finds && (input === document.activeElement || input.hasAttribute("aria-invalid"));
      if (!searching && input.value !== node.attrs[field.attr]) input.value = node.attrs[field.attr];
    });
    return true;
  }

  stopEvent(event: Event) { return this.fields.contains(event.target as globalThis.Node); }
  ignoreMutation(m: ViewMutationRecord) { return !this.contentDOM?.contains(m.target); }
}

// What is said of a picture stands in the form, below the text, and can be said here as well: each field here is one of the form's.
const SAID = [["caption", "caption"], ["alt", "alt"], ["credit", "credit"], ["taken", "taken"]] as const;

class Pictured implements NodeView {
  dom = document.createElement("figure");
  private caption = document.createElement("figcaption");
  private image = document.createElement("img");
  private fields = document.createElement("div");
  private inputs: HTMLInputElement[] = [];
  private say = () => {
    const part = (name: string) => this.own(name)?.value ?? "";
    const words = [part("caption"), part("credit") || [part("by"), part("agency")].filter(Boolean).join("/")].filter(Boolean).join(" ") || this.ref;
    if (this.caption.textContent !== words) this.caption.textContent = words;
    this.image.alt = part("alt");
    SAID.forEach(([name], i) => {
      const own = this.own(name);
      this.inputs[i].disabled = !own;
      if (own && this.inputs[i].value !== own.value) this.inputs[i].value = own.value;
    });
  };
  private ref: string;

  constructor(private node: Node, private view: EditorView, private where: () => number | undefined, private form: HTMLFormElement, words: Words) {
    this.ref = node.attrs.ref;
    this.dom.className = "picture";
    this.caption.className = "caption";
    this.fields.className = "fields";
    this.fields.contentEditable = "false";
    this.image.src = `${form.getAttribute("action")}/picture/${encodeURIComponent(this.ref)}`;
    for (const [name, word] of SAID) {
      const label = document.createElement("label"), input = document.createElement("input");
      label.append(words(word), input);
      input.dir = name === "taken" ? "ltr" : "auto";
      input.addEventListener("input", () => this.keep(name, input.value));
      input.addEventListener("keydown", (event) => { if (event.key === "Enter" || event.key === "Escape") this.leave(event); });
      this.inputs.push(input);
      this.fields.append(label);
    }
    this.dom.append(this.image, this.caption, this.fields);
    this.say();
    form.addEventListener("input", this.say);
  }

  // The form's field of this picture.
  private own(name: string): HTMLInputElement | null {
    const key = [...this.form.querySelectorAll<HTMLInputElement>('input[name^="picture-"][name$="-key"]')].find((input) => input.value === this.ref);
    return key ? this.form.querySelector<HTMLInputElement>(`input[name="${key.name.slice(0, -3)}${name}"]`) : null;
  }

  private keep(name: string, value: string) {
    const own = this.own(name);
    if (!own) return;
    own.value = value;
    own.dispatchEvent(new Event("input", { bubbles: true }));
  }

  private leave(event: KeyboardEvent) {
    event.preventDefault();
    behind(this.view, this.where(), this.node);
  }

  // Where it begins to be described.
  focus() { this.inputs[0].focus(); }
  stopEvent(event: Event) { return this.fields.contains(event.target as globalThis.Node); }
  ignoreMutation() { return true; }
  destroy() { this.form.removeEventListener("input", this.say); }
}

export function nodeViews(form: HTMLFormElement, words: Words): { [type: string]: NodeViewConstructor } {
  const all: { [type: string]: NodeViewConstructor } = { picture: (node, view, where) => new Pictured(node, view, where, form, words) };
  for (const [type, look] of Object.entries(looks)) all[type] = (node, view, where) => new Fielded(node, view, where, look, words, `${form.getAttribute("action")}/find`);
  return all;
}
