/* text/mustache.h: Mustache templates, the whole specification and its inheritance module, no
 * lambdas.
 *
 * Compiled once, immutable then; shared by all threads. Escaped by default; {{{x}}} and {{&x}} with
 * a value that isn't html are an error at render, not output. Partials and parents are looked up in
 * the set at render, depth at most 64. A key missing from the model renders as nothing (the
 * specification); tools/check-theme finds misspelt ones at build. */
#ifndef TEXT_MUSTACHE_H
#define TEXT_MUSTACHE_H

#include "text/value.h"

struct mustache;

/* An empty set; *ret is released by mustache_free. */
MUST_USE enum status mustache_make(struct mustache **ret);
void mustache_free(struct mustache *m);
/* Compiles and adds source under name; replaces one of that name. ST_INVALID with "NAME:LINE: ..."
 * in err. */
MUST_USE enum status mustache_add(struct mustache *m, str name, str source, struct err *err);
bool mustache_has(const struct mustache *m, str name);
/* Renders name with model (a map) to html. ST_TOOLARGE past max bytes. */
MUST_USE enum status mustache_render(const struct mustache *m, str name,
                                     const struct value_map *model, struct arena *a, size_t max,
                                     html *ret, struct err *err);
/* Calls see for every tag in name: kind is one of '=' (variable), '#', '^', '&', '>', '<', '$'; but
 * for a dynamic one, whose name only the model knows. For the theme check. */
typedef void mustache_tag_fn(void *arg, char kind, str key, int line);
void mustache_tags(const struct mustache *m, str name, mustache_tag_fn *see, void *arg);
/* Likewise every run of literal text. */
typedef void mustache_text_fn(void *arg, str text, int line);
void mustache_literals(const struct mustache *m, str name, mustache_text_fn *see, void *arg);

#endif
