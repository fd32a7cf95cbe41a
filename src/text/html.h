/* text/html.h: HTML as its own type.
 *
 * Text becomes HTML only through the escaping calls here, so unescaped output does not compile. A
 * literal is HTML when the compiler can see that it is a literal. Ownership: the bytes live in the
 * arena the builder was made with. */
#ifndef TEXT_HTML_H
#define TEXT_HTML_H

#include "base/out.h"

typedef struct {
    str s;
} html; /* made only by text/html.c */

struct html_out {
    struct out out;
};
struct html_out html_make(struct arena *a, size_t guess, size_t max);
#define html_lit(h, lit) html_lit_(h, "" lit, sizeof(lit) - 1)
void html_lit_(struct html_out *h, const char *lit, size_t n);
void html_text(struct html_out *h,
               str text); /* & < > " ' escaped: safe as content and inside quoted attributes */
void html_add(struct html_out *h, html more);
/* A URL from a person: http, https, mailto, tel, or a path with one leading '/'. Anything else
 * writes "#" and returns false. For use inside a quoted attribute. */
bool html_url(struct html_out *h, str url);
html html_view(const struct html_out *h);
html html_escaped(struct arena *a, str text);
html html_none(void);
/* JSON to stand inside <script type="application/ld+json">: '<', '>' and '&' become \u003c ...
 * (json is valid JSON). */
html html_json(struct arena *a, str json);
/* Whether a person's link may be kept at all: http, https, mailto, tel, story:. */
bool url_allowed(str url);

#endif
