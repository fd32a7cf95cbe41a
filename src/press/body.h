/* press/body.h: a story's body as blocks for the templates, and as text for a terminal. Both from
 * the one document. */
#ifndef PRESS_BODY_H
#define PRESS_BODY_H

#include "press/sheet.h"
#include "store/picture.h"

/* The list `blocks` of docs/theme.md. shown_ms: the story's date, for archive pictures. */
struct value_list *body_blocks(struct sheet *s, const struct story_content *story, i64 shown_ms);
/* The same blocks by the same template, as html: for a feed. */
html body_html(struct sheet *s, const struct story_content *story, i64 shown_ms);
/* The body in lines of 72 columns; links gathered in urls, numbered from 1. */
MUST_USE enum status body_text(struct sheet *s, const struct story_content *story, struct out *o,
                               str *urls, size_t *n, size_t max);
/* The attribution of a quote as one message; "" when it has none. */
str body_attribution(struct sheet *s, const struct node *quote);
enum { TEXT_COLUMNS = 72 };

#endif
