/* Every save of a story, and two of them side by side. */
#include "desk/parts.h"
#include "newsroom/embargo.h"
#include "newsroom/preview_link.h"
#include "newsroom/sweep.h"
#include "text/slug.h"

enum { PAGE_SAVES = 200, PAGE_PICTURES = 100 };

/* ---- all of them ---- */

static bool may_destroy(struct ask *x, const struct draft *d, i64 maker)
{
    struct standing s = draft_of_maker(&d->standing, &x->actor, maker);
    return permitted(&x->actor, ACT_DESTROY, &s, x->desk->four_eyes);
}

/* Pictures that were brought for the story, that its text doesn't show, and no reader ever saw. */
static enum status add_left(struct ask *x, const struct draft *d)
{
    struct value_list *list = list_make(x->a);
    struct picture p;
    i64 *ids = NULL;
    size_t n = 0;
    enum status st = work_pictures(&x->v, d->work.id, PAGE_PICTURES, &ids, &n);
    for (size_t i = 0; !st && i < n; i++) {
        st = picture_by_id(&x->v, ids[i], &p);
        if (st || p.shown || content_names(&d->content, p.key) || !may_destroy(x, d, p.added_by))
            continue;
        struct value_map *m = map_make(x->a);
        map_text(m, "key", p.key);
        map_text(m, "src",
                 arena_fmt(x->a, "/desk/story/%.*s/picture/%.*s", FMT(x->key), FMT(p.key)));
        list_add(list, value_map(m));
    }
    map_text(x->s.model, "action", desk_story_path(x, x->key, "/saves"));
    map_set(x->s.model, "left", value_list(list));
    map_set(x->s.model, "has_left", value_bool(list_count(list) > 0));
    return st;
}

static enum status saves_again(struct ask *x, struct reply *ret)
{
    struct draft d;
    struct save *list = NULL;
    size_t n = 0;
    i64 before = 0;
    struct value_list *saves = list_make(x->a);
    str asked = request_query(x->r, STR("before"));
    enum status st = desk_story(x, &d);
    if (!st && asked.n && (str_i64(asked, &before) || before < 0))
        return ST_INVALID;
    st = st ? st : save_list(&x->v, d.work.id, before, PAGE_SAVES + 1, &list, &n);
    st = st ? st : add_left(x, &d);
    if (st)
        return st;
    for (size_t i = 0; i < n && i < PAGE_SAVES; i++) {
        struct value_map *m = map_make(x->a);
        map_text(m, "number", MESSAGE(&x->s, "desk-save-number", A_NUM("n", list[i].number)));
        map_text(
            m, "href",
            arena_fmt(x->a, "/desk/story/%.*s/saves/%lld", FMT(x->key), (long long)list[i].number));
        map_text(m, "who", list[i].name);
        map_set(m, "at", value_map(desk_moment(x, list[i].at)));
        map_set(m, "merged", value_bool(list[i].merged != 0));
        map_text(m, "destroyed",
                 list[i].destroyed_ms
                     ? MESSAGE(&x->s, "desk-save-destroyed", A_TEXT("who", list[i].destroyed_name),
                               A_TEXT("time", sheet_moment(&x->s, list[i].destroyed_ms)))
                     : STR_NONE);
        list_add(saves, value_map(m));
    }
    map_set(x->s.model, "saves", value_list(saves));
    map_set(x->s.model, "has_saves", value_bool(n > 0));
    map_text(x->s.model, "more",
             n > PAGE_SAVES ? arena_fmt(x->a, "/desk/story/%.*s/saves?before=%lld", FMT(x->key),
                                        (long long)list[PAGE_SAVES - 1].number)
                            : STR_NONE);
    map_text(x->s.model, "back", desk_story_path(x, x->key, ""));
    map_text(x->s.model, "of",
             d.content.headline.n ? d.content.headline : desk_say(x, "desk-untitled"));
    return desk_page(x, 200, "desk-saves", "desk-saves", desk_say(x, "desk-saves"), ret);
}

enum status saves_page(struct ask *x, struct reply *ret)
{
    static const char *const known[] = {"destroyed", "picture-destroyed"};
    desk_done(x, known, COUNT(known));
    return saves_again(x, ret);
}

struct destroying {
    struct ask *x;
    i64 save;
    str picture; /* of a picture: its key, and what it was */
    struct picture gone;
};

static enum status destroy_picture_tx(struct tx *tx, void *arg)
{
    struct destroying *g = arg;
    struct arena *a = g->x->a;
    struct picture p;
    enum status st = draft_destroy_picture(tx, &g->x->actor, g->x->key, g->picture, &p);
    if (st)
        return st;
    g->gone = (struct picture){
        .key = g->picture, .original = arena_str(a, p.original), .served = arena_str(a, p.served)};
    return a->oom ? ST_NOMEM : ST_OK;
}

/* A picture's files go once no row names them: a day later at the latest. */
enum status saves_post(struct ask *x, struct reply *ret)
{
    struct writer *w = x->desk->intake->writer;
    struct destroying g = {.x = x, .picture = form_text(&x->form, "picture")};
    struct draft d;
    if (!str_eq(form_text(&x->form, "do"), STR("destroy-picture")) || !key_valid(g.picture))
        return ST_INVALID;
    enum status st = desk_story(x, &d);
    desk_done_reading(x);
    st = st ? st : writer_do(w, destroy_picture_tx, &g, x->err);
    if (st == ST_CONFLICT) {
        str words = desk_error_text(x);
        st = desk_read(x);
        desk_error(x, words);
        st = st ? st : saves_again(x, ret);
        if (!st)
            ret->status = 409;
        return st;
    }
    st = st ? st : sweep_one(w, x->desk->intake->blobs, &g.gone, x->err);
    return st ? st : desk_go(x, desk_story_path(x, x->key, "/saves?done=picture-destroyed"), ret);
}

/* ---- side by side ---- */

static struct value_list *pieces(struct ask *x, const struct diff_piece *list, size_t n)
{
    struct value_list *out = list_make(x->a);
    for (size_t i = 0; i < n; i++) {
        struct value_map *m = map_make(x->a);
        map_set(m, "text", value_text(list[i].text));
        map_set(m, "same", value_bool(list[i].kind == DIFF_SAME));
        map_set(m, "gone", value_bool(list[i].kind == DIFF_GONE));
        map_set(m, "new", value_bool(list[i].kind == DIFF_NEW));
        list_add(out, value_map(m));
    }
    return out;
}

static enum status add_body(struct ask *x, const struct node *a, const struct node *b)
{
    struct diff_block *list = NULL;
    size_t n = 0;
    struct value_list *blocks = list_make(x->a);
    enum status st = diff_documents(a, b, x->a, &list, &n);
    for (size_t i = 0; !st && i < n; i++) {
        struct value_map *m = map_make(x->a);
        struct diff_piece whole = {.kind = list[i].kind};
        if (!list[i].pieces) { /* a picture, a card: as it stands in a story file */
            struct node alone = *list[i].block, doc = {.kind = NODE_DOC, .first = &alone};
            struct out o = out_make(x->a, 256, 64 << 10);
            alone.next = NULL;
            document_to_markdown(&doc, &o);
            whole.text = str_trim(out_view(&o));
        }
        map_set(m, "pieces",
                value_list(list[i].pieces ? pieces(x, list[i].pieces, list[i].npieces)
                                          : pieces(x, &whole, 1)));
        map_set(m, "moved", value_bool(list[i].moved));
        list_add(blocks, value_map(m));
    }
    map_set(x->s.model, "blocks", value_list(blocks));
    return st;
}

static enum status add_fields(struct ask *x, const struct story_content *a,
                              const struct story_content *b)
{
    struct value_list *list = list_make(x->a);
    enum status st = ST_OK;
    const struct {
        const char *key;
        str was, is;
    } fields[] = {
#define X(name) {"desk-field-" #name, a->name, b->name},
        DRAFT_FIELDS(X)
#undef X
    };
    for (size_t i = 0; !st && i < COUNT(fields); i++) {
        struct diff_piece *diff = NULL;
        size_t n = 0;
        if (str_eq(fields[i].was, fields[i].is))
            continue;
        st = diff_words(fields[i].was, fields[i].is, x->a, &diff, &n);
        struct value_map *m = map_make(x->a);
        map_text(m, "name", desk_say(x, fields[i].key));
        map_set(m, "pieces", value_list(pieces(x, diff, n)));
        list_add(list, value_map(m));
    }
    map_set(x->s.model, "fields", value_list(list));
    map_set(x->s.model, "has_fields", value_bool(list_count(list) > 0));
    return st;
}

/* The link is shown once, and until when one of this save's lives. */
static enum status add_links(struct ask *x, const struct draft *d, i64 number, str link)
{
    i64 ends = 0;
    enum status st = preview_link_last(&x->v, d->work.id, number, &ends);
    if (st && st != ST_NOTFOUND)
        return st;
    map_text(x->s.model, "link", link);
    map_text(x->s.model, "shared",
             st ? STR_NONE
                : MESSAGE(&x->s, "desk-shared-until", A_TEXT("time", sheet_moment(&x->s, ends))));
    struct embargo e;
    st = embargo_of(&x->v, d->work.key, &e);
    if (st)
        return st;
    map_text(x->s.model, "shared_embargo",
             e.until > x->v.now ? desk_say(x, "desk-shared-embargo") : STR_NONE);
    map_set(x->s.model, "may_share",
            value_bool(permitted(&x->actor, ACT_WRITE, &d->standing, x->desk->four_eyes)));
    map_text(x->s.model, "action",
             arena_fmt(x->a, "/desk/story/%.*s/saves/%lld", FMT(x->key), (long long)number));
    return ST_OK;
}

/* What this save changed in the one it was made from; the first in nothing. */
static enum status save_again(struct ask *x, str link, struct reply *ret)
{
    static struct node none = {.kind = NODE_DOC};
    struct draft d;
    struct save save, parent;
    struct story_content now, was = {.body = &none};
    i64 number = 0;
    enum status st = desk_story(x, &d);
    if (!st && str_i64(x->number, &number))
        return ST_NOTFOUND;
    st = st ? st : save_read(&x->v, d.work.id, number, &save);
    st = st ? st : story_from_canonical(save.bytes, x->a, &now, x->err);
    if (!st && save.parent) {
        st = save_near(&x->v, d.work.id, save.parent, &parent);
        if (!st)
            st = story_from_canonical(parent.bytes, x->a, &was, x->err);
        else if (st == ST_NOTFOUND) /* destroyed, and all before it */
            st = ST_OK;
    }
    st = st ? st : add_fields(x, &was, &now);
    st = st ? st : add_links(x, &d, number, link);
    map_set(x->s.model, "may_destroy",
            value_bool(!st && number != d.work.save && may_destroy(x, &d, save.account)));
    st = st ? st : add_body(x, was.body ? was.body : &none, now.body ? now.body : &none);
    if (st)
        return st;
    map_text(x->s.model, "back", desk_story_path(x, x->key, "/saves"));
    map_text(
        x->s.model, "preview",
        arena_fmt(x->a, "/desk/story/%.*s/saves/%lld/preview", FMT(x->key), (long long)number));
    map_text(x->s.model, "restore",
             arena_fmt(x->a, "/desk/story/%.*s?from=%lld", FMT(x->key), (long long)number));
    map_text(x->s.model, "saved",
             MESSAGE(&x->s, "desk-saved-by", A_TEXT("who", save.name),
                     A_TEXT("time", sheet_moment(&x->s, save.at))));
    return desk_page(x, 200, "desk-save", "desk-saves",
                     MESSAGE(&x->s, "desk-save-number", A_NUM("n", number)), ret);
}

enum status save_page(struct ask *x, struct reply *ret)
{
    return save_again(x, STR_NONE, ret);
}

/* ---- links to it ---- */

struct sharing {
    struct ask *x;
    i64 number;
    str path;
};

static enum status share_tx(struct tx *tx, void *arg)
{
    struct sharing *s = arg;
    str path;
    enum status st = preview_link_make(tx, &s->x->actor, s->x->key, s->number, &path);
    if (!st)
        s->path = arena_str(s->x->a, path);
    return st;
}

static enum status end_tx(struct tx *tx, void *arg)
{
    const struct sharing *s = arg;
    return preview_link_end(tx, &s->x->actor, s->x->key, s->number);
}

static enum status destroy_tx(struct tx *tx, void *arg)
{
    const struct sharing *s = arg;
    return draft_destroy_save(tx, &s->x->actor, s->x->key, s->number);
}

static enum status destroy(struct sharing *s, struct reply *ret)
{
    struct ask *x = s->x;
    desk_done_reading(x);
    enum status st = writer_do(x->desk->intake->writer, destroy_tx, s, x->err);
    if (st != ST_CONFLICT)
        return st ? st : desk_go(x, desk_story_path(x, x->key, "/saves?done=destroyed"), ret);
    str words = desk_error_text(x);
    st = desk_read(x);
    desk_error(x, words);
    st = st ? st : save_again(x, STR_NONE, ret);
    if (!st)
        ret->status = 409;
    return st;
}

enum status save_post(struct ask *x, struct reply *ret)
{
    struct sharing s = {.x = x};
    str what = form_text(&x->form, "do");
    bool share = str_eq(what, STR("share"));
    if (!key_valid(x->key) || str_i64(x->number, &s.number))
        return ST_NOTFOUND;
    if (str_eq(what, STR("destroy")))
        return destroy(&s, ret);
    if (!share && !str_eq(what, STR("end")))
        return ST_INVALID;
    desk_done_reading(x);
    enum status st = writer_do(x->desk->intake->writer, share ? share_tx : end_tx, &s, x->err);
    st = st ? st : desk_read(x);
    str link = s.path.n
                   ? arena_fmt(x->a, "%.*s%.*s", FMT(theme_base_url(x->desk->theme)), FMT(s.path))
                   : STR_NONE;
    return st ? st : save_again(x, link, ret);
}
