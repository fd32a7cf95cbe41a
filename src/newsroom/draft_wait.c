/* Changes of live stories that wait for their time (newsroom/draft.h). */
#include "base/guard.h"
#include "newsroom/draft_parts.h"
#include "store/due.h"
#include "store/job.h"

static str payload(struct tx *tx, i64 work)
{
    return arena_fmt(tx->a, "%lld", (long long)work);
}

enum status wait_end(struct tx *tx, const struct work *w)
{
    enum status st = waiting_remove(tx, w->id);
    st = st ? st : due_remove(tx, w->id, DUE_REFUSED);
    return st ? st : job_remove(tx, WAITING_JOB, payload(tx, w->id));
}

enum status wait_begin(struct tx *tx, struct desk *d, const struct draft_publish *p,
                       const struct story_file *f, struct published *ret)
{
    struct work *w = &d->work;
    struct waiting wait = {.work = w->id,
                           .save = w->state == WORK_SCHEDULED ? w->scheduled : w->save,
                           .base = w->base,
                           .change = p->change,
                           .correction = p->correction,
                           .account = d->who->account,
                           .at = tx->now};
    const struct publication pub = {.file = f, .author = d->who->name, .live_at = p->at};
    enum status st = publish_check(tx, &pub);
    st = st ? st : wait_end(tx, w); /* in place of what waits */
    st = st ? st : waiting_write(tx, &wait);
    st = st ? st : job_add(tx, WAITING_JOB, payload(tx, w->id), p->at);
    if (st)
        return st;
    w->state = WORK_SCHEDULED;
    w->scheduled = w->approved = wait.save;
    w->approved_by = d->who->account;
    w->sent_by = 0;
    w->due_ms = p->at;
    struct published out = {.outcome = OUTCOME_SCHEDULED,
                            .story = d->story.id,
                            .revision = d->story.revision,
                            .due = p->at,
                            .key = w->key,
                            .path = d->story.path};
    st = desk_write(d, tx);
    st = st ? st : audit_published(tx, d, &out);
    if (!st)
        *ret = out;
    return st;
}

/* ---- its time has come ---- */

struct coming {
    struct tx *tx;
    struct view v;
    struct actor who; /* who scheduled it */
    struct desk d;
    struct waiting wait;
};

static enum status look(struct coming *g, struct tx *tx, i64 work)
{
    struct account a;
    *g = (struct coming){.tx = tx, .v = view_plain(tx->db, tx->a, tx->now, tx->err)};
    enum status st = waiting_read(&g->v, work, &g->wait);
    st = st ? st : account_by_id(&g->v, g->wait.account, &a);
    if (st)
        return st;
    g->who = (struct actor){.account = a.id, .roles = a.roles, .name = a.name};
    return desk_at(&g->d, &g->v, &g->who, work);
}

/* It waits no longer, and nobody takes it for done: it stays due, with why. */
static enum status give_up(struct coming *g, enum due_refusal kind, str words)
{
    struct work *w = &g->d.work;
    struct due d = {.why = DUE_REFUSED, .at = w->due_ms, .kind = kind, .words = words};
    g->wait.failed = true;
    enum status st = waiting_write(g->tx, &g->wait);
    st = st ? st : due_set(g->tx, w->id, &d);
    st = st ? st : job_remove(g->tx, WAITING_JOB, payload(g->tx, w->id));
    if (st)
        return st;
    if (w->state == WORK_SCHEDULED)
        w->state = WORK_DRAFT;
    w->touched_ms = g->tx->now;
    w->touched_by = 0;
    st = work_write(g->tx, w);
    return st ? st
              : audit_add(g->tx, g->who.account, AUDIT_SCHEDULE_FAILED, w->key, STR_NONE, STR_NONE);
}

/* What waits, joined with what was published since it was written. *open: both changed the same. */
static enum status joined(struct coming *g, struct draft_text *ret, bool *open)
{
    struct draft_saved how = {0};
    struct draft_text base, mine, live;
    size_t choices = 0, left = 0;
    *open = false;
    enum status st = text_from(&g->d, g->wait.save, 0, &mine);
    if (st)
        return st;
    if (g->wait.base == g->d.story.revision) {
        *ret = mine;
        return ST_OK;
    }
    st = text_from(&g->d, 0, g->wait.base, &base);
    st = st ? st : text_live(&g->d, &live);
    if (st)
        return st;
    struct merging m = {.base = &base, .mine = &mine, .theirs = &live};
    st = contents_merge(&m, g->tx->a, &how, &choices, &left);
    if (st)
        return st;
    *open = (left && GUARD(waiting_overlap)) || (how.mine_stands && GUARD(waiting_values));
    *ret = (struct draft_text){.content = GUARD(waiting_joined) ? how.content : mine.content};
    return ST_OK;
}

static enum status publish(struct coming *g, struct story_content *c, struct published *ret)
{
    struct tx *tx = g->tx;
    struct story_file *f = arena_new(tx->a, struct story_file, 1);
    struct draft_publish p = {.key = g->d.work.key,
                              .change = (enum change_kind)g->wait.change,
                              .correction = g->wait.correction};
    if (!f)
        return ST_NOMEM;
    enum status st = content_as_file(&g->d, &p, c, f);
    if (st)
        return st;
    f->revision = g->d.story.revision;
    struct publication pub = {.file = f,
                              .author = g->who.name,
                              .by_schedule = true,
                              .words = draft_words(&f->story, tx->a)};
    return publish_story(tx, &pub, ret);
}

/* The row as the door left it; where the words were live already it told nobody. */
static enum status settle(struct coming *g, const struct published *p)
{
    struct work *w = &g->d.work;
    enum status st = work_by_id(&g->v, w->id, w);
    if (st)
        return st;
    if (!draft_stands(w->state)) {
        w->state = WORK_CLEAN;
        w->base = p->revision;
        w->approved = w->approved_by = w->deadline_ms = 0;
    }
    w->due_ms = w->scheduled = 0;
    st = desk_write(&g->d, g->tx);
    return st ? st : audit_published(g->tx, &g->d, p);
}

static enum status nothing(struct tx *tx, i64 work, struct published *ret)
{
    enum status st = job_remove(tx, WAITING_JOB, payload(tx, work));
    if (!st)
        *ret = (struct published){.outcome = OUTCOME_NOTHING};
    return st;
}

/* A hold and an embargo end: until then it waits on, and "Due" says for what. */
static enum status put_off(struct coming *g, enum due_refusal kind, i64 *retry)
{
    struct due d = {.why = DUE_REFUSED, .at = g->d.work.due_ms, .kind = kind};
    enum status st = due_set(g->tx, g->d.work.id, &d);
    if (st)
        return st;
    *retry = g->tx->now + MS_MINUTE;
    return ST_BUSY;
}

/* What is to go live, or why not: ST_BUSY to ask again at *retry, ST_CONFLICT with *kind where a
 * person has to act. */
static enum status look_what(struct coming *g, struct story_content *ret, enum due_refusal *kind,
                             i64 *retry)
{
    struct draft_text text;
    bool open = false;
    if (g->d.work.held_ms && GUARD(waiting_held))
        return put_off(g, REFUSED_BY_HOLD, retry);
    *kind = REFUSED_BY_WITHDRAWAL;
    if (g->d.story.state != STORY_LIVE && GUARD(waiting_live))
        return ST_CONFLICT;
    enum status st = joined(g, &text, &open);
    *kind = REFUSED_BY_OVERLAP;
    if (st || open)
        return st ? st : ST_CONFLICT;
    *ret = text.content;
    st = under_embargo(&g->d, g->tx->now, ret);
    return st == ST_CONFLICT ? put_off(g, REFUSED_BY_EMBARGO, retry) : st;
}

enum status draft_due(struct tx *tx, i64 work, i64 *retry, struct published *ret)
{
    struct coming *g = arena_new(tx->a, struct coming, 1);
    struct published out = {.outcome = OUTCOME_NOTHING};
    struct story_content content;
    enum due_refusal kind = REFUSED_OTHERWISE;
    enum status st = g ? look(g, tx, work) : ST_NOMEM;
    if (st == ST_NOTFOUND || (!st && g->wait.failed))
        return nothing(tx, work, ret);
    if (!st && g->d.work.due_ms > tx->now) { /* it was moved when its job had been taken up */
        *retry = g->d.work.due_ms;
        return ST_BUSY;
    }
    st = st ? st : look_what(g, &content, &kind, retry);
    if (st == ST_CONFLICT) {
        st = give_up(g, kind, STR_NONE);
    } else {
        st = st ? st : wait_end(tx, &g->d.work); /* before the door tells the row what is live */
        st = st ? st : publish(g, &content, &out);
        st = st ? st : settle(g, &out);
    }
    if (!st)
        *ret = out;
    return st;
}

enum status draft_refused(struct tx *tx, i64 work, str words)
{
    struct coming *g = arena_new(tx->a, struct coming, 1);
    enum status st = g ? look(g, tx, work) : ST_NOMEM;
    return st ? st : give_up(g, REFUSED_OTHERWISE, words);
}

enum status wait_stop(struct tx *tx, struct desk *d, enum work_state to)
{
    struct work *w = &d->work;
    enum status st = wait_end(tx, w);
    if (w->state == WORK_SCHEDULED)
        w->state = to;
    if (to == WORK_DRAFT)
        w->approved = w->approved_by = 0;
    w->due_ms = w->scheduled = 0;
    st = st ? st : desk_write(d, tx);
    return st ? st : audit_add(tx, d->who->account, AUDIT_UNSCHEDULE, w->key, STR_NONE, STR_NONE);
}

enum status draft_wait_undo(struct tx *tx, const struct actor *who, str key)
{
    struct view v = view_plain(tx->db, tx->a, tx->now, tx->err);
    struct waiting wait;
    struct desk d;
    enum status st = desk_open(&d, &v, who, key, ACT_SCHEDULE, false);
    st = st ? st : waiting_read(&v, d.work.id, &wait);
    return st ? st : wait_stop(tx, &d, WORK_DRAFT);
}
