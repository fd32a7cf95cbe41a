/* From the desk through the door, and what the door tells the desk (newsroom/draft.h). */
#include "base/guard.h"
#include "newsroom/draft_parts.h"
#include "newsroom/embargo.h"
#include "newsroom/find.h"
#include "store/due.h"
#include "text/slug.h"
#include "text/yaml.h"

enum { FILE_BYTES = 2 << 20 };

/* ---- a draft as a story file: the one reader checks all that its text may be ---- */

/* Which field a line of that file belongs to. */
static int field_of(str file, i64 line)
{
    static const char *const names[] = {
#define X(k, name) name,
        HEAD_LIST(X)
#undef X
    };
    int field = DRAFT_LINE(HEADLINE), fences = 0; /* line 1 stands for what is missing */
    str rest = file, text;
    for (i64 n = 1; rest.p && n <= line; n++) {
        rest = str_cut(rest, '\n', &text);
        if (fences == 2)
            return DRAFT_LINE_BODY + (int)(line - n);
        fences += str_eq(text, STR("---"));
        for (size_t k = 0; k < COUNT(names); k++) {
            str name = str_c(names[k]);
            if (str_starts(text, name) && text.n > name.n && text.p[name.n] == ':')
                field = (int)k + 1;
        }
    }
    return field;
}

static enum status of_field(str file, enum status st, const struct err *why, struct err *err)
{
    str number, words = str_c(why->text);
    i64 line;
    if (!str_starts(words, STR("line ")))
        return fail(err, st, "%s", err_words(why, st));
    words = str_cut(str_from(words, 5), ':', &number);
    if (str_i64(number, &line))
        return fail(err, st, "%s", err_words(why, st));
    return fail(err, st, "line %d:%.*s", field_of(file, line), FMT(words));
}

static enum status write_file(const struct draft_publish *p, const struct story_content *c,
                              struct arena *a, str *ret)
{
    static const char *const changes[] = {"update", "clarification", "correction", "typo"};
    struct out o = out_make(a, 16 << 10, FILE_BYTES), rest = out_make(a, 16 << 10, FILE_BYTES);
    out_fmt(&o, "---\nchange: %s\n", changes[p->change]);
    if (p->correction.n) {
        out_c(&o, "correction: ");
        yaml_put(&o, p->correction);
        out_byte(&o, '\n');
    }
    story_file_write(c, 0, &rest);
    out_str(&o, str_from(out_view(&rest), 4)); /* its own first fence */
    enum status st = out_status(&rest);
    st = st ? st : out_status(&o);
    if (!st)
        *ret = out_view(&o);
    return st;
}

/* Every key is given: what is empty takes back what was there. But a slug that isn't given is made
 * or stays, and so does the date. */
static void give_all(struct story_file *f, const struct desk *d)
{
    f->has = (1ull << HEAD_KEYS) - 1;
    if (!f->story.slug.n)
        f->has &= ~(1ull << HEAD_SLUG);
    if (!f->story.published)
        f->has &= ~(1ull << HEAD_PUBLISHED);
    for (int k = 0; k < HEAD_KEYS; k++)
        f->line[k] = k + 1;
    f->body_line = DRAFT_LINE_BODY + 1; /* the door blames the line before, when it is empty */
    f->revision = d->work.base;
    for (size_t i = 0; i < f->story.npictures; i++)
        f->story.pictures[i].line = DRAFT_LINE(PICTURES);
    if (f->story.picture)
        f->story.picture->line = DRAFT_LINE(PICTURE);
}

/* The door asks again; here it is said in words for the person, and without the key of a
 * translation, which may be restricted to others. An update's embargo that is over says nothing of
 * the date that the story has had for long. */
enum status under_embargo(const struct desk *d, i64 live_at, struct story_content *c)
{
    struct embargo e;
    enum status st = embargo_latest(d->v, c, d->story.family, &e);
    if (!st && e.until > live_at)
        st = fail(d->v->err, ST_CONFLICT, "line %d: %s", DRAFT_LINE(EMBARGO),
                  c->embargo > live_at ? "desk-error-under-embargo"
                                       : "desk-error-translation-embargo");
    if (!st && c->published < c->embargo)
        c->embargo = 0;
    return st;
}

static enum status when(const struct desk *d, const struct draft_publish *p, i64 now,
                        struct story_content *c)
{
    bool fresh = d->work.public == STORY_UNPUBLISHED;
    if (p->at && p->at <= now)
        return fail(d->v->err, ST_INVALID, "line %d: the time has passed", DRAFT_LINE(PUBLISHED));
    if (p->at && fresh) {
        c->published = p->at; /* a change of what is live leaves its first time as it is */
    } else if (fresh && (!c->published || c->published > now)) {
        c->published = now - now % MS_SECOND;
    }
    return under_embargo(d, p->at ? p->at : now, c);
}

enum status content_as_file(const struct desk *d, const struct draft_publish *p,
                            const struct story_content *c, struct story_file *ret)
{
    struct err *err = d->v->err, why = {0};
    str bytes;
    enum status st = write_file(p, c, d->v->a, &bytes);
    if (st)
        return st;
    st = story_file_read(bytes, d->v->a, ret, &why);
    if (st)
        return of_field(bytes, st, &why, err);
    give_all(ret, d);
    return ST_OK;
}

static enum status as_file(const struct desk *d, const struct draft_publish *p, i64 now,
                           struct story_file *ret)
{
    struct draft_text t;
    enum status st = text_now(d, &t);
    if (!st && t.content.kind == KIND_STORY && !t.content.section.n)
        return fail(d->v->err, ST_INVALID, "line %d: a story needs a section", DRAFT_LINE(SECTION));
    st = st ? st : when(d, p, now, &t.content);
    return st ? st : content_as_file(d, p, &t.content, ret);
}

/* ---- publishing ---- */

static bool tells(enum change_kind k)
{
    return k == CHANGE_CORRECTION || k == CHANGE_CLARIFICATION;
}

static enum status check_publish(const struct desk *d, const struct draft_publish *p)
{
    struct err *err = d->v->err;
    if (GUARD(publish_what_was_seen) && p->save != d->work.save)
        return fail(err, ST_CONFLICT, "there is a newer save than %lld: %lld", (long long)p->save,
                    (long long)d->work.save);
    if (draft_stale(d))
        return fail(err, ST_CONFLICT,
                    "the live text has changed since this draft was begun: save it again, and "
                    "both are merged");
    if (draft_stands(d->work.state) && !d->work.save)
        return fail(err, ST_CONFLICT, "nothing is saved yet");
    if (d->work.state == WORK_CLEAN && !tells(p->change))
        return fail(err, ST_CONFLICT, "there is nothing beside the live text to publish");
    return ST_OK;
}

enum status audit_published(struct tx *tx, const struct desk *d, const struct published *p)
{
    bool scheduled = p->outcome == OUTCOME_SCHEDULED;
    str words = scheduled ? time_rfc3339(p->due, tx->a)
                          : arena_fmt(tx->a, "revision %lld", (long long)p->revision);
    if (p->outcome == OUTCOME_UNCHANGED)
        return ST_OK;
    return audit_add(tx, d->who->account, scheduled ? AUDIT_SCHEDULE : AUDIT_PUBLISH, d->work.key,
                     words, STR_NONE);
}

/* The draft is what is live, or scheduled, now. */
static enum status settle(struct tx *tx, struct desk *d, i64 save, const struct published *p)
{
    struct work *w = &d->work;
    enum status st = work_by_key(d->v, w->key, w); /* as draft_follow left it */
    if (st)
        return st;
    if (p->outcome == OUTCOME_SCHEDULED) {
        w->state = WORK_SCHEDULED;
        w->scheduled = save;
        w->approved = save;
        w->approved_by = d->who->account;
    } else {
        w->state = WORK_CLEAN;
        w->base = p->revision;
        w->scheduled = w->approved = w->approved_by = w->deadline_ms = w->due_ms = 0;
    }
    w->sent_by = 0;
    st = due_remove(tx, w->id, DUE_SENT_BACK);
    return st ? st : desk_write(d, tx);
}

enum status draft_publish(struct tx *tx, const struct actor *who, bool four_eyes,
                          const struct draft_publish *p, struct published *ret)
{
    struct view v = view_plain(tx->db, tx->a, tx->now, tx->err);
    struct story_file *f = arena_new(tx->a, struct story_file, 1);
    struct desk d;
    struct published out;
    if (!f)
        return ST_NOMEM;
    enum status st = desk_open(&d, &v, who, p->key, p->at ? ACT_SCHEDULE : ACT_PUBLISH, four_eyes);
    st = st ? st : desk_free(&d);
    st = st ? st : check_publish(&d, p);
    st = st ? st : as_file(&d, p, tx->now, f);
    if (st)
        return st;
    if (p->at && d.work.public != STORY_UNPUBLISHED)
        return wait_begin(tx, &d, p, f, ret);
    i64 save = d.work.state == WORK_SCHEDULED ? d.work.scheduled : d.work.save;
    struct publication pub = {
        .file = f, .author = who->name, .words = draft_words(&f->story, tx->a)};
    st = d.work.due_ms ? wait_end(tx, &d.work) : ST_OK; /* a later save goes in its place */
    st = st ? st : publish_story(tx, &pub, &out);
    st = st ? st : settle(tx, &d, save, &out);
    st = st ? st : audit_published(tx, &d, &out);
    if (!st)
        *ret = out;
    return st;
}

/* ---- withdrawing and reinstating ---- */

static enum status touched(struct tx *tx, struct desk *d, enum audit_kind kind, str words)
{
    enum status st = work_by_key(d->v, d->work.key, &d->work);
    st = st ? st : desk_write(d, tx);
    return st ? st : audit_add(tx, d->who->account, kind, d->work.key, words, STR_NONE);
}

enum status draft_withdraw(struct tx *tx, const struct actor *who, str key, str note,
                           struct published *ret)
{
    struct view v = view_plain(tx->db, tx->a, tx->now, tx->err);
    struct published out;
    struct desk d;
    enum status st = desk_open(&d, &v, who, key, ACT_WITHDRAW, false);
    if (!st && d.work.public != STORY_LIVE)
        return fail(tx->err, ST_CONFLICT, "the story \"%.*s\" is not live", FMT(key));
    st = st ? st : desk_free(&d);
    st = st ? st : withdraw_story(tx, key, note, who->name, &out);
    st = st ? st : touched(tx, &d, AUDIT_WITHDRAW, str_trim(note));
    if (!st)
        *ret = out;
    return st;
}

enum status draft_reinstate(struct tx *tx, const struct actor *who, str key, struct published *ret)
{
    struct view v = view_plain(tx->db, tx->a, tx->now, tx->err);
    struct published out;
    struct desk d;
    enum status st = desk_open(&d, &v, who, key, ACT_WITHDRAW, false);
    if (!st && d.work.public != STORY_WITHDRAWN)
        return fail(tx->err, ST_CONFLICT, "the story \"%.*s\" is not withdrawn", FMT(key));
    st = st ? st : desk_free(&d);
    st = st ? st : reinstate_story(tx, key, who->name, &out);
    st = st ? st : touched(tx, &d, AUDIT_REINSTATE, STR_NONE);
    if (!st)
        *ret = out;
    return st;
}

/* ---- what the door tells ---- */

/* What was scheduled as a file, and by nobody at the desk, is gone with its schedule. */
static enum status follow_unscheduled(struct tx *tx, struct work *w)
{
    if (!w->save && !w->author)
        return work_remove(tx, w->id);
    if (w->state == WORK_SCHEDULED)
        w->state = w->approved && w->approved == w->save ? WORK_APPROVED : WORK_DRAFT;
    w->due_ms = w->scheduled = 0;
    w->touched_ms = tx->now;
    w->touched_by = 0;
    enum status st = due_remove(tx, w->id, DUE_REFUSED);
    return st ? st : work_write(tx, w);
}

static void follow_texts(struct work *w, const struct story *s, str section,
                         const struct draft_followed *text)
{
    w->section = section;
    w->headline = s->headline;
    w->words = text && text->words ? text->words : w->words;
}

static void follow_state(struct work *w, const struct story *s, bool scheduled, bool beside)
{
    bool moved = s->state == STORY_WITHDRAWN || w->public == STORY_WITHDRAWN;
    w->public = (i64)s->state;
    if (beside) {
        /* a withdrawal and a reinstatement leave the words as they were */
        if (moved && w->base == s->revision - 1)
            w->base = s->revision;
        return;
    }
    w->state = scheduled ? WORK_SCHEDULED : WORK_CLEAN;
    w->base = s->revision;
    w->scheduled = w->approved = w->approved_by = w->sent_by = 0;
    if (!scheduled)
        w->deadline_ms = 0;
}

/* Whether a change of what is live waits for its time, or for somebody. */
static enum status change_waits(struct view *v, const struct work *w, bool *ret)
{
    struct waiting wait;
    if (!w->due_ms || w->public == STORY_UNPUBLISHED)
        return ST_OK;
    enum status st = waiting_read(v, w->id, &wait);
    *ret = st == ST_OK;
    return st == ST_NOTFOUND ? ST_OK : st;
}

enum status draft_follow(struct tx *tx, const struct story *s, const struct published *p,
                         str edition, str section, const struct draft_followed *text)
{
    struct view v = view_plain(tx->db, tx->a, tx->now, tx->err);
    bool scheduled = p->outcome == OUTCOME_SCHEDULED;
    struct work w;
    enum status st = work_by_key(&v, s->key, &w);
    if (st == ST_NOTFOUND) {
        w = (struct work){.key = s->key, .kind = s->kind};
        st = ST_OK;
    }
    if (st)
        return st;
    if (p->outcome == OUTCOME_UNSCHEDULED)
        return w.id ? follow_unscheduled(tx, &w) : ST_OK;
    bool waits = false, awaited = w.due_ms != 0;
    st = change_waits(&v, &w, &waits);
    if (st)
        return st;
    bool beside = draft_stands(w.state) || (waits && w.state == WORK_SCHEDULED);
    if (!beside)
        follow_texts(&w, s, section, text);
    follow_state(&w, s, scheduled, beside);
    w.edition = edition;
    w.due_ms = scheduled ? p->due : waits ? w.due_ms : 0;
    w.touched_ms = tx->now;
    w.touched_by = 0;
    st = work_write(tx, &w);
    if (!st && awaited) /* at its minute, by hand before it, or at another */
        st = due_remove(tx, w.id, DUE_REFUSED);
    if (st)
        return st;
    return beside || !text ? find_keep(tx, &w) : findable_text(tx, &w, text->content, text->ahead);
}
