#include "text/value.h"

struct value_list {
    struct arena *arena;
    struct value *items;
    size_t n, cap;
};

struct entry {
    struct map_key key;
    struct value value;
};

struct value_map {
    struct arena *arena;
    struct entry *entries;
    size_t n, cap;
    u64 seen; /* a bit for each key's hash */
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

/* FNV-1a: the names are literals of this program and its templates, no stranger chooses them. */
struct map_key map_key(str name)
{
    u32 hash = 2166136261u;
    for (size_t i = 0; i < name.n; i++)
        hash = (hash ^ (u8)name.p[i]) * 16777619u;
    return (struct map_key){name, hash};
}

static u64 bit_of(const struct map_key *key)
{
    return (u64)1 << (key->hash >> 26);
}

static struct entry *entry_of(const struct value_map *m, const struct map_key *key)
{
    if (!m || !(m->seen & bit_of(key)))
        return NULL;
    for (size_t i = 0; i < m->n; i++)
        if (m->entries[i].key.hash == key->hash && str_eq(m->entries[i].key.name, key->name))
            return &m->entries[i];
    return NULL;
}

void map_set(struct value_map *m, const char *key, struct value v)
{
    struct map_key k = map_key(str_c(key));
    struct entry *e = entry_of(m, &k);
    if (e)
        e->value = v;
    else if (m && arena_grow(m->arena, m->entries, m->n, &m->cap)) {
        m->entries[m->n++] = (struct entry){.key = k, .value = v};
        m->seen |= bit_of(&k);
    }
}

void map_text(struct value_map *m, const char *key, str s)
{
    map_set(m, key, s.n ? value_text(s) : value_bool(false));
}

void map_html(struct value_map *m, const char *key, html h)
{
    map_set(m, key, h.s.n ? value_html(h) : value_bool(false));
}

bool map_find(const struct value_map *m, const struct map_key *key, struct value *ret)
{
    const struct entry *e = entry_of(m, key);
    if (e)
        *ret = e->value;
    return e != NULL;
}

bool map_get(const struct value_map *m, str key, struct value *ret)
{
    struct map_key k = map_key(key);
    return map_find(m, &k, ret);
}
