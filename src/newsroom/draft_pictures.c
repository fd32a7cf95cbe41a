/* Pictures at the desk: which story may name which, and what is destroyed (newsroom/draft.h). */
#include "base/guard.h"
#include "newsroom/draft_parts.h"
#include "store/preview_link.h"

enum { WORKS_LOOKED_AT = 200 };

/* The i-th of the pictures that a text names, the lead first; NULL after the last. */
static const struct picture_use *use_at(const struct story_content *c, size_t i)
{
    if (c->picture && i-- == 0)
        return c->picture;
    return i < c->npictures ? &c->pictures[i] : NULL;
}

bool content_names(const struct story_content *c, str picture)
{
    const struct picture_use *use;
    for (size_t i = 0; (use = use_at(c, i)); i++)
        if (str_eq(use->key, picture))
            return true;
    return false;
}

static enum status seen_elsewhere(const struct desk *d, const struct picture *p, bool *ret)
{
    i64 *works = NULL;
    size_t n = 0;
    struct desk other;
    struct work w;
    enum status st = picture_works(d->v, p->id, WORKS_LOOKED_AT, &works, &n);
    *ret = false;
    for (size_t i = 0; !st && !*ret && i < n; i++) {
        st = work_by_id(d->v, works[i], &w);
        st = st ? st : desk_look(&other, d->v, d->who, w.key);
        *ret = st == ST_OK;
        st = st == ST_NOTFOUND ? ST_OK : st;
    }
    return st;
}

static enum status allowed(const struct desk *d, str key, bool *ret)
{
    struct picture p;
    *ret = false;
    enum status st = picture_by_key(d->v, key, &p);
    if (st)
        return st == ST_NOTFOUND ? ST_OK : st;
    *ret = !GUARD(draft_pictures);
    if (!*ret)
        st = work_picture_has(d->v, d->work.id, p.id, ret);
    if (!st && !*ret)
        st = picture_is_public(d->v, p.address, ret);
    if (!st && !*ret)
        st = seen_elsewhere(d, &p, ret);
    return st;
}

enum status pictures_allowed(const struct desk *d, const struct story_content *c,
                             const struct story_content *const *known, size_t nknown, str brought)
{
    const struct picture_use *use;
    enum status st = ST_OK;
    for (size_t i = 0; !st && (use = use_at(c, i)); i++) {
        bool ok = str_eq(use->key, brought);
        for (size_t k = 0; !ok && k < nknown; k++)
            ok = content_names(known[k], use->key);
        st = ok ? ST_OK : allowed(d, use->key, &ok);
        if (!st && !ok)
            st =
                fail(d->v->err, ST_INVALID, "line %d: no picture is kept under the key %.*s",
                     use == c->picture ? DRAFT_LINE(PICTURE) : DRAFT_LINE(PICTURES), FMT(use->key));
    }
    return st;
}

enum status pictures_remember(struct tx *tx, const struct desk *d, const struct story_content *c)
{
    const struct picture_use *use;
    struct picture p;
    enum status st = ST_OK;
    for (size_t i = 0; !st && (use = use_at(c, i)); i++) {
        st = picture_by_key(d->v, use->key, &p);
        st = st ? st : work_picture_add(tx, d->work.id, p.id);
        st = st == ST_NOTFOUND ? ST_OK : st; /* one that was destroyed, in an older save */
    }
    return st;
}

/* ---- destroying ---- */

struct standing draft_of_maker(const struct standing *s, const struct actor *who, i64 maker)
{
    struct standing of = *s;
    of.began = maker && maker == who->account;
    of.live = false;
    return of;
}

static enum status may_destroy(const struct desk *d, i64 maker)
{
    struct desk of = *d;
    of.standing = draft_of_maker(&d->standing, d->who, maker);
    return desk_may(&of, ACT_DESTROY, false);
}

/* A text as it was written: without what the door fills in. */
static enum status as_written(const struct desk *d, str bytes, str *ret)
{
    struct story_content c;
    enum status st = story_from_canonical(bytes, d->v->a, &c, d->v->err);
    if (st)
        return st;
    c.slug = STR_NONE;
    c.published = 0;
    return text_bytes(&c, d->v->a, ret);
}

static enum status was_published(const struct desk *d, str bytes, i64 *ret)
{
    str written, as_live;
    struct revision r;
    enum status st = as_written(d, bytes, &written);
    *ret = 0;
    for (i64 number = 1; !st && !*ret && number <= d->story.revision; number++) {
        char *mark = arena_mark(d->v->a);
        st = revision_read(d->v, d->story.id, number, &r);
        st = st ? st : as_written(d, r.bytes, &as_live);
        if (!st && str_eq(written, as_live))
            *ret = number;
        arena_rewind(d->v->a, mark);
    }
    return st;
}

static enum status free_save(const struct desk *d, const struct save *s)
{
    struct err *err = d->v->err;
    i64 revision = 0;
    if (s->number == d->work.save)
        return fail(err, ST_CONFLICT, "desk-error-save-stands");
    if (d->work.due_ms && s->number == d->work.scheduled)
        return fail(err, ST_CONFLICT, "desk-error-save-scheduled");
    enum status st = was_published(d, s->bytes, &revision);
    return !st && revision ? fail(err, ST_CONFLICT, "desk-error-save-published") : st;
}

enum status draft_destroy_save(struct tx *tx, const struct actor *who, str key, i64 number)
{
    struct view v = view_plain(tx->db, tx->a, tx->now, tx->err);
    struct save s;
    struct desk d;
    enum status st = desk_look(&d, &v, who, key);
    st = st ? st : save_read(&v, d.work.id, number, &s);
    st = st ? st : may_destroy(&d, s.account);
    st = st ? st : desk_free(&d);
    st = st ? st : free_save(&d, &s);
    st = st ? st : preview_link_remove(tx, d.work.id, number);
    st = st ? st : save_destroy(tx, d.work.id, number, who->account);
    return st ? st
              : audit_add(tx, who->account, AUDIT_DESTROY_SAVE, key,
                          arena_fmt(tx->a, "%lld", (long long)number), STR_NONE);
}

enum status draft_destroy_picture(struct tx *tx, const struct actor *who, str key, str picture,
                                  struct picture *gone)
{
    struct view v = view_plain(tx->db, tx->a, tx->now, tx->err);
    struct draft_text now;
    struct picture p;
    struct desk d;
    bool has = false;
    enum status st = desk_look(&d, &v, who, key);
    st = st ? st : picture_by_key(&v, picture, &p);
    st = st ? st : work_picture_has(&v, d.work.id, p.id, &has);
    if (!st && !has)
        return ST_NOTFOUND;
    st = st ? st : may_destroy(&d, p.added_by);
    st = st ? st : desk_free(&d);
    st = st ? st : text_now(&d, &now);
    if (st)
        return st;
    if (p.shown && GUARD(shown_pictures_stay))
        return fail(tx->err, ST_CONFLICT, "desk-error-picture-shown");
    if (content_names(&now.content, picture))
        return fail(tx->err, ST_CONFLICT, "desk-error-picture-stands");
    st = work_picture_remove(tx, d.work.id, p.id);
    st = st ? st : picture_remove(tx, p.id);
    if (st == ST_CONFLICT)
        return fail(tx->err, st, "desk-error-picture-elsewhere");
    st = st ? st : audit_add(tx, who->account, AUDIT_DESTROY_PICTURE, key, picture, STR_NONE);
    if (st)
        return st;
    tx_erase(tx);
    *gone = p;
    return ST_OK;
}
