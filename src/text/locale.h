/* text/locale.h: the inside of struct locale, for messages.c, pattern.c and dates.c alone. */
#ifndef TEXT_LOCALE_H
#define TEXT_LOCALE_H

#include <unicode/upluralrules.h>

#include "text/messages.h"

enum { DATE_STYLES = DATE_SHORT + 1 };
#define DATE_STYLE_NAMES                                                                           \
    {                                                                                              \
        "full", "long", "time", "clock", "weekday", "month", "year", "short"                       \
    }

struct pattern;
struct message {
    str key, source;
    struct pattern *pattern;
};

struct locale {
    struct arena arena;
    u64 number; /* unlike any other's in this process */
    str tag, language, name, full_name;
    bool rtl;
    UPluralRules *plurals;    /* immutable: shared by threads */
    UPluralRules *ordinals;   /* likewise */
    struct message *messages; /* sorted by key */
    size_t n;
    struct value_map *fixed;
    str *same;
    size_t nsame;
    str dates[DATE_STYLES]; /* patterns from _meta.dates; else ICU's own for a skeleton */
};

#endif
