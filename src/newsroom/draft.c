#include "store/preview_link.h"
#include "newsroom/draft_parts.h"

#include "base/guard.h"
#include "base/hash.h"
#include "newsroom/unschedule.h"
#include "store/due.h"
#include "text/slug.h"

/* store/work.c looks for these by number */
_Static_assert(WORK_CLEAN == 0 && WORK_REVIEW == 2 && WORK_APPROVED == 3, "kept in rows");

const char *work_state_name(i64 state)
{
    static const char *const names[] = {
#define X(k, name) name,
        WORK_STATES(X)
#undef X
    };
    return state >= 0 && state < WORK_STATE_COUNT ? names[state] : "";
}

/* ---- who stands where ---- */

static bool among(const i64 *list, size_t n, i64 id)
{
    for (size_t i = 0; i < n; i++)
        if (list[i] == id)
            return true;
    return false;
}

static enum status stand(struct desk *d)
{
    const struct work *w = &d->work;
    i64 me = d->who->account, *shared = NULL, *named = NULL;
    size_t nshared = 0, nnamed = 0;
    enum status st = work_people(d->v, w->id, PERSON_SHARED, &shared, &nshared);
    if (!st && w->restricted)
        st = work_people(d->v, w->id, PERSON_NAMED, &named, &nnamed);
    if (st)
        return st;
    d->standing = (struct standing){.own = me && (w->author == me || w->assignee == me),
                                    .began = me && w->author == me,
                                    .shared = among(shared, nshared, me),
                                    .restricted = w->restricted,
                                    .named = among(named, nnamed, me),
                                    .live = w->public != STORY_UNPUBLISHED,
                                    .page = w->kind == KIND_PAGE,
                                    .sent = me && (w->saved_by == me || w->sent_by == me)};
    return ST_OK;
}

static enum status absent(struct view *v, str key)
{
    return fail(v->err, ST_NOTFOUND, "there is no story \"%.*s\"", FMT(key));
}

static enum status public_row(struct desk *d)
{
    enum status st = story_by_key(d->v, d->work.key, PART_PAGE, &d->story);
    if (st != ST_NOTFOUND)
        return st;
    d->story = (struct story){0};
    return ST_OK;
}

enum status desk_look(struct desk *d, struct view *v, const struct actor *who, str key)
{
    struct desk now = {.v = v, .who = who};
    enum status st = work_by_key(v, key, &now.work);
    st = st ? st : stand(&now);
    if (st == ST_NOTFOUND || (!st && !permitted(who, ACT_SEE, &now.standing, false)))
        return absent(v, key);
    st = st ? st : public_row(&now);
    if (!st)
        *d = now;
    return st;
}

enum status desk_at(struct desk *d, struct view *v, const struct actor *who, i64 work)
{
    struct desk now = {.v = v, .who = who};
    enum status st = work_by_id(v, work, &now.work);
    st = st ? st : public_row(&now);
    if (!st)
        *d = now;
    return st;
}

enum status desk_may(const struct desk *d, enum act act, bool four_eyes)
{
    if (!GUARD(draft_permitted) || permitted(d->who, act, &d->standing, four_eyes))
        return ST_OK;
    return fail(d->v->err, ST_DENIED, "%.*s may not: %s", FMT(d->who->name), act_name(act));
}

enum status desk_open(struct desk *d, struct view *v, const struct actor *who, str key,
                      enum act act, bool four_eyes)
{
    enum status st = desk_look(d, v, who, key);
    return st ? st : desk_may(d, act, four_eyes);
}

enum status desk_free(const struct desk *d)
{
    return d->work.held_ms ? fail(d->v->err, ST_CONFLICT, "desk-error-held") : ST_OK;
}

enum status desk_reason(str *reason, struct err *err)
{
    str s = str_trim(*reason);
    size_t characters = 0;
    for (size_t i = 0; i < s.n; characters++)
        utf8_next(s, &i);
    if (GUARD(reason_given) && (!s.n || characters > PUBLISH_NOTE || !text_clean(s, "", NULL)))
        return fail(err, ST_INVALID, "desk-error-reason");
    *reason = s;
    return ST_OK;
}

enum status desk_write(struct desk *d, struct tx *tx)
{
    d->work.touched_ms = tx->now;
    d->work.touched_by = d->who->account;
    return work_write(tx, &d->work);
}

bool draft_stands(i64 state)
{
    return state == WORK_DRAFT || state == WORK_REVIEW || state == WORK_APPROVED;
}

bool draft_stale(const struct desk *d)
{
    return draft_stands(d->work.state) && d->work.public != STORY_UNPUBLISHED &&
           d->work.base < d->story.revision;
}

enum status desk_keep_scheduled(struct desk *d, struct tx *tx)
{
    struct scheduled s;
    if (d->work.state != WORK_SCHEDULED || d->work.scheduled)
        return ST_OK;
    enum status st = scheduled_read(d->v, d->story.id, &s);
    if (st)
        return st;
    struct save kept = {
        .work = d->work.id, .number = d->work.save + 1, .at = s.at, .bytes = s.bytes};
    st = save_add(tx, &kept);
    if (!st)
        d->work.save = d->work.scheduled = kept.number;
    return st;
}

enum status draft_open(struct view *v, const struct actor *who, bool four_eyes, str key,
                       struct draft *ret)
{
    struct desk d;
    struct draft_text now;
    struct waiting waiting = {0};
    enum status st = desk_open(&d, v, who, key, ACT_SEE, four_eyes);
    st = st ? st : text_now(&d, &now);
    if (!st && d.work.due_ms && d.work.public != STORY_UNPUBLISHED)
        st = waiting_read(v, d.work.id, &waiting);
    if (st)
        return st;
    bool saved = d.work.save && (draft_stands(d.work.state) ||
                                 (d.work.state == WORK_SCHEDULED && d.work.scheduled));
    i64 live = d.work.public ? d.story.revision : 0;
    if (v->a->oom)
        return ST_NOMEM;
    *ret = (struct draft){.work = d.work,
                          .standing = d.standing,
                          .content = now.content,
                          .live = live,
                          .parent = !saved                           ? 0
                                    : d.work.state == WORK_SCHEDULED ? d.work.scheduled
                                                                     : d.work.save,
                          .base = draft_stands(d.work.state) ? d.work.base : live,
                          .waiting = waiting};
    return ST_OK;
}

/* ---- beginning ---- */

enum { KEY_TRIES = 100, KEY_RANDOM = 4 };

/* Letters and digits that nobody takes for one another. */
static str make_key(struct tx *tx)
{
    static const char signs[] = "23456789abcdefghjkmnpqrstuvwxyz";
    struct civil c = time_civil(tx->now);
    u8 random[KEY_RANDOM];
    char tail[KEY_RANDOM];
    random_bytes(random, sizeof random);
    for (size_t i = 0; i < KEY_RANDOM; i++)
        tail[i] = signs[random[i] % (sizeof signs - 1)];
    return arena_fmt(tx->a, "%04d%02d%02d-%.4s", c.year, c.month, c.day, tail);
}

static enum status free_key(struct tx *tx, struct view *v, str *ret)
{
    struct work w;
    struct story s;
    for (int i = 0; i < KEY_TRIES; i++) {
        str key = make_key(tx);
        enum status st = work_by_key(v, key, &w);
        if (st == ST_NOTFOUND)
            st = story_by_key(v, key, PART_ADDRESS, &s);
        if (st == ST_NOTFOUND) {
            *ret = key;
            return ST_OK;
        }
        if (st)
            return st;
    }
    return fail(tx->err, ST_CONFLICT, "too many stories were begun today");
}

static enum status find_place(struct view *v, str *edition, str section, enum story_kind kind)
{
    const struct edition *list = NULL;
    struct section s;
    size_t n = 0, i = 0;
    enum status st = editions_read(v, &list, &n);
    while (!st && i < n && edition->n && !str_eq(list[i].slug, *edition))
        i++;
    if (st)
        return st;
    if (i == n)
        return fail(v->err, ST_INVALID, "line %d: there is no edition \"%.*s\"",
                    DRAFT_LINE(EDITION), FMT(*edition));
    *edition = list[i].slug;
    if (!section.n)
        return ST_OK;
    st = kind == KIND_STORY ? section_by_slug(v, list[i].id, section, &s) : ST_NOTFOUND;
    return st == ST_NOTFOUND ? fail(v->err, ST_INVALID, "line %d: there is no section \"%.*s\"",
                                    DRAFT_LINE(SECTION), FMT(section))
                             : st;
}

enum status draft_begin(struct tx *tx, const struct actor *who, str edition, str section,
                        enum story_kind kind, str *ret)
{
    struct view v = view_plain(tx->db, tx->a, tx->now, tx->err);
    str key;
    enum act act = kind == KIND_PAGE ? ACT_SITE : ACT_BEGIN;
    if (GUARD(draft_permitted) && !permitted(who, act, NULL, false))
        return fail(tx->err, ST_DENIED, "%.*s may not: %s", FMT(who->name), act_name(act));
    enum status st = find_place(&v, &edition, section, kind);
    st = st ? st : free_key(tx, &v, &key);
    if (st)
        return st;
    struct work w = {.key = key,
                     .edition = edition,
                     .section = section,
                     .kind = kind,
                     .state = WORK_DRAFT,
                     .author = who->account,
                     .touched_ms = tx->now,
                     .touched_by = who->account};
    st = work_write(tx, &w);
    if (!st)
        *ret = key;
    return st;
}

/* ---- the workflow ---- */

#define FROM(state) (1u << WORK_##state)
static const struct {
    enum act act;
    unsigned from;
    enum work_state to;
} steps[] = {
    [STEP_SEND] = {ACT_SEND, FROM(DRAFT), WORK_REVIEW},
    [STEP_TAKE_BACK] = {ACT_SEND, FROM(REVIEW) | FROM(APPROVED), WORK_DRAFT},
    [STEP_APPROVE] = {ACT_APPROVE, FROM(REVIEW), WORK_APPROVED},
    [STEP_SEND_BACK] = {ACT_APPROVE, FROM(REVIEW) | FROM(APPROVED), WORK_DRAFT},
    [STEP_UNSCHEDULE] = {ACT_SCHEDULE,
                         FROM(SCHEDULED) | FROM(DRAFT) | FROM(REVIEW) | FROM(APPROVED),
                         WORK_APPROVED},
};

static enum status unschedule(struct desk *d, struct tx *tx)
{
    struct published p;
    bool done = false;
    if (!d->work.due_ms)
        return fail(tx->err, ST_CONFLICT, "the story \"%.*s\" is not scheduled", FMT(d->work.key));
    enum status st = desk_free(d);
    if (!st && d->work.public != STORY_UNPUBLISHED)
        return wait_stop(tx, d, WORK_APPROVED);
    st = st ? st : desk_keep_scheduled(d, tx);
    st = st ? st : desk_write(d, tx); /* what draft_follow finds */
    st = st ? st : unschedule_story(tx, d->work.key, &done, &p);
    if (!st && !done)
        st = fail(tx->err, ST_CORRUPT, "the story \"%.*s\" is not scheduled, and its row says so",
                  FMT(d->work.key));
    st = st ? st : work_by_key(d->v, d->work.key, &d->work);
    st = st ? st : desk_write(d, tx);
    return st ? st
              : audit_add(tx, d->who->account, AUDIT_UNSCHEDULE, d->work.key, STR_NONE, STR_NONE);
}

/* Whoever had sent it finds it on "Due" again, until it is sent anew. */
static enum status note_step(struct tx *tx, const struct desk *d, enum draft_step step)
{
    struct due back = {
        .why = DUE_SENT_BACK, .at = tx->now, .account = d->who->account, .owner = d->work.sent_by};
    return step == STEP_SEND        ? due_remove(tx, d->work.id, DUE_SENT_BACK)
           : step == STEP_SEND_BACK ? due_set(tx, d->work.id, &back)
                                    : ST_OK;
}

enum status draft_step(struct tx *tx, const struct actor *who, bool four_eyes, str key, i64 save,
                       enum draft_step step)
{
    struct view v = view_plain(tx->db, tx->a, tx->now, tx->err);
    struct desk d;
    if ((size_t)step >= COUNT(steps))
        return fail(tx->err, ST_BUG, "there is no step %d", (int)step);
    enum status st = desk_open(&d, &v, who, key, steps[step].act, four_eyes);
    if (st)
        return st;
    if (GUARD(draft_cas) && save != d.work.save)
        return fail(tx->err, ST_CONFLICT, "there is a newer save than %lld: %lld", (long long)save,
                    (long long)d.work.save);
    if (!(steps[step].from >> d.work.state & 1) || (step == STEP_SEND && !d.work.save))
        return fail(tx->err, ST_CONFLICT, "the story is %s: that step doesn't lead on from there",
                    d.work.save ? work_state_name(d.work.state) : "empty");
    if (step == STEP_UNSCHEDULE)
        return unschedule(&d, tx);
    bool approves = step == STEP_APPROVE;
    st = note_step(tx, &d, step);
    if (st)
        return st;
    d.work.state = steps[step].to;
    d.work.approved = approves ? d.work.save : 0;
    d.work.approved_by = approves ? who->account : 0;
    if (step == STEP_SEND)
        d.work.sent_by = who->account;
    else if (!approves)
        d.work.sent_by = 0;
    return desk_write(&d, tx);
}

/* ---- who works on it, when, and who may see it ---- */

static enum status known_accounts(struct view *v, const i64 *list, size_t n)
{
    struct account a;
    enum status st = ST_OK;
    for (size_t i = 0; !st && i < n; i++)
        st = account_by_id(v, list[i], &a);
    return st == ST_NOTFOUND ? fail(v->err, ST_INVALID, "there is no such account") : st;
}

enum status draft_plan(struct tx *tx, const struct actor *who, const struct draft_plan *p)
{
    struct view v = view_plain(tx->db, tx->a, tx->now, tx->err);
    struct desk d;
    enum status st = desk_open(&d, &v, who, p->key, ACT_ASSIGN, false);
    st = st ? st : known_accounts(&v, &p->assignee, p->assignee ? 1 : 0);
    st = st ? st : known_accounts(&v, p->shared, p->nshared);
    if (st)
        return st;
    d.work.assignee = p->assignee;
    d.work.deadline_ms = p->deadline_ms > 0 ? p->deadline_ms : 0;
    st = work_person_set(tx, d.work.id, PERSON_SHARED, p->shared, p->nshared);
    return st ? st : desk_write(&d, tx);
}

enum status draft_restrict(struct tx *tx, const struct actor *who, str key, bool on,
                           const i64 *named, size_t n)
{
    struct view v = view_plain(tx->db, tx->a, tx->now, tx->err);
    struct desk d;
    enum status st = desk_open(&d, &v, who, key, ACT_RESTRICT, false);
    st = st ? st : known_accounts(&v, named, n);
    i64 *all = arena_new(tx->a, i64, n + 1);
    if (st || !all)
        return st ? st : ST_NOMEM;
    if (n)
        memcpy(all, named, n * sizeof *all);
    all[n] = who->account;
    d.work.restricted = on;
    st = work_person_set(tx, d.work.id, PERSON_NAMED, all, on ? n + 1 : 0);
    if (!st && on && GUARD(preview_link_restricted))
        st = preview_link_remove(tx, d.work.id, 0);
    st = st ? st : desk_write(&d, tx);
    return st ? st
              : audit_add(tx, who->account, AUDIT_RESTRICT, key, on ? STR("on") : STR("off"),
                          STR_NONE);
}

enum status draft_note(struct tx *tx, const struct actor *who, str key, str words)
{
    struct view v = view_plain(tx->db, tx->a, tx->now, tx->err);
    struct desk d;
    enum status st = desk_open(&d, &v, who, key, ACT_NOTE, false);
    if (st)
        return st;
    words = str_trim(words);
    if (!words.n || !text_clean(words, "\n\r\t", NULL))
        return fail(tx->err, ST_INVALID, "a note is text without control characters");
    if (words.n > DRAFT_NOTE)
        return fail(tx->err, ST_TOOLARGE, "a note has at most %d bytes", DRAFT_NOTE);
    i64 there;
    st = work_note_count(&v, d.work.id, &there);
    if (!st && there >= DRAFT_NOTES && GUARD(draft_notes_most))
        st = fail(tx->err, ST_TOOLARGE, "a story has at most %d notes", DRAFT_NOTES);
    st = st ? st : work_note_add(tx, d.work.id, who->account, words);
    return st ? st : desk_write(&d, tx);
}

enum status draft_destroy(struct tx *tx, const struct actor *who, str key)
{
    struct view v = view_plain(tx->db, tx->a, tx->now, tx->err);
    struct desk d;
    struct published p;
    bool done = false;
    enum status st = desk_look(&d, &v, who, key);
    if (st)
        return st;
    if (d.work.public != STORY_UNPUBLISHED)
        return fail(tx->err, ST_CONFLICT, "the story \"%.*s\" was public: it can be withdrawn",
                    FMT(key));
    st = desk_may(&d, ACT_DESTROY, false);
    if (!st && GUARD(hold_keeps_saves))
        st = desk_free(&d);
    if (!st && d.work.due_ms)
        st = unschedule_story(tx, key, &done, &p);
    st = st ? st : work_remove(tx, d.work.id);
    return st ? st : audit_add(tx, who->account, AUDIT_DESTROY, key, STR_NONE, STR_NONE);
}
