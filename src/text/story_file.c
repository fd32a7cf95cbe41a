#include "text/story_file.h"

#include "base/guard.h"
#include "base/time.h"
#include "text/dates_iso.h"
#include "text/html.h"
#include "text/slug.h"
#include "text/yaml.h"

static const char *const head_names[] = {
#define X(k, name) name,
    HEAD_LIST(X)
#undef X
};

struct reading {
    struct arena *a;
    struct err *err;
    struct story_file *f;
    const struct yaml *head;
    int body_line;
};

static enum status at(struct reading *r, int line, const char *what)
{
    return fail(r->err, ST_INVALID, "line %d: %s", line, what);
}

/* ---- single values ---- */

static enum status text(struct reading *r, const struct yaml *y, size_t most, str *ret)
{
    if (y->kind != YAML_TEXT)
        return fail(r->err, ST_INVALID, "line %d: `%.*s` is one text", y->line, FMT(y->key));
    str s = str_trim(y->text);
    if (s.n > most)
        return fail(r->err, ST_TOOLARGE, "line %d: `%.*s` is longer than %zu bytes", y->line,
                    FMT(y->key), most);
    if (str_find_byte(s, '\n') >= 0 || str_find_byte(s, '\t') >= 0)
        return fail(r->err, ST_INVALID, "line %d: `%.*s` is one line", y->line, FMT(y->key));
    *ret = s;
    return ST_OK;
}

static enum status name_text(struct reading *r, const struct yaml *y, str *ret)
{
    str s;
    enum status st = text(r, y, 200, &s);
    if (st)
        return st;
    if (!text_has_word(s))
        return fail(r->err, ST_INVALID, "line %d: a name needs a letter or a digit", y->line);
    *ret = s;
    return ST_OK;
}

static enum status key_text(struct reading *r, const struct yaml *y, str *ret)
{
    enum status st = text(r, y, KEY_MAX, ret);
    if (!st && !key_valid(*ret))
        st = fail(r->err, ST_INVALID,
                  "line %d: `%.*s` has ASCII letters, digits, '-', '_' and '.', and begins with a "
                  "letter or digit",
                  y->line, FMT(y->key));
    return st;
}

static enum status moment(struct reading *r, const struct yaml *y, i64 *ret)
{
    if (y->kind == YAML_TEXT && time_parse(y->text, ret) == ST_OK && *ret > 0)
        return ST_OK;
    return fail(r->err, ST_INVALID, "line %d: `%.*s` is a moment such as 2026-11-20T06:45:00Z",
                y->line, FMT(y->key));
}

static enum status day(struct reading *r, const struct yaml *y, str *ret)
{
    enum status st = text(r, y, 10, ret);
    if (!st && !iso_date_valid(*ret))
        st = fail(r->err, ST_INVALID,
                  "line %d: `%.*s` is a day, month or year such as 2026-11-20, 2026-11 or 2026",
                  y->line, FMT(y->key));
    return st;
}

static enum status one_of(struct reading *r, const struct yaml *y, const char *const *words,
                          size_t n, size_t *ret)
{
    struct out known = out_make(r->a, 64, 1024);
    for (size_t i = 0; i < n; i++) {
        if (y->kind == YAML_TEXT && str_eq(y->text, str_c(words[i]))) {
            *ret = i;
            return ST_OK;
        }
        out_fmt(&known, "%s%s", i ? ", " : "", words[i]);
    }
    str list = out_view(&known);
    return fail(r->err, ST_INVALID, "line %d: `%.*s` is one of: %.*s", y->line, FMT(y->key),
                FMT(list));
}

static enum status unknown_key(struct reading *r, const struct yaml *y, const char *const *known,
                               size_t n)
{
    if (!GUARD(unknown_key_refused))
        return ST_OK;
    str near = nearest_word(y->key, known, n);
    if (str_eq(y->key, STR("statements")) || str_eq(y->key, STR("awaits")))
        return fail(r->err, ST_INVALID, "line %d: this version of Broadsheet doesn't keep `%.*s`",
                    y->line, FMT(y->key));
    if (near.n)
        return fail(r->err, ST_INVALID, "line %d: the key `%.*s` isn't known; did you mean `%.*s`?",
                    y->line, FMT(y->key), FMT(near));
    return fail(r->err, ST_INVALID, "line %d: the key `%.*s` isn't known", y->line, FMT(y->key));
}

/* ---- persons, credits, pictures ---- */

static bool lang_ok(str s)
{
    if (s.n < 2 || s.n > 35)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') &&
            !(c == '-' && i > 1))
            return false;
    }
    return true;
}

static enum status person(struct reading *r, const struct yaml *y, struct person_name *ret)
{
    static const char *const keys[] = {"name", "lang", "role"};
    struct person_name p = {0};
    if (y->kind == YAML_TEXT) {
        enum status st = name_text(r, y, &p.name);
        if (!st)
            *ret = p;
        return st;
    }
    if (y->kind != YAML_MAP)
        return at(r, y->line, "a person is a name, or {name, lang, role}");
    enum status st = ST_OK;
    for (const struct yaml *k = y->first; !st && k; k = k->next) {
        if (str_eq(k->key, STR("name")))
            st = name_text(r, k, &p.name);
        else if (str_eq(k->key, STR("role")))
            st = text(r, k, 200, &p.role);
        else if (str_eq(k->key, STR("lang"))) {
            st = text(r, k, 35, &p.lang);
            if (!st && !lang_ok(p.lang))
                st = at(r, k->line, "`lang` is a language such as ru or pt-BR");
        } else
            st = unknown_key(r, k, keys, COUNT(keys));
    }
    if (!st && p.name.n == 0)
        return at(r, y->line, "a person needs a `name`");
    if (!st)
        *ret = p;
    return st;
}

static enum status credit(struct reading *r, const struct yaml *y, struct credit *ret)
{
    static const char *const keys[] = {"agency", "by"};
    struct credit c = {0};
    enum status st = ST_OK;
    if (y->kind == YAML_TEXT)
        st = text(r, y, 300, &c.text);
    else if (y->kind != YAML_MAP)
        return at(r, y->line, "a credit is one text, or {agency, by}");
    for (const struct yaml *k = y->kind == YAML_MAP ? y->first : NULL; !st && k; k = k->next) {
        if (str_eq(k->key, STR("agency")))
            st = name_text(r, k, &c.agency);
        else if (str_eq(k->key, STR("by")))
            st = person(r, k, &c.by);
        else
            st = unknown_key(r, k, keys, COUNT(keys));
    }
    if (!st)
        *ret = c;
    return st;
}

static bool inside(str path)
{
    if (path.n == 0 || path.p[0] == '/')
        return false;
    for (str rest = path, part; rest.p;) {
        rest = str_cut(rest, '/', &part);
        if (part.n == 0 || str_eq(part, STR(".")) || str_eq(part, STR("..")))
            return false;
    }
    for (size_t i = 0; i < path.n; i++)
        if (path.p[i] == '\\' || (u8)path.p[i] < 0x20)
            return false;
    return true;
}

static enum status picture_path(struct reading *r, int line, str path)
{
    if (GUARD(picture_path_inside) && !inside(path))
        return fail(r->err, ST_INVALID,
                    "line %d: the picture \"%.*s\" must lie at or below the story file's folder",
                    line, FMT(path));
    return ST_OK;
}

static enum status picture_field(struct reading *r, const struct yaml *k, struct picture_use *p)
{
    static const char *const keys[] = {"file",    "key",   "caption",  "credit",
                                       "licence", "taken", "received", "alt"};
    if (str_eq(k->key, STR("file"))) {
        enum status st = text(r, k, 400, &p->file);
        return st ? st : picture_path(r, k->line, p->file);
    }
    if (str_eq(k->key, STR("key")))
        return key_text(r, k, &p->key);
    if (str_eq(k->key, STR("caption")))
        return text(r, k, 2000, &p->caption);
    if (str_eq(k->key, STR("alt")))
        return text(r, k, 2000, &p->alt);
    if (str_eq(k->key, STR("licence")))
        return text(r, k, 300, &p->licence);
    if (str_eq(k->key, STR("taken")))
        return day(r, k, &p->taken);
    if (str_eq(k->key, STR("received")))
        return day(r, k, &p->received);
    if (str_eq(k->key, STR("credit")))
        return credit(r, k, &p->credit);
    return unknown_key(r, k, keys, COUNT(keys));
}

static enum status picture(struct reading *r, const struct yaml *y, struct picture_use *ret)
{
    struct picture_use p = {.line = y->line};
    if (y->kind != YAML_MAP)
        return at(r, y->line,
                  "a picture has a `file` or a `key`, a `caption`, a `credit`, an `alt`");
    enum status st = ST_OK;
    for (const struct yaml *k = y->first; !st && k; k = k->next)
        st = picture_field(r, k, &p);
    if (!st && (p.file.n != 0) == (p.key.n != 0))
        return at(r, y->line, "a picture has either a `file` or a `key`");
    if (!st)
        *ret = p;
    return st;
}

/* ---- lists ---- */

static size_t length(const struct yaml *y)
{
    size_t n = 0;
    for (const struct yaml *k = y->first; k; k = k->next)
        n++;
    return n;
}

static enum status list_of(struct reading *r, const struct yaml *y, size_t most, size_t *n)
{
    if (y->kind != YAML_LIST)
        return fail(r->err, ST_INVALID, "line %d: `%.*s` is a list: [one, two]", y->line,
                    FMT(y->key));
    *n = length(y);
    if (*n > most)
        return fail(r->err, ST_TOOLARGE, "line %d: `%.*s` has more than %zu entries", y->line,
                    FMT(y->key), most);
    return ST_OK;
}

static enum status bylines(struct reading *r, const struct yaml *y)
{
    struct story_content *s = &r->f->story;
    enum status st = list_of(r, y, STORY_BYLINES, &s->nby);
    s->by = arena_new(r->a, struct person_name, STORY_BYLINES);
    size_t i = 0;
    for (const struct yaml *k = y->first; !st && s->by && k; k = k->next)
        st = person(r, k, &s->by[i++]);
    return st;
}

static enum status topics(struct reading *r, const struct yaml *y)
{
    struct story_content *s = &r->f->story;
    enum status st = list_of(r, y, STORY_TOPICS, &s->ntopics);
    s->topics = arena_new(r->a, str, STORY_TOPICS);
    size_t i = 0;
    for (const struct yaml *k = y->first; !st && s->topics && k; k = k->next)
        st = name_text(r, k, &s->topics[i++]);
    return st;
}

static enum status pictures(struct reading *r, const struct yaml *y)
{
    struct story_content *s = &r->f->story;
    enum status st = list_of(r, y, STORY_PICTURES, &s->npictures);
    s->pictures = arena_new(r->a, struct picture_use, STORY_PICTURES);
    size_t i = 0;
    for (const struct yaml *k = y->first; !st && s->pictures && k; k = k->next)
        st = picture(r, k, &s->pictures[i++]);
    return st;
}

static enum status headlines(struct reading *r, const struct yaml *y)
{
    static const char *const keys[] = {"front", "social", "push"};
    struct story_content *s = &r->f->story;
    if (y->kind != YAML_MAP)
        return at(r, y->line, "`headlines` has front, social and push");
    enum status st = ST_OK;
    for (const struct yaml *k = y->first; !st && k; k = k->next)
        st = str_eq(k->key, STR("front"))    ? text(r, k, 400, &s->front)
             : str_eq(k->key, STR("social")) ? text(r, k, 400, &s->social)
             : str_eq(k->key, STR("push"))   ? text(r, k, 400, &s->push)
                                             : unknown_key(r, k, keys, COUNT(keys));
    return st;
}

/* ---- the head, key by key ---- */

static enum status simple_key(struct reading *r, enum head_key key, const struct yaml *y)
{
    struct story_content *s = &r->f->story;
    switch (key) {
    case HEAD_ID:
        return key_text(r, y, &s->id);
    case HEAD_EDITION:
        return text(r, y, SLUG_MAX, &s->edition);
    case HEAD_SECTION:
        return text(r, y, SLUG_MAX, &s->section);
    case HEAD_HEADLINE:
        return text(r, y, 400, &s->headline);
    case HEAD_STANDFIRST:
        return text(r, y, 1000, &s->standfirst);
    case HEAD_DATELINE:
        return text(r, y, 100, &s->dateline);
    case HEAD_BACKGROUND:
        return key_text(r, y, &s->background);
    case HEAD_TRANSLATION_OF:
        return key_text(r, y, &s->translation_of);
    case HEAD_LICENCE:
        return text(r, y, 300, &s->licence);
    case HEAD_CORRECTION:
        return text(r, y, 2000, &r->f->correction);
    case HEAD_PUBLISHED:
        return moment(r, y, &s->published);
    case HEAD_EMBARGO:
        return moment(r, y, &s->embargo);
    default:
        return ST_BUG;
    }
}

static enum status choice_key(struct reading *r, enum head_key key, const struct yaml *y)
{
    static const char *const kinds[] = {"story", "background", "page"};
    static const char *const labels[] = {"analysis", "opinion", "review", "sponsored", "reports"};
    static const char *const changes[] = {"update", "clarification", "correction", "typo"};
    size_t i = 0;
    enum status st;
    if (key == HEAD_KIND) {
        st = one_of(r, y, kinds, COUNT(kinds), &i);
        r->f->story.kind = (enum story_kind)i;
    } else if (key == HEAD_LABEL) {
        st = one_of(r, y, labels, COUNT(labels), &i);
        r->f->story.label = str_c(labels[i]);
    } else {
        st = one_of(r, y, changes, COUNT(changes), &i);
        r->f->change = (enum change_kind)i;
    }
    return st;
}

static enum status special_key(struct reading *r, enum head_key key, const struct yaml *y)
{
    struct story_content *s = &r->f->story;
    enum status st = ST_OK;
    switch (key) {
    case HEAD_REVISION:
        if (y->kind != YAML_TEXT || str_i64(y->text, &r->f->revision) || r->f->revision < 1)
            return at(r, y->line, "`revision` is a number, as export writes it");
        return ST_OK;
    case HEAD_SLUG:
        st = text(r, y, SLUG_MAX, &s->slug);
        if (!st && !slug_valid(s->slug))
            return at(r, y->line,
                      "`slug` has small letters, digits and single hyphens, at most 80");
        return st;
    case HEAD_SOURCE:
        st = text(r, y, 1000, &s->source);
        if (!st && !str_starts(s->source, STR("https://")) &&
            !str_starts(s->source, STR("http://")))
            return at(r, y->line, "`source` is an http or https address");
        return st || url_allowed(s->source)
                   ? st
                   : at(r, y->line, "`source` is an http or https address");
    case HEAD_BY:
        return bylines(r, y);
    case HEAD_TOPICS:
        return topics(r, y);
    case HEAD_PICTURES:
        return pictures(r, y);
    case HEAD_HEADLINES:
        return headlines(r, y);
    case HEAD_PICTURE:
        s->picture = arena_new(r->a, struct picture_use, 1);
        return s->picture ? picture(r, y, s->picture) : ST_NOMEM;
    case HEAD_KIND:
    case HEAD_LABEL:
    case HEAD_CHANGE:
        return choice_key(r, key, y);
    default:
        return simple_key(r, key, y);
    }
}

/* Keys that a story can do without: with nothing in them they take back what was said. */
static bool taken_back(enum head_key key, const struct yaml *y)
{
    static const enum head_key optional[] = {
        HEAD_HEADLINES, HEAD_LABEL,   HEAD_STANDFIRST,    HEAD_DATELINE, HEAD_EMBARGO,
        HEAD_BY,        HEAD_TOPICS,  HEAD_BACKGROUND,    HEAD_PICTURE,  HEAD_PICTURES,
        HEAD_SOURCE,    HEAD_LICENCE, HEAD_TRANSLATION_OF};
    bool nothing = y->kind == YAML_TEXT ? y->null : !y->first;
    for (size_t i = 0; nothing && i < COUNT(optional); i++)
        if (key == optional[i])
            return true;
    return false;
}

static enum status read_head(struct reading *r)
{
    enum status st = ST_OK;
    for (const struct yaml *y = r->head->first; !st && y; y = y->next) {
        size_t k = 0;
        while (k < HEAD_KEYS && !str_eq(y->key, str_c(head_names[k])))
            k++;
        if (k == HEAD_KEYS) {
            st = unknown_key(r, y, head_names, HEAD_KEYS);
            continue;
        }
        r->f->has |= 1ull << k;
        r->f->line[k] = y->line;
        if (!taken_back((enum head_key)k, y))
            st = special_key(r, (enum head_key)k, y);
    }
    return st;
}

/* ---- what the keys mean together ---- */

static enum status check_head(struct reading *r)
{
    struct story_file *f = r->f;
    struct story_content *s = &f->story;
    if (s->id.n == 0)
        return at(r, 1, "a story file needs an `id`");
    if (s->headline.n == 0)
        return at(r, f->line[HEAD_HEADLINE] ? f->line[HEAD_HEADLINE] : 1,
                  "a story file needs a `headline`");
    if (!text_has_word(s->headline))
        return at(r, f->line[HEAD_HEADLINE], "a headline needs a letter or a digit");
    if (STORY_FILE_HAS(f, KIND) && s->kind != KIND_STORY && s->section.n)
        return at(r, f->line[HEAD_SECTION], "a page or a background has no section");
    if (s->kind == KIND_BACKGROUND && s->background.n)
        return at(r, f->line[HEAD_BACKGROUND], "a background can't name a background");
    if (s->background.n && str_eq(s->background, s->id))
        return at(r, f->line[HEAD_BACKGROUND], "a story can't be its own background");
    if (s->translation_of.n && str_eq(s->translation_of, s->id))
        return at(r, f->line[HEAD_TRANSLATION_OF], "a story can't be its own translation");
    bool tells = f->change == CHANGE_CORRECTION || f->change == CHANGE_CLARIFICATION;
    if (tells && f->correction.n == 0)
        return at(r, f->line[HEAD_CHANGE],
                  "a correction or clarification needs its words in `correction`");
    if (!tells && f->correction.n)
        return at(r, f->line[HEAD_CORRECTION],
                  "`correction` goes with `change: correction` or `change: clarification`");
    if (s->embargo && s->published && s->published < s->embargo)
        return at(r, f->line[HEAD_PUBLISHED], "`published` lies before the embargo");
    return ST_OK;
}

/* ---- pictures that the body names by shorthand ---- */

struct shorthand {
    struct reading *r;
    enum status st;
    struct {
        bool stands; /* in the body, with these words */
        int line;
        str caption, credit;
    } seen[STORY_PICTURES];
};

/* One picture has one caption in a story, wherever it stands: other words would be lost. */
static enum status stands_again(struct shorthand *h, size_t i, const struct node *n)
{
    str caption = n->picture.caption, credit = n->picture.credit;
    if (!h->seen[i].stands) {
        h->seen[i].stands = true;
        h->seen[i].line = n->line;
        h->seen[i].caption = caption;
        h->seen[i].credit = credit;
        return ST_OK;
    }
    if ((!caption.n && !credit.n) ||
        (str_eq(caption, h->seen[i].caption) && str_eq(credit, h->seen[i].credit)))
        return ST_OK;
    return fail(
        h->r->err, ST_INVALID,
        "line %d: the picture %.*s stands in the body twice, in line %d with another caption "
        "or credit: give both the same",
        n->line, FMT(n->picture.ref), h->seen[i].line);
}

static enum status check_words(struct reading *r, const struct node *n)
{
    if (n->picture.caption.n > 2000 || n->picture.credit.n > 300)
        return fail(r->err, ST_TOOLARGE,
                    "line %d: a picture's caption has at most 2,000 bytes, its credit 300",
                    n->line);
    return ST_OK;
}

static bool add_shorthand(void *arg, const struct node *n)
{
    struct shorthand *h = arg;
    struct reading *r = h->r;
    struct story_content *s = &r->f->story;
    if (n->kind != NODE_PICTURE)
        return true;
    struct node *node = (struct node *)n; /* made by this reader a moment ago */
    h->st = check_words(r, n);
    if (h->st)
        return false;
    struct picture_use use = {
        .line = n->line, .caption = n->picture.caption, .credit = {.text = n->picture.credit}};
    if (str_starts(n->picture.ref, STR("picture:"))) {
        use.key = str_from(n->picture.ref, 8);
        node->picture.ref = use.key;
        if (!key_valid(use.key)) {
            h->st = at(r, n->line, "picture: names no kept picture");
            return false;
        }
    } else {
        use.file = n->picture.ref;
        h->st = picture_path(r, n->line, use.file);
        if (h->st)
            return false;
    }
    for (size_t i = 0; i < s->npictures; i++) {
        struct picture_use *p = &s->pictures[i];
        if (!str_eq(p->file, use.file) || !str_eq(p->key, use.key))
            continue;
        h->st = stands_again(h, i, n);
        if (h->st)
            return false;
        p->caption =
            p->caption.n ? p->caption : use.caption; /* the entry in the head says it better */
        if (!p->credit.text.n && !p->credit.agency.n && !p->credit.by.name.n)
            p->credit = use.credit;
        return true;
    }
    if (!s->pictures)
        s->pictures = arena_new(r->a, struct picture_use, STORY_PICTURES);
    if (!s->pictures || s->npictures == STORY_PICTURES) {
        h->st = at(r, n->line, "a story has at most 64 pictures");
        return false;
    }
    h->st = stands_again(h, s->npictures, n);
    s->pictures[s->npictures++] = use;
    return true;
}

/* ---- the file ---- */

static int line_of(str bytes, size_t at_byte)
{
    int line = 1;
    for (size_t i = 0; i < at_byte && i < bytes.n; i++)
        line += bytes.p[i] == '\n';
    return line;
}

static enum status clean(str *bytes, struct arena *a, struct err *err)
{
    size_t bad;
    if (bytes->n > STORY_FILE_BYTES)
        return fail(err, ST_TOOLARGE, "line 1: the file is larger than 1 MiB");
    if (str_starts(*bytes, STR("\xEF\xBB\xBF")))
        *bytes = str_from(*bytes, 3);
    if (!utf8_valid(*bytes, &bad))
        return fail(err, ST_INVALID, "line %d: this isn't UTF-8", line_of(*bytes, bad));
    ptrdiff_t nul = str_find_byte(*bytes, '\0');
    if (nul >= 0 && GUARD(nul_refused))
        return fail(err, ST_INVALID, "line %d: U+0000 can't stand in a text",
                    line_of(*bytes, (size_t)nul));
    if (nul < 0 && GUARD(no_character_refused) && !text_clean(*bytes, "\n\r\t", &bad))
        return fail(err, ST_INVALID,
                    "line %d: a control character, or a code point that is no character, can't "
                    "stand in a text",
                    line_of(*bytes, bad));
    if (str_find_byte(*bytes, '\r') < 0)
        return ST_OK;
    struct out o = out_make(a, bytes->n, STORY_FILE_BYTES);
    for (size_t i = 0; i < bytes->n; i++) {
        bool cr = bytes->p[i] == '\r';
        if (cr && i + 1 < bytes->n && bytes->p[i + 1] == '\n')
            continue;
        out_byte(&o, cr ? '\n' : bytes->p[i]);
    }
    *bytes = out_view(&o);
    return out_status(&o);
}

/* The head stands between two lines of three hyphens. */
static enum status cut_head(str bytes, str *head, str *body, int *body_line, struct err *err)
{
    str line, rest = str_cut(bytes, '\n', &line);
    if (!str_eq(str_trim(line), STR("---")))
        return fail(err, ST_INVALID,
                    "line 1: a story file opens with a head between two lines of `---`");
    const char *from = rest.p;
    for (int n = 2; rest.p; n++) {
        const char *start = rest.p;
        rest = str_cut(rest, '\n', &line);
        if (!str_eq(str_trim(line), STR("---")) || line.p[0] != '-')
            continue;
        *head = (str){from, (size_t)(start - from)};
        *body = rest;
        *body_line = n + 1;
        return head->n <= STORY_HEAD_BYTES
                   ? ST_OK
                   : fail(err, ST_TOOLARGE, "line 1: the head is longer than 64 KiB");
    }
    return fail(err, ST_INVALID, "line 1: the head has no end: a line of `---` closes it");
}

enum status story_file_read(str bytes, struct arena *a, struct story_file *ret, struct err *err)
{
    struct story_file *f = arena_new(a, struct story_file, 1);
    struct yaml head;
    struct reading r = {.a = a, .err = err, .f = f, .head = &head};
    str head_text, body;
    if (!f)
        return ST_NOMEM;
    if (bytes.n == 0)
        return fail(err, ST_INVALID, "line 1: the file is empty");
    enum status st = clean(&bytes, a, err);
    st = st ? st : cut_head(bytes, &head_text, &body, &r.body_line, err);
    st = st ? st : yaml_read(head_text, 2, a, &head, err);
    if (st)
        return st;
    if (head.kind != YAML_MAP)
        return fail(err, ST_INVALID, "line 2: the head is `key: value`, one a line");
    f->body_line = r.body_line;
    st = read_head(&r);
    st = st ? st : check_head(&r);
    st = st ? st : document_from_markdown(body, r.body_line, a, &f->story.body, err);
    struct shorthand h = {.r = &r, .st = ST_OK};
    if (!st) {
        document_walk(f->story.body, add_shorthand, &h);
        st = h.st;
    }
    if (!st && a->oom)
        st = ST_NOMEM;
    if (!st)
        *ret = *f;
    return st;
}
