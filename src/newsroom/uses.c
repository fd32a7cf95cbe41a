/* The pictures that a story shows: what a file says of them, and which rows they are
 * (newsroom/change.h). */
#include "newsroom/change.h"

/* ---- what the file left out is kept from the live revision ---- */

static str or_kept(str now, str old)
{
    return now.n ? now : old;
}

static bool credit_given(const struct credit *c)
{
    return c->text.n || c->agency.n || c->by.name.n;
}

/* Without a `pictures` key, what the live revision says of a picture still in the body stays; a
 * shorthand in the body says the rest. */
static enum status keep_pictures(struct change *c, const struct story_file *f)
{
    struct story_content *now = &c->content;
    if (STORY_FILE_HAS(f, PICTURES) || !c->has_old || c->old.npictures == 0)
        return ST_OK;
    size_t n = now->npictures, most = n + c->old.npictures;
    struct picture_use *all = arena_new(c->tx->a, struct picture_use, most);
    if (!all)
        return ST_NOMEM;
    if (n)
        memcpy(all, now->pictures, n * sizeof *all);
    for (size_t k = 0; k < c->old.npictures; k++) {
        const struct picture_use *old = &c->old.pictures[k];
        size_t i = 0;
        while (i < n && !str_eq(all[i].key, old->key))
            i++;
        if (i == n) {
            all[n++] = *old;
            continue;
        }
        all[i].caption = or_kept(all[i].caption, old->caption);
        all[i].alt = or_kept(all[i].alt, old->alt);
        all[i].licence = or_kept(all[i].licence, old->licence);
        all[i].taken = or_kept(all[i].taken, old->taken);
        all[i].received = or_kept(all[i].received, old->received);
        if (!credit_given(&all[i].credit))
            all[i].credit = old->credit;
    }
    now->pictures = all;
    now->npictures = n;
    return ST_OK;
}

/* ---- pictures: from files to keys ---- */

/* Writes the key of its picture into use; *id: the picture's row. */
static enum status resolve_use(struct change *c, const struct publication *p,
                               struct picture_use *use, i64 *id)
{
    struct picture row;
    enum status st;
    if (use->file.n) {
        size_t i = 0;
        while (i < p->npictures && !str_eq(p->pictures[i].file, use->file))
            i++;
        if (i == p->npictures)
            return fail(c->tx->err, ST_INVALID, "line %d: the picture %.*s was not found",
                        use->line, FMT(use->file));
        row = p->pictures[i].row;
        st = picture_keep(c->tx, &row);
    } else {
        st = picture_by_key(&c->v, use->key, &row);
        if (st == ST_NOTFOUND)
            return fail(c->tx->err, ST_INVALID, "line %d: no picture is kept under the key %.*s",
                        use->line, FMT(use->key));
    }
    if (st)
        return st;
    use->key = row.key;
    use->file = STR_NONE;
    *id = row.id;
    return ST_OK;
}

static void shows(struct change *c, i64 id)
{
    for (size_t i = 0; i < c->npictures; i++)
        if (c->pictures[i] == id)
            return;
    if (c->npictures < CHANGE_PICTURES)
        c->pictures[c->npictures++] = id;
}

/* The body names a picture by file in a story file and by key in a revision: names[i] is what
 * pictures[i] was called when it came. */
struct body_pictures {
    struct change *c;
    str *names;
    i64 *ids;
    bool *shown;
    enum status st;
};

static bool body_picture(void *arg, const struct node *n)
{
    struct body_pictures *b = arg;
    if (n->kind != NODE_PICTURE)
        return true;
    struct story_content *s = &b->c->content;
    struct node *node = (struct node *)n; /* own_copy made the tree for this transaction */
    for (size_t i = 0; i < s->npictures; i++) {
        if (!str_eq(b->names[i], node->picture.ref) &&
            !str_eq(s->pictures[i].key, node->picture.ref))
            continue;
        node->picture.ref = s->pictures[i].key;
        b->shown[i] = true;
        shows(b->c, b->ids[i]);
        return true;
    }
    b->st = fail(b->c->tx->err, ST_INVALID,
                 "line %d: nothing says what the picture %.*s is: add it to `pictures`", n->line,
                 FMT(node->picture.ref));
    return false;
}

static enum status resolve_lead(struct change *c, const struct publication *p)
{
    c->npictures = 0;
    c->after.picture = 0;
    if (!c->content.picture)
        return ST_OK;
    struct picture_use *lead = arena_new(c->tx->a, struct picture_use, 1);
    if (!lead)
        return ST_NOMEM;
    *lead = *c->content.picture;
    c->content.picture = lead;
    enum status st = resolve_use(c, p, lead, &c->after.picture);
    if (!st)
        shows(c, c->after.picture);
    return st;
}

static void warn_unshown(struct change *c, const struct body_pictures *b, size_t given,
                         struct published *out)
{
    if (!c->file || !STORY_FILE_HAS(c->file, PICTURES))
        return;
    for (size_t i = 0; i < given; i++)
        if (!b->shown[i])
            published_warn(out, arena_fmt(c->tx->a,
                                          "line %d: the body doesn't show the picture %.*s: it is "
                                          "left out",
                                          c->content.pictures[i].line, FMT(b->names[i])));
}

enum status change_pictures(struct change *c, const struct publication *p, struct published *out)
{
    struct story_content *s = &c->content;
    size_t most = s->npictures + c->old.npictures + 1;
    struct body_pictures b = {.c = c, .st = ST_OK};
    b.names = arena_new(c->tx->a, str, most);
    b.ids = arena_new(c->tx->a, i64, most);
    b.shown = arena_new(c->tx->a, bool, most);
    if (!b.names || !b.ids || !b.shown)
        return ST_NOMEM;
    enum status st = resolve_lead(c, p);
    for (size_t i = 0; !st && i < s->npictures; i++) {
        b.names[i] = s->pictures[i].file.n ? s->pictures[i].file : s->pictures[i].key;
        st = resolve_use(c, p, &s->pictures[i], &b.ids[i]);
    }
    size_t given = s->npictures;
    if (!st && p->file)
        st = keep_pictures(c, p->file);
    for (size_t i = given; !st && i < s->npictures; i++) {
        b.names[i] = s->pictures[i].key;
        st = resolve_use(c, p, &s->pictures[i], &b.ids[i]);
    }
    if (st)
        return st;
    document_walk(s->body, body_picture, &b);
    warn_unshown(c, &b, given, out);
    size_t kept = 0;
    for (size_t i = 0; i < s->npictures; i++)
        if (b.shown[i])
            s->pictures[kept++] = s->pictures[i];
    s->npictures = kept;
    return b.st;
}

void change_warn_credits(const struct change *c, struct published *out)
{
    const struct story_content *s = &c->content;
    if (s->picture && !credit_given(&s->picture->credit))
        published_warn(out, STR("the lead picture has no credit: none is shown"));
    for (size_t i = 0; i < s->npictures; i++)
        if (!credit_given(&s->pictures[i].credit))
            published_warn(
                out, arena_fmt(c->tx->a,
                               "the picture with the caption \"%.*s\" has no credit: none is shown",
                               FMT(str_head(s->pictures[i].caption, 60))));
}

enum status change_picture_use(struct change *c)
{
    if (!c->content.picture) {
        c->after.picture_use = STR_NONE;
        return ST_OK;
    }
    struct story_content only = {.picture = c->content.picture};
    struct out o = out_make(c->tx->a, 512, 64 << 10);
    story_canonical(&only, &o);
    c->after.picture_use = out_view(&o);
    return out_status(&o);
}
