// The desk's editor with script: the text as readers will see it, over the text field that is there without. What it holds goes with
// the form as "document". "Write as text" turns it into Markdown and back by the server, which alone knows how.
import { dropCursor } from "prosemirror-dropcursor";
import { gapCursor } from "prosemirror-gapcursor";
import { closeHistory, history } from "prosemirror-history";
import { keymap } from "prosemirror-keymap";
import { DOMSerializer, type Fragment, type Mark, type Node, type Slice } from "prosemirror-model";
import { EditorState, TextSelection } from "prosemirror-state";
import { EditorView } from "prosemirror-view";
import { commands, keys, marked, rules, states } from "./commands.ts";
import { Written, bare } from "./document.ts";
import { Finder } from "./find.ts";
import { cleanPaste } from "./paste.ts";
import { Pictures, uploads } from "./pictures.ts";
import { allowed, schema } from "./schema.ts";
import { cellAt, evenTables } from "./table.ts";
import { nodeViews } from "./views.ts";

const TELL = 300, COUNT = 500; // ms
const WAY = "broadsheet-writing";

// What is copied here is known again when it is pasted.
class Copies extends DOMSerializer {
  serializeFragment(fragment: Fragment, options?: { document?: Document }, target?: HTMLElement | DocumentFragment) {
    const out = super.serializeFragment(fragment, options, target);
    if (out.firstChild instanceof HTMLElement) out.firstChild.setAttribute("data-broadsheet", "");
    return out;
  }
}

class Editor {
  private view: EditorView | null = null;
  private written = new Written();
  private told = 0;
  private counting = 0;
  private refreshing = 0;
  private words: (node: Node) => number;
  private plain: HTMLElement;
  private place: HTMLElement;
  private bar: HTMLElement;
  private linkForm: HTMLElement;
  private href: HTMLInputElement;
  private turns: HTMLButtonElement[];
  private pictures: Pictures;

  constructor(private form: HTMLFormElement, private rich: HTMLElement, private field: HTMLInputElement, private text: HTMLTextAreaElement) {
    const find = <T extends HTMLElement>(selector: string) => form.querySelector<T>(selector)!;
    this.plain = text.closest<HTMLElement>("label")!;
    this.place = find("[data-mount]");
    this.bar = find("[data-toolbar]");
    this.linkForm = find("[data-link]");
    this.href = find<HTMLInputElement>("[data-link] input");
    this.turns = [...form.querySelectorAll<HTMLButtonElement>("[data-turn]")];
    this.pictures = new Pictures(form, () => this.view, (pos) => this.written.before(this.view!.state.doc, pos), (name) => this.word(name));
    this.words = counter(text.lang || document.documentElement.lang);
    this.listen();
    const way = kept();
    if (field.value && way !== "text") this.open(field.value);
    else this.close();
  }

  // ---- the two ways of writing ----

  private open(json: string) {
    const doc = this.written.read(json); // first: a document that can't be shown is left to the text field
    this.view?.destroy();
    this.field.name = "document";
    this.field.value = json;
    this.show(true);
    this.view = new EditorView(this.place, {
      state: EditorState.create({ doc, plugins: [rules, keymap({ ...keys, "Mod-k": () => this.askLink() }), keymap({ "Alt-F10": () => this.toBar() }), history(), dropCursor(), gapCursor(), evenTables, uploads] }),
      attributes: { role: "textbox", "aria-multiline": "true", "aria-label": this.rich.dataset.label ?? "", ...(this.text.getAttribute("aria-invalid") ? { "aria-invalid": "true", "aria-describedby": "error" } : {}) },
      nodeViews: nodeViews(this.form, (name) => this.word(name)),
      transformPastedHTML: cleanPaste,
      clipboardSerializer: new Copies(DOMSerializer.nodesFromSchema(schema), DOMSerializer.marksFromSchema(schema)),
      handlePaste: (view, event, slice) => this.pictures.paste(event) || this.paste(view, event, slice),
      handleDrop: (_view, event, _slice, moved) => !moved && this.pictures.drop(event),
      dispatchTransaction: (tr) => {
        const view = this.view!;
        view.updateState(view.state.apply(tr));
        this.refreshing ||= requestAnimationFrame(() => {
          this.refreshing = 0;
          if (this.view) this.refresh();
        });
        if (tr.docChanged) this.changed();
      },
    });
    this.refresh();
  }

  private close() {
    this.view?.destroy();
    this.view = null;
    this.field.removeAttribute("name");
    this.field.value = "";
    this.show(false);
  }

  private show(page: boolean) {
    this.plain.hidden = page;
    this.rich.hidden = !page;
    this.bar.hidden = !page;
    if (!page) this.linkForm.hidden = true;
    for (const turn of this.turns) turn.hidden = (turn.dataset.turn === "page") === page;
  }

  // Asks the server for the same text in the other way; nothing is lost when it doesn't answer.
  private async turn(to: string) {
    const sent = new URLSearchParams();
    new FormData(this.form).forEach((value, name) => { if (typeof value === "string") sent.append(name, value); });
    try {
      const reply = await fetch(`${this.form.getAttribute("action")}/turn`, { method: "POST", body: sent, credentials: "same-origin", redirect: "error" });
      const answer = await reply.text();
      if (reply.status !== 200 && reply.status !== 400) throw new Error(reply.statusText);
      if (!reply.ok) return this.say(answer);
      if (to === "text") {
        this.text.value = answer;
        this.close();
        this.text.focus();
      } else {
        this.open(answer);
        this.view!.focus();
      }
      this.say("");
      keep(to);
      this.form.dispatchEvent(new Event("input", { bubbles: true }));
    } catch {
      this.say(this.rich.dataset.wordUnreached ?? "");
    }
  }

  private word(name: string) { return this.rich.getAttribute(`data-word-${name}`) ?? name; }
  private say(words: string) { this.form.querySelector<HTMLElement>("[data-turn-error]")!.textContent = words; }

  // ---- what others are told ----

  // What was typed a moment ago may still wait in the page for being read.
  private current() {
    if (!this.view) return "";
    const { domObserver } = this.view as unknown as { domObserver: { forceFlush(): void; flush(): void } };
    if (!this.view.composing) {
      domObserver.forceFlush();
      domObserver.flush();
    }
    return this.written.write(this.view.state.doc);
  }

  private changed() {
    this.told ||= window.setTimeout(() => {
      this.told = 0;
      this.field.value = this.current();
      this.form.dispatchEvent(new Event("input", { bubbles: true }));
    }, TELL);
    this.counting ||= window.setTimeout(() => {
      this.counting = 0;
      if (this.view) this.count();
    }, COUNT);
  }

  private count() {
    const shown = this.form.querySelector("[data-count]");
    let n = 0; // as draft_words() in src/newsroom/draft_text.c
    for (const name of ["headline", "standfirst"]) n += this.words(schema.text(this.form.querySelector<HTMLTextAreaElement>(`textarea[name=${name}]`)?.value || " "));
    this.view!.state.doc.forEach((block) => { n += this.words(block); });
    if (shown) shown.textContent = `${this.rich.dataset.wordCount ?? ""} ${new Intl.NumberFormat(document.documentElement.lang).format(n)}`;
  }

  // ---- the toolbar ----

  private buttons() { return [...this.bar.querySelectorAll<HTMLButtonElement>("button")].filter((b) => !b.closest("[hidden]")); }

  private refresh() {
    const { state } = this.view!;
    this.bar.querySelector<HTMLElement>("[data-table]")!.hidden = !cellAt(state);
    for (const button of this.bar.querySelectorAll<HTMLButtonElement>("[data-do]")) {
      const name = button.dataset.do!, can = name === "link" ? canLink(state) : name === "picture" || commands[name](state);
      if (states[name]) set(button, "aria-pressed", String(states[name](state)));
      set(button, "aria-disabled", String(!can));
    }
    const all = this.buttons();
    if (!all.some((b) => b.tabIndex === 0)) all.forEach((b, i) => { b.tabIndex = i ? -1 : 0; });
  }

  private toBar(): boolean {
    this.buttons().find((b) => b.tabIndex === 0)?.focus();
    return true;
  }

  private walk(event: KeyboardEvent) {
    const all = this.buttons(), at = all.indexOf(event.target as HTMLButtonElement), rtl = getComputedStyle(this.bar).direction === "rtl";
    const to = { ArrowRight: at + (rtl ? -1 : 1), ArrowLeft: at + (rtl ? 1 : -1), Home: 0, End: all.length - 1 }[event.key];
    if (event.key === "Escape") this.view?.focus();
    if (to === undefined || at < 0) return;
    event.preventDefault();
    const next = all[(to + all.length) % all.length];
    for (const b of this.bar.querySelectorAll<HTMLButtonElement>("button")) b.tabIndex = b === next ? 0 : -1;
    next.focus();
  }

  private press(name: string) {
    const view = this.view;
    if (!view) return;
    if (name === "link") return void this.askLink();
    if (name === "picture") return this.pictures.choose();
    const before = view.state.doc;
    commands[name](view.state, (tr) => view.dispatch(closeHistory(tr)), view); // each is undone by itself
    if (name === "related" && view.state.doc !== before) {
      for (const input of this.place.querySelectorAll<HTMLInputElement>(".related input:first-of-type")) if (!input.value) return input.focus();
    }
    view.focus();
  }

  // ---- links ----

  private askLink(): boolean {
    const { state } = this.view!;
    if (!canLink(state)) return false;
    const mark = state.selection.$from.marks().find((m) => m.type === schema.marks.link) ?? linkWithin(state);
    this.linkForm.hidden = false;
    this.href.value = mark?.attrs.href ?? "";
    this.href.setCustomValidity("");
    this.href.focus();
    this.href.select();
    return true;
  }

  private setLink(href: string) {
    const view = this.view!, { state } = view, type = schema.marks.link, tr = state.tr;
    let { from, to } = state.selection;
    if (href && !allowed(href)) {
      this.href.setAttribute("aria-invalid", "true");
      return;
    }
    this.href.removeAttribute("aria-invalid");
    if (from === to) [from, to] = linkReach(state);
    tr.removeMark(from, to, type);
    if (href && from === to) tr.insertText(href, from).addMark(from, from + href.length, type.create({ href }));
    else if (href) tr.addMark(from, to, type.create({ href }));
    view.dispatch(tr.removeStoredMark(type).scrollIntoView());
    this.linkDone();
  }

  private linkDone() {
    this.linkForm.hidden = true;
    this.view?.focus();
  }

  // ---- pasting ----

  private paste(view: EditorView, event: ClipboardEvent, slice: Slice): boolean {
    const { state } = view, words = event.clipboardData?.getData("text/plain").trim() ?? "";
    if (!state.selection.empty && bare(words) && canLink(state)) {
      const { from, to } = state.selection;
      view.dispatch(state.tr.addMark(from, to, schema.marks.link.create({ href: words })));
      return true;
    }
    if (!cellAt(state) || slice.content.firstChild?.isInline || (slice.content.childCount === 1 && slice.openStart)) return false;
    // a cell holds one line
    view.dispatch(state.tr.insertText(slice.content.textBetween(0, slice.content.size, " ", " ")).scrollIntoView());
    return true;
  }

  // ---- listening ----

  private listen() {
    const { form } = this;
    // fields without a name, and the page itself: the form hears of them once, by changed()
    this.rich.addEventListener("input", (event) => event.stopPropagation());
    this.linkForm.addEventListener("input", (event) => event.stopPropagation());
    form.addEventListener("formdata", (event) => { if (this.view) event.formData.set("document", (this.field.value = this.current())); });
    form.addEventListener("restored", (event) => this.restore((event as CustomEvent<Record<string, string>>).detail));
    for (const turn of this.turns) turn.addEventListener("click", () => void this.turn(turn.dataset.turn!));
    this.bar.addEventListener("mousedown", (event) => event.preventDefault());
    this.bar.addEventListener("click", (event) => {
      const button = (event.target as HTMLElement).closest<HTMLButtonElement>("[data-do]");
      if (button && button.getAttribute("aria-disabled") !== "true") this.press(button.dataset.do!);
    });
    this.bar.addEventListener("keydown", (event) => this.walk(event));
    this.linkForm.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.linkDone();
      if (event.key !== "Enter" || event.target !== this.href) return;
      event.preventDefault();
      this.setLink(this.href.value.trim());
    });
    this.linkForm.addEventListener("click", (event) => {
      const to = (event.target as HTMLElement).closest<HTMLElement>("[data-link-do]")?.dataset.linkDo;
      if (to === "set") this.setLink(this.href.value.trim());
      else if (to === "remove") this.setLink("");
      else if (to) this.linkDone();
    });
  }

  // What this browser had kept comes back in the way in which it was written.
  private restore(fields: Record<string, string>) {
    if (fields.document) this.open(fields.document);
    else this.close();
  }
}

const set = (el: HTMLElement, name: string, value: string) => { if (el.getAttribute(name) !== value) el.setAttribute(name, value); };
const canLink = (state: EditorState) => state.selection instanceof TextSelection && state.selection.$from.parent.type.allowsMarkType(schema.marks.link) && state.selection.$from.sameParent(state.selection.$to);

function linkWithin(state: EditorState) {
  let found = null as Mark | null;
  if (marked(state, schema.marks.link)) state.doc.nodesBetween(state.selection.from, state.selection.to, (node) => { found ??= schema.marks.link.isInSet(node.marks) ?? null; });
  return found;
}

// From where to where the link around the cursor reaches.
function linkReach(state: EditorState): [number, number] {
  const { $from } = state.selection, mark = schema.marks.link.isInSet($from.marks());
  let from = $from.pos, to = $from.pos;
  if (mark) {
    const { parent } = $from, start = $from.start();
    let i = $from.index(), at = start;
    if (i > 0 && $from.textOffset === 0 && !mark.isInSet(parent.maybeChild(i)?.marks ?? [])) i--;
    let first = i, last = i;
    while (first > 0 && mark.isInSet(parent.child(first - 1).marks)) first--;
    while (last + 1 < parent.childCount && mark.isInSet(parent.child(last + 1).marks)) last++;
    for (let k = 0; k < first; k++) at += parent.child(k).nodeSize;
    from = to = at;
    for (let k = first; k <= last; k++) to += parent.child(k).nodeSize;
  }
  return [from, to];
}

// Words as the language parts them; each block is counted once.
function counter(lang: string) {
  const known = new WeakMap<object, number>(), segments = new Intl.Segmenter(lang || "en", { granularity: "word" });
  return (node: Node) => {
    let n = known.get(node);
    if (n === undefined) {
      n = 0;
      const text = node.isText ? node.text! : node.type === schema.nodes.related ? node.attrs.text : node.textBetween(0, node.content.size, "\n", "\n");
      for (const part of segments.segment(text)) if (part.isWordLike) n++;
      known.set(node, n);
    }
    return n;
  };
}

function kept(): string {
  try { return localStorage.getItem(WAY) ?? ""; } catch { return ""; }
}
function keep(way: string) {
  try { localStorage.setItem(WAY, way); } catch { /* a browser that keeps nothing asks again */ }
}

const form = document.querySelector<HTMLFormElement>("form[data-editor]"), rich = form?.querySelector<HTMLElement>("[data-rich]");
const field = form?.querySelector<HTMLInputElement>("[data-document]"), text = form?.querySelector<HTMLTextAreaElement>("textarea[name=body]");
if (form && rich && field && text) {
  new Editor(form, rich, field, text);
  const word = (name: string) => rich.getAttribute(`data-word-${name}`) ?? "";
  for (const input of form.querySelectorAll<HTMLInputElement>("[data-finds]")) new Finder(input, `${form.getAttribute("action")}/find?kind=${input.dataset.finds}`, word("found-keys"), word("unreached"), () => form.dispatchEvent(new Event("input", { bubbles: true })));
}
