/* What may be published: a file against what there is (newsroom/change.h). */
#include "base/guard.h"
#include "newsroom/change.h"
#include "newsroom/embargo.h"

static enum status check_section(struct change *c, const struct story_file *f)
{
    const struct section *list = NULL;
    size_t n = 0;
    c->section = (struct section){0};
    if (c->content.kind != KIND_STORY)
        return ST_OK;
    enum status st = sections_read(&c->v, c->edition->id, &list, &n);
    if (st)
        return st;
    struct out known = out_make(c->tx->a, 256, 8192);
    for (size_t i = 0; i < n; i++) {
        bool stays = c->existed && c->before.section == list[i].id;
        if (str_eq(list[i].slug, c->content.section) && (list[i].listed || stays)) {
            c->section = list[i];
            return ST_OK;
        }
        if (list[i].listed)
            out_fmt(&known, "%s%.*s", known.n ? ", " : "", FMT(list[i].slug));
    }
    str names = out_view(&known);
    if (c->content.section.n == 0)
        return fail(c->tx->err, ST_INVALID, "line 1: a story needs a `section`; there are: %.*s",
                    FMT(names));
    return fail(c->tx->err, ST_INVALID, "line %d: there is no section \"%.*s\"; there are: %.*s",
                f->line[HEAD_SECTION], FMT(c->content.section), FMT(names));
}

static enum status check_identity(struct change *c, const struct story_file *f)
{
    struct err *err = c->tx->err;
    str held;
    enum status st = story_key_taken(&c->v, f->story.id, &held);
    if (st == ST_OK)
        return fail(err, ST_CONFLICT, "line %d: the id \"%.*s\" differs only by case from \"%.*s\"",
                    f->line[HEAD_ID], FMT(f->story.id), FMT(held));
    if (st != ST_NOTFOUND)
        return st;
    if (!c->existed)
        return ST_OK;
    if (c->before.state == STORY_WITHDRAWN)
        return fail(err, ST_CONFLICT,
                    "line %d: the story \"%.*s\" is withdrawn: reinstate it first",
                    f->line[HEAD_ID], FMT(f->story.id));
    if ((i64)c->content.kind != c->before.kind)
        return fail(err, ST_INVALID, "line %d: the kind of a story can't change",
                    f->line[HEAD_KIND]);
    if (c->edition->id != c->before.edition)
        return fail(err, ST_INVALID, "line %d: the story \"%.*s\" belongs to the edition %.*s",
                    f->line[HEAD_EDITION], FMT(f->story.id), FMT(c->before.edition_slug));
    if (f->revision && f->revision != c->before.revision)
        return fail(err, ST_CONFLICT,
                    "line %d: revision %lld is live, and this file was made from revision %lld",
                    f->line[HEAD_REVISION], (long long)c->before.revision, (long long)f->revision);
    return ST_OK;
}

/* What a file may not say of its kind: the file itself knows only when it names the kind. */
static enum status check_kind(struct change *c, const struct story_file *f)
{
    const struct story_content *now = &c->content;
    if (!GUARD(kind_kept))
        return ST_OK;
    if (now->kind != KIND_STORY && now->section.n)
        return fail(c->tx->err, ST_INVALID,
                    "line %d: \"%.*s\" is a page or a background: it has no section",
                    f->line[HEAD_SECTION], FMT(now->id));
    if (now->kind == KIND_BACKGROUND && now->background.n)
        return fail(c->tx->err, ST_INVALID,
                    "line %d: \"%.*s\" is a background: it can't name a background",
                    f->line[HEAD_BACKGROUND], FMT(now->id));
    return ST_OK;
}

static int line_or(const struct story_file *f, enum head_key key, enum head_key other)
{
    return f->line[key] ? f->line[key] : f->line[other];
}

/* What the story leans on may come later; what is there must be of the right kind. */
static enum status check_background(struct change *c, const struct story_file *f)
{
    const struct story_content *now = &c->content;
    struct story s;
    str who;
    if (now->background.n) {
        enum status st = story_by_key(&c->v, now->background, PART_ADDRESS, &s);
        if (st && st != ST_NOTFOUND)
            return st;
        if (!st && s.kind != KIND_BACKGROUND)
            return fail(c->tx->err, ST_INVALID, "line %d: \"%.*s\" is not of kind background",
                        line_or(f, HEAD_BACKGROUND, HEAD_ID), FMT(now->background));
    }
    if (c->existed || now->kind == KIND_BACKGROUND || !GUARD(background_awaited))
        return ST_OK;
    enum status st = story_naming_background(&c->v, now->id, &who);
    if (st == ST_OK)
        return fail(c->tx->err, ST_INVALID,
                    "line %d: the story \"%.*s\" names \"%.*s\" as its background: it has to be of "
                    "`kind: background`, or have another id",
                    line_or(f, HEAD_KIND, HEAD_ID), FMT(who), FMT(now->id));
    return st == ST_NOTFOUND ? ST_OK : st;
}

static enum status check_references(struct change *c, const struct story_file *f)
{
    struct err *err = c->tx->err;
    struct story s;
    const struct story_content *now = &c->content;
    if (str_eq(now->background, now->id) && now->id.n)
        return fail(err, ST_INVALID, "line %d: a story can't be its own background",
                    f->line[HEAD_BACKGROUND]);
    if (str_eq(now->translation_of, now->id) && now->id.n)
        return fail(err, ST_INVALID, "line %d: a story can't be its own translation",
                    f->line[HEAD_TRANSLATION_OF]);
    enum status st = check_background(c, f);
    if (st || !now->translation_of.n)
        return st;
    st = story_by_key(&c->v, now->translation_of, PART_ADDRESS, &s);
    if (st && st != ST_NOTFOUND)
        return st;
    if (!st && s.edition == c->edition->id)
        return fail(err, ST_INVALID,
                    "line %d: \"%.*s\" is of the same edition: a translation is of another",
                    line_or(f, HEAD_TRANSLATION_OF, HEAD_ID), FMT(now->translation_of));
    return ST_OK;
}

/* A body left out would empty a story that readers have. */
static enum status check_body(struct change *c, const struct story_file *f)
{
    if (c->content.body->first || !c->has_old || !c->old.body || !c->old.body->first)
        return ST_OK;
    return fail(c->tx->err, ST_INVALID,
                "line %d: the file has no text below its head, and the story \"%.*s\" has one: it "
                "would be emptied",
                f->body_line - 1, FMT(c->content.id));
}

enum status change_check(struct change *c, const struct story_file *f)
{
    enum status st = check_identity(c, f);
    st = st ? st : check_kind(c, f);
    st = st ? st : check_section(c, f);
    st = st ? st : check_references(c, f);
    return st ? st : check_body(c, f);
}

/* A footer's link leads to pages only, and a corrections policy is one. */
enum status change_warn_site(struct change *c, struct published *out)
{
    str words;
    if (c->content.kind == KIND_PAGE)
        return ST_OK;
    for (size_t i = 0; i < c->neditions; i++)
        if (str_eq(c->editions[i].corrections, c->content.id))
            published_warn(out,
                           arena_fmt(c->tx->a,
                                     "site.yaml names this id as the corrections policy of the "
                                     "edition %.*s, and it isn't of kind page: no story names "
                                     "it",
                                     FMT(c->editions[i].slug)));
    enum status st = footer_naming(&c->v, c->content.id, &words);
    if (st)
        return st == ST_NOTFOUND ? ST_OK : st;
    published_warn(out,
                   arena_fmt(c->tx->a,
                             "the footer's link \"%.*s\" leads to this id, which isn't of kind "
                             "page: the link stays hidden",
                             FMT(words)));
    return ST_OK;
}

enum status change_check_embargo(struct change *c, i64 live_at, int line)
{
    struct embargo e;
    enum status st = embargo_latest(&c->v, &c->content, c->before.family, &e);
    if (st)
        return st;
    if (GUARD(embargo) && e.until > live_at) {
        str at = time_rfc3339(e.until, c->tx->a);
        return fail(c->tx->err, ST_CONFLICT,
                    "%s\"%.*s\" is under embargo until %.*s: nobody can publish it before",
                    change_line(c, line), FMT(e.whose), FMT(at));
    }
    return ST_OK;
}
