// Pictures that are dropped into the text, pasted, or chosen by the toolbar's button. Each is sent by desk.js with the form it belongs to;
// meanwhile a sign of it stands where it will stand, and moves with the words around it.
import { Plugin, PluginKey, type EditorState } from "prosemirror-state";
import { Decoration, DecorationSet, type EditorView } from "prosemirror-view";
import type { Node } from "prosemirror-model";
import { schema } from "./schema.ts";
import type { Words } from "./views.ts";

// As desk.js takes it.
type Upload = { file: File; unreached: string; place: () => string; progress: (part: number) => void; done: (fresh: HTMLFormElement | null, wrong: string) => void };
type Sign = { id: object; at: number; dom: HTMLElement } | { id: object; at: null };

const key = new PluginKey<DecorationSet>("uploads");
export const uploads = new Plugin<DecorationSet>({
  key,
  state: {
    init: () => DecorationSet.empty,
    apply(tr, set) {
      const sign = tr.getMeta(key) as Sign | undefined, mapped = set.map(tr.mapping, tr.doc);
      if (!sign) return mapped;
      return sign.at === null ? mapped.remove(mapped.find(undefined, undefined, (spec) => spec.id === sign.id)) : mapped.add(tr.doc, [Decoration.widget(sign.at, sign.dom, { id: sign.id, side: -1 })]);
    },
  },
  props: { decorations: (state) => key.getState(state) },
});

const signOf = (state: EditorState, id: object) => key.getState(state)!.find(undefined, undefined, (spec) => spec.id === id)[0]?.from;

// Between two blocks: below the one at a position, or in front of an empty one.
function gap(doc: Node, pos: number, above: boolean): number {
  const $pos = doc.resolve(pos);
  if (!$pos.depth) return pos;
  const block = $pos.node(1);
  return above || (block.type === schema.nodes.paragraph && !block.content.size) ? $pos.before(1) : $pos.after(1);
}

// Where the pointer is: above or below the middle of the block there.
function gapAt(view: EditorView, event: DragEvent): number {
  const at = view.posAtCoords({ left: event.clientX, top: event.clientY });
  if (!at) return view.state.doc.content.size;
  const $pos = view.state.doc.resolve(at.pos), dom = $pos.depth ? view.nodeDOM($pos.before(1)) : null;
  const box = dom instanceof HTMLElement ? dom.getBoundingClientRect() : null;
  return gap(view.state.doc, at.pos, box !== null && event.clientY < box.top + box.height / 2);
}

export class Pictures {
  private input: HTMLInputElement | null;

  // before: how many blocks the form's document has before a position.
  constructor(private form: HTMLFormElement, private view: () => EditorView | null, private before: (pos: number) => number, private words: Words) {
    this.input = form.querySelector<HTMLInputElement>("[data-picture-file]");
    this.input?.addEventListener("change", () => {
      const view = this.view(), files = [...this.input!.files!];
      this.input!.value = "";
      if (view) this.take(files, gap(view.state.doc, view.state.selection.to, false));
    });
  }

  choose() { this.input?.click(); }

  drop(event: DragEvent): boolean {
    const files = [...(event.dataTransfer?.files ?? [])], view = this.view();
    if (!files.length || !this.input || !view) return false;
    event.preventDefault();
    this.take(files, gapAt(view, event));
    return true;
  }

  // What programs for writing copy has a picture of its words beside them: words go before pictures.
  paste(event: ClipboardEvent): boolean {
    const files = [...(event.clipboardData?.files ?? [])], view = this.view();
    if (!files.length || !this.input || !view || event.clipboardData?.getData("text/plain").trim()) return false;
    this.take(files, gap(view.state.doc, view.state.selection.to, false));
    return true;
  }

  private take(files: File[], at: number) {
    this.wrong("");
    for (const file of files) {
      if (!this.input!.accept.split(",").includes(file.type)) this.wrong(`${file.name}: ${this.words("picture-kind")}`);
      else if (file.size > Number(this.input!.dataset.bytes)) this.wrong(`${file.name}: ${this.words("picture-large")}`);
      else this.send(file, at);
    }
  }

  private send(file: File, at: number) {
    const id = {}, dom = document.createElement("p"), bar = document.createElement("progress"), said = `${this.words("uploading")}: ${file.name}`;
    dom.className = "uploading";
    bar.setAttribute("aria-label", said);
    bar.max = 1;
    bar.value = 0;
    dom.append(said, " ", bar);
    this.sign({ id, at, dom });
    this.status(said);
    const detail: Upload = {
      file,
      unreached: this.words("unreached"),
      place: () => String(this.before(this.where(id))),
      progress: (part) => { bar.value = part; },
      done: (fresh, wrong) => this.done(id, file, fresh, wrong),
    };
    this.form.dispatchEvent(new CustomEvent("picture", { detail }));
  }

  private where(id: object): number {
    const view = this.view();
    return view ? signOf(view.state, id) ?? view.state.doc.content.size : 0;
  }

  private sign(sign: Sign) {
    const view = this.view();
    if (view) view.dispatch(view.state.tr.setMeta(key, sign));
  }

  private done(id: object, file: File, fresh: HTMLFormElement | null, wrong: string) {
    const view = this.view(), ref = fresh ? this.adopt(fresh) : "", at = this.where(id);
    this.sign({ id, at: null });
    this.status("");
    if (!ref) return this.wrong(`${file.name}: ${wrong || this.words("not-taken")}`);
    if (!view) return;
    view.dispatch(view.state.tr.insert(at, schema.nodes.picture.create({ ref })).scrollIntoView());
    this.status(this.words("uploaded"));
    // into its caption, unless somebody went on writing
    if (document.activeElement === document.body || document.activeElement?.closest("[data-toolbar]")) (view.nodeDOM(at) as HTMLElement | null)?.querySelector("input")?.focus();
  }

  // What the fresh form says of the picture that is new comes into this one, under a number of its own. Returns its key.
  private adopt(fresh: HTMLFormElement): string {
    const keys = (form: HTMLFormElement) => [...form.querySelectorAll<HTMLInputElement>('[data-picture] > input[name$="-key"]')];
    const here = keys(this.form), known = new Set(here.map((input) => input.value)), one = keys(fresh).find((input) => !known.has(input.value));
    if (!one) return "";
    const numbers = new Set(here.map((input) => input.name)), was = one.name.slice(0, -3), ref = one.value;
    let n = 1;
    while (numbers.has(`picture-${n}-key`)) n++;
    const use = one.closest<HTMLElement>("[data-picture]")!;
    for (const input of use.querySelectorAll<HTMLInputElement>("input")) input.name = `picture-${n}-${input.name.slice(was.length)}`;
    const list = this.form.querySelector("[data-pictures]");
    if (list) list.append(use);
    else this.form.querySelector(".paper")!.append(use.closest("[data-pictures]")!);
    return ref;
  }

  private status(words: string) { this.form.querySelector("[data-picture-status]")!.textContent = words; }
  private wrong(words: string) {
    const place = this.form.querySelector<HTMLElement>("[data-picture-error]")!;
    place.textContent = words && place.textContent ? `${place.textContent} ${words}` : words;
    place.hidden = !words;
  }
}
