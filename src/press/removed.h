/* press/removed.h: what readers see where words were removed by order.
 *
 * In a page's text <span class="removed">[removed by order]</span>, and within an attribute, a
 * title, a feed or data the words alone, in the page's language. It is done to a whole page, when
 * all of it is there, so that no part of a page can forget it: what people write has its '<' and
 * '>' escaped by then, which tells the one from the other. A page without a mark is looked through
 * once. */
#ifndef PRESS_REMOVED_H
#define PRESS_REMOVED_H

#include "press/sheet.h"

/* type: the body's content type. */
MUST_USE enum status removed_show(struct sheet *s, str type, str *body);

#endif
