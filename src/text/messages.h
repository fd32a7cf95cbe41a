/* text/messages.h: every word a reader sees, from theme/locales/LOCALE.json, as ICU MessageFormat
 * patterns.
 *
 * Dates, numbers, lists, plurals and sorting are ICU's. A struct locale is immutable once loaded
 * and shared by all threads; its patterns are compiled when it is loaded. Ownership: results live in the arena given. */
#ifndef TEXT_MESSAGES_H
#define TEXT_MESSAGES_H

#include "text/value.h"
#include "base/time.h"

struct locale;

/* tag: BCP 47 as "en-GB"; json: the messages file of its language. ST_INVALID names key and fault.
 */
MUST_USE enum status locale_load(str tag, str json, struct locale **ret, struct err *err);
void locale_free(struct locale *l);
str locale_tag(const struct locale *l);      /* "en-GB" */
str locale_language(const struct locale *l); /* "en" */
str locale_name(const struct locale *l);     /* its own name: "English" */
/* With its region, where the tag has one: "English (United Kingdom)". */
str locale_full_name(const struct locale *l);
bool locale_rtl(const struct locale *l);
/* Messages without arguments, ready as text under their keys, for {{t.KEY}} (one map, shared,
 * immutable). */
const struct value_map *locale_static(const struct locale *l);

/* Arguments by name: text, html (goes in unescaped where the rest of the message is escaped),
 * number or date-free. */
struct arg {
    const char *name;
    enum { ARG_TEXT, ARG_HTML, ARG_NUMBER } kind;
    str text;
    html html;
    i64 number;
};
#define A_TEXT(n, v) ((struct arg){.name = (n), .kind = ARG_TEXT, .text = (v)})
#define A_HTML(n, v) ((struct arg){.name = (n), .kind = ARG_HTML, .html = (v)})
#define A_NUM(n, v)  ((struct arg){.name = (n), .kind = ARG_NUMBER, .number = (v)})

/* The message as plain text. A missing key or broken pattern is ST_BUG with the key in err: nothing
 * is ever shown in its place. ARG_HTML is not allowed here. */
MUST_USE enum status message(const struct locale *l, const char *key, const struct arg *args,
                             size_t nargs, struct arena *a, str *ret, struct err *err);
/* The message as html: pattern and text arguments escaped, html arguments as they are. */
MUST_USE enum status message_html(const struct locale *l, const char *key, const struct arg *args,
                                  size_t nargs, struct arena *a, html *ret, struct err *err);
/* "A, B and C" by ICU's ListFormatter; items are html. */
MUST_USE enum status message_list(const struct locale *l, const html *items, size_t n,
                                  struct arena *a, html *ret, struct err *err);
/* The same of plain text, as plain text. */
MUST_USE enum status message_list_text(const struct locale *l, const str *items, size_t n,
                                       struct arena *a, str *ret, struct err *err);

/* Whether the locale's file has all keys and arguments of the reference (English) and all its
 * plural forms, and no value equal to the English one unless listed. Writes one line per finding to
 * o. */
size_t locale_compare(const struct locale *reference, const struct locale *l, struct out *o);
/* For the theme check: all keys, and a key's pattern as written. */
size_t locale_keys(const struct locale *l, str *keys, size_t max);
str locale_source(const struct locale *l, str key);
bool locale_has(const struct locale *l, const char *key);
/* The names of a message's arguments, for the theme check. */
size_t locale_args(const struct locale *l, const char *key, str *names, size_t max);

/* --- dates: always in an edition's zone --- */
enum date_style {
    DATE_FULL,    /* Monday 23 November 2026 */
    DATE_LONG,    /* 23 November 2026 */
    DATE_TIME,    /* 23 November 2026, 13:20 */
    TIME_ONLY,    /* 13:20 */
    DATE_WEEKDAY, /* Monday */
    DATE_MONTH,   /* November 2026 */
    DATE_YEAR,    /* 2026 */
    DATE_SHORT,   /* 23 Nov 2026 */
};
bool zone_valid(str zone); /* a zone ICU knows, as "Europe/London" */
MUST_USE enum status date_format(const struct locale *l, str zone, i64 ms, enum date_style style,
                                 struct arena *a, str *ret, struct err *err);
/* The civil date in a zone. */
MUST_USE enum status date_civil(str zone, i64 ms, struct civil *ret, struct err *err);
/* The first moment of a civil day in a zone (a day may begin at 01:00 where the clock is moved at
 * midnight). */
MUST_USE enum status date_day_start(str zone, int year, int month, int day, i64 *ret,
                                    struct err *err);
/* The day in which a moment lies, in a zone: from, and its end. Cheap when asked for the same day
 * again. */
struct day {
    i64 from, to;
};
MUST_USE enum status date_day(str zone, i64 ms, struct day *ret, struct err *err);
/* A number as the locale writes it. */
MUST_USE enum status number_format(const struct locale *l, i64 v, struct arena *a, str *ret,
                                   struct err *err);

#endif
