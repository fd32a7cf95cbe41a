/* A story's content as the fields of a form, and back. What comes back passes through the story
 * file's own reader: whatever can't be published can't be saved, and a story has one set of rules,
 * however it was written. */
#include "base/guard.h"
#include "desk/parts.h"
#include "text/story_file.h"

enum { NEW_BYLINES = 2 };

/* ---- to fields ---- */

struct filling {
    struct arena *a;
    struct form form;
    size_t cap;
};

static void put(struct filling *w, str name, str value)
{
    if (!arena_grow(w->a, w->form.fields, w->form.n, &w->cap))
        return;
    w->form.fields[w->form.n++] = (struct form_field){.name = name, .value = value};
}

static str name_of(struct arena *a, const char *what, size_t i, const char *part)
{
    return arena_fmt(a, "%s-%zu-%s", what, i, part);
}

static void put_person(struct filling *w, size_t i, const struct person_name *p)
{
    put(w, name_of(w->a, "by", i, "name"), p->name);
    put(w, name_of(w->a, "by", i, "role"), p->role);
    put(w, name_of(w->a, "by", i, "lang"), p->lang);
}

#define USE_PARTS(X)                                                                               \
    X("key", key)                                                                                  \
    X("caption", caption)                                                                          \
    X("alt", alt)                                                                                  \
    X("credit", credit.text)                                                                       \
    X("agency", credit.agency)                                                                     \
    X("by", credit.by.name)                                                                        \
    X("by-lang", credit.by.lang)                                                                   \
    X("by-role", credit.by.role) X("licence", licence) X("taken", taken) X("received", received)

/* The lead picture is number 0, those of the body follow. */
static void put_use(struct filling *w, size_t i, const struct picture_use *u)
{
#define X(part, field) put(w, name_of(w->a, "picture", i, part), u->field);
    USE_PARTS(X)
#undef X
}

static str lines_of(const str *list, size_t n, struct arena *a)
{
    struct out o = out_make(a, 256, 64 << 10);
    for (size_t i = 0; i < n; i++) {
        if (i)
            out_byte(&o, '\n');
        out_str(&o, list[i]);
    }
    return out_view(&o);
}

/* The fields that hold one line each, and nothing else. */
#define LINE_PARTS(X)                                                                              \
    X("headline", headline)                                                                        \
    X("front", front)                                                                              \
    X("social", social)                                                                            \
    X("push", push)                                                                                \
    X("label", label)                                                                              \
    X("standfirst", standfirst)                                                                    \
    X("slug", slug)                                                                                \
    X("dateline", dateline)                                                                        \
    X("section", section)                                                                          \
    X("background", background)                                                                    \
    X("source", source) X("licence", licence) X("translation-of", translation_of)

/* The body names pictures as picture:KEY, as in an exported file. */
static enum status body_text(struct node *body, struct arena *a, str *ret)
{
    struct story_content bare = {.id = STR("x"), .body = body};
    struct out o = out_make(a, 16 << 10, 2 * DOCUMENT_BYTES);
    if (!body) {
        *ret = STR_NONE;
        return ST_OK;
    }
    story_file_write(&bare, 0, &o);
    str whole = out_view(&o);
    ptrdiff_t head = str_find(str_from(whole, 4), STR("---\n"));
    *ret = head < 0 ? STR_NONE : str_from(whole, 4 + (size_t)head + 4);
    return out_status(&o);
}

static enum status body_document(const struct node *body, struct arena *a, str *ret)
{
    struct node empty = {.kind = NODE_DOC};
    struct out o = out_make(a, 16 << 10, 4 * DOCUMENT_BYTES);
    document_write(body ? body : &empty, &o);
    enum status st = out_status(&o);
    if (!st)
        *ret = out_view(&o);
    return st;
}

enum status story_form_write(const struct story_content *c, struct arena *a, struct form *ret)
{
    struct filling w = {.a = a};
    str body, document;
    enum status st = body_text(c->body, a, &body);
    st = st ? st : body_document(c->body, a, &document);
    if (st)
        return st;
#define X(name, field) put(&w, STR(name), c->field);
    LINE_PARTS(X)
#undef X
    put(&w, STR("topics"), lines_of(c->topics, c->ntopics, a));
    const struct person_name nobody = {.name = STR_NONE};
    const struct picture_use none = {.line = 0};
    for (size_t i = 0; i < c->nby + NEW_BYLINES && i < STORY_BYLINES; i++)
        put_person(&w, i, i < c->nby ? &c->by[i] : &nobody);
    put_use(&w, 0, c->picture ? c->picture : &none);
    for (size_t i = 0; i < c->npictures; i++)
        put_use(&w, i + 1, &c->pictures[i]);
    put(&w, STR("body"), body);
    put(&w, STR("document"), document);
    if (a->oom)
        return ST_NOMEM;
    *ret = w.form;
    return ST_OK;
}

/* ---- from fields ---- */

/* A field of one line: whatever a person pasted, it has no line ends and no blanks at its edges. */
static str one_line(const struct form *f, const char *name, struct arena *a)
{
    str s = str_trim(form_text(f, name));
    char *p = arena_bytes(a, s.n);
    size_t n = 0;
    for (size_t i = 0; p && i < s.n; i++) {
        bool blank = s.p[i] == '\n' || s.p[i] == '\t';
        if (blank && n && p[n - 1] == ' ')
            continue;
        p[n++] = blank ? ' ' : s.p[i];
    }
    return p ? (str){p, n} : STR_NONE;
}

static str part(const struct form *f, const char *what, size_t i, const char *name, struct arena *a)
{
    return one_line(f, arena_cstr(a, name_of(a, what, i, name)), a);
}

static enum status read_by(const struct form *f, struct arena *a, struct story_content *c)
{
    c->by = arena_new(a, struct person_name, STORY_BYLINES);
    c->nby = 0;
    if (!c->by)
        return ST_NOMEM;
    for (size_t i = 0; i < STORY_BYLINES; i++) {
        struct person_name p = {.name = part(f, "by", i, "name", a),
                                .role = part(f, "by", i, "role", a),
                                .lang = part(f, "by", i, "lang", a)};
        if (p.name.n)
            c->by[c->nby++] = p;
    }
    return ST_OK;
}

static enum status read_topics(const struct form *f, struct arena *a, struct story_content *c)
{
    str one;
    c->topics = arena_new(a, str, STORY_TOPICS + 1);
    c->ntopics = 0;
    if (!c->topics)
        return ST_NOMEM;
    for (str rest = form_text(f, "topics"); rest.p;) {
        rest = str_cut(rest, '\n', &one);
        one = str_trim(one);
        if (one.n && c->ntopics <= STORY_TOPICS) /* one too many, so that the reader says so */
            c->topics[c->ntopics++] = one;
    }
    return ST_OK;
}

static bool read_use(const struct form *f, size_t i, struct arena *a, struct picture_use *u)
{
    *u = (struct picture_use){.line = 0};
#define X(name, field) u->field = part(f, "picture", i, name, a);
    USE_PARTS(X)
#undef X
    return u->key.n > 0;
}

static enum status read_pictures(const struct form *f, struct arena *a, struct story_content *c)
{
    c->picture = NULL;
    c->pictures = arena_new(a, struct picture_use, STORY_PICTURES + 1);
    c->npictures = 0;
    struct picture_use lead, *kept = arena_new(a, struct picture_use, 1);
    if (!c->pictures || !kept)
        return ST_NOMEM;
    if (read_use(f, 0, a, &lead)) {
        *kept = lead;
        c->picture = kept;
    }
    for (size_t i = 1; i <= STORY_PICTURES; i++)
        if (read_use(f, i, a, &c->pictures[c->npictures]))
            c->npictures++;
    return ST_OK;
}

/* ---- errors: from a line of the file that was made to a field ---- */

static const struct {
    const char *key, *field;
    int line;
} places[] = {
    {"section", "section", DRAFT_LINE(SECTION)},
    {"headline", "headline", DRAFT_LINE(HEADLINE)},
    {"headlines", "front", DRAFT_LINE(HEADLINES)},
    {"label", "label", DRAFT_LINE(LABEL)},
    {"standfirst", "standfirst", DRAFT_LINE(STANDFIRST)},
    {"slug", "slug", DRAFT_LINE(SLUG)},
    {"dateline", "dateline", DRAFT_LINE(DATELINE)},
    {"published", "published", DRAFT_LINE(PUBLISHED)},
    {"embargo", "embargo", DRAFT_LINE(EMBARGO)},
    {"by", "by-0-name", DRAFT_LINE(BY)},
    {"topics", "topics", DRAFT_LINE(TOPICS)},
    {"background", "background", DRAFT_LINE(BACKGROUND)},
    {"picture", "picture-0-caption", DRAFT_LINE(PICTURE)},
    {"pictures", "picture-1-caption", DRAFT_LINE(PICTURES)},
    {"source", "source", DRAFT_LINE(SOURCE)},
    {"licence", "licence", DRAFT_LINE(LICENCE)},
    {"translation-of", "translation-of", DRAFT_LINE(TRANSLATION_OF)},
    {"correction", "correction", DRAFT_LINE(CORRECTION)},
};

/* "line 12: words" as 12 and words; 0 without a line. */
static int line_of(str error, str *words)
{
    str number;
    i64 n;
    *words = error;
    if (!str_starts(error, STR("line ")))
        return 0;
    str rest = str_cut(str_from(error, 5), ':', &number);
    if (str_i64(number, &n) || n < 0 || n > INT32_MAX)
        return 0;
    *words = str_trim(rest);
    return (int)n;
}

/* The head key that line n of the file belongs to: the last one at or above it. */
static int place_of(str file, int n)
{
    int found = 0;
    str line;
    for (int i = 1; file.p && i <= n; i++) {
        file = str_cut(file, '\n', &line);
        str key;
        str_cut(line, ':', &key);
        for (size_t k = 0; k < COUNT(places); k++)
            if (str_eq(key, str_c(places[k].key)))
                found = places[k].line;
    }
    return found;
}

static enum status say_place(str file, int body_line, struct err *err)
{
    str words;
    char kept[sizeof err->text];
    memcpy(kept, err->text, sizeof kept);
    int n = line_of(str_c(kept), &words);
    if (!n)
        return ST_INVALID;
    int place = n >= body_line ? DRAFT_LINE_BODY + n - body_line : place_of(file, n);
    return place ? fail(err, ST_INVALID, "line %d: %.*s", place, FMT(words))
                 : fail(err, ST_INVALID, "%.*s", FMT(words));
}

const char *story_form_field(str error, str *words)
{
    int n = line_of(error, words);
    if (n >= DRAFT_LINE_BODY)
        return "body";
    for (size_t i = 0; n && i < COUNT(places); i++)
        if (places[i].line == n)
            return places[i].field;
    return "";
}

/* ---- reading ---- */

static enum status head_of(const struct form *f, const struct story_content *was, struct arena *a,
                           struct story_content *ret)
{
    *ret = *was;
    ret->body = NULL;
#define X(name, field) ret->field = one_line(f, name, a);
    LINE_PARTS(X)
#undef X
    enum status st = read_by(f, a, ret);
    st = st ? st : read_topics(f, a, ret);
    return st ? st : read_pictures(f, a, ret);
}

static int lines_in(str s)
{
    int n = 1;
    for (size_t i = 0; i < s.n; i++)
        n += s.p[i] == '\n';
    return n;
}

/* The text as the editor sends it, or as it was typed as Markdown: *doc stays NULL with this. The
 * document is kept as it came, whatever its Markdown looks like. */
static enum status text_of(const struct form *f, struct arena *a, struct node **doc, str *markdown,
                           struct err *err)
{
    struct err why = {{0}};
    str json = form_text(f, "document");
    if (!json.n || (form_field(f, STR("body")) && !GUARD(desk_document_first))) {
        *markdown = form_text(f, "body");
        return ST_OK;
    }
    struct node *read;
    enum status st = document_read(json, a, &read, &why);
    if (st == ST_INVALID || st == ST_TOOLARGE)
        return fail(err, ST_INVALID, "line %d: %s", DRAFT_LINE_BODY, why.text);
    st = st ? st : body_text(read, a, markdown);
    if (!st)
        *doc = read;
    return st;
}

str story_form_body(const struct form *f, struct arena *a)
{
    struct node *doc = NULL;
    struct err unread;
    str markdown;
    return text_of(f, a, &doc, &markdown, &unread) ? form_text(f, "body") : markdown;
}

static enum status too_long(enum status st, struct err *err)
{
    return st == ST_TOOLARGE
               ? fail(err, ST_INVALID, "line %d: the story is longer than 1 MiB", DRAFT_LINE_BODY)
               : st;
}

enum status story_form_read(const struct form *f, const struct story_content *was, struct arena *a,
                            struct story_content *ret, struct err *err)
{
    struct story_content head;
    struct node empty = {.kind = NODE_DOC}, *doc = NULL;
    struct story_file file;
    str text = STR_NONE;
    struct out o = out_make(a, 16 << 10, STORY_FILE_BYTES);
    enum status st = head_of(f, was, a, &head);
    st = st ? st : too_long(text_of(f, a, &doc, &text, err), err);
    if (st)
        return st;
    /* a draft may be without a headline; a file may not */
    bool untitled = head.headline.n == 0;
    if (untitled)
        head.headline = STR("0");
    head.embargo = 0; /* of an update: a file's can't lie after its date */
    head.body = &empty;
    story_file_write(&head, 0, &o);
    int body_line = lines_in(out_view(&o));
    out_str(&o, text);
    st = too_long(out_status(&o), err);
    st = st ? st : story_file_read(out_view(&o), a, &file, err);
    if (st == ST_INVALID || st == ST_TOOLARGE)
        return say_place(out_view(&o), body_line, err);
    if (st)
        return st;
    *ret = file.story;
    ret->embargo = was->embargo;
    if (doc)
        ret->body = doc;
    if (untitled)
        ret->headline = STR_NONE;
    return ST_OK;
}

enum status story_form_turn(const struct form *f, const struct story_content *was, struct arena *a,
                            struct turned *ret, struct err *err)
{
    struct story_content c;
    enum status st = story_form_read(f, was, a, &c, err);
    bool document = form_text(f, "document").n == 0;
    str text;
    if (!st)
        st = document ? body_document(c.body, a, &text) : body_text(c.body, a, &text);
    if (!st)
        *ret = (struct turned){.text = text, .document = document};
    return st;
}
