#include "text/messages.h"

#include <stdlib.h>
#include <unicode/uldnames.h>
#include <unicode/uloc.h>

#include "base/guard.h"
#include "text/json.h"
#include "text/locale.h"
#include "text/pattern.h"
#include "text/unicode.h"

enum { LOCALE_ARENA = 16 << 20, NAME_UNITS = 200 };

/* ---- loading ---- */

static enum status add_message(struct locale *l, const struct json *one, struct err *err)
{
    struct message *m = &l->messages[l->n];
    struct err why = {0};
    m->key = one->name;
    m->source = one->text;
    enum status st =
        pattern_compile(m->source, l->plurals, l->ordinals, &l->arena, &m->pattern, &why);
    if (st)
        return fail(err, st, "%.*s.json: %.*s: %.300s", FMT(l->language), FMT(m->key),
                    err_words(&why, st));
    l->n++;
    return ST_OK;
}

static int by_key(const void *a, const void *b)
{
    return str_cmp(((const struct message *)a)->key, ((const struct message *)b)->key);
}

static enum status read_meta(struct locale *l, const struct json *meta, struct err *err)
{
    str dir = json_text(json_member(meta, STR("dir")));
    static const char *const names[DATE_STYLES] = DATE_STYLE_NAMES;
    l->name = json_text(json_member(meta, STR("name")));
    l->rtl = str_eq(dir, STR("rtl"));
    if (!l->name.n || (!l->rtl && !str_eq(dir, STR("ltr"))))
        return fail(err, ST_INVALID, "%.*s.json: _meta needs a name and a dir of ltr or rtl",
                    FMT(l->language));
    const struct json *same = json_member(meta, STR("same_as_english"));
    l->same = arena_new(&l->arena, str, same ? same->size + 1 : 1);
    for (const struct json *one = l->same && same ? same->first : NULL; one; one = one->next)
        l->same[l->nsame++] = json_text(one);
    const struct json *dates = json_member(meta, STR("dates"));
    for (size_t i = 0; i < DATE_STYLES; i++)
        l->dates[i] = json_text(json_member(dates, str_c(names[i])));
    return l->arena.oom ? ST_NOMEM : ST_OK;
}

static enum status read_all(struct locale *l, const struct json *root, struct err *err)
{
    l->messages = arena_new(&l->arena, struct message, root->size + 1);
    if (!l->messages)
        return ST_NOMEM;
    enum status st = read_meta(l, json_member(root, STR("_meta")), err);
    for (const struct json *one = root->first; !st && one; one = one->next) {
        if (one->name.n && one->name.p[0] == '_')
            continue;
        if (one->type != JSON_TEXT || !one->text.n)
            return fail(err, ST_INVALID, "%.*s.json: %.*s is not a text", FMT(l->language),
                        FMT(one->name));
        st = add_message(l, one, err);
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
    const char *tag = arena_cstr(&l->arena, l->tag);
    l->plurals = uplrules_openForType(tag, UPLURAL_TYPE_CARDINAL, &e);
    if (!U_FAILURE(e))
        l->ordinals = uplrules_openForType(tag, UPLURAL_TYPE_ORDINAL, &e);
    if (!U_FAILURE(e))
        return ST_OK;
    return fail(err, ST_INVALID, "the locale %.*s has no plural rules", FMT(l->tag));
}

static enum status full_name(struct locale *l, struct err *err)
{
    UErrorCode e = U_ZERO_ERROR;
    UDisplayContext context[] = {UDISPCTX_STANDARD_NAMES,
                                 UDISPCTX_CAPITALIZATION_FOR_BEGINNING_OF_SENTENCE};
    const char *tag = arena_cstr(&l->arena, l->tag);
    char id[ULOC_FULLNAME_CAPACITY];
    UChar name[NAME_UNITS];
    int32_t n = 0;
    uloc_forLanguageTag(tag, id, sizeof id, NULL, &e);
    ULocaleDisplayNames *names =
        U_FAILURE(e) ? NULL : uldn_openForContext(id, context, COUNT(context), &e);
    if (!U_FAILURE(e))
        n = uldn_localeDisplayName(names, id, name, NAME_UNITS, &e);
    uldn_close(names);
    if (U_FAILURE(e) || n > NAME_UNITS)
        return fail(err, ST_INVALID, "the locale %.*s has no name", FMT(l->tag));
    return ustr_to((struct ustr){name, n}, &l->arena, &l->full_name);
}

enum status locale_load(str tag, str json, struct locale **ret, struct err *err)
{
    struct locale *l = calloc(1, sizeof *l);
    if (!l || arena_init(&l->arena, LOCALE_ARENA)) {
        free(l);
        return fail(err, ST_NOMEM, "out of memory for the locale %.*s", FMT(tag));
    }
    const struct json *root;
    struct err why = {0};
    static _Atomic u64 numbers;
    l->number = ++numbers;
    l->tag = arena_str(&l->arena, tag);
    str_cut(l->tag, '-', &l->language);
    enum status st = json_read(arena_str(&l->arena, json), &l->arena, &root, &why);
    st = st ? fail(err, st, "%.*s.json: %s", FMT(tag), err_words(&why, st)) : plural_rules(l, err);
    st = st ? st : full_name(l, err);
    st = st ? st : read_all(l, root, err);
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
    if (l->ordinals)
        uplrules_close(l->ordinals);
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

str locale_full_name(const struct locale *l)
{
    return l->full_name;
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
    return fail(err, st, "message %s: %.300s", key, err_words(&why, st));
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
