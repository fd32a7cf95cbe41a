#include "newsroom/fronts.h"

#include "base/guard.h"
#include "newsroom/accounts.h"
#include "store/job.h"
#include "text/slug.h"
#include "text/story.h"

/* ---- what readers find ---- */

enum status front_story(struct view *v, i64 edition, const struct front_slot *s, struct story *ret)
{
    struct story story;
    enum status st = story_by_key(v, s->story, PART_CARD, &story);
    if (st)
        return st;
    if (story.state != STORY_LIVE && GUARD(front_live))
        return ST_NOTFOUND;
    if (story.edition != edition || story.kind != KIND_STORY)
        return ST_NOTFOUND;
    *ret = story;
    return ST_OK;
}

enum status front_picture(struct view *v, const struct front_slot *s, struct picture *ret)
{
    struct picture p;
    if (!s->picture.n)
        return ST_NOTFOUND;
    enum status st = picture_by_key(v, s->picture, &p);
    if (!st && GUARD(front_picture))
        st = picture_public(v, p.address, &p);
    if (!st)
        *ret = p;
    return st;
}

/* ---- what may be one ---- */

static bool line_ok(str s, size_t most)
{
    return s.n <= most && text_clean(s, "", NULL);
}

/* A story that is live can be looked at; of any other nothing is told, not even whether it is. */
static enum status check_story(struct view *v, i64 edition, const struct front_slot *s)
{
    struct story story;
    enum status st = story_by_key(v, s->story, PART_ADDRESS, &story);
    if (st)
        return st == ST_NOTFOUND ? ST_OK : st;
    if (story.state == STORY_LIVE && (story.edition != edition || story.kind != KIND_STORY))
        return fail(v->err, ST_INVALID, "desk-error-front-elsewhere");
    return ST_OK;
}

static enum status check_picture(struct view *v, const struct front_slot *s)
{
    struct picture p;
    if (!s->picture.n)
        return s->alt.n ? fail(v->err, ST_INVALID, "desk-error-front-picture") : ST_OK;
    enum status st = front_picture(v, s, &p);
    if (st == ST_NOTFOUND)
        return fail(v->err, ST_INVALID, "desk-error-front-picture");
    if (!st && (!text_has_word(s->alt) || !line_ok(s->alt, FRONT_ALT)))
        return fail(v->err, ST_INVALID, "desk-error-front-alt");
    return st;
}

enum status front_check(struct view *v, i64 edition, const struct front_slot *slots, size_t n,
                        size_t *bad)
{
    enum status st = ST_OK;
    if (n > FRONT_SLOTS) {
        *bad = FRONT_SLOTS + 1;
        return fail(v->err, ST_INVALID, "desk-error-front-full");
    }
    for (size_t i = 0; !st && i < n; i++) {
        const struct front_slot *s = &slots[i];
        *bad = i + 1;
        if (!key_valid(s->story))
            st = fail(v->err, ST_INVALID, "desk-error-front-story");
        for (size_t k = 0; !st && k < i; k++)
            if (str_eq(slots[k].story, s->story))
                st = fail(v->err, ST_INVALID, "desk-error-front-twice");
        if (!st && !line_ok(s->headline, FRONT_HEADLINE))
            st = fail(v->err, ST_INVALID, "desk-error-front-headline");
        st = st ? st : check_story(v, edition, s);
        st = st ? st : check_picture(v, s);
    }
    if (!st)
        *bad = 0;
    return st;
}

/* ---- saving ---- */

enum status front_edition(struct view *v, str slug, struct edition *ret)
{
    const struct edition *list = NULL;
    size_t n = 0;
    enum status st = editions_read(v, &list, &n);
    if (st)
        return st;
    for (size_t i = 0; i < n; i++)
        if (str_eq(list[i].slug, slug)) {
            *ret = list[i];
            return ST_OK;
        }
    return ST_NOTFOUND;
}

static bool same(const struct front *f, const struct front_slot *slots, size_t n)
{
    bool equal = f->n == n;
    for (size_t i = 0; equal && i < n; i++)
        equal = str_eq(f->slots[i].story, slots[i].story) &&
                str_eq(f->slots[i].headline, slots[i].headline) &&
                str_eq(f->slots[i].picture, slots[i].picture) &&
                str_eq(f->slots[i].alt, slots[i].alt);
    return equal;
}

static enum status may(struct tx *tx, const struct actor *who)
{
    if (!GUARD(front_permitted) || permitted(who, ACT_FRONTS, NULL, false))
        return ST_OK;
    return fail(tx->err, ST_DENIED, "%.*s may not: %s", FMT(who->name), act_name(ACT_FRONTS));
}

static struct front made(const struct tx *tx, i64 account, i64 edition,
                         const struct front_slot *slots, size_t n)
{
    struct front f = {.edition = edition, .account = account, .at = tx->now, .n = n};
    for (size_t i = 0; i < n; i++)
        f.slots[i] = slots[i];
    return f;
}

static enum status put(struct tx *tx, const struct actor *who, const struct edition *e,
                       const struct front_save *ask, i64 *id, size_t *bad)
{
    struct view v = view_plain(tx->db, tx->a, tx->now, tx->err);
    struct front now;
    enum status st = front_in_force(&v, e->id, &now);
    if (!st && now.id != ask->base && GUARD(front_base))
        return fail(tx->err, ST_CONFLICT, "desk-error-front-meanwhile");
    st = st ? st : front_check(&v, e->id, ask->slots, ask->n, bad);
    if (st)
        return st;
    if (same(&now, ask->slots, ask->n)) {
        *id = now.id;
        return ST_OK;
    }
    struct front f = made(tx, who->account, e->id, ask->slots, ask->n);
    st = front_add(tx, &f);
    st = st ? st : audit_add(tx, who->account, AUDIT_FRONT, STR_NONE, e->slug, STR_NONE);
    if (!st)
        *id = f.id;
    return st;
}

/* ---- waiting ---- */

static const str job_kind = {"front", 5};

static str job_payload(struct tx *tx, i64 id)
{
    return arena_fmt(tx->a, "%lld", (long long)id);
}

static enum status schedule(struct tx *tx, const struct actor *who, const struct edition *e,
                            const struct front_save *ask, i64 *id, size_t *bad)
{
    struct view v = view_plain(tx->db, tx->a, tx->now, tx->err);
    *bad = 0;
    if (ask->at <= tx->now)
        return fail(tx->err, ST_INVALID, "desk-error-time-past");
    enum status st = front_check(&v, e->id, ask->slots, ask->n, bad);
    if (st)
        return st;
    struct front f = made(tx, who->account, e->id, ask->slots, ask->n);
    f.due = ask->at;
    st = front_add(tx, &f);
    st = st ? st : job_add(tx, job_kind, job_payload(tx, f.id), f.due);
    st = st ? st : audit_add(tx, who->account, AUDIT_SCHEDULE, STR_NONE, e->slug, STR_NONE);
    if (!st)
        *id = f.id;
    return st;
}

static enum status forget(struct tx *tx, i64 id)
{
    enum status st = front_remove(tx, id);
    return st ? st : job_remove(tx, job_kind, job_payload(tx, id));
}

enum status front_unschedule(struct tx *tx, const struct actor *who, str edition, i64 id)
{
    struct view v = view_plain(tx->db, tx->a, tx->now, tx->err);
    struct edition e;
    struct front f;
    enum status st = may(tx, who);
    st = st ? st : front_edition(&v, edition, &e);
    st = st ? st : front_due_read(&v, id, &f);
    if (!st && f.edition != e.id)
        return ST_NOTFOUND;
    st = st ? st : forget(tx, id);
    return st ? st : audit_add(tx, who->account, AUDIT_UNSCHEDULE, STR_NONE, e.slug, STR_NONE);
}

/* Another row than the one that waited: the newest is the one in force. */
enum status front_due(struct tx *tx, i64 id)
{
    struct view v = view_plain(tx->db, tx->a, tx->now, tx->err);
    struct front waited, now;
    enum status st = front_due_read(&v, id, &waited);
    if (st == ST_NOTFOUND)
        return job_remove(tx, job_kind, job_payload(tx, id));
    if (!st && waited.due > tx->now && GUARD(front_due))
        return job_add(tx, job_kind, job_payload(tx, id), waited.due);
    st = st ? st : front_in_force(&v, waited.edition, &now);
    st = st ? st : forget(tx, id);
    if (st || same(&now, waited.slots, waited.n))
        return st;
    struct front f = made(tx, waited.account, waited.edition, waited.slots, waited.n);
    return front_add(tx, &f);
}

enum status front_save(struct tx *tx, const struct actor *who, const struct front_save *ask,
                       i64 *id, size_t *bad)
{
    struct view v = view_plain(tx->db, tx->a, tx->now, tx->err);
    struct edition e;
    enum status st = may(tx, who);
    st = st ? st : front_edition(&v, ask->edition, &e);
    if (st)
        return st;
    return ask->at ? schedule(tx, who, &e, ask, id, bad) : put(tx, who, &e, ask, id, bad);
}

enum status front_take_up(struct tx *tx, const struct actor *who, str edition, i64 base, i64 from,
                          i64 *id, size_t *bad)
{
    struct view v = view_plain(tx->db, tx->a, tx->now, tx->err);
    struct edition e;
    struct front earlier;
    enum status st = may(tx, who);
    st = st ? st : front_edition(&v, edition, &e);
    st = st ? st : front_read(&v, e.id, from, &earlier);
    if (st)
        return st;
    struct front_save ask = {
        .edition = edition, .base = base, .slots = earlier.slots, .n = earlier.n};
    return put(tx, who, &e, &ask, id, bad);
}
