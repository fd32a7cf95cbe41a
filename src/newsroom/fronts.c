#include "newsroom/fronts.h"

#include "base/guard.h"
#include "newsroom/accounts.h"
#include "store/job.h"
#include "store/name.h"
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

static bool among(const struct story *list, size_t n, i64 id)
{
    for (size_t i = 0; i < n; i++)
        if (list[i].id == id)
            return true;
    return false;
}

/* The list that a rule reads; ST_NOTFOUND where the section or the topic it is about isn't there:
 * sections come and go with "site", and a topic never goes before its edition does. */
static enum status rule_list(struct view *v, i64 edition, const struct front_slot *s, str *ret)
{
    struct section section;
    struct name topic;
    enum status st = ST_OK;
    switch (s->rule) {
    case SLOT_NEWEST:
        *ret = arena_fmt(v->a, "edition-list/%lld", (long long)edition);
        return ST_OK;
    case SLOT_PICTURED:
        *ret = arena_fmt(v->a, "pictured-list/%lld", (long long)edition);
        return ST_OK;
    case SLOT_SECTION:
        st = section_by_slug(v, edition, s->about, &section);
        if (!st && !section.listed)
            st = ST_NOTFOUND;
        if (!st)
            *ret = arena_fmt(v->a, "section-list/%lld", (long long)section.id);
        return st;
    case SLOT_TOPIC:
        st = name_by_slug(v, NAME_TOPIC, edition, s->about, &topic);
        if (!st)
            *ret = name_list_key(&topic, v->a);
        return st;
    case SLOT_STORY:
    case SLOT_RULES:
        break;
    }
    return fail(v->err, ST_CORRUPT, "a front's slot has the rule %d", (int)s->rule);
}

/* Of as many as the front has places one at least stands in no other. */
static enum status find_by_rule(struct view *v, i64 edition, const struct front_slot *s,
                                const struct story *taken, size_t n, struct story *ret)
{
    str list;
    i64 *ids = NULL;
    size_t found = 0;
    enum status st = rule_list(v, edition, s, &list);
    st = st ? st : story_list_ids(v, list, n, &ids, &found);
    if (st)
        return st;
    for (size_t i = 0; i < found; i++)
        if (!among(taken, n, ids[i]) || !GUARD(front_once))
            return story_by_id(v, ids[i], PART_CARD, ret);
    return ST_NOTFOUND;
}

enum status front_fill(struct view *v, i64 edition, const struct front_slot *slots, size_t n,
                       struct story *ret)
{
    struct story found[FRONT_SLOTS] = {0}, one;
    enum status st = ST_OK;
    for (int rules = 0; rules < 2; rules++) /* whoever is named keeps their place */
        for (size_t i = 0; i < n; i++) {
            if ((slots[i].rule != SLOT_STORY) != (rules == 1))
                continue;
            st = rules ? find_by_rule(v, edition, &slots[i], found, n, &one)
                       : front_story(v, edition, &slots[i], &one);
            if (st && st != ST_NOTFOUND)
                return st;
            if (!st && (rules || !among(found, n, one.id)))
                found[i] = one;
        }
    memcpy(ret, found, n * sizeof found[0]);
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

/* A rule finds its story by itself, and which one can't be known: nothing is said of it here. */
static enum status check_rule(struct view *v, i64 edition, const struct front_slot *s)
{
    str list;
    if (s->story.n || s->headline.n || s->picture.n || s->alt.n)
        return fail(v->err, ST_INVALID, "desk-error-front-words-rule");
    if ((size_t)s->rule >= SLOT_RULES)
        return fail(v->err, ST_INVALID, "desk-error-front-no-rule");
    enum status st = rule_list(v, edition, s, &list);
    return st == ST_NOTFOUND ? fail(v->err, ST_INVALID, "desk-error-front-no-rule") : st;
}

static enum status check_named(struct view *v, i64 edition, const struct front_slot *slots,
                               size_t i)
{
    const struct front_slot *s = &slots[i];
    if (!key_valid(s->story))
        return fail(v->err, ST_INVALID, "desk-error-front-story");
    for (size_t k = 0; k < i; k++)
        if (str_eq(slots[k].story, s->story))
            return fail(v->err, ST_INVALID, "desk-error-front-twice");
    if (!line_ok(s->headline, FRONT_HEADLINE))
        return fail(v->err, ST_INVALID, "desk-error-front-headline");
    enum status st = check_story(v, edition, s);
    return st ? st : check_picture(v, s);
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
        *bad = i + 1;
        st = slots[i].rule == SLOT_STORY ? check_named(v, edition, slots, i)
                                         : check_rule(v, edition, &slots[i]);
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
        equal = f->slots[i].rule == slots[i].rule && str_eq(f->slots[i].about, slots[i].about) &&
                str_eq(f->slots[i].story, slots[i].story) &&
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
