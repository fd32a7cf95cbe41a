/* Saving a draft: nothing that anybody wrote is lost (newsroom/draft.h). */
#include "base/guard.h"
#include "newsroom/draft_parts.h"
#include "newsroom/find.h"
#include "store/due.h"

struct saving {
    struct tx *tx;
    struct arena *a;
    struct view v;
    struct desk d;
    const struct draft_save *ask;
    struct draft_text from, now; /* what it was made from; what stands at the desk */
    struct draft_text live;      /* the live text, with story.revision */
    struct draft_text result;    /* what is to be kept: first what was sent */
    bool merged;
    bool chosen; /* picks were needed, and given */
    bool lifts;  /* the embargo may become sooner */
    bool stale;  /* the live text has changed under the draft, and isn't merged yet */
    struct draft_saved out;
};

/* A save makes a draft of what was clean or scheduled; whoever had approved approved another text.
 */
static const i64 after_save[WORK_STATE_COUNT] = {
    [WORK_CLEAN] = WORK_DRAFT,     [WORK_DRAFT] = WORK_DRAFT,     [WORK_REVIEW] = WORK_REVIEW,
    [WORK_APPROVED] = WORK_REVIEW, [WORK_SCHEDULED] = WORK_DRAFT,
};

static enum status read_sides(struct saving *g)
{
    struct desk *d = &g->d;
    enum status st = desk_open(d, &g->v, d->who, g->ask->key, ACT_WRITE, false);
    st = st ? st : text_sent(d, g->ask->content, &g->result);
    st = st ? st : text_now(d, &g->now);
    st = st ? st : text_from(d, g->ask->parent, g->ask->base, &g->from);
    if (!st && d->story.revision)
        st = text_live(d, &g->live);
    g->stale = !st && draft_stale(d);
    const struct story_content *const known[] = {&g->now.content, &g->from.content,
                                                 &g->live.content};
    return st ? st : pictures_allowed(d, &g->result.content, known, COUNT(known), g->ask->brought);
}

/* Joins what there is to keep with theirs; *open: choices that a person has to make first. */
static enum status join(struct saving *g, const struct draft_text *base,
                        const struct draft_text *theirs, size_t *open)
{
    const struct draft_save *ask = g->ask;
    bool live = theirs == &g->live;
    bool picks = ask->seen == g->d.work.save &&
                 (!live || !ask->seen_live || ask->seen_live == g->d.story.revision);
    struct draft_text mine = g->result;
    struct merging m = {.base = base,
                        .mine = &mine,
                        .theirs = theirs,
                        .picks = picks ? ask->picks : NULL,
                        .npicks = picks ? ask->npicks : 0};
    size_t choices = 0;
    enum status st = contents_merge(&m, g->a, &g->out, &choices, open);
    if (st)
        return st;
    g->out.theirs_name = theirs->name;
    g->chosen = choices > 0;
    if (*open)
        return ST_OK;
    g->merged = true;
    g->result.content = g->out.content;
    return text_bytes(&g->result.content, g->a, &g->result.bytes);
}

/* ---- writing ---- */

static enum status add_save(struct saving *g)
{
    struct work *w = &g->d.work;
    bool between = g->merged && draft_stands(w->state) && w->save != g->ask->parent;
    enum status st = desk_keep_scheduled(&g->d, g->tx);
    if (st)
        return st;
    struct save s = {.work = w->id,
                     .number = w->save + 1,
                     .parent = g->ask->parent,
                     .merged = between ? w->save : 0,
                     .account = g->d.who->account,
                     .at = g->tx->now,
                     .bytes = g->result.bytes};
    st = save_add(g->tx, &s);
    st = st ? st : pictures_remember(g->tx, &g->d, &g->result.content);
    if (!st)
        w->save = s.number;
    return st;
}

static enum status write_row(struct saving *g, bool changed)
{
    struct work *w = &g->d.work;
    const struct story_content *c = &g->result.content;
    i64 live = g->d.story.revision;
    bool back = live && str_eq(g->result.bytes, g->live.bytes);
    if (w->state == WORK_CLEAN || (draft_stale(&g->d) && !g->stale))
        w->base = live;
    if (back) {
        w->base = live;
        w->sent_by = 0;
        enum status st = due_remove(g->tx, w->id, DUE_SENT_BACK);
        if (st)
            return st;
    }
    w->state = back ? WORK_CLEAN : after_save[w->state];
    if (changed)
        w->approved = w->approved_by = 0;
    w->headline = c->headline;
    w->section = c->section;
    w->words = draft_words(c, g->a);
    enum status st = desk_write(&g->d, g->tx);
    return st || !changed ? st : findable_text(g->tx, w, c, NULL);
}

/* What isn't over yet gets no sooner by a save, whatever it was made from or merged with: neither
 * than at the desk nor than on the schedule. */
static enum status keep_embargo(const struct saving *g)
{
    const struct desk *d = &g->d;
    i64 least = g->now.content.embargo;
    if (d->work.due_ms && d->story.embargo_ms > least)
        least = d->story.embargo_ms;
    if (g->lifts || least <= g->tx->now || g->result.content.embargo >= least ||
        !GUARD(embargo_kept))
        return ST_OK;
    return fail(g->tx->err, ST_INVALID, "line %d: desk-error-embargo", DRAFT_LINE(EMBARGO));
}

/* Keeps the result, unless it is what stands there already. */
static enum status keep(struct saving *g)
{
    bool changed = !str_eq(g->result.bytes, g->now.bytes);
    bool rebased = draft_stale(&g->d) && !g->stale;
    bool back = draft_stands(g->d.work.state) && g->d.story.revision &&
                str_eq(g->result.bytes, g->live.bytes);
    g->out.outcome = g->merged ? DRAFT_MERGED : DRAFT_SAVED;
    if (!changed && !rebased && !back) {
        g->out.outcome = g->merged ? DRAFT_MERGED : DRAFT_UNCHANGED;
        return ST_OK;
    }
    enum status st = keep_embargo(g);
    if (!st && changed)
        st = add_save(g);
    return st ? st : write_row(g, changed);
}

/* ---- what stood in between ---- */

/* Against what was saved in between. */
static enum status with_saved(struct saving *g, bool *done)
{
    size_t open = 0;
    if (str_eq(g->from.bytes, g->now.bytes) || !GUARD(draft_merges))
        return ST_OK;
    enum status st = join(g, &g->from, &g->now, &open);
    *done = !st && open;
    return st;
}

/* Against what was published in between. What stands open then is between the draft and the live
 * text: the draft itself is kept first. Picks serve one merge: after the one above had some, this
 * one waits for the next save. */
static enum status with_live(struct saving *g, bool *done)
{
    struct draft_text base, mine = g->result;
    size_t open = 0;
    if (!g->stale || g->chosen || !GUARD(draft_rebased))
        return ST_OK;
    enum status st = text_base(&g->d, &base);
    if (st)
        return st;
    g->stale = false;
    if (str_eq(base.bytes, g->live.bytes))
        return ST_OK;
    st = join(g, &base, &g->live, &open);
    if (st || !open)
        return st;
    g->stale = true;
    g->result = mine;
    *done = true;
    return keep(g);
}

enum status desk_save(struct tx *tx, const struct actor *who, const struct draft_save *ask,
                      bool lifts, struct draft_saved *ret)
{
    struct arena *a = ask->a ? ask->a : tx->a;
    struct saving *g = arena_new(a, struct saving, 1);
    bool done = false;
    if (!g)
        return ST_NOMEM;
    *g = (struct saving){.tx = tx,
                         .a = a,
                         .v = view_plain(tx->db, a, tx->now, tx->err),
                         .d = {.who = who},
                         .ask = ask,
                         .lifts = lifts};
    enum status st = read_sides(g);
    st = st ? st : with_saved(g, &done);
    st = st || done ? st : with_live(g, &done);
    if (!st && !done) {
        st = keep(g);
        g->out.content = g->result.content;
    }
    if (st)
        return st;
    if (done)
        g->out.outcome = DRAFT_CHOICES;
    g->out.save = g->d.work.save;
    g->out.live = g->d.story.revision;
    if (a->oom)
        return ST_NOMEM;
    *ret = g->out;
    return ST_OK;
}

enum status draft_save(struct tx *tx, const struct actor *who, const struct draft_save *ask,
                       struct draft_saved *ret)
{
    return desk_save(tx, who, ask, false, ret);
}
