#include "newsroom/change.h"

#include "base/guard.h"
#include "base/hash.h"
#include "newsroom/draft.h"
#include "newsroom/embargo.h"
#include "newsroom/hold.h"
#include "newsroom/translations.h"
#include "store/job.h"
#include "text/slug.h"

enum {
    PUBLISH_RETRY = 60 * 1000
}; /* ms after which an embargo that stands in the way is looked at again */

void published_warn(struct published *p, str words)
{
    if (p->nwarnings < PUBLISH_WARNINGS && words.n)
        p->warnings[p->nwarnings++] = words;
}

str publish_job_payload(struct arena *a, i64 story)
{
    return arena_fmt(a, "%lld", (long long)story);
}

/* ---- what the file left out is kept from the live revision ---- */

static void keep_texts(struct story_content *now, const struct story_content *old,
                       const struct story_file *f)
{
#define KEEP(KEY, field)                                                                           \
    if (!STORY_FILE_HAS(f, KEY))                                                                   \
    now->field = old->field
    KEEP(SECTION, section);
    KEEP(KIND, kind);
    KEEP(LABEL, label);
    KEEP(STANDFIRST, standfirst);
    KEEP(SLUG, slug);
    KEEP(DATELINE, dateline);
    KEEP(PUBLISHED, published);
    KEEP(EMBARGO, embargo);
    KEEP(BACKGROUND, background);
    KEEP(SOURCE, source);
    KEEP(LICENCE, licence);
    KEEP(TRANSLATION_OF, translation_of);
    KEEP(PICTURE, picture);
#undef KEEP
    if (!STORY_FILE_HAS(f, EDITION))
        now->edition = old->edition;
    if (!STORY_FILE_HAS(f, HEADLINES)) {
        now->front = old->front;
        now->social = old->social;
        now->push = old->push;
    }
    if (!STORY_FILE_HAS(f, BY)) {
        now->by = old->by;
        now->nby = old->nby;
    }
    if (!STORY_FILE_HAS(f, TOPICS)) {
        now->topics = old->topics;
        now->ntopics = old->ntopics;
    }
}

/* ---- going live ---- */

static void fill_row(struct change *c)
{
    struct story *s = &c->after;
    const struct story_content *n = &c->content;
    s->key = n->id;
    s->edition = c->edition->id;
    s->section = c->section.id;
    s->kind = n->kind;
    s->published_ms = n->published;
    s->embargo_ms = n->embargo;
    s->headline = n->headline;
    s->front = n->front;
    s->standfirst = n->standfirst;
    s->label = n->label;
    s->background = n->background;
    s->translation_of = n->translation_of;
}

static enum status canonical(struct change *c, str *ret)
{
    struct out o = out_make(c->tx->a, 16 << 10, 1 << 20);
    story_canonical(&c->content, &o);
    enum status st = out_status(&o);
    if (!st)
        *ret = out_view(&o);
    return st;
}

static void report(const struct change *c, enum outcome outcome, struct published *ret)
{
    ret->outcome = outcome;
    ret->story = c->after.id;
    ret->revision = c->after.revision;
    ret->key = c->after.key;
    ret->path = c->after.path;
}

static enum status follow(struct change *c, const struct draft_followed *text,
                          const struct published *p)
{
    return draft_follow(c->tx, &c->after, p, c->edition->slug, c->section.slug, text);
}

/* What the file left out and an earlier text had is not among what was split ahead. */
static struct draft_followed text_of(const struct change *c, const struct publication *p)
{
    return (struct draft_followed){&c->content, p->words, c->has_old ? NULL : p->ahead};
}

/* An address that was kept for a story that was never live leads nowhere when it goes elsewhere. */
static enum status release_kept(struct change *c)
{
    bool kept = c->existed && c->before.revision == 0 && c->before.path.n;
    if (!GUARD(kept_address_released) || !kept || str_eq(c->before.path, c->after.path))
        return ST_OK;
    return address_release(c->tx, c->before.path, c->before.id);
}

/* "line N: " of a key of the file that it comes from, for an error to begin with. */
static const char *head_line(struct change *c, enum head_key key)
{
    return change_line(c, c->file ? c->file->line[key] : 0);
}

/* The story's state moves to live with content's bytes as a new revision. */
static enum status go_live(struct change *c, enum revision_kind kind, str note, str author,
                           const struct draft_followed *text, struct published *ret)
{
    bool first = c->before.revision == 0;
    enum status st = hold_check(&c->v, c->content.id, head_line(c, HEAD_ID));
    if (st)
        return st;
    struct revision r = {.kind = kind, .note = note, .author = author, .at = c->tx->now};
    fill_row(c);
    st = change_picture_use(c);
    st = st ? st : canonical(c, &r.bytes);
    st = st ? st : release_kept(c);
    if (st)
        return st;
    c->after.state = STORY_LIVE;
    c->after.note = STR_NONE;
    if (first)
        c->after.first_ms = c->content.published;
    else if (kind != REV_TYPO)
        c->after.updated_ms = c->tx->now;
    st = change_apply(c, &r);
    st = st ? st : pictures_shown(c->tx, c->pictures, c->npictures);
    if (st)
        return st;
    st = scheduled_remove(c->tx, c->after.id);
    st = st ? st : job_remove(c->tx, PUBLISH_JOB, publish_job_payload(c->tx->a, c->after.id));
    if (st)
        return st;
    report(c, first ? OUTCOME_NEW : OUTCOME_REVISION, ret);
    st = follow(c, text, ret);
    return st ? st : translations_tell(c, kind);
}

/* A story that was never live, for later: a row without a public word, its address kept, a job for
 * its time. */
static enum status schedule(struct change *c, const struct publication *p, struct published *ret)
{
    fill_row(c);
    c->after.state = STORY_UNPUBLISHED;
    c->after.first_ms = 0;
    c->after.picture = 0;
    enum status st = hold_check(&c->v, c->content.id, head_line(c, HEAD_ID));
    st = st ? st : release_kept(c);
    if (st)
        return st;
    struct scheduled s = {
        .due = c->content.published, .base = 0, .author = p->author, .at = c->tx->now};
    st = story_write(c->tx, &c->after);
    st = st ? st : canonical(c, &s.bytes);
    s.story = c->after.id;
    st = st ? st : scheduled_write(c->tx, &s);
    if (!st && c->after.path.n)
        st = address_take(c->tx, c->after.path, c->after.id);
    st = st ? st : story_pictures_write(c->tx, c->after.id, c->pictures, c->npictures);
    st = st ? st : job_add(c->tx, PUBLISH_JOB, publish_job_payload(c->tx->a, c->after.id), s.due);
    st = st ? st : change_family(c);
    if (st)
        return st;
    report(c, OUTCOME_SCHEDULED, ret);
    ret->due = s.due;
    struct draft_followed text = text_of(c, p);
    return follow(c, &text, ret);
}

/* ---- a file ---- */

static enum status when_and_where(struct change *c, const struct story_file *f, i64 at)
{
    struct err *err = c->tx->err;
    i64 now = c->tx->now;
    bool live = c->existed && c->before.state == STORY_LIVE;
    int line = f->line[HEAD_PUBLISHED];
    if (c->content.published == 0)
        c->content.published = now - now % MS_SECOND;
    bool kept =
        c->content.published == c->before.published_ms; /* the clock may have been set back */
    if (live && !kept && c->content.published > now)
        return fail(err, ST_INVALID,
                    "line %d: the story is live: `published` can't lie in the future", line);
    i64 live_at = c->content.published > now ? c->content.published : now;
    live_at = at > live_at ? at : live_at;
    enum status st = change_check_embargo(
        c, live_at, STORY_FILE_HAS(f, EMBARGO) ? f->line[HEAD_EMBARGO] : f->line[HEAD_ID]);
    if (st)
        return st;
    bool given = STORY_FILE_HAS(f, SLUG);
    if (c->content.slug.n == 0) {
        st = slug_make(c->content.headline, c->tx->a, &c->content.slug);
        if (st == ST_INVALID)
            c->content.slug = STR("story");
        else if (st)
            return st;
    }
    i64 first = c->before.first_ms ? c->before.first_ms : c->content.published;
    return change_take_address(c, given, f->line[HEAD_SLUG], first);
}

/* Whether the words of a correction or clarification are ones the story carries already. */
static enum status carried(struct change *c, str words, bool *ret)
{
    struct revision *list = NULL;
    size_t n = 0;
    *ret = false;
    if (!c->existed || c->before.revision == 0)
        return ST_OK;
    enum status st = revision_list(&c->v, c->before.id, &list, &n);
    for (size_t i = 0; !st && i < n; i++)
        *ret |= (list[i].kind == REV_CORRECTION || list[i].kind == REV_CLARIFICATION) &&
                str_eq(list[i].note, words);
    return st;
}

/* What kind of revision this file makes of a live story; *unchanged when none. */
static enum status kind_of_change(struct change *c, const struct story_file *f,
                                  enum revision_kind *kind, str *note, bool *unchanged)
{
    str bytes, old, what;
    bool known = false;
    struct out o = out_make(c->tx->a, 16 << 10, 1 << 20);
    story_canonical(&c->old, &o);
    enum status st = out_status(&o);
    old = out_view(&o);
    st = st ? st : canonical(c, &bytes);
    st = st ? st : carried(c, f->correction, &known);
    if (st)
        return st;
    bool tells = f->change == CHANGE_CORRECTION || f->change == CHANGE_CLARIFICATION;
    *unchanged = str_eq(bytes, old) && (!tells || known);
    *kind = REV_UPDATE;
    *note = STR_NONE;
    if (tells && !known) {
        *kind = f->change == CHANGE_CORRECTION ? REV_CORRECTION : REV_CLARIFICATION;
        *note = f->correction;
    } else if (f->change == CHANGE_TYPO) {
        *kind = REV_TYPO;
        if (GUARD(typo_keeps_facts) &&
            story_typo_touches_fact(&c->old, &c->content, c->tx->a, &what))
            return fail(c->tx->err, ST_INVALID,
                        "line %d: a typo can't change a digit, a name, words in quotation marks or "
                        "the address (%.*s): make it an update or a correction",
                        f->line[HEAD_CHANGE], FMT(what));
    }
    return ST_OK;
}

static enum status publish_live(struct change *c, const struct publication *p,
                                struct published *ret)
{
    enum revision_kind kind = REV_FIRST;
    str note = STR_NONE;
    bool unchanged = false;
    const struct story_file *f = p->file;
    if (c->before.revision == 0) {
        if (f->change != CHANGE_UPDATE)
            return fail(c->tx->err, ST_INVALID,
                        "line %d: the story was never live: there is nothing to correct",
                        f->line[HEAD_CHANGE]);
        if (c->content.published > c->tx->now)
            return schedule(c, p, ret);
    } else {
        enum status st = kind_of_change(c, f, &kind, &note, &unchanged);
        if (st)
            return st;
    }
    if (unchanged) {
        c->after = c->before;
        report(c, OUTCOME_UNCHANGED, ret);
        return ST_OK;
    }
    struct draft_followed text = text_of(c, p);
    enum status st = go_live(c, kind, note, p->author, &text, ret);
    return st || p->by_schedule ? st : translations_answered(c);
}

/* The tree and the pictures belong to the caller and a transaction may run twice: what is written
 * to is copied. */
static enum status own_copy(struct change *c, const struct story_file *f)
{
    c->content = f->story;
    struct out o = out_make(c->tx->a, 16 << 10, 2 * DOCUMENT_BYTES);
    document_write(f->story.body, &o);
    enum status st = out_status(&o);
    if (st == ST_TOOLARGE)
        return fail(c->tx->err, ST_TOOLARGE,
                    "line %d: the body is too long: as it is kept it has more than 512 KiB",
                    f->body_line);
    st = st ? st : document_read(out_view(&o), c->tx->a, &c->content.body, c->tx->err);
    if (st || f->story.npictures == 0)
        return st;
    c->content.pictures = arena_new(c->tx->a, struct picture_use, f->story.npictures);
    if (!c->content.pictures)
        return ST_NOMEM;
    memcpy(c->content.pictures, f->story.pictures, f->story.npictures * sizeof *f->story.pictures);
    return ST_OK;
}

/* Which embargo the story has had: on the schedule, or as a draft that was never public. */
static enum status embargo_before(struct change *c, str key, i64 *ret)
{
    struct embargo e;
    *ret = c->before.embargo_ms;
    if (c->existed)
        return ST_OK;
    enum status st = embargo_of(&c->v, key, &e);
    if (!st && str_eq(e.whose, key))
        *ret = e.until;
    return st == ST_NOTFOUND ? ST_OK : st;
}

/* Everything that is looked at before anything is written. */
static enum status prepare(struct change *c, struct tx *tx, const struct publication *p,
                           struct published *out)
{
    enum status st = change_open(c, tx, p->file->story.id);
    c->file = p->file;
    st = st ? st : own_copy(c, p->file);
    if (st)
        return st;
    if (c->has_old)
        keep_texts(&c->content, &c->old, p->file);
    st = change_edition(c, c->content.edition, p->file->line[HEAD_EDITION]);
    if (st)
        return st;
    c->content.edition = c->edition->slug;
    st = change_check(c, p->file);
    st = st ? st : when_and_where(c, p->file, p->live_at);
    return st ? st : change_pictures(c, p, out);
}

enum status publish_story(struct tx *tx, const struct publication *p, struct published *ret)
{
    struct change *c = arena_new(tx->a, struct change, 1);
    struct published out = {0};
    i64 embargo = 0;
    if (!c)
        return ST_NOMEM;
    enum status st = prepare(c, tx, p, &out);
    st = st ? st : embargo_before(c, p->file->story.id, &embargo);
    st = st ? st : publish_live(c, p, &out);
    if (st)
        return st;
    change_warn_credits(c, &out);
    st = embargo_note_file(tx, c->after.key, embargo, c->content.embargo);
    if (!st && !c->existed)
        st = change_warn_site(c, &out);
    if (!c->content.body->first && c->content.kind == KIND_STORY)
        published_warn(&out, arena_fmt(tx->a, "line %d: the story has no text below its head",
                                       p->file->body_line - 1));
    if (!st)
        *ret = out;
    return st;
}

enum status publish_check(struct tx *tx, const struct publication *p)
{
    struct change *c = arena_new(tx->a, struct change, 1);
    struct published out = {0};
    enum revision_kind kind;
    str note;
    bool unchanged = false;
    if (!c)
        return ST_NOMEM;
    enum status st = prepare(c, tx, p, &out);
    if (!st && c->before.state != STORY_LIVE)
        return fail(tx->err, ST_CONFLICT, "the story \"%.*s\" is not live", FMT(c->content.id));
    st = st ? st : kind_of_change(c, p->file, &kind, &note, &unchanged);
    return !st && unchanged
               ? fail(tx->err, ST_CONFLICT, "there is nothing beside the live text to publish")
               : st;
}

/* What stands in the way of a schedule's minute is on the desk's "Due" until that is past. */
static enum status refused(struct change *c, const struct scheduled *s, i64 kind, str words)
{
    struct work w;
    enum status st = work_by_key(&c->v, c->before.key, &w);
    struct due d = {.why = DUE_REFUSED, .at = s->due, .kind = kind, .words = words};
    return st ? st : due_set(c->tx, w.id, &d);
}

/* ST_CONFLICT where a hold or an embargo does; *kind says which. */
static enum status in_the_way(struct change *c, i64 *kind)
{
    enum status st = hold_check(&c->v, c->content.id, "");
    *kind = REFUSED_BY_HOLD;
    if (st)
        return st;
    *kind = REFUSED_BY_EMBARGO;
    return change_check_embargo(c, c->tx->now, 0);
}

/* Its content as it was scheduled, through the checks that time may have changed. */
static enum status due_live(struct change *c, str key, const struct scheduled *s, i64 *retry,
                            struct published *ret)
{
    struct tx *tx = c->tx;
    struct published out = {0};
    i64 kind = REFUSED_OTHERWISE;
    enum status st = change_open(c, tx, key);
    if (st)
        return st;
    c->content = c->old;
    st = change_edition(c, c->content.edition, 0);
    if (!st && c->content.kind == KIND_STORY)
        st = section_by_slug(&c->v, c->edition->id, c->content.section, &c->section);
    st = st ? st : in_the_way(c, &kind);
    if (st == ST_CONFLICT) {
        *retry = tx->now + PUBLISH_RETRY;
        st = refused(c, s, kind, STR_NONE);
        return st ? st : ST_BUSY;
    }
    st = st ? st : change_pictures(c, &(struct publication){0}, &out);
    st = st ? st : go_live(c, REV_FIRST, STR_NONE, s->author, NULL, &out);
    if (!st)
        *ret = out;
    return st;
}

enum status publish_due(struct tx *tx, i64 story, i64 *retry, struct published *ret)
{
    struct change *c = arena_new(tx->a, struct change, 1);
    struct view v = view_plain(tx->db, tx->a, tx->now, tx->err);
    struct scheduled s;
    struct story row;
    if (!c)
        return ST_NOMEM;
    enum status st = story_by_id(&v, story, PART_PAGE, &row);
    st = st ? st : scheduled_read(&v, story, &s);
    if (st == ST_NOTFOUND) { /* it went live by hand, or is gone */
        *ret = (struct published){.outcome = OUTCOME_NOTHING, .story = story};
        return ST_OK;
    }
    if (st)
        return st;
    if (s.due > tx->now) {
        *retry = s.due;
        return fail(tx->err, ST_BUSY, "not due yet");
    }
    c->tx = tx;
    st = due_live(c, row.key, &s, retry, ret);
    if (st == ST_NOTFOUND)
        st = fail(tx->err, ST_CORRUPT,
                  "the story \"%.*s\" is due and can't go live: what it names is gone",
                  FMT(row.key));
    return st;
}

enum status publish_failed(struct tx *tx, i64 story, str words)
{
    struct change *c = arena_new(tx->a, struct change, 1);
    struct scheduled s;
    if (!c)
        return ST_NOMEM;
    *c = (struct change){.tx = tx, .v = view_plain(tx->db, tx->a, tx->now, tx->err)};
    enum status st = story_by_id(&c->v, story, PART_ADDRESS, &c->before);
    st = st ? st : scheduled_read(&c->v, story, &s);
    if (st) /* meanwhile it went live by hand, or is gone */
        return st == ST_NOTFOUND ? ST_OK : st;
    return refused(c, &s, REFUSED_OTHERWISE, words);
}

/* ---- withdrawing and reinstating ---- */

static enum status open_known(struct change *c, struct tx *tx, str key)
{
    enum status st = change_open(c, tx, key);
    if (st)
        return st;
    if (!c->existed)
        return fail(tx->err, ST_NOTFOUND, "there is no story \"%.*s\"", FMT(key));
    c->content = c->old;
    st = change_edition(c, c->before.edition_slug, 0);
    if (!st && c->content.kind == KIND_STORY)
        st = section_by_slug(&c->v, c->edition->id, c->content.section, &c->section);
    return st;
}

static enum status check_note(str note, struct err *err)
{
    size_t characters = 0;
    if (note.n == 0)
        return fail(err, ST_INVALID, "a withdrawal needs a note: it is what readers are told");
    if (!text_clean(note, "", NULL))
        return fail(err, ST_INVALID,
                    "the note has to be one line of UTF-8 without control characters");
    for (size_t i = 0; i < note.n; characters++)
        utf8_next(note, &i);
    if (characters > PUBLISH_NOTE)
        return fail(err, ST_TOOLARGE, "the note has %zu characters; it may have %d", characters,
                    PUBLISH_NOTE);
    return ST_OK;
}

enum status withdraw_story(struct tx *tx, str key, str note, str author, struct published *ret)
{
    struct change *c = arena_new(tx->a, struct change, 1);
    struct published out = {0};
    if (!c)
        return ST_NOMEM;
    note = str_trim(note);
    enum status st = check_note(note, tx->err);
    st = st ? st : open_known(c, tx, key);
    if (st)
        return st;
    if (c->before.state != STORY_LIVE)
        return fail(tx->err, ST_CONFLICT, "the story \"%.*s\" is not live", FMT(key));
    st = hold_check(&c->v, key, "");
    st = st ? st : change_pictures(c, &(struct publication){0}, &out);
    struct revision r = {.kind = REV_WITHDRAWAL, .note = note, .author = author, .at = tx->now};
    st = st ? st : canonical(c, &r.bytes);
    if (st)
        return st;
    c->after.picture = c->before.picture;
    c->after.state = STORY_WITHDRAWN;
    c->after.note = note;
    st = change_apply(c, &r);
    if (st)
        return st;
    report(c, OUTCOME_WITHDRAWN, &out);
    st = follow(c, NULL, &out);
    st = st ? st : translations_tell(c, REV_WITHDRAWAL);
    st = st ? st : translations_answered(c);
    if (!st)
        *ret = out;
    return st;
}

enum status reinstate_story(struct tx *tx, str key, str author, struct published *ret)
{
    struct change *c = arena_new(tx->a, struct change, 1);
    struct published out = {0};
    if (!c)
        return ST_NOMEM;
    enum status st = open_known(c, tx, key);
    if (st)
        return st;
    if (c->before.state != STORY_WITHDRAWN)
        return fail(tx->err, ST_CONFLICT, "the story \"%.*s\" is not withdrawn", FMT(key));
    st = change_check_embargo(c, tx->now, 0);
    st = st ? st : change_pictures(c, &(struct publication){0}, &out);
    st = st ? st : go_live(c, REV_REINSTATEMENT, STR_NONE, author, NULL, &out);
    st = st ? st : translations_answered(c);
    if (st)
        return st;
    out.outcome = OUTCOME_REINSTATED;
    *ret = out;
    return ST_OK;
}
