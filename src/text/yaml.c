#include "text/yaml.h"

#include <stdio.h>
#include <yaml.h>

#include "base/guard.h"
#include "text/slug.h"

enum { DEPTH = 32, NODES = 20000, KEYS = 500 };

struct reading {
    yaml_parser_t parser;
    struct arena *a;
    struct err *err;
    int first_line, depth;
    size_t nodes;
};

static enum status wrong(struct reading *r, size_t line, const char *what)
{
    return fail(r->err, ST_INVALID, "line %d: %s", r->first_line + (int)line, what);
}

static enum status next(struct reading *r, yaml_event_t *e)
{
    if (yaml_parser_parse(&r->parser, e))
        return ST_OK;
    const char *why = r->parser.problem ? r->parser.problem : "it can't be read";
    return fail(r->err, ST_INVALID, "line %d: this isn't YAML: %s",
                r->first_line + (int)(r->parser.problem_mark.line ? r->parser.problem_mark.line
                                                                  : r->parser.context_mark.line),
                why);
}

static enum status text_of(struct reading *r, const yaml_event_t *e, str *ret)
{
    str s = {(const char *)e->data.scalar.value, e->data.scalar.length};
    size_t line = e->start_mark.line;
    if (e->data.scalar.anchor || e->data.scalar.tag)
        return wrong(r, line, "YAML anchors and tags aren't taken here");
    if (!text_clean(s, "\n\t", NULL))
        return wrong(r, line,
                     "a control character, or a code point that is no character, can't "
                     "stand in a text");
    *ret = arena_str(r->a, s);
    return r->a->oom ? ST_NOMEM : ST_OK;
}

static enum status value(struct reading *r, const yaml_event_t *e, struct yaml *ret);

static enum status map(struct reading *r, struct yaml *ret)
{
    struct yaml **end = &ret->first;
    for (size_t keys = 0;; keys++) {
        yaml_event_t e;
        enum status st = next(r, &e);
        if (st)
            return st;
        if (e.type == YAML_MAPPING_END_EVENT) {
            yaml_event_delete(&e);
            return ST_OK;
        }
        struct yaml *n = arena_new(r->a, struct yaml, 1);
        str key = STR_NONE;
        size_t line = e.start_mark.line;
        st = !n                                 ? ST_NOMEM
             : keys >= KEYS && GUARD(yaml_keys) ? wrong(r, line, "more than 500 keys in one place")
             : e.type != YAML_SCALAR_EVENT      ? wrong(r, line, "a key is one word")
                                                : text_of(r, &e, &key);
        yaml_event_delete(&e);
        if (!st && yaml_get(ret, arena_cstr(r->a, key)))
            st = fail(r->err, ST_INVALID, "line %d: the key \"%.*s\" stands there twice",
                      r->first_line + (int)line, FMT(key));
        st = st ? st : next(r, &e);
        if (st)
            return st;
        st = value(r, &e, n);
        yaml_event_delete(&e);
        if (st)
            return st;
        n->key = key;
        n->line = r->first_line + (int)line;
        *end = n;
        end = &n->next;
    }
}

static enum status list(struct reading *r, struct yaml *ret)
{
    struct yaml **end = &ret->first;
    for (;;) {
        yaml_event_t e;
        enum status st = next(r, &e);
        if (st)
            return st;
        if (e.type == YAML_SEQUENCE_END_EVENT) {
            yaml_event_delete(&e);
            return ST_OK;
        }
        struct yaml *n = arena_new(r->a, struct yaml, 1);
        st = n ? value(r, &e, n) : ST_NOMEM;
        yaml_event_delete(&e);
        if (st)
            return st;
        *end = n;
        end = &n->next;
    }
}

static bool says_nothing(str s, bool plain)
{
    static const char *const words[] = {"null", "Null", "NULL", "~"};
    for (size_t i = 0; plain && i < COUNT(words); i++)
        if (str_eq(s, str_c(words[i])))
            return true;
    return s.n == 0;
}

static enum status value(struct reading *r, const yaml_event_t *e, struct yaml *ret)
{
    size_t line = e->start_mark.line;
    ret->line = r->first_line + (int)line;
    if (++r->nodes > NODES)
        return wrong(r, line, "the YAML has more than 20,000 parts");
    if (e->type == YAML_SCALAR_EVENT) {
        ret->kind = YAML_TEXT;
        enum status st = text_of(r, e, &ret->text);
        ret->null = says_nothing(ret->text, e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE);
        if (ret->null)
            ret->text = STR_NONE;
        return st;
    }
    bool is_map = e->type == YAML_MAPPING_START_EVENT;
    if (!is_map && e->type != YAML_SEQUENCE_START_EVENT)
        return wrong(r, line, "YAML aliases aren't taken here: write the text again");
    if (is_map ? e->data.mapping_start.anchor || e->data.mapping_start.tag
               : e->data.sequence_start.anchor || e->data.sequence_start.tag)
        return wrong(r, line, "YAML anchors and tags aren't taken here");
    ret->kind = is_map ? YAML_MAP : YAML_LIST;
    if (++r->depth > DEPTH)
        return wrong(r, line, "the YAML is nested more than 32 deep");
    enum status st = is_map ? map(r, ret) : list(r, ret);
    r->depth--;
    return st;
}

static enum status document(struct reading *r, struct yaml *ret)
{
    bool seen = false;
    for (;;) {
        yaml_event_t e;
        enum status st = next(r, &e);
        if (st)
            return st;
        yaml_event_type_t type = e.type;
        size_t line = e.start_mark.line;
        if (type == YAML_SCALAR_EVENT || type == YAML_MAPPING_START_EVENT ||
            type == YAML_SEQUENCE_START_EVENT || type == YAML_ALIAS_EVENT) {
            st = value(r, &e, ret);
        } else if (type == YAML_DOCUMENT_START_EVENT) {
            if (seen)
                st = wrong(r, line, "a second YAML document begins");
            seen = true;
        }
        yaml_event_delete(&e);
        if (st || type == YAML_STREAM_END_EVENT)
            return st;
    }
}

enum status yaml_read(str bytes, int first_line, struct arena *a, struct yaml *ret, struct err *err)
{
    struct reading *r = arena_new(a, struct reading, 1);
    if (!r || !yaml_parser_initialize(&r->parser))
        return ST_NOMEM;
    r->a = a;
    r->err = err;
    r->first_line = first_line;
    yaml_parser_set_encoding(&r->parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&r->parser, (const u8 *)(bytes.n ? bytes.p : ""), bytes.n);
    struct yaml root = {.kind = YAML_MAP, .line = first_line};
    enum status st = document(r, &root);
    yaml_parser_delete(&r->parser);
    if (!st)
        *ret = root;
    return st;
}

const struct yaml *yaml_get(const struct yaml *m, const char *key)
{
    for (const struct yaml *n = m->kind == YAML_MAP ? m->first : NULL; n; n = n->next)
        if (str_eq(n->key, str_c(key)))
            return n;
    return NULL;
}

/* ---- writing ---- */

/* Line ends and the like to YAML, though not to us: libyaml would fold them. */
static const char *yaml_escape(str s, size_t i, size_t *n)
{
    static const struct {
        const char *bytes, *escape;
    } list[] = {{"\n", "\\n"},           {"\t", "\\t"},           {"\xC2\x85", "\\N"},
                {"\xE2\x80\xA8", "\\L"}, {"\xE2\x80\xA9", "\\P"}, {"\xEF\xBB\xBF", "\\uFEFF"}};
    for (size_t k = 0; k < COUNT(list); k++)
        if (str_starts(str_from(s, i), str_c(list[k].bytes))) {
            *n = strlen(list[k].bytes);
            return list[k].escape;
        }
    return NULL;
}

static bool bare(str s)
{
    static const char *const words[] = {"true", "false", "null", "yes", "no", "on", "off", "~"};
    if (s.n == 0 || s.n > 200 || s.p[0] == ' ' || s.p[s.n - 1] == ' ')
        return false;
    for (size_t i = 0; i < COUNT(words); i++)
        if (str_eq_fold(s, str_c(words[i])))
            return false;
    for (size_t i = 0, n; i < s.n; i++) {
        u8 c = (u8)s.p[i];
        bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 0x80;
        bool digit = c >= '0' && c <= '9';
        if (!word && (i == 0 || (!digit && !strchr(" .-_/+()", c))))
            return false;
        if (yaml_escape(s, i, &n))
            return false;
    }
    return true;
}

void yaml_put(struct out *o, str s)
{
    if (bare(s)) {
        out_str(o, s);
        return;
    }
    out_byte(o, '"');
    for (size_t i = 0, n; i < s.n; i++) {
        char c = s.p[i];
        const char *escape = yaml_escape(s, i, &n);
        if (escape) {
            out_c(o, escape);
            i += n - 1;
        } else if (c == '"' || c == '\\') {
            out_fmt(o, "\\%c", c);
        } else {
            out_byte(o, c);
        }
    }
    out_byte(o, '"');
}

/* Edits between two words, at most 3 of them counted. */
static size_t distance(str a, str b)
{
    size_t row[64];
    if (a.n >= COUNT(row) || b.n >= COUNT(row))
        return 99;
    for (size_t k = 0; k <= b.n; k++)
        row[k] = k;
    for (size_t i = 1; i <= a.n; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t k = 1; k <= b.n; k++) {
            size_t above = row[k], best = diagonal + (a.p[i - 1] != b.p[k - 1]);
            best = above + 1 < best ? above + 1 : best;
            row[k] = row[k - 1] + 1 < best ? row[k - 1] + 1 : best;
            diagonal = above;
        }
    }
    return row[b.n];
}

str nearest_word(str word, const char *const *known, size_t n)
{
    size_t best = 4;
    str found = STR_NONE;
    for (size_t i = 0; i < n; i++) {
        size_t d = distance(word, str_c(known[i]));
        if (d < best && d < strlen(known[i])) {
            best = d;
            found = str_c(known[i]);
        }
    }
    return found;
}
