/* Previews: the very page that a draft or a save would make, for staff, and by a link. */
#include "base/guard.h"
#include "desk/parts.h"
#include "media/picture.h"
#include "newsroom/embargo.h"
#include "newsroom/preview_link.h"
#include "text/slug.h"

/* ---- previews ---- */

static enum status is_there(struct ask *x, const struct picture_use *use, bool *ret)
{
    struct picture row;
    enum status st = picture_by_key(&x->v, use->key, &row);
    *ret = st == ST_OK;
    return st == ST_NOTFOUND ? ST_OK : st;
}

/* An older save may name a picture that was destroyed since: the page is what it would be now. */
static enum status without_gone(struct ask *x, struct story_content *c)
{
    struct picture_use *left = arena_new(x->a, struct picture_use, c->npictures + 1);
    enum status st = left ? ST_OK : ST_NOMEM;
    bool there = true;
    size_t n = 0;
    for (size_t i = 0; !st && i < c->npictures; i++) {
        st = is_there(x, &c->pictures[i], &there);
        if (there)
            left[n++] = c->pictures[i];
    }
    if (!st && c->picture) {
        st = is_there(x, c->picture, &there);
        c->picture = there ? c->picture : NULL;
    }
    c->pictures = left;
    c->npictures = n;
    return st;
}

/* pictures: the address before its pictures' keys. */
static enum status preview(struct ask *x, const struct story_content *content, str pictures,
                           struct reply *ret)
{
    struct press press = {.theme = x->desk->theme, .blobs = x->desk->intake->blobs};
    struct story_content c = *content;
    struct embargo e;
    str page;
    enum status st = embargo_of(&x->v, c.id, &e);
    i64 until = !st && e.until > x->v.now ? e.until : 0;
    st = st ? st : without_gone(x, &c);
    st = st ? st : press_preview(&press, &x->v, &c, pictures, until, &page, x->err);
    if (st)
        return st;
    *ret = (struct reply){
        .status = 200, .content_type = STR("text/html; charset=utf-8"), .body = page};
    return ST_OK;
}

/* ---- pictures, which readers may not have yet ---- */

/* Whether the story, or any of its saves, has this picture: of others this address knows nothing.
 */
static enum status has_picture(struct ask *x, const struct draft *d, str key)
{
    struct picture row;
    bool has = content_names(&d->content, key);
    enum status st = has ? ST_OK : picture_by_key(&x->v, key, &row);
    if (!st && !has)
        st = work_picture_has(&x->v, d->work.id, row.id, &has);
    return !st && !has ? ST_NOTFOUND : st;
}

static enum status send_picture(struct ask *x, str key, struct reply *ret)
{
    struct picture row;
    struct sha256 hash;
    enum status st = picture_by_key(&x->v, key, &row);
    if (st)
        return st;
    if (row.served.n != sizeof hash.bytes)
        return fail(x->err, ST_CORRUPT, "the picture %.*s has no hash", FMT(row.key));
    memcpy(hash.bytes, row.served.p, sizeof hash.bytes);
    struct finished_spec spec = {.status = 200,
                                 .content_type = str_c(picture_mime((enum picture_type)row.type)),
                                 .fd_etag = sha256_hex(hash, x->a),
                                 .cache_control = STR("no-store")};
    st = blob_open(x->desk->intake->blobs, BLOB_SERVED, hash, &spec.fd, &spec.fd_size, x->err);
    st = st ? st : finished_make(&spec, &ret->finished, x->err);
    if (!st)
        ret->status = 200;
    return st;
}

enum status picture_page(struct ask *x, struct reply *ret)
{
    struct draft d;
    enum status st = desk_story(x, &d);
    st = st ? st : GUARD(desk_picture_of_story) ? has_picture(x, &d, x->number) : ST_OK;
    return st ? st : send_picture(x, x->number, ret);
}

enum status preview_page(struct ask *x, struct reply *ret)
{
    struct draft d;
    enum status st = desk_story(x, &d);
    return st ? st : preview(x, &d.content, desk_story_path(x, x->key, "/picture/"), ret);
}

enum status preview_save(struct ask *x, struct reply *ret)
{
    struct draft d;
    struct save s;
    struct story_content c;
    i64 number = 0;
    enum status st = desk_story(x, &d);
    if (!st && str_i64(x->number, &number))
        return ST_NOTFOUND;
    st = st ? st : save_read(&x->v, d.work.id, number, &s);
    st = st ? st : story_from_canonical(s.bytes, x->a, &c, x->err);
    return st ? st : preview(x, &c, desk_story_path(x, x->key, "/picture/"), ret);
}

/* ---- by a link, for whoever has it ---- */

enum status shared_page(struct ask *x, struct reply *ret)
{
    struct story_content c;
    str pictures = arena_fmt(x->a, "/desk/preview/%.*s/picture/", FMT(x->secret));
    enum status st = preview_link_open(&x->v, &x->actor, x->secret, &c);
    if (st == ST_DENIED)
        return desk_words(x, 403, desk_say(x, "desk-embargo-title"),
                          desk_say(x, "desk-embargo-words"), ret);
    return st ? st : preview(x, &c, pictures, ret);
}

enum status shared_picture(struct ask *x, struct reply *ret)
{
    struct story_content c;
    enum status st = preview_link_open(&x->v, &x->actor, x->secret, &c);
    if (!st && GUARD(preview_link_save) && !content_names(&c, x->number))
        st = ST_NOTFOUND;
    return st ? st : send_picture(x, x->number, ret);
}
