// Tables: every row has as many cells as the first, a column one alignment (src/text/document.c, check_table).
import type { Node } from "prosemirror-model";
import { Plugin, TextSelection, type Command, type EditorState } from "prosemirror-state";
import { schema } from "./schema.ts";

const { table, table_row, table_cell, paragraph } = schema.nodes;
export type Place = { table: Node; start: number; row: number; column: number };

// Where the cursor is; start: the position of the table.
export function cellAt(state: EditorState): Place | null {
  const { $head } = state.selection;
  for (let d = $head.depth; d > 1; d--)
    if ($head.node(d).type === table_cell) return { table: $head.node(d - 2), start: $head.before(d - 2), row: $head.index(d - 2), column: $head.index(d - 1) };
  return null;
}

function posOf(t: Node, start: number, row: number, column: number): number {
  let pos = start + 1;
  for (let r = 0; r < row; r++) pos += t.child(r).nodeSize;
  pos += 1;
  for (let c = 0; c < column; c++) pos += t.child(row).child(c).nodeSize;
  return pos;
}

const inTable = (run: (p: Place, state: EditorState) => Parameters<NonNullable<Parameters<Command>[1]>>[0] | null): Command => (state, dispatch) => {
  const place = cellAt(state);
  const tr = place && run(place, state);
  if (!tr) return false;
  dispatch?.(tr.scrollIntoView());
  return true;
};

export const insertTable: Command = (state, dispatch) => {
  const { $from } = state.selection;
  if (cellAt(state) || $from.depth < 1) return false;
  if (dispatch) {
    const row = () => table_row.create(null, [0, 1, 2].map(() => table_cell.create())), block = $from.node(1);
    const empty = block.type === paragraph && block.content.size === 0, at = empty ? $from.before(1) : $from.after(1);
    const tr = state.tr.replaceWith(at, empty ? $from.after(1) : at, table.create(null, [row(), row(), row()]));
    dispatch(tr.setSelection(TextSelection.create(tr.doc, at + 3)).scrollIntoView());
  }
  return true;
};

export const addRow = (after: boolean) => inTable((p, state) => {
  const head = p.table.firstChild!, cells = head.children.map((cell) => table_cell.create({ align: cell.attrs.align }));
  const at = posOf(p.table, p.start, p.row, 0) - 1 + (after ? p.table.child(p.row).nodeSize : 0);
  const tr = state.tr.insert(at, table_row.create(null, cells));
  return tr.setSelection(TextSelection.create(tr.doc, at + 2));
});

export const addColumn = (after: boolean) => inTable((p, state) => {
  const tr = state.tr;
  for (let r = p.table.childCount - 1; r >= 0; r--) tr.insert(posOf(p.table, p.start, r, p.column + (after ? 1 : 0)), table_cell.create());
  return tr;
});

const gone = (p: Place, state: EditorState) => state.tr.delete(p.start, p.start + p.table.nodeSize);

export const removeRow = inTable((p, state) => {
  if (p.table.childCount === 1) return gone(p, state);
  const at = posOf(p.table, p.start, p.row, 0) - 1;
  return state.tr.delete(at, at + p.table.child(p.row).nodeSize);
});

export const removeColumn = inTable((p, state) => {
  if (p.table.firstChild!.childCount === 1) return gone(p, state);
  const tr = state.tr;
  for (let r = p.table.childCount - 1; r >= 0; r--) {
    const at = posOf(p.table, p.start, r, p.column);
    tr.delete(at, at + p.table.child(r).child(p.column).nodeSize);
  }
  return tr;
});

// left, center, right in turn, and none.
export const alignColumn = inTable((p, state) => {
  const order = ["", "left", "center", "right"], now = p.table.firstChild!.child(p.column).attrs.align as string, next = order[(order.indexOf(now) + 1) % order.length];
  const tr = state.tr;
  for (let r = 0; r < p.table.childCount; r++) tr.setNodeAttribute(posOf(p.table, p.start, r, p.column), "align", next);
  return tr;
});

// The next cell or the one before; false at the table's end, so that Tab leaves it.
export const toCell = (step: number) => inTable((p, state) => {
  const columns = p.table.firstChild!.childCount, n = p.row * columns + p.column + step;
  if (n < 0 || n >= columns * p.table.childCount) return null;
  const row = Math.floor(n / columns), column = n % columns, at = posOf(p.table, p.start, row, column) + 1;
  return state.tr.setSelection(TextSelection.create(state.doc, at, at + p.table.child(row).child(column).content.size));
});

// Enter: the cell below, and below the last one a new paragraph.
export const below = inTable((p, state) => {
  if (p.row + 1 < p.table.childCount) return state.tr.setSelection(TextSelection.create(state.doc, posOf(p.table, p.start, p.row + 1, p.column) + 1));
  const at = p.start + p.table.nodeSize, tr = state.tr.insert(at, paragraph.create());
  return tr.setSelection(TextSelection.create(tr.doc, at + 1));
});

// At a cell's edge nothing is joined.
export const stay = (side: "start" | "end") => (state: EditorState) => {
  const { $cursor } = state.selection as TextSelection;
  return Boolean($cursor && $cursor.parent.type === table_cell && $cursor.parentOffset === (side === "start" ? 0 : $cursor.parent.content.size));
};

// Whatever was deleted or dropped: rows are made of one length again.
export const evenTables = new Plugin({
  appendTransaction(transactions, _, state) {
    if (!transactions.some((t) => t.docChanged)) return null;
    const tr = state.tr;
    state.doc.forEach((node, start) => {
      if (node.type !== table) return;
      const columns = Math.max(...node.children.map((row) => row.childCount));
      for (let r = node.childCount - 1; r >= 0; r--) {
        const row = node.child(r), end = posOf(node, start, r, row.childCount);
        for (let c = row.childCount; c < columns; c++) tr.insert(tr.mapping.map(end), table_cell.create());
      }
    });
    return tr.docChanged ? tr : null;
  },
});
