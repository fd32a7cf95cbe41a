#include "text/messages.h"

#include <jansson.h>
#include <stdlib.h>

#include "base/guard.h"
#include "text/locale.h"
#include "text/pattern.h"

enum { LOCALE_ARENA = 16 << 20 };

/* ---- loading ---- */

static enum status add_message(struct locale *l, const char *key, const char *text, struct err *err)
{
    struct message *m = &l->messages[l->n];
    m->key = arena_str(&l->arena, str_c(key));
    m->source = arena_str(&l->arena, str_c(text));
    if (l->arena.oom)
        return ST_NOMEM;
    enum status st = pattern_compile(m->source, l->plurals, &l->arena, &m->pattern, err);
    if (st) {
        struct err why = err ? *err : (struct err){0};
        return fail(err, st, "%.*s.json: %s: %.300s", FMT(l->language), key, why.text);
    }
    l->n++;
    return ST_OK;
}

static int by_key(const void *a, const void *b)
{
    return str_cmp(((const struct message *)a)->key, ((const struct message *)b)->key);
}

static enum status read_meta(struct locale *l, const json_t *meta, struct err *err)
{
    const char *dir = json_string_value(json_object_get(meta, "dir"));
    const char *name = json_string_value(json_object_get(meta, "name"));
    if (!dir || !name || (strcmp(dir, "ltr") != 0 && strcmp(dir, "rtl") != 0))
        return fail(err, ST_INVALID, "%.*s.json: _meta needs a name and a dir of ltr or rtl",
                    FMT(l->language));
    l->rtl = strcmp(dir, "rtl") == 0;
    l->name = arena_str(&l->arena, str_c(name));
    const json_t *same = json_object_get(meta, "same_as_english");
    l->same = arena_new(&l->arena, str, json_array_size(same) + 1);
    for (size_t i = 0; l->same && i < json_array_size(same); i++) {
        const char *key = json_string_value(json_array_get(same, i));
        if (key)
            l->same[l->nsame++] = arena_str(&l->arena, str_c(key));
    }
    const json_t *dates = json_object_get(meta, "dates");
    static const char *const names[DATE_STYLES] = DATE_STYLE_NAMES;
    for (size_t i = 0; i < DATE_STYLES; i++) {
        const char *p = json_string_value(json_object_get(dates, names[i]));
        l->dates[i] = p ? arena_str(&l->arena, str_c(p)) : STR_NONE;
    }
    return l->arena.oom ? ST_NOMEM : ST_OK;
}

static enum status read_all(struct locale *l, json_t *root, struct err *err)
{
    const char *key;
    json_t *v;
    l->messages = arena_new(&l->arena, struct message, json_object_size(root) + 1);
    if (!l->messages)
        return ST_NOMEM;
    enum status st = read_meta(l, json_object_get(root, "_meta"), err);
    json_object_foreach(root, key, v)
    {
        if (st)
            break;
        if (key[0] == '_')
            continue;
        if (!json_is_string(v) || json_string_length(v) == 0)
            return fail(err, ST_INVALID, "%.*s.json: %s is not a text", FMT(l->language), key);
        st = add_message(l, key, json_string_value(v), err);
    }
    if (st)
        return st;
    qsort(l->messages, l->n, sizeof *l->messages, by_key);
    l->fixed = map_make(&l->arena);
    for (size_t i = 0; i < l->n; i++) {
        str names[1], text;
        if (pattern_args(l->messages[i].pattern, names, 1))
            continue;
        st = pattern_text(l->messages[i].pattern, l, NULL, 0, &l->arena, &text, err);
        if (st)
            return st;
        map_text(l->fixed, arena_cstr(&l->arena, l->messages[i].key), text);
    }
    return l->arena.oom ? ST_NOMEM : ST_OK;
}

static enum status plural_rules(struct locale *l, struct err *err)
{
    UErrorCode e = U_ZERO_ERROR;
    l->plurals = uplrules_open(arena_cstr(&l->arena, l->tag), &e);
    if (U_FAILURE(e)) {
        l->plurals = NULL;
        return fail(err, ST_INVALID, "the locale %.*s has no plural rules", FMT(l->tag));
    }
    return ST_OK;
}

enum status locale_load(str tag, str json, struct locale **ret, struct err *err)
{
    struct locale *l = calloc(1, sizeof *l);
    if (!l || arena_init(&l->arena, LOCALE_ARENA)) {
        free(l);
        return fail(err, ST_NOMEM, "out of memory for the locale %.*s", FMT(tag));
    }
    json_error_t where;
    l->tag = arena_str(&l->arena, tag);
    str_cut(l->tag, '-', &l->language);
    json_t *root = json_loadb(json.n ? json.p : "", json.n, JSON_REJECT_DUPLICATES, &where);
    enum status st =
        root ? plural_rules(l, err)
             : fail(err, ST_INVALID, "%.*s.json: line %d: %s", FMT(tag), where.line, where.text);
    st = st ? st : read_all(l, root, err);
    json_decref(root);
    if (st) {
        locale_free(l);
        return st;
    }
    *ret = l;
    return ST_OK;
}

void locale_free(struct locale *l)
{
    if (!l)
        return;
    if (l->plurals)
        uplrules_close(l->plurals);
    arena_free(&l->arena);
    free(l);
}

str locale_tag(const struct locale *l)
{
    return l->tag;
}

str locale_language(const struct locale *l)
{
    return l->language;
}

str locale_name(const struct locale *l)
{
    return l->name;
}

bool locale_rtl(const struct locale *l)
{
    return l->rtl;
}

const struct value_map *locale_static(const struct locale *l)
{
    return l->fixed;
}

/* ---- using ---- */

static const struct message *find(const struct locale *l, str key)
{
    struct message want = {.key = key};
    return bsearch(&want, l->messages, l->n, sizeof *l->messages, by_key);
}

bool locale_has(const struct locale *l, const char *key)
{
    return find(l, str_c(key)) != NULL;
}

size_t locale_args(const struct locale *l, const char *key, str *names, size_t max)
{
    const struct message *m = find(l, str_c(key));
    return m ? pattern_args(m->pattern, names, max) : 0;
}

static enum status missing(const struct locale *l, const char *key, struct err *err)
{
    return fail(err, ST_BUG, "the locale %.*s has no message %s", FMT(l->tag), key);
}

static enum status named(const char *key, enum status st, struct err *err)
{
    if (!st || !err)
        return st;
    struct err why = *err;
    return fail(err, st, "message %s: %.300s", key, why.text);
}

enum status message(const struct locale *l, const char *key, const struct arg *args, size_t nargs,
                    struct arena *a, str *ret, struct err *err)
{
    const struct message *m = find(l, str_c(key));
    if (!m && GUARD(message_must_exist))
        return missing(l, key, err);
    if (!m) {
        *ret = str_c(key);
        return ST_OK;
    }
    return named(key, pattern_text(m->pattern, l, args, nargs, a, ret, err), err);
}

enum status message_html(const struct locale *l, const char *key, const struct arg *args,
                         size_t nargs, struct arena *a, html *ret, struct err *err)
{
    const struct message *m = find(l, str_c(key));
    if (!m)
        return missing(l, key, err);
    return named(key, pattern_html(m->pattern, l, args, nargs, a, ret, err), err);
}

/* ---- comparing, at build ---- */

static size_t compare_args(const struct message *ref, const struct message *m,
                           const struct locale *l, struct out *o)
{
    str want[16], have[16];
    size_t nw = pattern_args(ref->pattern, want, COUNT(want)),
           nh = pattern_args(m->pattern, have, COUNT(have));
    size_t found = 0;
    for (size_t i = 0; i < nw; i++) {
        bool there = false;
        for (size_t k = 0; k < nh; k++)
            there |= str_eq(want[i], have[k]);
        if (!there) {
            out_fmt(o, "%.*s.json: %.*s: the argument {%.*s} is missing\n", FMT(l->language),
                    FMT(m->key), FMT(want[i]));
            found++;
        }
    }
    for (size_t k = 0; k < nh; k++) {
        bool known = false;
        for (size_t i = 0; i < nw; i++)
            known |= str_eq(want[i], have[k]);
        if (!known) {
            out_fmt(o, "%.*s.json: %.*s: the argument {%.*s} isn't known\n", FMT(l->language),
                    FMT(m->key), FMT(have[k]));
            found++;
        }
    }
    return found;
}

static bool listed_same(const struct locale *l, str key)
{
    for (size_t i = 0; i < l->nsame; i++)
        if (str_eq(l->same[i], key))
            return true;
    return false;
}

size_t locale_compare(const struct locale *ref, const struct locale *l, struct out *o)
{
    size_t found = 0;
    for (size_t i = 0; i < ref->n; i++) {
        const struct message *r = &ref->messages[i], *m = find(l, r->key);
        if (!m) {
            out_fmt(o, "%.*s.json: %.*s is missing\n", FMT(l->language), FMT(r->key));
            found++;
            continue;
        }
        found += compare_args(r, m, l, o);
        if (!str_eq(ref->language, l->language) && str_eq(r->source, m->source) &&
            !listed_same(l, m->key)) {
            out_fmt(o,
                    "%.*s.json: %.*s is the same as in English: translate it, or list it in "
                    "_meta.same_as_english\n",
                    FMT(l->language), FMT(m->key));
            found++;
        }
    }
    for (size_t i = 0; i < l->n; i++)
        if (!find(ref, l->messages[i].key)) {
            out_fmt(o, "%.*s.json: %.*s isn't in %.*s.json\n", FMT(l->language),
                    FMT(l->messages[i].key), FMT(ref->language));
            found++;
        }
    return found;
}

size_t locale_keys(const struct locale *l, str *keys, size_t max)
{
    size_t n = l->n < max ? l->n : max;
    for (size_t i = 0; i < n; i++)
        keys[i] = l->messages[i].key;
    return n;
}

str locale_source(const struct locale *l, str key)
{
    const struct message *m = find(l, key);
    return m ? m->source : STR_NONE;
}
