// What buttons and keys do, each by one name: the toolbar's buttons carry it as data-do (theme/templates/desk-story.mustache).
import { baseKeymap, chainCommands, exitCode, lift, setBlockType, toggleMark, wrapIn } from "prosemirror-commands";
import { redo, undo } from "prosemirror-history";
import { InputRule, inputRules, textblockTypeInputRule, wrappingInputRule } from "prosemirror-inputrules";
import { liftListItem, sinkListItem, splitListItem, wrapInList } from "prosemirror-schema-list";
import { NodeSelection, Selection, type Command, type EditorState } from "prosemirror-state";
import type { Attrs, MarkType, Node, NodeType } from "prosemirror-model";
import { allowed, schema } from "./schema.ts";
import * as tables from "./table.ts";

const { nodes, marks } = schema;

// The innermost block of a kind around the selection, with its position.
export function around(state: EditorState, ...types: NodeType[]): { node: Node; pos: number; depth: number } | null {
  const { $from } = state.selection;
  for (let depth = $from.depth; depth > 0; depth--) if (types.includes($from.node(depth).type)) return { node: $from.node(depth), pos: $from.before(depth), depth };
  return null;
}

export function marked(state: EditorState, type: MarkType): boolean {
  const { from, to, empty, $from } = state.selection;
  return empty ? Boolean(type.isInSet(state.storedMarks ?? $from.marks())) : state.doc.rangeHasMark(from, to, type);
}

const heading = (level: number): Command => (state, dispatch) =>
  around(state, nodes.crosshead)?.node.attrs.level === level ? setBlockType(nodes.paragraph)(state, dispatch) : setBlockType(nodes.crosshead, { level })(state, dispatch);

const quote: Command = (state, dispatch) => (around(state, nodes.quote) ? lift(state, dispatch) : wrapIn(nodes.quote)(state, dispatch));

const listed = (type: NodeType): Command => (state, dispatch) => {
  const list = around(state, nodes.bullet_list, nodes.ordered_list);
  if (!list) return wrapInList(type)(state, dispatch);
  if (list.node.type === type) return liftListItem(nodes.list_item)(state, dispatch);
  dispatch?.(state.tr.setNodeMarkup(list.pos, type));
  return true;
};

const code: Command = (state, dispatch) => setBlockType(around(state, nodes.code_block) ? nodes.paragraph : nodes.code_block)(state, dispatch);

// How far a mark reaches around the cursor within its block.
function reach(state: EditorState, type: MarkType): { from: number; to: number } | null {
  const { $from } = state.selection, start = $from.start();
  let found: { from: number; to: number } | null = null, open: { from: number; to: number } | null = null;
  $from.parent.forEach((child, offset) => {
    const from = start + offset, to = from + child.nodeSize;
    if (!type.isInSet(child.marks)) open = null;
    else {
      open = { from: open ? open.from : from, to };
      if (open.from <= $from.pos && $from.pos <= to) found = open;
    }
  });
  return found;
}

// Words of ours within what somebody said, in brackets.
const insertion: Command = (state, dispatch) => {
  const { from, to, $from, $to } = state.selection, type = marks.insertion;
  if (!$from.parent.inlineContent || !$from.parent.type.allowsMarkType(type) || !$from.sameParent($to)) return false;
  if (!dispatch) return true;
  const at = marked(state, type) ? reach(state, type) : null, tr = state.tr;
  if (at) {
    tr.removeMark(at.from, at.to, type);
    if (tr.doc.textBetween(at.to - 1, at.to) === "]") tr.delete(at.to - 1, at.to);
    if (tr.doc.textBetween(at.from, at.from + 1) === "[") tr.delete(at.from, at.from + 1);
  } else {
    tr.insertText("]", to).insertText("[", from).addMark(from, to + 2, type.create());
    tr.setSelection(Selection.near(tr.doc.resolve(to + 1)));
  }
  dispatch(tr.scrollIntoView());
  return true;
};

// A block beside the one where the cursor is, or in the place of an empty one.
export const insert = (make: () => Node): Command => (state, dispatch) => {
  const { $from } = state.selection, block = state.selection instanceof NodeSelection && !$from.depth ? state.selection.node : $from.depth ? $from.node(1) : null;
  if (!block) return false;
  const start = $from.depth ? $from.before(1) : $from.pos, end = start + block.nodeSize, empty = block.type === nodes.paragraph && !block.content.size;
  dispatch?.(state.tr.replaceWith(empty ? start : end, end, make()).scrollIntoView());
  return true;
};

// The block as a whole, past its neighbour.
const move = (by: -1 | 1): Command => (state, dispatch) => {
  const { $from, anchor, head } = state.selection, index = $from.index(0), other = state.doc.maybeChild(index + by), block = state.doc.maybeChild(index);
  if (!block || !other) return false;
  if (dispatch) {
    const start = $from.depth ? $from.before(1) : $from.pos, at = by < 0 ? start - other.nodeSize : start + other.nodeSize;
    const tr = state.tr.delete(start, start + block.nodeSize).insert(at, block), shift = at - start;
    tr.setSelection(state.selection instanceof NodeSelection ? NodeSelection.create(tr.doc, anchor + shift) : Selection.fromJSON(tr.doc, { type: "text", anchor: anchor + shift, head: Math.min(head + shift, tr.doc.content.size) }));
    dispatch(tr.scrollIntoView());
  }
  return true;
};

const breakLine: Command = (state, dispatch) => {
  if (state.selection.$from.parent.type !== nodes.paragraph) return false;
  dispatch?.(state.tr.replaceSelectionWith(nodes.hard_break.create()).scrollIntoView());
  return true;
};

// Out of a table or quote, into a new paragraph below it.
const leave: Command = (state, dispatch) => {
  const block = around(state, nodes.table, nodes.quote);
  if (!block) return false;
  const at = block.pos + block.node.nodeSize, tr = state.tr.insert(at, nodes.paragraph.create());
  dispatch?.(tr.setSelection(Selection.near(tr.doc.resolve(at + 1))).scrollIntoView());
  return true;
};

export const commands: { [name: string]: Command } = {
  strong: toggleMark(marks.strong), emphasis: toggleMark(marks.emphasis), code: toggleMark(marks.code), insertion,
  crosshead: heading(2), subcrosshead: heading(3), quote, bullets: listed(nodes.bullet_list), numbers: listed(nodes.ordered_list), "code-block": code,
  table: tables.insertTable, related: insert(() => nodes.related.create()), up: move(-1), down: move(1), undo, redo,
  "row-before": tables.addRow(false), "row-after": tables.addRow(true), "row-remove": tables.removeRow,
  "column-before": tables.addColumn(false), "column-after": tables.addColumn(true), "column-remove": tables.removeColumn, align: tables.alignColumn,
};

// Which buttons are down.
export const states: { [name: string]: (state: EditorState) => boolean } = {
  strong: (s) => marked(s, marks.strong), emphasis: (s) => marked(s, marks.emphasis), code: (s) => marked(s, marks.code), insertion: (s) => marked(s, marks.insertion),
  link: (s) => marked(s, marks.link), crosshead: (s) => around(s, nodes.crosshead)?.node.attrs.level === 2, subcrosshead: (s) => around(s, nodes.crosshead)?.node.attrs.level === 3,
  quote: (s) => Boolean(around(s, nodes.quote)), bullets: (s) => around(s, nodes.bullet_list, nodes.ordered_list)?.node.type === nodes.bullet_list,
  numbers: (s) => around(s, nodes.bullet_list, nodes.ordered_list)?.node.type === nodes.ordered_list, "code-block": (s) => Boolean(around(s, nodes.code_block)),
};

export const keys: { [key: string]: Command } = {
  ...baseKeymap,
  Enter: chainCommands((s, d) => Boolean(tables.cellAt(s)) && tables.below(s, d), splitListItem(nodes.list_item), baseKeymap.Enter),
  Backspace: chainCommands(tables.stay("start"), baseKeymap.Backspace),
  Delete: chainCommands(tables.stay("end"), baseKeymap.Delete),
  "Shift-Enter": chainCommands(exitCode, breakLine),
  "Mod-Enter": chainCommands(exitCode, leave),
  Tab: chainCommands(tables.toCell(1), sinkListItem(nodes.list_item)),
  "Shift-Tab": chainCommands(tables.toCell(-1), liftListItem(nodes.list_item)),
  "Mod-b": commands.strong, "Mod-i": commands.emphasis, "Mod-`": commands.code, "Mod-[": commands.insertion,
  "Mod-Alt-0": setBlockType(nodes.paragraph), "Mod-Alt-2": commands.crosshead, "Mod-Alt-3": commands.subcrosshead,
  "Mod-Shift-7": commands.numbers, "Mod-Shift-8": commands.bullets, "Mod-Shift-9": commands.quote,
  "Alt-ArrowUp": commands.up, "Alt-ArrowDown": commands.down,
  "Mod-z": undo, "Mod-y": redo, "Mod-Shift-z": redo,
};

// Marks as they are typed in Markdown.
const markRule = (pattern: RegExp, type: MarkType) => new InputRule(pattern, (state, match, start, end) => {
  const inner = match[2], from = start + match[1].length;
  if (state.doc.rangeHasMark(start, end, marks.code) || !state.doc.resolve(start).parent.type.allowsMarkType(type)) return null;
  const tr = state.tr.replaceWith(from, end, schema.text(inner, type.create().addToSet(state.doc.resolve(from).marks())));
  return tr.removeStoredMark(type);
});

const brackets = new InputRule(/\[([^[\]]+)\]$/, (state, match, start, end) => {
  const { parent } = state.doc.resolve(start);
  if (!parent.type.allowsMarkType(marks.insertion) || state.doc.rangeHasMark(start, Math.max(end, start), marks.code)) return null;
  const tr = state.tr.insertText("]", end);
  return tr.addMark(end + 1 - match[0].length, end + 1, marks.insertion.create()).removeStoredMark(marks.insertion);
});

const linked = new InputRule(/\[([^[\]]+)\]\(([^\s()]+)\)$/, (state, match, start, end) => {
  if (!allowed(match[2]) || !state.doc.resolve(start).parent.type.allowsMarkType(marks.link) || state.doc.rangeHasMark(start, end, marks.code)) return null;
  return state.tr.replaceWith(start, end, schema.text(match[1], [marks.link.create({ href: match[2] })])).removeStoredMark(marks.link);
});

export const rules = inputRules({
  rules: [
    textblockTypeInputRule(/^(##?) $/, nodes.crosshead, { level: 2 } as Attrs),
    textblockTypeInputRule(/^### $/, nodes.crosshead, { level: 3 } as Attrs),
    wrappingInputRule(/^\s*> $/, nodes.quote),
    wrappingInputRule(/^\s*[-*+] $/, nodes.bullet_list),
    wrappingInputRule(/^(\d{1,9})[.)] $/, nodes.ordered_list, (match) => ({ start: Number(match[1]) }), (match, node) => node.childCount + node.attrs.start === Number(match[1])),
    textblockTypeInputRule(/^```$/, nodes.code_block),
    markRule(/(^|[\s(«„“"'])\*\*([^\s*](?:[^*]*[^\s*])?)\*\*$/u, marks.strong),
    markRule(/(^|[\s(«„“"'])\*([^\s*](?:[^*]*[^\s*])?)\*$/u, marks.emphasis),
    markRule(/(^|[\s(«„“"'])`([^`]+)`$/u, marks.code),
    linked, brackets,
  ],
});
