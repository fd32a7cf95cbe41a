#include "newsroom/embargo.h"

#include "base/guard.h"
#include "base/time.h"
#include "newsroom/draft_parts.h"

/* ---- what holds ---- */

static void later(struct embargo *e, i64 until, str whose)
{
    if (until > e->until)
        *e = (struct embargo){until, whose};
}

/* Its own row may be older than c is: a draft stands beside it, or replaces it now. */
static enum status later_family(struct view *v, i64 family, str own, struct embargo *e)
{
    struct story *list = NULL;
    size_t n = 0;
    if (!family)
        return ST_OK;
    enum status st = story_family(v, family, true, &list, &n);
    for (size_t i = 0; !st && i < n; i++)
        if (!str_eq(list[i].key, own))
            later(e, list[i].embargo_ms, list[i].key);
    return st;
}

enum status embargo_latest(struct view *v, const struct story_content *c, i64 family,
                           struct embargo *ret)
{
    struct story target, *list = NULL;
    struct embargo e = {c->embargo, c->id};
    size_t n = 0;
    enum status st = later_family(v, family, c->id, &e);
    if (!st && c->translation_of.n && GUARD(embargo_of_target)) {
        st = story_by_key(v, c->translation_of, PART_ADDRESS, &target);
        if (!st)
            later(&e, target.embargo_ms, target.key);
        st = st == ST_NOTFOUND ? ST_OK : st ? st : later_family(v, target.family, c->id, &e);
    }
    st = st ? st : story_translations_of(v, c->id, &list, &n);
    for (size_t i = 0; !st && i < n; i++) {
        later(&e, list[i].embargo_ms, list[i].key);
        st = later_family(v, list[i].family, c->id, &e);
    }
    if (!st)
        *ret = e;
    return st;
}

enum status embargo_of(struct view *v, str key, struct embargo *ret)
{
    struct desk d = {.v = v};
    struct draft_text now;
    struct embargo e;
    enum status st = work_by_key(v, key, &d.work);
    if (st)
        return st;
    st = story_by_key(v, key, PART_PAGE, &d.story);
    if (st == ST_NOTFOUND) {
        d.story = (struct story){0};
        st = ST_OK;
    }
    st = st ? st : text_now(&d, &now);
    st = st ? st : embargo_latest(v, &now.content, d.story.family, &e);
    if (st)
        return st;
    if (d.work.due_ms) /* a draft beside what is scheduled says nothing of that */
        later(&e, d.story.embargo_ms, key);
    *ret = e;
    return ST_OK;
}

/* ---- lifting ---- */

static str change_words(i64 was, i64 is, str reason, struct arena *a)
{
    str from = time_rfc3339(was, a), to = is ? time_rfc3339(is, a) : STR("-");
    return reason.n ? arena_fmt(a, "%.*s > %.*s: %.*s", FMT(from), FMT(to), FMT(reason))
                    : arena_fmt(a, "%.*s > %.*s", FMT(from), FMT(to));
}

static enum status check_lift(const struct desk *d, const struct embargo_lift *l, i64 was)
{
    struct err *err = d->v->err;
    if (l->save != d->work.save)
        return fail(err, ST_CONFLICT, "there is a newer save than %lld: %lld", (long long)l->save,
                    (long long)d->work.save);
    if (d->work.due_ms)
        return fail(err, ST_CONFLICT, "desk-error-embargo-scheduled");
    if (was <= d->v->now)
        return fail(err, ST_CONFLICT, "desk-error-embargo-none");
    if (l->until >= was)
        return fail(err, ST_INVALID, "desk-error-embargo-later");
    return ST_OK;
}

enum status embargo_lift(struct tx *tx, const struct actor *who, const struct embargo_lift *l)
{
    struct view v = view_plain(tx->db, tx->a, tx->now, tx->err);
    struct draft_text now;
    struct draft_saved saved;
    struct desk d;
    str reason = l->reason;
    enum status st = desk_open(&d, &v, who, l->key, ACT_EMBARGO, false);
    st = st ? st : desk_reason(&reason, tx->err);
    st = st ? st : text_now(&d, &now);
    st = st ? st : check_lift(&d, l, now.content.embargo);
    if (st)
        return st;
    i64 was = now.content.embargo;
    now.content.embargo = l->until;
    struct draft_save s = {.key = l->key,
                           .parent = draft_stands(d.work.state) ? d.work.save : 0,
                           .base = draft_stands(d.work.state) ? 0 : d.story.revision,
                           .content = &now.content};
    st = desk_save(tx, who, &s, true, &saved);
    if (!st && saved.outcome == DRAFT_CHOICES)
        st = fail(tx->err, ST_CONFLICT,
                  "the live text has changed since this draft was begun: save it first");
    return st ? st
              : audit_add(tx, who->account, AUDIT_EMBARGO, l->key,
                          change_words(was, l->until, reason, tx->a), STR_NONE);
}

enum status embargo_note_file(struct tx *tx, str key, i64 was, i64 is)
{
    if (was <= tx->now || is >= was || !GUARD(embargo_logged))
        return ST_OK;
    return audit_add(tx, 0, AUDIT_EMBARGO, key, change_words(was, is, STR_NONE, tx->a), STR_NONE);
}
