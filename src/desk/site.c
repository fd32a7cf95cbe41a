/* What publishers change of the site: an edition's name, its sections and navigation, its footer.
 */
#include "desk/parts.h"
#include "newsroom/fronts.h"
#include "newsroom/site_desk.h"
#include "text/slug.h"

/* Empty rows below each list, for what is to come. */
enum { NEW_SECTIONS = 1, NEW_LINKS = 1, NEW_FOOTER = 2, PAGES_LISTED = 100 };

struct editing {
    struct site_save save;
    size_t row[SITE_ROWS + NEW_SECTIONS + NEW_LINKS], foot[SITE_FOOTER + NEW_FOOTER];
    struct site_bad bad;
    bool error;
};

/* ---- the form, read ---- */

static str field(struct ask *x, const char *name, size_t row)
{
    const char *whole = arena_cstr(x->a, arena_fmt(x->a, "%s-%zu", name, row));
    return str_trim(form_text(&x->form, whole));
}

static enum status words(struct ask *x, const char *name, size_t row, str *ret)
{
    return text_nfc(field(x, name, row), x->a, ret);
}

/* An address elsewhere, or a page of this site by its key or its address. */
static enum status target(struct ask *x, const char *name, size_t row, str *story, str *address)
{
    str typed = field(x, name, row), path = desk_path_of(x, typed);
    bool here = path.n != typed.n ||
                !(str_starts(typed, STR("http://")) || str_starts(typed, STR("https://")));
    if (!here) {
        *address = typed;
        return ST_OK;
    }
    return desk_story_named(x, typed, story);
}

static enum status read_row(struct ask *x, size_t row, struct site_row *ret)
{
    str kind = field(x, "kind", row);
    struct site_row r = {.section =
                             str_eq(kind, STR("section")) || str_eq(kind, STR("new-section")),
                         .fresh = str_starts(kind, STR("new-")),
                         .slug = field(x, "slug", row),
                         .shown = field(x, "shown", row).n > 0,
                         .end = field(x, "end", row).n > 0};
    if (!r.section && !str_eq(kind, STR("link")) && !str_eq(kind, STR("new-link")))
        return ST_INVALID;
    enum status st = words(x, "name", row, &r.words);
    st = st ? st : words(x, "description", row, &r.description);
    st = st ? st : target(x, "target", row, &r.story, &r.address);
    if (!st)
        *ret = r;
    return st;
}

/* A link whose fields are emptied goes; so does what was not begun. */
static bool row_empty(const struct site_row *r)
{
    if (r->section)
        return r->fresh && !r->words.n && !r->slug.n && !r->description.n;
    return !r->words.n && !r->story.n && !r->address.n;
}

static enum status count(struct ask *x, const char *name, size_t most, size_t *ret)
{
    i64 n;
    if (str_i64(form_text(&x->form, name), &n) || n < 0 || n > (i64)most)
        return ST_INVALID;
    *ret = (size_t)n;
    return ST_OK;
}

static enum status read_rows(struct ask *x, struct editing *g)
{
    struct site_edit *e = &g->save.edit;
    size_t rows;
    i64 order[COUNT(g->row)];
    enum status st = count(x, "rows", COUNT(g->row), &rows);
    e->rows = st ? NULL : arena_new(x->a, struct site_row, rows + 1);
    if (!st && !e->rows)
        st = ST_NOMEM;
    for (size_t row = 0; !st && row < rows; row++) {
        struct site_row r;
        st = read_row(x, row, &r);
        if (st || row_empty(&r))
            continue;
        size_t at = e->n++;
        i64 want = desk_place(field(x, "number", row), row, rows);
        for (; at > 0 && order[at - 1] > want; at--) {
            order[at] = order[at - 1];
            e->rows[at] = e->rows[at - 1];
        }
        order[at] = want;
        e->rows[at] = r;
    }
    return st;
}

static enum status read_footer(struct ask *x, struct editing *g)
{
    struct site_edit *e = &g->save.edit;
    size_t rows;
    i64 order[COUNT(g->foot)];
    enum status st = count(x, "feet", COUNT(g->foot), &rows);
    e->footer = st ? NULL : arena_new(x->a, struct site_link, rows + 1);
    if (!st && !e->footer)
        st = ST_NOMEM;
    for (size_t row = 0; !st && row < rows; row++) {
        struct site_link l = {0};
        st = words(x, "foot-name", row, &l.words);
        st = st ? st : target(x, "foot-target", row, &l.story, &l.address);
        if (st || (!l.words.n && !l.story.n && !l.address.n))
            continue;
        size_t at = e->nfooter++;
        i64 want = desk_place(field(x, "foot-number", row), row, rows);
        for (; at > 0 && order[at - 1] > want; at--) {
            order[at] = order[at - 1];
            e->footer[at] = e->footer[at - 1];
        }
        order[at] = want;
        e->footer[at] = l;
    }
    return st;
}

static enum status read_form(struct ask *x, struct editing *g)
{
    struct site_edit *e = &g->save.edit;
    enum status st = text_nfc(str_trim(form_text(&x->form, "name")), x->a, &e->name);
    st = st ? st : text_nfc(str_trim(form_text(&x->form, "motto")), x->a, &e->motto);
    st = st ? st : text_nfc(str_trim(form_text(&x->form, "contact")), x->a, &e->contact);
    st = st ? st : read_rows(x, g);
    return st ? st : read_footer(x, g);
}

/* ---- the page ---- */

static str site_path(struct ask *x, str edition)
{
    return arena_fmt(x->a, "/desk/site/%.*s", FMT(edition));
}

/* Which field an error is about: the end of its message's key. Of the edition's own fields the
 * marks are called otherwise: a row would inherit them. */
static void mark_bad(struct value_map *m, str error)
{
    static const struct {
        const char *end, *mark;
    } fields[] = {{"-site-name", "head_name"},
                  {"-site-motto", "head_motto"},
                  {"-site-contact", "head_contact"},
                  {"-section-name", "bad_name"},
                  {"-description", "bad_description"},
                  {"-slug", "bad_slug"},
                  {"-end", "bad_end"},
                  {"-words", "bad_words"},
                  {"-target", "bad_target"}};
    for (size_t i = 0; i < COUNT(fields); i++)
        if (str_ends(error, str_c(fields[i].end)))
            map_set(m, fields[i].mark, value_bool(true));
}

static struct value_map *new_row(struct ask *x, struct value_list *list)
{
    struct value_map *m = map_make(x->a);
    size_t row = list_count(list);
    map_text(m, "row", arena_fmt(x->a, "%zu", row));
    map_text(m, "place", arena_fmt(x->a, "%zu", row + 1));
    list_add(list, value_map(m));
    return m;
}

/* What readers find by it. */
static enum status add_target(struct ask *x, str story, str address, struct value_map *m)
{
    struct story page;
    map_text(m, "target", address.n ? address : story);
    if (!story.n)
        return ST_OK;
    enum status st = story_by_key(&x->v, story, PART_ADDRESS, &page);
    if (st && st != ST_NOTFOUND)
        return st;
    bool live = !st && page.state == STORY_LIVE && page.kind == KIND_PAGE;
    map_set(m, "hidden", value_bool(!live));
    if (live)
        map_text(m, "href", page.path);
    return ST_OK;
}

static enum status add_row(struct ask *x, str edition_path, const struct site_row *r,
                           struct value_map *m)
{
    map_set(m, "section", value_bool(r->section));
    map_set(m, "fresh", value_bool(r->fresh));
    map_text(m, "kind",
             arena_fmt(x->a, "%s%s", r->fresh ? "new-" : "", r->section ? "section" : "link"));
    map_text(m, "legend",
             r->words.n && !r->fresh
                 ? r->words
                 : desk_say(x, r->section ? "desk-site-new-section" : "desk-site-new-link"));
    map_text(m, "name", r->words);
    if (!r->section)
        return add_target(x, r->story, r->address, m);
    map_text(m, "slug", r->slug);
    map_text(m, "description", r->description);
    map_set(m, "shown", value_bool(r->shown));
    map_set(m, "end", value_bool(r->end));
    if (!r->fresh)
        map_text(m, "href", arena_fmt(x->a, "%.*s%.*s/", FMT(edition_path), FMT(r->slug)));
    return ST_OK;
}

static enum status add_rows(struct ask *x, const struct editing *g, str edition_path, str error)
{
    const struct site_edit *e = &g->save.edit;
    struct value_list *list = list_make(x->a), *footer = list_make(x->a);
    bool fresh = false;
    enum status st = ST_OK;
    for (size_t i = 0; !st && i < e->n; i++) {
        struct value_map *m = new_row(x, list);
        fresh |= e->rows[i].section && e->rows[i].fresh;
        st = add_row(x, edition_path, &e->rows[i], m);
        if (g->error && g->bad.list == SITE_IN_ROWS && g->bad.row == i)
            mark_bad(m, error);
    }
    if (!st && !fresh)
        st = add_row(x, edition_path,
                     &(struct site_row){.section = true, .fresh = true, .shown = true},
                     new_row(x, list));
    st = st ? st : add_row(x, edition_path, &(struct site_row){.fresh = true}, new_row(x, list));
    for (size_t i = 0; !st && i < e->nfooter + NEW_FOOTER; i++) {
        struct site_link none = {0}, *l = i < e->nfooter ? &e->footer[i] : &none;
        struct value_map *m = new_row(x, footer);
        map_text(m, "name", l->words);
        st = add_target(x, l->story, l->address, m);
        if (g->error && g->bad.list == SITE_IN_FOOTER && g->bad.row == i)
            mark_bad(m, error);
    }
    map_set(x->s.model, "rows", value_list(list));
    map_text(x->s.model, "nrows", arena_fmt(x->a, "%zu", list_count(list)));
    map_set(x->s.model, "feet", value_list(footer));
    map_text(x->s.model, "nfeet", arena_fmt(x->a, "%zu", list_count(footer)));
    return st;
}

/* The newsroom's own pages, which are written as stories are. */
static enum status add_pages(struct ask *x)
{
    struct work *list = NULL;
    size_t n = 0;
    enum status st = work_list(&x->v,
                               &(struct work_query){.viewer = x->actor.account,
                                                    .all = true,
                                                    .pages = true,
                                                    .edition = x->key,
                                                    .limit = PAGES_LISTED},
                               &list, &n);
    if (st)
        return st;
    struct value_list *keys = list_make(x->a);
    for (size_t i = 0; i < n; i++)
        desk_option(x, keys, list[i].key, list[i].headline, STR_NONE);
    map_set(x->s.model, "page_keys", value_list(keys));
    map_set(x->s.model, "pages", desk_lines(x, list, n));
    map_set(x->s.model, "has_pages", value_bool(n > 0));
    return ST_OK;
}

/* Words of the site are in its edition's language, whatever the desk's is. */
static str add_edition(struct ask *x, const struct edition *here)
{
    str home = STR("/");
    struct value_list *list = list_make(x->a);
    for (size_t i = 0; i < x->s.neditions; i++) {
        const struct edition *e = &x->s.editions[i];
        const struct locale *l = theme_locale(x->desk->theme, e->locale);
        struct value_map *m = map_make(x->a);
        if (!l)
            continue;
        str dir = locale_rtl(l) ? STR("rtl") : STR("ltr");
        map_text(m, "name", e->name);
        map_text(m, "lang", e->locale);
        map_text(m, "dir", dir);
        map_text(m, "href", site_path(x, e->slug));
        map_set(m, "current", value_bool(e->id == here->id));
        list_add(list, value_map(m));
        if (e->id != here->id)
            continue;
        map_text(x->s.model, "story_lang", e->locale);
        map_text(x->s.model, "story_dir", dir);
        home = i ? arena_fmt(x->a, "/%.*s/", FMT(e->slug)) : home;
    }
    map_set(x->s.model, "site_editions", value_list(list));
    map_set(x->s.model, "has_site_editions", value_bool(list_count(list) > 1));
    map_text(x->s.model, "page", home);
    return home;
}

/* error: a message's key, "" for none. */
static enum status show(struct ask *x, int status, struct editing *g, str error, struct reply *ret)
{
    static const char *const known[] = {"site", "site-same"};
    struct edition here = {0};
    enum status st = front_edition(&x->v, x->key, &here);
    if (st)
        return st;
    str home = add_edition(x, &here);
    g->error = error.n > 0;
    st = add_rows(x, g, home, error);
    st = st ? st : add_pages(x);
    if (st)
        return st;
    desk_done(x, known, COUNT(known));
    if (error.n)
        desk_error(x, desk_say(x, arena_cstr(x->a, error)));
    if (error.n && g->bad.list == SITE_IN_HEAD)
        mark_bad(x->s.model, error);
    map_text(x->s.model, "action", site_path(x, x->key));
    map_text(x->s.model, "base", g->save.base);
    map_text(x->s.model, "f_name", g->save.edit.name);
    map_text(x->s.model, "f_motto", g->save.edit.motto);
    map_text(x->s.model, "f_contact", g->save.edit.contact);
    return desk_page(x, status, "desk-site", "desk-site",
                     MESSAGE(&x->s, "desk-site-of", A_TEXT("edition", here.name)), ret);
}

enum status site_pages(struct ask *x, struct reply *ret)
{
    return desk_go(x, site_path(x, x->s.edition->slug), ret);
}

enum status site_get(struct ask *x, struct reply *ret)
{
    struct editing g = {0};
    enum status st = site_edit_read(&x->v, x->key, &g.save.edit, &g.save.base);
    return st ? st : show(x, 200, &g, STR_NONE, ret);
}

/* ---- the button ---- */

struct saving {
    struct ask *x;
    struct editing *g;
    bool changed;
};

static enum status save_tx(struct tx *tx, void *arg)
{
    struct saving *s = arg;
    return site_edit_save(tx, &s->x->actor, &s->x->desk->intake->locales, &s->g->save, &s->changed,
                          &s->g->bad);
}

/* What was typed stands in the form; whoever presses again has been told what changed meanwhile. */
static enum status refused(struct ask *x, enum status why, struct editing *g, struct reply *ret)
{
    struct site_edit now;
    str error = arena_str(x->a, str_c(x->err->text));
    if ((why != ST_INVALID && why != ST_CONFLICT) || !str_starts(error, STR("desk-error-")))
        return why;
    enum status st = desk_read(x);
    if (!st && why == ST_CONFLICT)
        st = site_edit_read(&x->v, x->key, &now, &g->save.base);
    return st ? st : show(x, why == ST_CONFLICT ? 409 : 400, g, error, ret);
}

enum status site_post(struct ask *x, struct reply *ret)
{
    struct editing g = {.save = {.edition = x->key, .base = form_text(&x->form, "base")}};
    struct saving s = {.x = x, .g = &g};
    const struct intake *in = x->desk->intake;
    struct edition here;
    enum status st = front_edition(&x->v, x->key, &here);
    st = st ? st : read_form(x, &g);
    if (st)
        return st;
    desk_done_reading(x);
    st = writer_do(in->writer, save_tx, &s, x->err);
    if (st)
        return refused(x, st, &g, ret);
    if (s.changed && in->settle)
        in->settle(in->settle_arg);
    return desk_go(x,
                   arena_fmt(x->a, "%.*s?done=%s", FMT(site_path(x, x->key)),
                             s.changed ? "site" : "site-same"),
                   ret);
}
