#include "newsroom/undo.h"

#include "base/guard.h"
#include "newsroom/accounts.h"
#include "newsroom/draft_parts.h"

enum status undo_list(struct view *v, const struct actor *who, const struct deed_query *query,
                      struct deed **ret, size_t *n)
{
    struct deed_query q = *query;
    if (!permitted(who, ACT_ACCOUNTS, NULL, false))
        return ST_DENIED;
    q.viewer = who->account;
    q.kinds[DEED_PUBLISHED] = AUDIT_PUBLISH;
    q.kinds[DEED_SCHEDULED] = AUDIT_SCHEDULE;
    q.kinds[DEED_WITHDREW] = AUDIT_WITHDRAW;
    q.kinds[DEED_REINSTATED] = AUDIT_REINSTATE;
    return deed_list(v, &q, ret, n);
}

/* The newest revision that others made; a withdrawal and a reinstatement say again what the one
 * before them said, whoever made that: below tells them apart. */
static enum status others(const struct desk *d, i64 account, enum revision_kind below, i64 *ret)
{
    struct deed_others q = {.account = account,
                            .story = d->story.id,
                            .below = (i64)below,
                            .scheduled = AUDIT_SCHEDULE,
                            .kinds = {AUDIT_PUBLISH, AUDIT_WITHDRAW, AUDIT_REINSTATE},
                            .key = d->work.key};
    return deed_others(d->v, &q, ret);
}

/* The newest revision that has words of its own. */
static enum status newest_text(const struct desk *d, i64 *ret)
{
    return others(d, -1, REV_WITHDRAWAL, ret); /* -1: nobody's number */
}

static enum status publish_revision(struct tx *tx, const struct desk *d, i64 number, str note,
                                    struct published *ret)
{
    struct story_file *f = arena_new(tx->a, struct story_file, 1);
    struct draft_publish p = {.change = CHANGE_CORRECTION, .correction = note};
    struct draft_text t;
    if (!f)
        return ST_NOMEM;
    enum status st = text_from(d, 0, number, &t);
    st = st ? st : content_as_file(d, &p, &t.content, f);
    if (st)
        return st;
    f->revision = d->story.revision;
    struct publication pub = {
        .file = f, .author = d->who->name, .words = draft_words(&f->story, tx->a)};
    return publish_story(tx, &pub, ret);
}

static enum status put_revision(struct tx *tx, struct desk *d, i64 number, str note,
                                struct published *ret)
{
    enum status st = publish_revision(tx, d, number, note, ret);
    st = st ? st : work_by_key(d->v, d->work.key, &d->work); /* as draft_follow left it */
    st = st ? st : desk_write(d, tx);
    return st ? st
              : audit_add(tx, d->who->account, AUDIT_PUBLISH, d->work.key,
                          arena_fmt(tx->a, "revision %lld", (long long)ret->revision), STR_NONE);
}

/* What isn't public yet, and would be by itself. */
static enum status unschedule(struct tx *tx, const struct actor *who, const struct work *w,
                              struct published *ret)
{
    if (!w->due_ms) /* a draft may stand beside the schedule */
        return fail(tx->err, ST_CONFLICT, "desk-error-not-public");
    enum status st = draft_step(tx, who, false, w->key, w->save, STEP_UNSCHEDULE);
    if (!st)
        *ret = (struct published){.outcome = OUTCOME_UNSCHEDULED, .key = w->key};
    return st;
}

enum status undo_withdraw(struct tx *tx, const struct actor *who, str key, str note,
                          struct published *ret)
{
    struct view v = view_plain(tx->db, tx->a, tx->now, tx->err);
    struct desk d;
    if (!permitted(who, ACT_ACCOUNTS, NULL, false))
        return ST_DENIED;
    enum status st = desk_open(&d, &v, who, key, ACT_WITHDRAW, false);
    if (st)
        return st;
    if (d.work.public == STORY_UNPUBLISHED)
        return unschedule(tx, who, &d.work, ret);
    st = draft_wait_undo(tx, who, key);
    return st && st != ST_NOTFOUND ? st : draft_withdraw(tx, who, key, note, ret);
}

/* What the account has waiting for its time would go live by itself. */
static enum status stop_theirs(struct tx *tx, struct desk *d, i64 account, bool *done)
{
    struct waiting wait;
    enum status st = waiting_read(d->v, d->work.id, &wait);
    *done = false;
    if (st || wait.account != account)
        return st == ST_NOTFOUND ? ST_OK : st;
    st = draft_wait_undo(tx, d->who, d->work.key);
    *done = !st;
    return st;
}

enum status undo_put_back(struct tx *tx, const struct actor *who, i64 account, str key, str note,
                          struct published *ret)
{
    struct view v = view_plain(tx->db, tx->a, tx->now, tx->err);
    struct published out = {0};
    struct desk d;
    i64 last = 0, text = 0, good = 0;
    note = str_trim(note);
    if (!permitted(who, ACT_ACCOUNTS, NULL, false))
        return ST_DENIED;
    enum status st = desk_open(&d, &v, who, key, ACT_PUBLISH, false);
    if (!st && d.work.public == STORY_UNPUBLISHED)
        return unschedule(tx, who, &d.work, ret);
    bool stopped = false;
    st = st ? st : desk_free(&d);
    st = st ? st : stop_theirs(tx, &d, account, &stopped);
    st = st ? st : desk_open(&d, &v, who, key, ACT_PUBLISH, false);
    st = st ? st : others(&d, account, REV_REINSTATEMENT + 1, &last);
    st = st ? st : others(&d, account, REV_WITHDRAWAL, &good);
    st = st ? st : newest_text(&d, &text);
    if (st)
        return st;
    bool withdrawn = d.work.public == STORY_WITHDRAWN;
    if (stopped && (withdrawn ? last == d.story.revision : good == text)) {
        *ret = (struct published){.outcome = OUTCOME_UNSCHEDULED, .key = key};
        return ST_OK;
    }
    if (GUARD(undo_of_theirs) && (withdrawn ? last == d.story.revision : good == text))
        return fail(tx->err, ST_CONFLICT, "desk-error-not-theirs");
    if (!good && withdrawn)
        return fail(tx->err, ST_CONFLICT, "desk-error-nothing-before");
    if (!good)
        return draft_withdraw(tx, who, key, note, ret);
    if (withdrawn)
        st = draft_reinstate(tx, who, key, &out);
    st = st ? st : desk_open(&d, &v, who, key, ACT_PUBLISH, false);
    if (!st && good != text)
        st = put_revision(tx, &d, good, note, &out);
    if (!st)
        *ret = out;
    return st;
}
