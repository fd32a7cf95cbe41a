/* The texts of a story at the desk: what is live, scheduled, saved, sent (newsroom/draft_parts.h).
 */
#include "newsroom/draft_parts.h"
#include "text/slug.h"
#include "text/words.h"

enum { TEXT_BYTES = 1 << 20 };

enum status text_bytes(const struct story_content *c, struct arena *a, str *ret)
{
    struct out o = out_make(a, 16 << 10, TEXT_BYTES);
    story_canonical(c, &o);
    enum status st = out_status(&o);
    if (!st)
        *ret = out_view(&o);
    return st;
}

static enum status with_body(struct arena *a, struct story_content *c)
{
    if (!c->body)
        c->body = arena_new(a, struct node, 1); /* zero: a document without blocks */
    return c->body ? ST_OK : ST_NOMEM;
}

static enum status from_bytes(const struct desk *d, str bytes, struct draft_text *ret)
{
    struct draft_text t = {.bytes = bytes};
    enum status st = story_from_canonical(bytes, d->v->a, &t.content, d->v->err);
    st = st ? st : with_body(d->v->a, &t.content);
    if (!st)
        *ret = t;
    return st;
}

static enum status from_nothing(const struct desk *d, struct draft_text *ret)
{
    struct draft_text t = {.content = {.id = d->work.key,
                                       .edition = d->work.edition,
                                       .section = d->work.section,
                                       .kind = (enum story_kind)d->work.kind}};
    enum status st = with_body(d->v->a, &t.content);
    st = st ? st : text_bytes(&t.content, d->v->a, &t.bytes);
    if (!st)
        *ret = t;
    return st;
}

static enum status from_save(const struct desk *d, i64 number, struct draft_text *ret)
{
    struct save s;
    if (number > d->work.save)
        return fail(d->v->err, ST_INVALID, "the story %.*s has no save %lld", FMT(d->work.key),
                    (long long)number);
    enum status st = save_near(d->v, d->work.id, number, &s);
    if (st == ST_NOTFOUND) /* it was destroyed, and all before it */
        return from_nothing(d, ret);
    st = st ? st : from_bytes(d, s.bytes, ret);
    if (!st)
        ret->name = s.name;
    return st;
}

static enum status from_revision(const struct desk *d, i64 number, struct draft_text *ret)
{
    struct revision r;
    enum status st = d->story.id ? revision_read(d->v, d->story.id, number, &r) : ST_NOTFOUND;
    if (st == ST_NOTFOUND)
        return fail(d->v->err, ST_INVALID, "the story %.*s has no revision %lld", FMT(d->work.key),
                    (long long)number);
    return st ? st : from_bytes(d, r.bytes, ret);
}

static enum status from_schedule(const struct desk *d, struct draft_text *ret)
{
    struct scheduled s;
    enum status st = scheduled_read(d->v, d->story.id, &s);
    if (st == ST_NOTFOUND)
        return fail(d->v->err, ST_CORRUPT, "the story %.*s is not scheduled, and its row says so",
                    FMT(d->work.key));
    return st ? st : from_bytes(d, s.bytes, ret);
}

enum status text_live(const struct desk *d, struct draft_text *ret)
{
    return from_revision(d, d->story.revision, ret);
}

enum status text_now(const struct desk *d, struct draft_text *ret)
{
    if (draft_stands(d->work.state))
        return d->work.save ? from_save(d, d->work.save, ret) : from_nothing(d, ret);
    if (d->work.state == WORK_SCHEDULED) /* a save leaves open what the door has filled in */
        return d->work.scheduled ? from_save(d, d->work.scheduled, ret) : from_schedule(d, ret);
    return text_live(d, ret);
}

enum status text_from(const struct desk *d, i64 parent, i64 base, struct draft_text *ret)
{
    if (parent)
        return from_save(d, parent, ret);
    if (base)
        return from_revision(d, base, ret);
    if (d->work.scheduled)
        return from_save(d, d->work.scheduled, ret);
    if (d->work.due_ms)
        return from_schedule(d, ret);
    if (d->story.revision && !d->work.save) /* it was scheduled when the page was opened */
        return from_revision(d, 1, ret);
    return from_nothing(d, ret);
}

enum status text_base(const struct desk *d, struct draft_text *ret)
{
    if (d->work.base)
        return from_revision(d, d->work.base, ret);
    return d->work.scheduled ? from_save(d, d->work.scheduled, ret) : from_nothing(d, ret);
}

/* ---- what a person sends ---- */

struct sending {
    struct arena *a;
    struct err *err;
    enum status st;
};

/* One line, without blanks at its ends: a break becomes a blank rather than an error. */
static str one_line(struct sending *g, str s, int line)
{
    s = str_trim(s);
    if (g->st || text_clean(s, "", NULL))
        return s;
    char *p = arena_raw(g->a, s.n + 1);
    if (!p) {
        g->st = ST_NOMEM;
        return STR_NONE;
    }
    for (size_t i = 0; i < s.n; i++)
        p[i] = (u8)s.p[i] < 0x20 || s.p[i] == 0x7F ? ' ' : s.p[i];
    str made = str_trim((str){p, s.n});
    if (!text_clean(made, "", NULL))
        g->st = fail(g->err, ST_INVALID,
                     "line %d: a code point that is no character can't stand in a text", line);
    return made;
}

static void send_person(struct sending *g, struct person_name *p, int line)
{
    p->name = one_line(g, p->name, line);
    p->lang = one_line(g, p->lang, line);
    p->role = one_line(g, p->role, line);
}

static void send_picture(struct sending *g, struct picture_use *p, int line)
{
    p->caption = one_line(g, p->caption, line);
    p->alt = one_line(g, p->alt, line);
    p->licence = one_line(g, p->licence, line);
    p->taken = one_line(g, p->taken, line);
    p->received = one_line(g, p->received, line);
    p->credit.text = one_line(g, p->credit.text, line);
    p->credit.agency = one_line(g, p->credit.agency, line);
    send_person(g, &p->credit.by, line);
    if (!g->st && (p->file.n || !key_valid(p->key)))
        g->st = fail(g->err, ST_INVALID, "line %d: a picture is named by its key", line);
}

static void *copy_list(struct sending *g, const void *list, size_t size, size_t n)
{
    void *p = n ? arena_things(g->a, size, n) : NULL;
    if (n && !p)
        g->st = ST_NOMEM;
    if (p)
        memcpy(p, list, n * size);
    return p;
}

static void send_lists(struct sending *g, struct story_content *c)
{
    c->by = copy_list(g, c->by, sizeof *c->by, c->nby);
    for (size_t i = 0; !g->st && i < c->nby; i++)
        send_person(g, &c->by[i], DRAFT_LINE(BY));
    c->topics = copy_list(g, c->topics, sizeof *c->topics, c->ntopics);
    for (size_t i = 0; !g->st && i < c->ntopics; i++)
        c->topics[i] = one_line(g, c->topics[i], DRAFT_LINE(TOPICS));
    c->pictures = copy_list(g, c->pictures, sizeof *c->pictures, c->npictures);
    for (size_t i = 0; !g->st && i < c->npictures; i++)
        send_picture(g, &c->pictures[i], DRAFT_LINE(PICTURES));
    c->picture = copy_list(g, c->picture, sizeof *c->picture, c->picture ? 1 : 0);
    if (!g->st && c->picture)
        send_picture(g, c->picture, DRAFT_LINE(PICTURE));
}

static void send_fields(struct sending *g, struct story_content *c)
{
    const struct {
        str *field;
        int line;
    } fields[] = {
        {&c->section, DRAFT_LINE(SECTION)},
        {&c->headline, DRAFT_LINE(HEADLINE)},
        {&c->front, DRAFT_LINE(HEADLINES)},
        {&c->social, DRAFT_LINE(HEADLINES)},
        {&c->push, DRAFT_LINE(HEADLINES)},
        {&c->label, DRAFT_LINE(LABEL)},
        {&c->standfirst, DRAFT_LINE(STANDFIRST)},
        {&c->slug, DRAFT_LINE(SLUG)},
        {&c->dateline, DRAFT_LINE(DATELINE)},
        {&c->background, DRAFT_LINE(BACKGROUND)},
        {&c->source, DRAFT_LINE(SOURCE)},
        {&c->licence, DRAFT_LINE(LICENCE)},
        {&c->translation_of, DRAFT_LINE(TRANSLATION_OF)},
    };
    for (size_t i = 0; i < COUNT(fields); i++)
        *fields[i].field = one_line(g, *fields[i].field, fields[i].line);
}

enum status text_sent(const struct desk *d, const struct story_content *sent,
                      struct draft_text *ret)
{
    struct sending g = {.a = d->v->a, .err = d->v->err};
    struct draft_text t = {.content = *sent};
    struct err why = {0};
    t.content.id = d->work.key;
    t.content.edition = d->work.edition;
    t.content.kind = (enum story_kind)d->work.kind;
    send_fields(&g, &t.content);
    send_lists(&g, &t.content);
    enum status st = g.st ? g.st : with_body(g.a, &t.content);
    if (!st && (st = document_check(t.content.body, &why)))
        return fail(g.err, st, "line %d: %.400s", DRAFT_LINE_BODY, err_words(&why, st));
    st = st ? st : text_bytes(&t.content, g.a, &t.bytes);
    if (st == ST_TOOLARGE)
        return fail(g.err, st, "line %d: the story has more than 1 MiB", DRAFT_LINE_BODY);
    if (!st)
        *ret = t;
    return st;
}

i64 draft_words(const struct story_content *c, struct arena *a)
{
    char *mark = arena_mark(a);
    struct out o = out_make(a, 8 << 10, TEXT_BYTES);
    i64 n = 0;
    out_str(&o, c->headline);
    out_byte(&o, '\n');
    out_str(&o, c->standfirst);
    out_byte(&o, '\n');
    if (c->body)
        document_plain(c->body, &o);
    if (out_status(&o) || words_count(out_view(&o), a, &n))
        a->oom = true;
    arena_rewind(a, mark);
    return n;
}
