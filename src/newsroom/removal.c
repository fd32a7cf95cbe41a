#include "newsroom/hold.h"
#include "newsroom/removal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/guard.h"
#include "newsroom/change.h"
#include "newsroom/find.h"
#include "newsroom/removal_parts.h"
#include "store/event.h"
#include "store/name.h"
#include "text/slug.h"

enum {
    ROOM = 512 << 20, /* for one row at a time */
    AROUND = 60,      /* bytes shown before and after what is found */
    MEMBERS = 64,
    FRESH = 100, /* drafts looked at together */
};

/* ---- whom it concerns ---- */

static enum status add_member(struct view *v, const struct actor *who, str key, struct member *list,
                              size_t *n)
{
    struct member m = {0};
    for (size_t i = 0; i < *n; i++)
        if (str_eq(member_key(&list[i]), key))
            return ST_OK;
    enum status st = work_by_key(v, key, &m.work);
    st = st == ST_NOTFOUND ? ST_OK : st;
    st = st ? st : story_by_key(v, key, PART_PAGE, &m.story);
    if (st && st != ST_NOTFOUND)
        return st;
    if (!m.work.id && !m.story.id)
        return ST_OK;
    /* an order knows no restriction, but what is restricted is not shown */
    struct desk d;
    st = desk_look(&d, v, who, key);
    if (st && st != ST_NOTFOUND)
        return st;
    m.hidden = st == ST_NOTFOUND && GUARD(removal_restricted);
    if (*n == MEMBERS)
        return fail(v->err, ST_TOOLARGE, "a story with more than %d translations", MEMBERS);
    list[(*n)++] = m;
    return ST_OK;
}

static enum status add_all(struct view *v, const struct actor *who, const struct story *list,
                           size_t count, struct member *to, size_t *n)
{
    enum status st = ST_OK;
    for (size_t i = 0; !st && i < count; i++)
        st = add_member(v, who, list[i].key, to, n);
    return st;
}

/* The story that a draft's newest save says it translates; "" for none. */
static enum status draft_translates(struct view *v, const struct work *w, str *ret)
{
    struct story_content c;
    struct save s;
    *ret = STR_NONE;
    enum status st = w->save ? save_read(v, w->id, w->save, &s) : ST_NOTFOUND;
    if (!st)
        st = story_from_canonical(s.bytes, v->a, &c, v->err);
    if (!st)
        *ret = c.translation_of;
    return st == ST_NOTFOUND ? ST_OK : st;
}

/* Drafts that were never public: nothing but their own text says what they translate. */
static enum status add_drafts(struct view *v, const struct actor *who, str key, struct member *to,
                              size_t *n)
{
    CLEANUP(arena_free) struct arena room = {0};
    enum status st = arena_init(&room, ROOM);
    size_t count = FRESH;
    for (i64 after = 0; !st && count == FRESH;) {
        struct view own = view_plain(v->db, &room, v->now, v->err);
        struct work *list = NULL;
        str of;
        st = fresh_list(&own, after, FRESH, &list, &count);
        for (size_t i = 0; !st && i < count; i++) {
            after = list[i].id;
            st = draft_translates(&own, &list[i], &of);
            if (!st && str_eq(of, key))
                st = add_member(v, who, arena_str(v->a, list[i].key), to, n);
        }
        arena_reset(&room);
    }
    return st;
}

/* The story that all of them translate: this one, or the one that it is a translation of. */
static enum status origin_of(struct view *v, const struct member *m, str *ret)
{
    enum status st = ST_OK;
    *ret = m->story.translation_of;
    if (!ret->n && !m->story.revision)
        st = draft_translates(v, &m->work, ret);
    if (!ret->n)
        *ret = member_key(m);
    return st;
}

/* The story first, then its family, and what waits to be of it. */
static enum status members_of(struct view *v, const struct actor *who, str key, struct member **ret,
                              size_t *n)
{
    struct member *list = arena_new(v->a, struct member, MEMBERS);
    struct story *stories = NULL;
    size_t count = 0;
    str origin;
    *n = 0;
    if (!list)
        return ST_NOMEM;
    enum status st = add_member(v, who, key, list, n);
    if (!st && !*n)
        return ST_NOTFOUND;
    *ret = list;
    if (st || !GUARD(removal_translations))
        return st;
    st = origin_of(v, &list[0], &origin);
    st = st ? st : add_member(v, who, origin, list, n);
    for (size_t i = 0; !st && i < *n; i++) {
        count = 0;
        if (list[i].story.family)
            st = story_family(v, list[i].story.family, true, &stories, &count);
        st = st ? st : add_all(v, who, stories, count, list, n);
    }
    st = st ? st : story_translations_of(v, origin, &stories, &count);
    st = st ? st : add_all(v, who, stories, count, list, n);
    return st ? st : add_drafts(v, who, origin, list, n);
}

/* ---- looking ---- */

struct looking {
    struct passage passage;
    struct arena *keep, *room; /* for what is found, and of one row */
    struct removal_preview found;
    size_t cap;
    struct story_cuts *story; /* where cuts go; NULL when only shown */
    const struct member *m;
    const struct removal_texts *row;
    struct row_cuts cuts;
};

static enum status where(const struct looking *x, enum words_place place, str text, struct arena *a,
                         struct cut **list, size_t *n)
{
    bool has = false;
    if (place == PLACE_SLUG)
        return passage_find_slug(&x->passage, text, a, list, n);
    if (place != PLACE_LINK && place != PLACE_SOURCE)
        return passage_find(&x->passage, text, a, list, n);
    enum status st = passage_in_address(&x->passage, text, a, &has);
    *list = arena_new(a, struct cut, 1);
    if (st || !*list)
        return st ? st : ST_NOMEM;
    **list = (struct cut){0, text.n};
    *n = has;
    return ST_OK;
}

/* At most so many bytes, of whole characters. */
static str last_of(str s)
{
    size_t at = s.n > AROUND ? s.n - AROUND : 0;
    while (at && at < s.n && ((u8)s.p[at] & 0xC0) == 0x80)
        at++;
    return str_from(s, at);
}

static str first_of(str s)
{
    size_t n = s.n > AROUND ? AROUND : s.n;
    while (n < s.n && ((u8)s.p[n] & 0xC0) == 0x80)
        n--;
    return str_head(s, n);
}

static bool show(struct looking *x, enum words_place place, str text, const struct cut *first,
                 size_t n)
{
    struct removal_preview *f = &x->found;
    i64 number = x->row->row == ROW_REVISION || x->row->row == ROW_SAVE ? x->row->number : 0;
    struct removal_found *last = f->n ? &f->list[f->n - 1] : NULL;
    str key = x->m->hidden ? STR_NONE : member_key(x->m);
    f->times += n;
    if (last && str_eq(last->story, key) && last->row == x->row->row && last->number == number &&
        last->place == place) {
        last->n += n;
        return true;
    }
    if (f->n == REMOVAL_SHOWN) {
        f->more = true;
        return true;
    }
    if (!arena_grow(x->keep, f->list, f->n, &x->cap))
        return false;
    f->list[f->n++] = (struct removal_found){
        .story = key, .row = x->row->row, .number = number, .place = place, .n = n};
    if (x->m->hidden)
        return true;
    last = &f->list[f->n - 1];
    last->before = arena_str(x->keep, last_of(str_head(text, first->from)));
    last->words = arena_str(x->keep, str_head(str_from(text, first->from), first->n));
    last->after = arena_str(x->keep, first_of(str_from(text, first->from + first->n)));
    return true;
}

static enum status look(void *arg, enum words_place place, size_t number, str text,
                        struct cut **ret, size_t *n)
{
    struct looking *x = arg;
    struct row_cuts *r = &x->cuts;
    enum status st = where(x, place, text, x->room, ret, n);
    if (st || !*n)
        return st;
    if (!show(x, place, text, *ret, *n))
        return ST_NOMEM;
    for (size_t i = 0; x->story && i < *n; i++) {
        if (!arena_grow(x->keep, r->cuts, r->n, &r->cap))
            return ST_NOMEM;
        r->cuts[r->n++] = (struct text_cut){number, (*ret)[i]};
    }
    return ST_OK;
}

struct look_row {
    struct looking *x;
    struct view *v; /* its arena holds the row */
};

static enum status look_at_row(void *arg, struct removal_texts *r)
{
    struct look_row *l = arg;
    struct looking *x = l->x;
    struct cutter c = {.ask = look, .arg = x, .a = l->v->a};
    str left;
    x->row = r;
    x->cuts = (struct row_cuts){.row = r->row, .number = r->number, .position = r->position};
    enum status st = removal_row_cut(r, &c, &left, l->v->err);
    if (st || !x->story || (!x->cuts.n && r->row < ROW_WAITING))
        return st;
    if (!arena_grow(x->keep, x->story->rows, x->story->n, &x->story->cap))
        return ST_NOMEM;
    x->cuts.left = arena_str(x->keep, left);
    x->story->rows[x->story->n++] = x->cuts;
    return x->keep->oom ? ST_NOMEM : ST_OK;
}

static enum status look_at_all(struct view *v, struct looking *x, const struct member *list,
                               size_t n, struct removal_entry *e)
{
    CLEANUP(arena_free) struct arena room = {0};
    enum status st = arena_init(&room, ROOM);
    struct view rows = view_plain(v->db, &room, v->now, v->err);
    struct look_row l = {x, &rows};
    x->room = &room;
    for (size_t i = 0; !st && i < n; i++) {
        struct cut *slugs;
        size_t in_slug = 0;
        x->m = &list[i];
        st = passage_find_slug(&x->passage, member_key(x->m), x->keep, &slugs, &in_slug);
        x->found.in_key |= in_slug > 0;
        if (e) {
            x->story = &e->stories[e->n];
            x->story->key = member_key(x->m);
        }
        st = st ? st : removal_rows(&rows, &list[i], look_at_row, &l);
        if (e)
            e->n++;
    }
    return st;
}

static enum status read_words(str words, struct arena *a, struct passage *ret, struct err *err)
{
    enum status st = passage_make(words, a, ret);
    return st == ST_INVALID    ? fail(err, ST_INVALID, "desk-error-removal-words")
           : st == ST_TOOLARGE ? fail(err, ST_INVALID, "desk-error-removal-long")
                               : st;
}

static enum status may(struct view *v, const struct actor *who, str key)
{
    struct desk d;
    return desk_open(&d, v, who, key, ACT_REMOVE, false);
}

enum status removal_preview(struct view *v, const struct actor *who, str key, str words,
                            struct removal_preview *ret)
{
    struct looking x = {.keep = v->a};
    struct member *list = NULL;
    size_t n = 0;
    enum status st = may(v, who, key);
    st = st ? st : read_words(words, v->a, &x.passage, v->err);
    st = st ? st : members_of(v, who, key, &list, &n);
    st = st ? st : look_at_all(v, &x, list, n, NULL);
    if (!st)
        *ret = x.found;
    return st;
}

/* ---- doing an entry ---- */

/* Names that went from a member's texts, and slugs that they had: old addresses are made of them.
 */
struct lost {
    str text;
    enum words_place place;
};
struct applying {
    struct tx *tx;
    struct view *rows; /* its arena holds one row */
    const struct removal_entry *entry;
    const struct story_cuts *story;
    const struct row_cuts *row; /* whose cuts are taken */
    struct member *m;
    struct lost *lost;
    size_t nlost, cap;
    size_t written;
};

static enum status take(void *arg, enum words_place place, size_t number, str text,
                        struct cut **ret, size_t *n)
{
    struct applying *x = arg;
    struct cut *list = arena_new(x->rows->a, struct cut, x->row->n + 1);
    *n = 0;
    if (!list)
        return ST_NOMEM;
    for (size_t i = 0; i < x->row->n; i++)
        if (x->row->cuts[i].text == number)
            list[(*n)++] = x->row->cuts[i].cut;
    *ret = list;
    if (!*n || (place != PLACE_SLUG && place != PLACE_BYLINE && place != PLACE_TOPIC))
        return ST_OK;
    if (!arena_grow(x->tx->a, x->lost, x->nlost, &x->cap))
        return ST_NOMEM;
    x->lost[x->nlost++] = (struct lost){arena_str(x->tx->a, text), place};
    return ST_OK;
}

/* With these cuts: only if what is left is what was left then, for else it is another row. */
static enum status apply_cuts(struct applying *x, struct removal_texts *r,
                              const struct row_cuts *cuts, bool *done)
{
    struct cutter c = {.ask = take, .arg = x, .a = x->rows->a};
    size_t before = x->nlost;
    str left;
    *done = false;
    x->row = cuts;
    enum status st = removal_row_cut(r, &c, &left, x->tx->err);
    if (st == ST_BUG) /* bytes that this row doesn't have */
        st = ST_OK;
    else if (!st && (str_eq(left, cuts->left) || !GUARD(removal_same_row)))
        *done = true;
    if (!*done)
        x->nlost = before;
    return st;
}

/* An older schedule, of which the list knows nothing: its text is a save's, or has become the first
 * revision since, and those have the same bytes. */
static enum status apply_schedule(struct applying *x, struct removal_texts *r, bool *done)
{
    enum status st = ST_OK;
    for (size_t i = 0; !st && !*done && i < x->story->n; i++) {
        const struct row_cuts *c = &x->story->rows[i];
        struct revision as = {.author = r->scheduled.author, .bytes = r->scheduled.bytes};
        struct removal_texts t = {.texts = {&as.note, &as.author},
                                  .places = {PLACE_NOTE, PLACE_AUTHOR},
                                  .n = c->row == ROW_REVISION ? 2 : 0,
                                  .bytes = &as.bytes};
        if (c->row != ROW_SAVE && (c->row != ROW_REVISION || c->number != 1))
            continue;
        st = apply_cuts(x, &t, c, done);
        if (*done) {
            r->scheduled.author = as.author;
            r->scheduled.bytes = as.bytes;
        }
    }
    return st;
}

/* A save that was destroyed before the removal, and stands in an older backup. One that was made
 * since is another. */
static bool was_destroyed(const struct applying *x, const struct removal_texts *r)
{
    bool there = false;
    for (size_t i = 0; r->row == ROW_SAVE && i < x->story->n; i++)
        there |= x->story->rows[i].row == ROW_GONE && x->story->rows[i].number == r->number;
    return there && r->save.at <= x->entry->at && GUARD(removal_gone_saves);
}

/* What the removal didn't see: it loses its words, and what waits goes live no more. */
static enum status apply_unseen(struct applying *x, struct removal_texts *r)
{
    if (!GUARD(removal_unseen))
        return ST_OK;
    for (size_t i = 0; i < r->n; i++)
        *r->texts[i] = r->texts[i]->n ? STR(REMOVED_MARK) : STR_NONE;
    if (r->row == ROW_WAITING)
        r->waiting.failed = true;
    return removal_row_write(x->tx, r, x->entry->at);
}

static enum status apply_row(void *arg, struct removal_texts *r)
{
    struct applying *x = arg;
    struct scheduled was = r->row == ROW_SCHEDULED ? r->scheduled : (struct scheduled){0};
    bool done = false, as_it_was = false;
    enum status st = ST_OK;
    if (r->row == ROW_GONE)
        return ST_OK;
    if (was_destroyed(x, r)) {
        x->written++;
        return save_destroy(x->tx, x->m->work.id, r->number, 0);
    }
    for (size_t i = 0; !st && !done && i < x->story->n; i++) {
        const struct row_cuts *c = &x->story->rows[i];
        if (c->row != r->row || c->number != r->number || c->position != r->position)
            continue;
        st = apply_cuts(x, r, c, &done);
        as_it_was = done && !c->n;
    }
    if (st || as_it_was)
        return st;
    if (!done && r->row >= ROW_WAITING)
        return apply_unseen(x, r);
    if (!st && !done && r->row == ROW_SCHEDULED) {
        r->scheduled = was;
        st = apply_schedule(x, r, &done);
    }
    if (st || !done)
        return st;
    x->written++;
    return removal_row_write(x->tx, r, x->entry->at);
}

/* ---- what follows from the rows ---- */

static bool lost_slug(const struct applying *x, str slug)
{
    for (size_t i = 0; i < x->nlost; i++)
        if (x->lost[i].place == PLACE_SLUG && str_eq(x->lost[i].text, slug))
            return true;
    return false;
}

static str last_segment(str path)
{
    size_t n = path.n;
    while (n && path.p[n - 1] != '/')
        n--;
    return str_from(path, n);
}

static enum status lose_addresses(struct applying *x)
{
    struct view v = view_plain(x->tx->db, x->tx->a, x->tx->now, x->tx->err);
    str *paths = NULL;
    size_t n = 0;
    enum status st = address_list(&v, x->m->story.id, &paths, &n);
    for (size_t i = 0; !st && i < n; i++) {
        if (!lost_slug(x, last_segment(paths[i])))
            continue;
        st = address_release(x->tx, paths[i], x->m->story.id);
        st = st ? st : gone_add(x->tx, paths[i]);
    }
    return st;
}

static enum status read_change(struct change *c, struct tx *tx, const struct member *m)
{
    struct revision r;
    enum status st = change_open(c, tx, m->story.key);
    c->content = c->old;
    st = st ? st : change_edition(c, c->before.edition_slug, 0);
    if (!st && c->content.kind == KIND_STORY)
        st = section_by_slug(&c->v, c->edition->id, c->content.section, &c->section);
    if (st || c->before.state != STORY_WITHDRAWN)
        return st;
    st = revision_read(&c->v, c->before.id, c->before.revision, &r);
    if (!st)
        c->after.note = r.note;
    return st;
}

/* The public row says what its revision, or its schedule, says by now. */
static enum status rewrite_story(struct applying *x)
{
    struct change *c = arena_new(x->tx->a, struct change, 1);
    if (!c)
        return ST_NOMEM;
    enum status st = read_change(c, x->tx, x->m);
    if (st)
        return st;
    c->after.headline = c->content.headline;
    c->after.front = c->content.front;
    c->after.standfirst = c->content.standfirst;
    st = change_picture_use(c);
    if (!st && lost_slug(x, c->before.slug))
        st = change_take_address(c, false, 0,
                                 c->before.first_ms ? c->before.first_ms : c->content.published);
    return st ? st : change_rewrite(c);
}

/* An event's keys are written down, and that of a name's page holds the name. Whatever shows such a
 * page has the key of its list as well. */
static void hide_key(struct tx *tx, str slug)
{
    for (size_t i = 0; i < tx->nkeys; i++)
        if (str_starts(tx->keys[i], STR("url/")) && str_eq(last_segment(tx->keys[i]), slug) &&
            GUARD(removal_keys))
            tx->keys[i] = STR("story");
}

/* A name goes from the newsroom's when no other story has it. */
static enum status lose_names(struct applying *x)
{
    struct view v = view_plain(x->tx->db, x->tx->a, x->tx->now, x->tx->err);
    enum status st = ST_OK;
    for (size_t i = 0; !st && i < x->nlost; i++) {
        struct name n;
        str slug;
        if (x->lost[i].place == PLACE_SLUG || slug_of_name(x->lost[i].text, x->tx->a, &slug))
            continue;
        st = name_by_slug(&v, x->lost[i].place == PLACE_TOPIC ? NAME_TOPIC : NAME_BYLINE,
                          x->m->story.edition, slug, &n);
        if (st) {
            st = st == ST_NOTFOUND ? ST_OK : st;
            continue;
        }
        str list = name_list_key(&n, x->tx->a);
        tx_touch(x->tx, list);
        tx_touchf(x->tx, "%.*s/tail", FMT(list));
        st = name_forget(x->tx, &n, list);
        hide_key(x->tx, slug);
    }
    return st;
}

/* The desk's row, and what it is found by. */
static enum status rewrite_work(struct applying *x)
{
    struct view v = view_plain(x->tx->db, x->tx->a, x->tx->now, x->tx->err);
    struct desk d = {.v = &v, .work = x->m->work};
    struct draft_text now;
    enum status st = story_by_key(&v, d.work.key, PART_PAGE, &d.story);
    st = st == ST_NOTFOUND ? ST_OK : st;
    st = st ? st : text_now(&d, &now);
    if (st)
        return st;
    if (d.work.headline.n)
        d.work.headline = now.content.headline;
    st = work_write(x->tx, &d.work);
    return st ? st : findable_text(x->tx, &d.work, &now.content, NULL);
}

static enum status apply_story(struct applying *x)
{
    struct view v = view_plain(x->tx->db, x->tx->a, x->tx->now, x->tx->err);
    struct member m = {0};
    enum status st = work_by_key(&v, x->story->key, &m.work);
    st = st == ST_NOTFOUND ? ST_OK : st;
    st = st ? st : story_by_key(&v, x->story->key, PART_PAGE, &m.story);
    if (st && st != ST_NOTFOUND)
        return st;
    x->m = &m;
    x->nlost = x->written = 0;
    if (!m.work.id && !m.story.id)
        return ST_OK; /* a backup from before there was such a story */
    st = removal_rows(x->rows, &m, apply_row, x);
    if (st || !x->written)
        return st;
    if (m.story.id) {
        st = lose_addresses(x);
        st = st ? st : rewrite_story(x);
        st = st ? st : lose_names(x);
    }
    return st || !m.work.id ? st : rewrite_work(x);
}

static enum status apply_entry(struct tx *tx, const struct removal_entry *e)
{
    CLEANUP(arena_free) struct arena room = {0};
    enum status st = arena_init(&room, ROOM);
    struct view rows = view_plain(tx->db, &room, tx->now, tx->err);
    struct applying x = {.tx = tx, .rows = &rows, .entry = e};
    for (size_t i = 0; !st && i < e->n; i++) {
        x.story = &e->stories[i];
        st = apply_story(&x);
    }
    st = st ? st : find_forget(tx);
    st = st ? st : event_trim(tx, 0); /* their keys name addresses */
    st = st ? st : removal_record(tx, e->id, e->at);
    if (st)
        return st;
    tx->kind = "story";
    if (GUARD(removal_erased))
        tx_erase(tx);
    return ST_OK;
}

/* ---- one that is asked for ---- */

struct doing {
    const struct removal_site *site;
    const struct actor *who;
    str key, words, id;
    size_t times;
    bool listed;
};

/* A court that wants it kept has the first word. */
static enum status held_members(struct view *v, const struct member *list, size_t n)
{
    enum status st = ST_OK;
    for (size_t i = 0; !st && i < n; i++)
        st = hold_check(v, member_key(&list[i]), "");
    return st == ST_CONFLICT ? ST_INVALID : st;
}

static enum status do_tx(struct tx *tx, void *arg)
{
    struct doing *d = arg;
    struct view v = view_plain(tx->db, tx->a, tx->now, tx->err);
    struct looking x = {.keep = tx->a};
    struct removal_entry e = {
        .id = d->id, .at = tx->now, .stories = arena_new(tx->a, struct story_cuts, MEMBERS + 1)};
    struct member *list = NULL;
    size_t n = 0;
    if (!e.stories)
        return ST_NOMEM;
    enum status st = may(&v, d->who, d->key);
    st = st ? st : read_words(d->words, tx->a, &x.passage, tx->err);
    st = st ? st : members_of(&v, d->who, d->key, &list, &n);
    st = st ? st : held_members(&v, list, n);
    if (st)
        return st;
    st = look_at_all(&v, &x, list, n, &e);
    if (st)
        return st;
    if (!x.found.times)
        return fail(tx->err, ST_INVALID, "desk-error-removal-none");
    /* on disk before the transaction is: whoever opens the site next does what it couldn't */
    if (GUARD(removal_listed)) {
        st = removal_list_add(d->site->dir, &e, tx->a, tx->err);
        d->listed = true;
    }
    st = st ? st : apply_entry(tx, &e);
    d->times = x.found.times;
    return st ? st : audit_add(tx, d->who->account, AUDIT_REMOVE, d->key, STR_NONE, STR_NONE);
}

/* Copies that upgrades of the schema have left beside the database (store/schema.h). They have the
 * words, and nobody has opened them since. */
static enum status drop_copies(int dir, struct err *err)
{
    int again = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    CLEANUP(dir_close) DIR *list = again < 0 ? NULL : fdopendir(again);
    if (!list) {
        enum status st = fail(err, ST_IO, "cannot read the site's folder: %s", strerror(errno));
        if (again >= 0)
            close(again);
        return st;
    }
    for (const struct dirent *e; (e = readdir(list));)
        if (str_starts(str_c(e->d_name), STR("site.db.before-")) && GUARD(removal_copies) &&
            unlinkat(dir, e->d_name, 0))
            return fail(err, ST_IO, "cannot remove %s: %s", e->d_name, strerror(errno));
    return ST_OK;
}

static enum status in_writer(struct doing *d, struct err *err)
{
    enum status st = writer_do_alone(d->site->writer, do_tx, d, err);
    if (!st || !d->listed)
        return st;
    /* who asked is told that nothing was done: so it stays */
    struct err why = {0};
    CLEANUP(arena_free) struct arena a = {0};
    const struct removal_entry undone = {.id = d->id};
    if (arena_init(&a, 1 << 20) || removal_list_add(d->site->dir, &undone, &a, &why))
        log_say(d->site->log, LOG_ERROR, "newsroom",
                "a removal that failed will be done when the site is opened next: %s", why.text);
    return st;
}

/* What makes a removal useless is refused before anything is covered or written. */
static enum status ask_first(const struct doing *d, struct view *v, struct passage *ret)
{
    struct removal_preview p = {0};
    struct member *list = NULL;
    size_t n = 0;
    enum status st = removal_preview(v, d->who, d->key, d->words, &p);
    st = st ? st : members_of(v, d->who, d->key, &list, &n);
    st = st ? st : held_members(v, list, n);
    if (!st && !p.times)
        st = fail(v->err, ST_INVALID, "desk-error-removal-none");
    return st ? st : read_words(d->words, v->a, ret, v->err);
}

enum status removal_do(const struct removal_site *s, struct db *db, const struct actor *who,
                       str key, str words, struct arena *a, size_t *times, struct err *err)
{
    u8 id[16];
    random_bytes(id, sizeof id);
    CLEANUP(arena_free) struct arena scratch = {0};
    struct doing d = {
        .site = s, .who = who, .key = key, .words = words, .id = hex(id, sizeof id, a)};
    struct log_words logs = {.log = s->log, .scratch = &scratch, .keep = a, .err = err};
    enum status st = a->oom ? ST_NOMEM : arena_init(&scratch, ROOM);
    {
        CLEANUP(view_end) struct view v = {0};
        st = st ? st : view_begin(&v, db, a, err);
        st = st ? st : ask_first(&d, &v, &logs.passage);
    }
    st = st ? st : drop_copies(s->dir, err);
    st = st ? st : removal_logs_begin(&logs);
    st = st ? st : in_writer(&d, err);
    removal_logs_end(&logs);
    if (!st)
        *times = d.times;
    return st;
}

/* ---- those that a database hasn't had ---- */

struct replaying {
    const struct removal_entry *entry;
    bool done;
};

static enum status replay_tx(struct tx *tx, void *arg)
{
    struct replaying *r = arg;
    struct view v = view_plain(tx->db, tx->a, tx->now, tx->err);
    bool had;
    enum status st = removal_had(&v, r->entry->id, &had);
    r->done = !st && !had;
    return st || had ? st : apply_entry(tx, r->entry);
}

enum status removals_replay(const struct removal_site *s, size_t *done, struct err *err)
{
    CLEANUP(arena_free) struct arena a = {0};
    struct removal_entry *list = NULL;
    size_t n = 0, count = 0;
    enum status st = arena_init(&a, ROOM);
    st = st ? st : removal_list_read(s->dir, &a, &list, &n, err);
    for (size_t i = 0; !st && i < n; i++) {
        struct replaying r = {.entry = &list[i]};
        st = writer_do_alone(s->writer, replay_tx, &r, err);
        count += r.done;
    }
    if (!st && count)
        st = drop_copies(s->dir, err); /* of a backup of an earlier schema, made just now */
    if (!st)
        *done = count;
    return st;
}
