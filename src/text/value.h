/* text/value.h: what a template is given: text, html, truth, lists and maps.
 *
 * Ownership: everything in the arena. Setting a key twice replaces. Lookups are by name; that a
 * map hasn't a key is known by one bit, for the outer maps of a template are asked all the time.
 * oom in the arena is sticky and checked once, by mustache_render. */
#ifndef TEXT_VALUE_H
#define TEXT_VALUE_H

#include "text/html.h"

enum value_kind {
    VALUE_NONE,
    VALUE_FALSE,
    VALUE_TRUE,
    VALUE_TEXT,
    VALUE_HTML,
    VALUE_LIST,
    VALUE_MAP
};

struct value_list;
struct value_map;
struct value {
    enum value_kind kind;
    union {
        str text;
        html html;
        struct value_list *list;
        struct value_map *map;
    };
};

struct value value_text(str s);
struct value value_html(html h);
struct value value_bool(bool b);
struct value value_list(struct value_list *l);
struct value value_map(struct value_map *m);

struct value_list *list_make(struct arena *a);
void list_add(struct value_list *l, struct value v);
size_t list_count(const struct value_list *l);
struct value list_at(const struct value_list *l, size_t i);

struct value_map *map_make(struct arena *a);
void map_set(struct value_map *m, const char *key, struct value v); /* key: a literal, not copied */
void map_text(struct value_map *m, const char *key,
              str s); /* false when s is empty, so that an outer value of
                       * that name doesn't show through */
void map_html(struct value_map *m, const char *key, html h); /* likewise */
bool map_get(const struct value_map *m, str key, struct value *ret);

/* A name with its hash, for whoever looks it up often: templates are full of them. */
struct map_key {
    str name;
    u32 hash;
};
struct map_key map_key(str name);
bool map_find(const struct value_map *m, const struct map_key *key, struct value *ret);

#endif
