/* text/pattern.h: one ICU MessageFormat pattern, compiled; private to this room.
 *
 * The part of MessageFormat that messages use, with named arguments: {name}, {name, number}, {name,
 * plural, =0 {...} one {...} other {...}} with '#', {name, selectordinal, ...}, {name, select, yes
 * {...} other {...}}, nested, and the apostrophe rules ('' is one, '{...}' is quoted). ICU's C
 * interface has numbered arguments only, so the tree is ours and the rules (plural categories,
 * number formats) are ICU's. Anything else is refused when it is compiled. */
#ifndef TEXT_PATTERN_H
#define TEXT_PATTERN_H

#include <unicode/upluralrules.h>

#include "text/messages.h"

struct pattern;

/* Checks that every plural and selectordinal has all categories of its rules and every choice has
 * `other`. */
MUST_USE enum status pattern_compile(str source, const UPluralRules *plurals,
                                     const UPluralRules *ordinals, struct arena *a,
                                     struct pattern **ret, struct err *err);
/* The names of its arguments, each once; at most max are written, all are counted. */
size_t pattern_args(const struct pattern *p, str *names, size_t max);
/* ST_BUG: an argument isn't given, or is of another kind than the pattern needs (a number for
 * plurals, a text for select). */
MUST_USE enum status pattern_text(const struct pattern *p, const struct locale *l,
                                  const struct arg *args, size_t nargs, struct arena *a, str *ret,
                                  struct err *err);
MUST_USE enum status pattern_html(const struct pattern *p, const struct locale *l,
                                  const struct arg *args, size_t nargs, struct arena *a, html *ret,
                                  struct err *err);

#endif
