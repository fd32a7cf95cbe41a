/* text/wrap.h: text for a terminal: broken where ICU says a line may break, within a number of
 * columns of display width, never inside a grapheme cluster (UAX 14, 29, 11). */
#ifndef TEXT_WRAP_H
#define TEXT_WRAP_H

#include "base/out.h"

/* Columns a text takes: wide characters and emoji two, combining marks none. */
size_t text_width(str s);
/* Writes text in lines of at most columns, each beginning with prefix (counted), the first with
 * first; each ends with a newline. A word wider than a line is cut between clusters. Newlines in
 * text are kept. */
MUST_USE enum status text_wrap(struct out *o, str text, size_t columns, str first, str prefix);
/* Writes a line that keeps its blanks (code) after prefix, cut between clusters where it is wider.
 */
MUST_USE enum status text_cut(struct out *o, str line, size_t columns, str prefix);

#endif
