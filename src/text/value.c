#include "text/value.h"

struct value_list {
    struct arena *arena;
    struct value *items;
    size_t n, cap;
};

struct entry {
    str key;
    struct value value;
};

struct value_map {
    struct arena *arena;
    struct entry *entries;
    size_t n, cap;
};

struct value value_text(str s)
{
    return (struct value){.kind = VALUE_TEXT, .text = s};
}

struct value value_html(html h)
{
    return (struct value){.kind = VALUE_HTML, .html = h};
}

struct value value_bool(bool b)
{
    return (struct value){.kind = b ? VALUE_TRUE : VALUE_FALSE};
}

struct value value_list(struct value_list *l)
{
    return (struct value){.kind = l ? VALUE_LIST : VALUE_NONE, .list = l};
}

struct value value_map(struct value_map *m)
{
    return (struct value){.kind = m ? VALUE_MAP : VALUE_NONE, .map = m};
}

struct value_list *list_make(struct arena *a)
{
    struct value_list *l = arena_new(a, struct value_list, 1);
    if (l)
        l->arena = a;
    return l;
}

void list_add(struct value_list *l, struct value v)
{
    if (l && arena_grow(l->arena, l->items, l->n, &l->cap))
        l->items[l->n++] = v;
}

size_t list_count(const struct value_list *l)
{
    return l ? l->n : 0;
}

struct value list_at(const struct value_list *l, size_t i)
{
    return l->items[i];
}

struct value_map *map_make(struct arena *a)
{
    struct value_map *m = arena_new(a, struct value_map, 1);
    if (m)
        m->arena = a;
    return m;
}

/* Most differ in length or in the first byte. */
static bool same_key(str a, str b)
{
    return a.n == b.n && a.n && a.p[0] == b.p[0] && memcmp(a.p, b.p, a.n) == 0;
}

void map_set(struct value_map *m, const char *key, struct value v)
{
    if (!m)
        return;
    str k = str_c(key);
    for (size_t i = 0; i < m->n; i++)
        if (same_key(m->entries[i].key, k)) {
            m->entries[i].value = v;
            return;
        }
    if (arena_grow(m->arena, m->entries, m->n, &m->cap))
        m->entries[m->n++] = (struct entry){.key = k, .value = v};
}

void map_text(struct value_map *m, const char *key, str s)
{
    map_set(m, key, s.n ? value_text(s) : value_bool(false));
}

void map_html(struct value_map *m, const char *key, html h)
{
    map_set(m, key, h.s.n ? value_html(h) : value_bool(false));
}

bool map_get(const struct value_map *m, str key, struct value *ret)
{
    for (size_t i = 0; m && i < m->n; i++)
        if (same_key(m->entries[i].key, key)) {
            *ret = m->entries[i].value;
            return true;
        }
    return false;
}
