#include "newsroom/find.h"

#include "newsroom/draft_parts.h"
#include "text/terms.h"

enum {
    TEXT_BYTES = 2 << 20,
    TERMS_BYTES = 16 << 20, /* one code point may fold to eighteen */
    LOCALES = 32,
    CHUNK = 64,
    TELL_EVERY = 2000,
};

/* ---- what a story is found by ---- */

static enum status locale_of(struct view *v, str edition, str *ret)
{
    const struct edition *list = NULL;
    size_t n = 0;
    enum status st = editions_read(v, &list, &n);
    if (st)
        return st;
    *ret = STR_NONE; /* an edition that is gone: its words are as they are */
    for (size_t i = 0; i < n; i++)
        if (str_eq(list[i].slug, edition))
            *ret = list[i].locale;
    return ST_OK;
}

static void put_line(struct out *o, str s)
{
    if (!s.n)
        return;
    out_str(o, s);
    out_byte(o, '\n');
}

static enum status terms_of(const struct out *text, str locale, struct arena *a, str *ret)
{
    struct out o = out_make(a, 8 << 10, TERMS_BYTES);
    enum status st = out_status(text);
    st = st ? st : terms_join(out_view(text), locale, &o);
    if (!st)
        *ret = out_view(&o);
    return st;
}

static enum status headline_terms(const struct story_content *c, str locale, struct arena *a,
                                  str *ret)
{
    const str all[] = {c->headline, c->front, c->social, c->push};
    struct out o = out_make(a, 512, TEXT_BYTES);
    for (size_t i = 0; i < COUNT(all); i++)
        put_line(&o, all[i]);
    return terms_of(&o, locale, a, ret);
}

static enum status text_terms(const struct story_content *c, str locale, struct arena *a, str *ret)
{
    struct out o = out_make(a, 8 << 10, TEXT_BYTES);
    put_line(&o, c->standfirst);
    if (c->body)
        document_plain(c->body, &o);
    out_byte(&o, '\n');
    if (c->picture)
        put_line(&o, c->picture->caption);
    for (size_t i = 0; i < c->npictures; i++)
        put_line(&o, c->pictures[i].caption);
    return terms_of(&o, locale, a, ret);
}

enum status findable_split(const struct story_content *c, str locale, struct arena *a,
                           struct findable *ret)
{
    struct findable f = {.locale = locale};
    enum status st = headline_terms(c, locale, a, &f.headline);
    st = st ? st : text_terms(c, locale, a, &f.words);
    if (!st)
        *ret = f;
    return st;
}

enum status findable_text(struct tx *tx, const struct work *w, const struct story_content *c,
                          const struct findable *ahead)
{
    struct view v = view_plain(tx->db, tx->a, tx->now, tx->err);
    char *mark = arena_mark(tx->a);
    struct findable f;
    str locale;
    enum status st = locale_of(&v, w->edition, &locale);
    if (!st && ahead && ahead->locale.n && str_eq(ahead->locale, locale))
        f = *ahead;
    else
        st = st ? st : findable_split(c, locale, tx->a, &f);
    st = st ? st : find_put(tx, w, f.headline, f.words);
    arena_rewind(tx->a, mark);
    return st;
}

/* ---- what is looked for ---- */

struct typed {
    struct arena *a;
    str locales[LOCALES];
    size_t nlocales;
    struct find_way *ways;
    size_t n, cap, items;
    enum status st;
};

static bool has_way(const struct typed *t, str terms)
{
    for (size_t i = t->n; i > 0 && t->ways[i - 1].item == t->items; i--)
        if (str_eq(t->ways[i - 1].terms, terms))
            return true;
    return false;
}

/* One word, or words that follow each other: as each language has them. */
static void add_item(struct typed *t, str piece)
{
    for (size_t i = 0; !t->st && i < t->nlocales; i++) {
        struct out o = out_make(t->a, 512, TERMS_BYTES);
        t->st = terms_join(piece, t->locales[i], &o);
        str terms = out_view(&o);
        if (t->st || !terms.n || has_way(t, terms))
            continue;
        if (!arena_grow(t->a, t->ways, t->n, &t->cap))
            t->st = ST_NOMEM;
        else
            t->ways[t->n++] = (struct find_way){t->items, terms};
    }
    t->items++;
}

static void add_words(struct typed *t, str text)
{
    struct term *list = NULL;
    size_t n = 0;
    t->st = t->st ? t->st : terms_split(text, STR_NONE, t->a, &list, &n);
    for (size_t i = 0; !t->st && i < n; i++)
        add_item(t, str_head(str_from(text, list[i].at), list[i].n));
}

static bool quotation_mark(u32 cp)
{
    return cp == '"' || cp == 0xAB || cp == 0xBB || (cp >= 0x201C && cp <= 0x201F);
}

static void read_typed(struct typed *t, str s)
{
    bool quoted = false;
    size_t from = 0;
    for (size_t i = 0, at = 0; at <= s.n; at = i) {
        /* what is never closed closes at the end */
        if (at < s.n && !quotation_mark(utf8_next(s, &i)))
            continue;
        str piece = str_head(str_from(s, from), at - from);
        if (quoted)
            add_item(t, piece);
        else
            add_words(t, piece);
        if (at == s.n)
            break;
        quoted = !quoted;
        from = i;
    }
}

enum status find_typed(struct view *v, str typed, const struct work_query *rules,
                       const struct find_place *from, struct found *ret)
{
    const struct edition *list = NULL;
    struct typed t = {.a = v->a};
    size_t n = 0, bad;
    if (typed.n > FIND_TYPED)
        return fail(v->err, ST_TOOLARGE, "what is looked for has more than %d bytes", FIND_TYPED);
    if (!utf8_valid(typed, &bad))
        return fail(v->err, ST_INVALID, "what is looked for is no UTF-8");
    enum status st = editions_read(v, &list, &n);
    if (st)
        return st;
    for (size_t i = 0; i < n && t.nlocales < LOCALES; i++)
        t.locales[t.nlocales++] = list[i].locale;
    read_typed(&t, typed);
    if (t.st)
        return t.st;
    struct find_query q = {.rules = *rules, .ways = t.ways, .n = t.n, .budget_us = FIND_BUDGET_US};
    if (from)
        q.from = *from;
    return find_list(v, &q, ret);
}

/* ---- what isn't findable yet ---- */

struct filling {
    i64 from;
    i64 reached; /* the last that was looked at; 0: there are no more */
    size_t done;
    struct log *log;
};

static enum status fill_one(struct tx *tx, const struct work *w, struct log *log)
{
    struct view v = view_plain(tx->db, tx->a, tx->now, tx->err); /* its keys go with the story */
    struct desk d = {.v = &v, .work = *w};
    struct draft_text now;
    enum status st = story_by_key(&v, w->key, PART_PAGE, &d.story);
    st = st == ST_NOTFOUND ? ST_OK : st;
    st = st ? st : text_now(&d, &now);
    if (st == ST_INVALID || st == ST_CORRUPT) { /* broadsheet check says more of it */
        log_say(log, LOG_WARN, "store", "the story %.*s can't be found by its words: %s",
                FMT(w->key), err_words(tx->err, st));
        return ST_OK;
    }
    return st ? st : findable_text(tx, w, &now.content, NULL);
}

static enum status fill_some(struct tx *tx, void *arg)
{
    struct filling *f = arg;
    struct view v = view_plain(tx->db, tx->a, tx->now, tx->err);
    struct work *list = NULL;
    size_t n = 0;
    enum status st = find_missing(&v, f->from, CHUNK, &list, &n);
    for (size_t i = 0; !st && i < n; i++) {
        char *mark = arena_mark(tx->a);
        st = fill_one(tx, &list[i], f->log);
        arena_rewind(tx->a, mark);
    }
    f->reached = n ? list[n - 1].id : 0;
    f->done = n;
    return st;
}

enum status findable_fill(struct writer *w, struct log *log, void (*tell)(size_t n),
                          struct err *err)
{
    struct filling f = {.log = log};
    size_t total = 0, told = 0;
    enum status st;
    while ((st = writer_do(w, fill_some, &f, err)) == ST_OK && f.reached) {
        f.from = f.reached;
        total += f.done;
        if (total - told >= TELL_EVERY) {
            told = total;
            log_say(log, LOG_INFO, "store", "%zu stories can be found by their words by now",
                    total);
            if (tell)
                tell(total);
        }
    }
    return st;
}
