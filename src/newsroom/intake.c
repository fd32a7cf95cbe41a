#include "newsroom/intake.h"

#include <pthread.h>

#include "media/picture.h"
#include "newsroom/draft.h"
#include "newsroom/find.h"
#include "newsroom/unschedule.h"

/* One message read and its pictures kept: what a transaction needs. */
struct prepared {
    const struct intake_message *m;
    struct story_file story;
    struct sections_file sections;
    struct site_file site;
    struct kept_picture *pictures;
    size_t npictures;
    const struct intake *in;
    struct published published;
    struct site_published changed;
    str warnings[PUBLISH_WARNINGS];
    size_t nwarnings;
    i64 words; /* of a story */
    struct findable ahead;
};

static enum status named(const struct intake_message *m, enum status st, struct err *err)
{
    struct err why = *err;
    return fail(err, st, "%.*s: %.380s", FMT(m->name), err_words(&why, st));
}

static enum status read_message(struct prepared *p, struct arena *a, struct err *err)
{
    switch (p->m->kind) {
    case INTAKE_STORY:
        return story_file_read(p->m->bytes, a, &p->story, err);
    case INTAKE_SECTIONS:
        return sections_file_read(p->m->bytes, a, &p->sections, err);
    default:
        return site_file_read(p->m->bytes, a, &p->site, err);
    }
}

int intake_picture_line(enum intake_kind kind, str bytes, struct arena *a, str name)
{
    struct story_file f;
    struct sections_file s;
    if (kind == INTAKE_STORY && story_file_read(bytes, a, &f, NULL) == ST_OK) {
        if (f.story.picture && str_eq(f.story.picture->file, name))
            return f.story.picture->line;
        for (size_t i = 0; i < f.story.npictures; i++)
            if (str_eq(f.story.pictures[i].file, name))
                return f.story.pictures[i].line;
    }
    if (kind == INTAKE_SECTIONS && sections_file_read(bytes, a, &s, NULL) == ST_OK)
        for (size_t i = 0; i < s.n; i++)
            if (str_eq(s.sections[i].picture, name))
                return s.sections[i].line;
    return 0;
}

enum status intake_picture(const struct intake *in, str bytes, struct arena *a, struct picture *ret,
                           struct err *err)
{
    struct picture_facts facts;
    struct sha256 original, served;
    str stripped;
    char *mark = arena_mark(a);
    enum status st = picture_read(bytes, &facts, err);
    st = st ? st : picture_strip(bytes, a, &stripped, err);
    st = st ? st : blob_keep(in->blobs, BLOB_ORIGINAL, bytes, &original, err);
    st = st ? st : blob_keep(in->blobs, BLOB_SERVED, stripped, &served, err);
    arena_rewind(a, mark);
    if (st)
        return st;
    str hash = sha256_hex(served, a);
    struct picture row = {
        .type = (i64)facts.type,
        .width = facts.width,
        .height = facts.height,
        .size = (i64)bytes.n,
        .added_ms = time_now(),
        .original = arena_str(a, (str){(const char *)original.bytes, sizeof original.bytes}),
        .served = arena_str(a, (str){(const char *)served.bytes, sizeof served.bytes}),
        .key = str_head(sha256_hex(original, a), 32),
        .address = arena_fmt(a, "/picture/%.*s.%s", FMT(hash), picture_extension(facts.type))};
    if (a->oom)
        return ST_NOMEM;
    *ret = row;
    return ST_OK;
}

static enum status keep_one(struct prepared *p, const struct intake_file *f, struct arena *a,
                            struct err *err)
{
    struct kept_picture *k = &p->pictures[p->npictures];
    struct err why = {0};
    *k = (struct kept_picture){.file = f->name};
    enum status st = intake_picture(p->in, f->bytes, a, &k->row, &why);
    if (st)
        return fail(err, st, "line %d: the picture %.*s: %.300s",
                    intake_picture_line(p->m->kind, p->m->bytes, a, f->name), FMT(f->name),
                    err_words(&why, st));
    if (f->bytes.n > PICTURE_WARN_BYTES && p->nwarnings < PUBLISH_WARNINGS)
        p->warnings[p->nwarnings++] =
            arena_fmt(a, "the picture %.*s has %.1f MB: readers load all of it", FMT(f->name),
                      (double)f->bytes.n / 1e6);
    p->npictures++;
    return a->oom ? ST_NOMEM : ST_OK;
}

/* Done here, for the writer has no time to spare. */
static enum status look_ahead(struct prepared *p, struct arena *a, struct err *err)
{
    const struct story_content *c = &p->story.story;
    str locale = STR_NONE;
    p->words = draft_words(c, a);
    enum status st =
        p->in->language ? p->in->language(p->in->language_arg, c->edition, a, &locale, err) : ST_OK;
    return st || !locale.n ? st : findable_split(c, locale, a, &p->ahead);
}

static enum status prepare(const struct intake *in, const struct intake_message *m, struct arena *a,
                           struct prepared *p, struct err *err)
{
    *p = (struct prepared){.m = m, .in = in};
    p->pictures = arena_new(a, struct kept_picture, m->nfiles + 1);
    enum status st = p->pictures ? read_message(p, a, err) : ST_NOMEM;
    for (size_t i = 0; !st && i < m->nfiles; i++)
        st = keep_one(p, &m->files[i], a, err);
    return st || m->kind != INTAKE_STORY ? st : look_ahead(p, a, err);
}

static enum status publish_one(struct tx *tx, void *arg)
{
    struct prepared *p = arg;
    enum site_by by = p->m->replace ? SITE_BY_FILE_REPLACING : SITE_BY_FILE;
    enum status st;
    switch (p->m->kind) {
    case INTAKE_STORY: {
        struct publication pub = {.file = &p->story,
                                  .pictures = p->pictures,
                                  .npictures = p->npictures,
                                  .author = STR("command"),
                                  .words = p->words,
                                  .ahead = &p->ahead};
        st = publish_story(tx, &pub, &p->published);
        break;
    }
    case INTAKE_SECTIONS:
        st = publish_sections(tx, &p->sections, p->pictures, p->npictures, by, &p->changed);
        break;
    default:
        st = publish_site(tx, &p->site, &p->in->locales, by, &p->changed);
    }
    return st;
}

static str outcome_line(const struct published *p, struct arena *a)
{
    long long n = (long long)p->revision;
    switch (p->outcome) {
    case OUTCOME_NEW:
        return p->path.n ? arena_fmt(a, "published %.*s", FMT(p->path))
                         : arena_fmt(a, "published %.*s", FMT(p->key));
    case OUTCOME_REVISION:
        return p->path.n ? arena_fmt(a, "published %.*s (revision %lld)", FMT(p->path), n)
                         : arena_fmt(a, "published %.*s (revision %lld)", FMT(p->key), n);
    case OUTCOME_UNCHANGED:
        return arena_fmt(a, "unchanged %.*s", FMT(p->key));
    case OUTCOME_SCHEDULED: {
        str due = time_rfc3339(p->due, a);
        return arena_fmt(a, "scheduled %.*s for %.*s", FMT(p->key), FMT(due));
    }
    case OUTCOME_UNSCHEDULED:
        return arena_fmt(a, "unscheduled %.*s", FMT(p->key));
    case OUTCOME_WITHDRAWN:
        return arena_fmt(a, "withdrawn %.*s", FMT(p->path.n ? p->path : p->key));
    default:
        return arena_fmt(a, "reinstated %.*s", FMT(p->path.n ? p->path : p->key));
    }
}

struct intake_flight {
    struct intake_message message;
    struct prepared prepared;
    struct arena *a;
    struct intake_answer answer;
    void (*told)(void *arg);
    void *arg;
    pthread_mutex_t lock;
    pthread_cond_t landed;
    bool done;
};

/* The transaction's strings are gone with it: what the answer says is copied out by the closure's
 * last step. */
static enum status fill(const struct prepared *p, struct arena *a, struct intake_answer *ret)
{
    bool story = p->m->kind == INTAKE_STORY;
    const str *more = story ? p->published.warnings : p->changed.warnings;
    size_t n = story ? p->published.nwarnings : p->changed.nwarnings;
    ret->nwarnings = 0;
    for (size_t i = 0; i < p->nwarnings; i++)
        ret->warnings[ret->nwarnings++] = arena_str(a, p->warnings[i]);
    for (size_t i = 0; i < n && ret->nwarnings < PUBLISH_WARNINGS; i++)
        ret->warnings[ret->nwarnings++] = arena_str(a, more[i]);
    if (story)
        ret->line = outcome_line(&p->published, a);
    else
        ret->line = arena_fmt(a, "%s %.*s", p->changed.changed ? "published" : "unchanged",
                              FMT(p->m->name));
    ret->st = ST_OK;
    return a->oom ? ST_NOMEM : ST_OK; /* an answer that can't be given is no success */
}

static enum status publish_and_fill(struct tx *tx, void *arg)
{
    struct intake_flight *f = arg;
    enum status st = publish_one(tx, &f->prepared);
    return st ? st : fill(&f->prepared, f->a, &f->answer);
}

/* What every page shows is changed by the two yaml files alone: nobody else waits for this. */
static void settle(const struct intake *in, const struct intake_message *m, size_t n)
{
    bool every = false;
    for (size_t i = 0; i < n; i++)
        every |= m[i].kind != INTAKE_STORY;
    if (every && in->settle)
        in->settle(in->settle_arg);
}

static void answer_error(struct intake_answer *ret, enum status st, const struct err *err,
                         struct arena *a)
{
    *ret = (struct intake_answer){.st = st, .line = arena_str(a, str_c(err_words(err, st)))};
    if (ret->line.n == 0) /* the arena is full */
        *ret = (struct intake_answer){.st = ST_NOMEM,
                                      .line = STR("there is not enough memory for this file")};
}

static void land(void *arg, enum status st, const struct err *err)
{
    struct intake_flight *f = arg;
    struct err why = *err;
    pthread_mutex_lock(&f->lock);
    if (st)
        answer_error(&f->answer, named(&f->message, st, &why), &why, f->a);
    f->done = true;
    pthread_cond_signal(&f->landed);
    if (f->told)
        f->told(f->arg);
    pthread_mutex_unlock(&f->lock);
}

struct intake_flight *intake_begin(const struct intake *in, const struct intake_message *m,
                                   struct arena *a, void (*told)(void *arg), void *arg)
{
    struct err err = {0};
    struct intake_flight *f = arena_new(a, struct intake_flight, 1);
    if (!f)
        return NULL;
    f->message = *m;
    f->a = a;
    f->told = told;
    f->arg = arg;
    pthread_mutex_init(&f->lock, NULL);
    pthread_cond_init(&f->landed, NULL);
    enum status st = prepare(in, &f->message, a, &f->prepared, &err);
    st = st ? st : writer_send(in->writer, publish_and_fill, f, land, f, false, &err);
    if (st)
        land(f, st, &err);
    return f;
}

bool intake_done(struct intake_flight *f)
{
    pthread_mutex_lock(&f->lock);
    bool done = f->done;
    pthread_mutex_unlock(&f->lock);
    return done;
}

void intake_end(struct intake_flight *f, struct intake_answer *ret)
{
    pthread_mutex_lock(&f->lock);
    while (!f->done)
        pthread_cond_wait(&f->landed, &f->lock);
    pthread_mutex_unlock(&f->lock);
    if (!f->answer.st)
        settle(f->prepared.in, &f->message, 1);
    pthread_mutex_destroy(&f->lock);
    pthread_cond_destroy(&f->landed);
    *ret = f->answer;
}

void intake_take(const struct intake *in, const struct intake_message *m, struct arena *a,
                 struct intake_answer *ret)
{
    struct intake_flight *f = intake_begin(in, m, a, NULL, NULL);
    if (f)
        intake_end(f, ret);
    else
        *ret = (struct intake_answer){.st = ST_NOMEM, .line = STR("out of memory for a message")};
}

struct all {
    struct prepared *list;
    size_t n;
    struct arena *a;
    struct intake_answer *ret;
    size_t failed;
};

static enum status publish_all(struct tx *tx, void *arg)
{
    struct all *all = arg;
    enum status st = ST_OK;
    for (size_t i = 0; !st && i < all->n; i++) {
        st = publish_one(tx, &all->list[i]);
        st = st ? st : fill(&all->list[i], all->a, &all->ret[i]);
        if (st) {
            all->failed = i;
            return named(all->list[i].m, st, tx->err);
        }
    }
    return st;
}

void intake_take_all(const struct intake *in, const struct intake_message *m, size_t n,
                     struct arena *a, struct intake_answer *ret)
{
    struct err err = {0};
    struct all all = {.list = arena_new(a, struct prepared, n + 1), .n = n, .a = a, .ret = ret};
    enum status st = all.list ? ST_OK : ST_NOMEM;
    for (size_t i = 0; !st && i < n; i++) {
        st = prepare(in, &m[i], a, &all.list[i], &err);
        all.failed = i;
        if (st)
            st = named(&m[i], st, &err);
    }
    if (!st)
        st = writer_do_alone(in->writer, publish_all, &all, &err);
    if (!st) {
        settle(in, m, n);
        return;
    }
    for (size_t k = 0; k < n; k++)
        ret[k] = (struct intake_answer){.st = ST_BUSY};
    answer_error(&ret[all.failed], st, &err, a);
}

size_t intake_picture_names(enum intake_kind kind, str bytes, struct arena *a, str *names,
                            size_t max)
{
    size_t n = 0;
    struct story_file f;
    struct sections_file s;
    if (kind == INTAKE_STORY && story_file_read(bytes, a, &f, NULL) == ST_OK) {
        if (f.story.picture && f.story.picture->file.n && n < max)
            names[n++] = f.story.picture->file;
        for (size_t i = 0; i < f.story.npictures && n < max; i++)
            if (f.story.pictures[i].file.n)
                names[n++] = f.story.pictures[i].file;
    }
    if (kind == INTAKE_SECTIONS && sections_file_read(bytes, a, &s, NULL) == ST_OK)
        for (size_t i = 0; i < s.n && n < max; i++)
            if (s.sections[i].picture.n && !str_starts(s.sections[i].picture, STR("key:")))
                names[n++] = s.sections[i].picture;
    return n;
}

/* ---- withdrawing ---- */

struct moving {
    str key, note;
    bool back;
    struct arena *a;
    struct intake_answer *ret;
};

static enum status move(struct tx *tx, void *arg)
{
    struct moving *m = arg;
    struct published p;
    bool done = false;
    enum status st = m->back ? ST_OK : unschedule_story(tx, m->key, &done, &p);
    if (!st && !done && !m->back && !str_trim(m->note).n)
        st = fail(tx->err, ST_INVALID,
                  "a withdrawal needs a note, with --note: it is what readers are told");
    if (!st && !done)
        st = m->back ? reinstate_story(tx, m->key, STR("command"), &p)
                     : withdraw_story(tx, m->key, m->note, STR("command"), &p);
    if (!st)
        *m->ret = (struct intake_answer){.line = outcome_line(&p, m->a)};
    return st;
}

static void run_move(const struct intake *in, struct moving *m)
{
    struct err err = {0};
    enum status st = writer_do(in->writer, move, m, &err);
    if (st)
        answer_error(m->ret, st, &err, m->a);
}

void intake_withdraw(const struct intake *in, str key, str note, struct arena *a,
                     struct intake_answer *ret)
{
    run_move(in, &(struct moving){.key = key, .note = note, .a = a, .ret = ret});
}

void intake_reinstate(const struct intake *in, str key, struct arena *a, struct intake_answer *ret)
{
    run_move(in, &(struct moving){.key = key, .back = true, .a = a, .ret = ret});
}
