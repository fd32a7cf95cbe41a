// A field that finds stories while words are typed into it: a combobox as the ARIA Authoring Practices have it, with a list below it.
// The server's page for finding (src/desk/find.c) is what is asked, so that with and without script the same stories are found. What is
// taken is the story's id; when the field is left so is what was typed, where it could be one.
export type Found = { key: string; headline: string; lang: string; dir: string; said: string };

const PAUSE = 200; // ms
const KEY = /^[a-z0-9][a-z0-9-]*$/;
let made = 0;

export class Finder {
  private list = document.createElement("ul");
  private status = document.createElement("span");
  private found: Found[] = [];
  private at = -1;
  private timer = 0;
  private asked = 0;
  private number = ++made;

  // take: what is done with the id, "" for none; with the story's headline where it was chosen from the list.
  constructor(private input: HTMLInputElement, private address: string, private hint: string, private unreached: string, private take: (key: string, story?: Found) => void) {
    const name = `found-${this.number}`;
    this.list.id = name;
    this.list.className = "options";
    this.list.hidden = true;
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", input.labels?.[0]?.firstChild?.textContent?.trim() ?? "");
    this.status.className = "unseen";
    this.status.setAttribute("role", "status");
    for (const [attr, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": name, autocomplete: "off" })) input.setAttribute(attr, value);
    input.addEventListener("input", () => this.typed());
    input.addEventListener("keydown", (event) => this.press(event));
    input.addEventListener("blur", () => this.left());
    this.list.addEventListener("mousedown", (event) => event.preventDefault()); // the field keeps the focus
    this.list.addEventListener("click", (event) => {
      const option = (event.target as HTMLElement).closest<HTMLElement>("[role=option]");
      if (option) this.choose(Number(option.dataset.number));
    });
    // beside the label, not in it: what is in a label is read as its name
    const label = input.closest("label") ?? input;
    label.after(this.list, this.status);
  }

  private typed() {
    const words = this.input.value.trim();
    this.input.removeAttribute("aria-invalid");
    clearTimeout(this.timer);
    if (words) this.timer = window.setTimeout(() => void this.ask(words), PAUSE);
    else this.close();
  }

  private async ask(words: string) {
    const mine = ++this.asked;
    try {
      const reply = await fetch(`${this.address}${this.address.includes("?") ? "&" : "?"}find=${encodeURIComponent(words)}`, { credentials: "same-origin", redirect: "error" });
      if (mine !== this.asked) return; // something else was typed meanwhile
      if (!reply.ok) throw new Error(reply.statusText);
      this.read(new DOMParser().parseFromString(await reply.text(), "text/html"));
    } catch {
      if (mine !== this.asked) return;
      this.close();
      this.status.textContent = this.unreached;
    }
  }

  private read(page: Document) {
    if (document.activeElement !== this.input) return;
    this.found = [...page.querySelectorAll<HTMLElement>("[data-key]")].map((item) => {
      const headline = item.querySelector<HTMLElement>(".said")!;
      return { key: item.dataset.key ?? "", headline: headline.textContent ?? "", lang: headline.lang, dir: headline.dir, said: item.querySelector("time")?.textContent ?? "" };
    });
    this.list.replaceChildren(...this.found.map((story, i) => this.option(story, i)));
    this.at = -1;
    this.show(this.found.length > 0);
    const said = page.querySelector("[data-said]")?.textContent?.trim() ?? "";
    this.status.textContent = this.found.length ? `${said} ${this.hint}` : said;
  }

  private option(story: Found, i: number) {
    const item = document.createElement("li"), words = document.createElement("span"), said = document.createElement("span");
    item.id = `found-${this.number}-${i}`;
    item.dataset.number = String(i);
    item.setAttribute("role", "option");
    item.setAttribute("aria-selected", "false");
    words.textContent = story.headline;
    words.lang = story.lang;
    words.dir = story.dir;
    said.textContent = story.said;
    said.className = "quiet";
    item.append(words, " ", said);
    return item;
  }

  private show(open: boolean) {
    this.list.hidden = !open;
    this.input.setAttribute("aria-expanded", String(open));
    if (!open) this.input.removeAttribute("aria-activedescendant");
  }

  private close() {
    this.asked++;
    clearTimeout(this.timer);
    this.at = -1;
    this.show(false);
    this.status.textContent = "";
  }

  private go(to: number) {
    const all = [...this.list.children] as HTMLElement[], n = all.length;
    all[this.at]?.setAttribute("aria-selected", "false");
    this.at = ((to % n) + n) % n;
    all[this.at].setAttribute("aria-selected", "true");
    all[this.at].scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", all[this.at].id);
  }

  private press(event: KeyboardEvent) {
    if (this.list.hidden || event.isComposing) return;
    const to = { ArrowDown: this.at + 1, ArrowUp: this.at < 0 ? -1 : this.at - 1 }[event.key];
    if (to !== undefined) this.go(to);
    else if (event.key === "Enter" && this.at >= 0) this.choose(this.at);
    else if (event.key === "Escape") this.close();
    else return;
    event.preventDefault();
    event.stopImmediatePropagation(); // Enter and Escape would lead out of the block
  }

  private choose(i: number) {
    const story = this.found[i];
    this.input.value = story.key;
    this.close();
    this.take(story.key, story);
  }

  // Not before: half a word is no id. Words that are nobody's id are kept nowhere, and are seen to be.
  private left() {
    const words = this.input.value.trim(), id = KEY.test(words);
    if (words && !id) this.input.setAttribute("aria-invalid", "true");
    this.close();
    this.take(id ? words : "");
  }
}
