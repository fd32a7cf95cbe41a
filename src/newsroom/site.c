#include "newsroom/site.h"

#include "base/guard.h"
#include "text/messages.h"
#include "text/slug.h"

static void warn(struct site_published *p, str words)
{
    if (p->nwarnings < PUBLISH_WARNINGS && words.n)
        p->warnings[p->nwarnings++] = words;
}

static str text_of(const struct edition_text *list, size_t n, str edition)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(list[i].edition, edition))
            return list[i].text;
    return STR_NONE;
}

static bool has_edition(const struct site_file *f, str slug)
{
    for (size_t i = 0; i < f->neditions; i++)
        if (str_eq(f->editions[i].slug, slug))
            return true;
    return false;
}

/* ---- site.yaml ---- */

static enum status check_edition(const struct site_file *f, size_t i,
                                 const struct locales_known *locales, struct err *err)
{
    const struct edition_entry *e = &f->editions[i];
    if (!slug_valid(e->slug))
        return fail(err, ST_INVALID,
                    "line %d: an edition's slug has small letters, digits and single hyphens",
                    e->line);
    if (GUARD(reserved_edition) && slug_reserved(e->slug))
        return fail(err, ST_INVALID,
                    "line %d: \"%.*s\" is a reserved word: no edition can be called so", e->line,
                    FMT(e->slug));
    for (size_t k = 0; k < i; k++)
        if (str_eq(f->editions[k].slug, e->slug))
            return fail(err, ST_INVALID, "line %d: the edition \"%.*s\" stands there twice",
                        e->line, FMT(e->slug));
    struct err why = {0};
    if (locales->check(locales->arg, e->locale, &why))
        return fail(err, ST_INVALID,
                    "line %d: there is no complete messages file for the locale %.*s: %.300s",
                    e->line, FMT(e->locale), why.text);
    if (!zone_valid(e->zone))
        return fail(err, ST_INVALID,
                    "line %d: \"%.*s\" is no time zone; one looks like Europe/London", e->line,
                    FMT(e->zone));
    if (text_of(f->names, f->nnames, e->slug).n == 0)
        return fail(err, ST_INVALID, "line %d: the site has no `name` for the edition %.*s",
                    e->line, FMT(e->slug));
    return ST_OK;
}

static enum status check_texts(const struct site_file *f, const struct edition_text *list, size_t n,
                               struct err *err)
{
    for (size_t i = 0; i < n; i++)
        if (!has_edition(f, list[i].edition))
            return fail(err, ST_INVALID, "line %d: there is no edition \"%.*s\"", list[i].line,
                        FMT(list[i].edition));
    return ST_OK;
}

static enum status check_links(const struct site_file *f, const struct link_entry *list, size_t n,
                               struct err *err)
{
    for (size_t i = 0; i < n; i++)
        if (!has_edition(f, list[i].edition))
            return fail(err, ST_INVALID, "line %d: there is no edition \"%.*s\"", list[i].line,
                        FMT(list[i].edition));
    return ST_OK;
}

static enum status check_site(struct tx *tx, const struct site_file *f,
                              const struct locales_known *locales)
{
    struct err *err = tx->err;
    if (f->neditions == 0)
        return fail(err, ST_INVALID, "line 1: a site needs `editions`, at least one");
    enum status st = ST_OK;
    for (size_t i = 0; !st && i < f->neditions; i++)
        st = check_edition(f, i, locales, err);
    st = st ? st : check_texts(f, f->names, f->nnames, err);
    st = st ? st : check_texts(f, f->mottos, f->nmottos, err);
    st = st ? st : check_texts(f, f->leads, f->nleads, err);
    st = st ? st : check_texts(f, f->corrections, f->ncorrections, err);
    st = st ? st : check_links(f, f->footer, f->nfooter, err);
    return st ? st : check_links(f, f->navigation, f->nnavigation, err);
}

/* Editions that are gone from the file leave when no story is theirs; the first stays the first
 * once it has stories. */
static enum status remove_editions(struct tx *tx, struct view *v, const struct site_file *f,
                                   const struct edition *old, size_t nold, bool *changed)
{
    for (size_t i = 0; i < nold; i++) {
        bool stories;
        enum status st = edition_has_stories(v, old[i].id, &stories);
        if (st)
            return st;
        if (i == 0 && stories && !str_eq(f->editions[0].slug, old[0].slug))
            return fail(
                tx->err, ST_CONFLICT,
                "line %d: \"%.*s\" is the first edition and has stories: it stays the first",
                f->editions[0].line, FMT(old[0].slug));
        if (i && stories && str_eq(f->editions[0].slug, old[i].slug))
            return fail(tx->err, ST_CONFLICT,
                        "line %d: \"%.*s\" has stories, whose addresses begin with its name: it "
                        "can't become the first edition",
                        f->editions[0].line, FMT(old[i].slug));
        if (has_edition(f, old[i].slug))
            continue;
        if (stories)
            return fail(tx->err, ST_CONFLICT,
                        "line %d: the edition \"%.*s\" has stories: it can't be left out",
                        f->editions[0].line, FMT(old[i].slug));
        st = edition_remove(tx, old[i].id);
        if (st)
            return st;
        *changed = true;
    }
    return ST_OK;
}

static bool edition_same(const struct edition *a, const struct edition *b)
{
    return a->position == b->position && str_eq(a->slug, b->slug) && str_eq(a->locale, b->locale) &&
           str_eq(a->zone, b->zone) && str_eq(a->name, b->name) && str_eq(a->motto, b->motto) &&
           str_eq(a->lead, b->lead) && str_eq(a->corrections, b->corrections);
}

static enum status write_edition(struct tx *tx, struct view *v, const struct site_file *f, size_t i,
                                 const struct edition *old, size_t nold, struct edition *ret,
                                 bool *changed)
{
    str slug = f->editions[i].slug;
    struct edition e = {
        .position = (i64)i,
        .slug = slug,
        .locale = f->editions[i].locale,
        .zone = f->editions[i].zone,
        .name = text_of(f->names, f->nnames, slug),
        .motto = text_of(f->mottos, f->nmottos, slug),
        .lead = text_of(f->leads, f->nleads, slug),
        .corrections = text_of(f->corrections, f->ncorrections, slug),
    };
    struct section taken;
    for (size_t k = 0; k < nold; k++) {
        enum status st = section_by_slug(v, old[k].id, slug, &taken);
        if (st == ST_OK)
            return fail(tx->err, ST_INVALID,
                        "line %d: \"%.*s\" is a section's slug: no edition can be called so",
                        f->editions[i].line, FMT(slug));
        if (st != ST_NOTFOUND)
            return st;
        if (!str_eq(old[k].slug, slug))
            continue;
        e.id = old[k].id;
        if (edition_same(&e, &old[k])) {
            *ret = e;
            return ST_OK;
        }
    }
    enum status st = edition_write(tx, &e);
    if (!st) {
        *ret = e;
        *changed = true;
    }
    return st;
}

/* What names a page names one of kind page, or one that isn't live yet: warning says what is
 * missing until then. */
static enum status check_page(struct tx *tx, struct view *v, str key, int line, str warning,
                              struct site_published *out)
{
    struct story s;
    enum status st = story_by_key(v, key, PART_ADDRESS, &s);
    if (st && st != ST_NOTFOUND)
        return st;
    if (st == ST_NOTFOUND || s.state != STORY_LIVE)
        warn(out, warning);
    else if (s.kind != KIND_PAGE)
        return fail(tx->err, ST_INVALID, "line %d: \"%.*s\" isn't of kind page", line, FMT(key));
    return ST_OK;
}

static enum status check_corrections(struct tx *tx, struct view *v, const struct site_file *f,
                                     struct site_published *out)
{
    enum status st = ST_OK;
    for (size_t i = 0; !st && i < f->ncorrections; i++) {
        const struct edition_text *c = &f->corrections[i];
        if (c->text.n)
            st = check_page(tx, v, c->text, c->line,
                            arena_fmt(tx->a,
                                      "the page of the corrections policy \"%.*s\" isn't live: "
                                      "stories name it when it is",
                                      FMT(c->text)),
                            out);
    }
    return st;
}

static bool links_same(const struct site_link *a, size_t na, const struct site_link *b, size_t nb)
{
    bool same = na == nb;
    for (size_t i = 0; same && i < na; i++)
        same = str_eq(a[i].words, b[i].words) && str_eq(a[i].story, b[i].story) &&
               str_eq(a[i].address, b[i].address) && a[i].after == b[i].after;
    return same;
}

/* The edition's of these, as rows. */
static enum status take_links(struct tx *tx, struct view *v, const struct link_entry *entries,
                              size_t n, str edition, struct site_link *list, size_t *nlist,
                              struct site_published *out)
{
    *nlist = 0;
    for (size_t i = 0; i < n; i++) {
        const struct link_entry *e = &entries[i];
        if (!str_eq(e->edition, edition))
            continue;
        enum status st =
            e->story.n
                ? check_page(tx, v, e->story, e->line,
                             arena_fmt(tx->a,
                                       "the page \"%.*s\" isn't live: its link appears when it is",
                                       FMT(e->story)),
                             out)
                : ST_OK;
        if (st)
            return st;
        list[(*nlist)++] = (struct site_link){
            .words = e->text, .story = e->story, .address = e->link, .after = e->after};
    }
    return ST_OK;
}

static enum status write_footer(struct tx *tx, struct view *v, const struct site_file *f,
                                const struct edition *e, struct site_published *out, bool *changed)
{
    struct site_link *list = arena_new(tx->a, struct site_link, f->nfooter + 1), *old = NULL;
    size_t n = 0, nold = 0;
    enum status st = list ? ST_OK : ST_NOMEM;
    st = st ? st : take_links(tx, v, f->footer, f->nfooter, e->slug, list, &n, out);
    st = st ? st : footers_read(v, e->id, &old, &nold);
    for (size_t i = 0; !st && i < n; i++)
        list[i].after = 0; /* a navigation's alone */
    if (st || links_same(list, n, old, nold))
        return st;
    *changed = true;
    return footers_write(tx, e->id, list, n);
}

static enum status write_navigation(struct tx *tx, struct view *v, const struct site_file *f,
                                    const struct edition *e, struct site_published *out,
                                    bool *changed)
{
    struct site_link *list = arena_new(tx->a, struct site_link, f->nnavigation + 1), *old = NULL;
    size_t n = 0, nold = 0;
    enum status st = list ? ST_OK : ST_NOMEM;
    st = st ? st : take_links(tx, v, f->navigation, f->nnavigation, e->slug, list, &n, out);
    st = st ? st : navigation_read(v, e->id, &old, &nold);
    if (st || links_same(list, n, old, nold))
        return st;
    *changed = true;
    return navigation_write(tx, e->id, list, n);
}

static enum status write_setting(struct tx *tx, struct view *v, str name, str value, bool *changed)
{
    str old;
    enum status st = setting_read(v, name, &old);
    if (st || str_eq(old, value))
        return st;
    *changed = true;
    return setting_write(tx, name, value);
}

/* Whose words hold: setting `mark` is there while the desk's do. */
static enum status settle(struct tx *tx, struct view *v, enum site_by by, const char *mark,
                          bool changed)
{
    str desk;
    enum status st = setting_read(v, str_c(mark), &desk);
    if (st)
        return st;
    if (by == SITE_BY_FILE && changed && desk.n && GUARD(site_desk_holds))
        return fail(
            tx->err, ST_CONFLICT,
            "line 1: this was changed at the desk, and the file says otherwise: `broadsheet "
            "export SITE --site` writes what holds; `publish --replace` puts the file in its "
            "place");
    if (by == SITE_BY_DESK && changed)
        return setting_write(tx, str_c(mark), STR("1"));
    return by == SITE_BY_FILE_REPLACING && desk.n ? setting_write(tx, str_c(mark), STR_NONE)
                                                  : ST_OK;
}

enum status publish_site(struct tx *tx, const struct site_file *f,
                         const struct locales_known *locales, enum site_by by,
                         struct site_published *ret)
{
    struct view v = view_plain(tx->db, tx->a, tx->now, tx->err);
    struct site_published out = {0};
    const struct edition *old = NULL;
    struct edition e = {0};
    size_t nold = 0;
    enum status st = check_site(tx, f, locales);
    st = st ? st : editions_read(&v, &old, &nold);
    st = st ? st : remove_editions(tx, &v, f, old, nold, &out.changed);
    for (size_t i = 0; !st && i < f->neditions; i++) {
        st = write_edition(tx, &v, f, i, old, nold, &e, &out.changed);
        st = st ? st : write_footer(tx, &v, f, &e, &out, &out.changed);
        st = st ? st : write_navigation(tx, &v, f, &e, &out, &out.changed);
    }
    st = st ? st : check_corrections(tx, &v, f, &out);
    st = st ? st : write_setting(tx, &v, STR("contact"), f->contact, &out.changed);
    st = st ? st : settle(tx, &v, by, "desk-site", out.changed);
    if (st)
        return st;
    if (out.changed)
        tx_touch(tx, STR("site"));
    *ret = out;
    return ST_OK;
}

/* ---- sections.yaml ---- */

struct sections_change {
    struct tx *tx;
    struct view v;
    const struct sections_file *file;
    const struct kept_picture *pictures;
    size_t npictures;
    const struct edition *editions;
    size_t neditions;
    bool everywhere; /* what the navigation shows differs */
    struct site_published out;
};

static enum status find_picture(struct sections_change *c, const struct section_entry *s, i64 *id)
{
    struct picture row;
    *id = 0;
    if (s->picture.n == 0)
        return ST_OK;
    if (str_starts(s->picture, STR("key:"))) {
        enum status st = picture_by_key(&c->v, str_from(s->picture, 4), &row);
        if (st == ST_NOTFOUND)
            return fail(c->tx->err, ST_INVALID, "line %d: no picture is kept under %.*s", s->line,
                        FMT(s->picture));
        if (!st)
            *id = row.id;
        return st;
    }
    for (size_t i = 0; i < c->npictures; i++) {
        if (!str_eq(c->pictures[i].file, s->picture))
            continue;
        row = c->pictures[i].row;
        enum status st = picture_keep(c->tx, &row);
        if (!st)
            *id = row.id;
        return st;
    }
    return fail(c->tx->err, ST_INVALID, "line %d: the picture %.*s was not found", s->line,
                FMT(s->picture));
}

static enum status check_entry(const struct sections_change *c, size_t i)
{
    const struct section_entry *s = &c->file->sections[i];
    struct err *err = c->tx->err;
    bool edition = false;
    for (size_t k = 0; k < c->neditions; k++) {
        edition |= str_eq(c->editions[k].slug, s->edition);
        if (str_eq(c->editions[k].slug, s->slug))
            return fail(err, ST_INVALID,
                        "line %d: \"%.*s\" is an edition: no section can be called so", s->line,
                        FMT(s->slug));
    }
    if (!edition)
        return fail(err, ST_INVALID, "line %d: there is no edition \"%.*s\"", s->line,
                    FMT(s->edition));
    if (!slug_valid(s->slug))
        return fail(err, ST_INVALID,
                    "line %d: a section's slug has small letters, digits and single hyphens",
                    s->line);
    if (GUARD(reserved_section) && slug_reserved(s->slug))
        return fail(err, ST_INVALID,
                    "line %d: \"%.*s\" is a reserved word: no section can be called so", s->line,
                    FMT(s->slug));
    for (size_t k = 0; k < i; k++)
        if (str_eq(c->file->sections[k].slug, s->slug) &&
            str_eq(c->file->sections[k].edition, s->edition))
            return fail(err, ST_INVALID, "line %d: the section \"%.*s\" stands there twice",
                        s->line, FMT(s->slug));
    return ST_OK;
}

/* A picture's address may begin or cease to answer with the section that shows it. */
struct shown_picture {
    str address; /* "" for none */
    bool was;
};

static i64 picture_of(const struct section *s)
{
    return s && s->listed ? s->picture : 0;
}

static enum status picture_before(struct sections_change *c, const struct section *s,
                                  struct shown_picture *ret)
{
    struct picture p;
    *ret = (struct shown_picture){0};
    if (!picture_of(s))
        return ST_OK;
    enum status st = picture_by_id(&c->v, s->picture, &p);
    ret->address = st ? STR_NONE : p.address;
    return st ? st : picture_is_public(&c->v, p.address, &ret->was);
}

static enum status picture_after(struct sections_change *c, const struct shown_picture *p)
{
    bool is;
    if (!p->address.n)
        return ST_OK;
    enum status st = picture_is_public(&c->v, p->address, &is);
    if (!st && is != p->was)
        tx_touchf(c->tx, "url%.*s", FMT(p->address));
    return st;
}

static bool navigation_differs(const struct section *old, const struct section *s)
{
    return !old || !str_eq(old->name, s->name) || old->navigation != s->navigation ||
           old->position != s->position || old->listed != s->listed;
}

static enum status write_section(struct sections_change *c, const struct section *old,
                                 struct section *s)
{
    bool everywhere = navigation_differs(old, s);
    bool words = everywhere || !str_eq(old->description, s->description);
    bool picture = !old || old->picture != s->picture || old->listed != s->listed;
    struct shown_picture was, is;
    if (!words && !picture)
        return ST_OK;
    enum status st = picture_before(c, old, &was);
    st = st ? st : picture_before(c, s, &is);
    st = st ? st : section_write(c->tx, s);
    if (!st && s->picture && s->listed)
        st = pictures_shown(c->tx, &s->picture, 1);
    if (st)
        return st;
    c->out.changed = true;
    c->everywhere |= everywhere;
    if (words)
        tx_touchf(c->tx, "section/%lld", (long long)s->id);
    if (picture)
        tx_touchf(c->tx, "section-picture/%lld", (long long)s->id);
    st = picture_after(c, &was);
    return st ? st : picture_after(c, &is);
}

static enum status unlist(struct sections_change *c, const struct section *old)
{
    bool stories;
    struct shown_picture was;
    enum status st = section_has_stories(&c->v, old->id, &stories);
    if (st)
        return st;
    if (!stories) {
        c->out.changed = c->everywhere = true;
        st = picture_before(c, old, &was);
        st = st ? st : section_remove(c->tx, old->id);
        return st ? st : picture_after(c, &was);
    }
    if (!old->listed)
        return ST_OK;
    struct section gone = *old;
    gone.listed = gone.navigation = false;
    warn(&c->out,
         arena_fmt(
             c->tx->a,
             "the section \"%.*s\" has stories: it keeps its address and leaves the navigation",
             FMT(old->slug)));
    return write_section(c, old, &gone);
}

static enum status one_edition(struct sections_change *c, const struct edition *e)
{
    const struct section *old = NULL;
    size_t nold = 0;
    i64 position = 0;
    enum status st = sections_read(&c->v, e->id, &old, &nold);
    for (size_t i = 0; !st && i < c->file->n; i++) {
        const struct section_entry *f = &c->file->sections[i];
        if (!str_eq(f->edition, e->slug))
            continue;
        struct section s = {.edition = e->id,
                            .position = position,
                            .slug = f->slug,
                            .name = f->name,
                            .description = f->description,
                            .navigation = f->navigation,
                            .listed = true};
        position++;
        const struct section *was = NULL;
        for (size_t k = 0; k < nold; k++)
            if (str_eq(old[k].slug, f->slug)) {
                was = &old[k];
                s.id = old[k].id;
            }
        st = find_picture(c, f, &s.picture);
        st = st ? st : write_section(c, was, &s);
    }
    for (size_t k = 0; !st && k < nold; k++) {
        bool named = false;
        for (size_t i = 0; i < c->file->n; i++)
            named |= str_eq(c->file->sections[i].edition, e->slug) &&
                     str_eq(c->file->sections[i].slug, old[k].slug);
        if (!named)
            st = unlist(c, &old[k]);
    }
    return st;
}

enum status publish_sections(struct tx *tx, const struct sections_file *f,
                             const struct kept_picture *pictures, size_t npictures, enum site_by by,
                             struct site_published *ret)
{
    struct sections_change c = {.tx = tx,
                                .v = view_plain(tx->db, tx->a, tx->now, tx->err),
                                .file = f,
                                .pictures = pictures,
                                .npictures = npictures};
    enum status st = editions_read(&c.v, &c.editions, &c.neditions);
    for (size_t i = 0; !st && i < f->n; i++)
        st = check_entry(&c, i);
    for (size_t i = 0; !st && i < c.neditions; i++)
        st = one_edition(&c, &c.editions[i]);
    st = st ? st : settle(tx, &c.v, by, "desk-sections", c.out.changed);
    if (st)
        return st;
    if (c.everywhere)
        tx_touch(tx, STR("site"));
    *ret = c.out;
    return ST_OK;
}

/* ---- export ---- */

static enum status sections_as_file(struct view *v, const struct edition *e,
                                    struct sections_file *f)
{
    const struct section *list = NULL;
    size_t n = 0;
    enum status st = sections_read(v, e->id, &list, &n);
    for (size_t i = 0; !st && i < n && f->n < SITE_SECTIONS; i++) {
        struct picture p = {0};
        if (!list[i].listed)
            continue;
        if (list[i].picture)
            st = picture_by_id(v, list[i].picture, &p);
        f->sections[f->n++] = (struct section_entry){
            .edition = e->slug,
            .slug = list[i].slug,
            .name = list[i].name,
            .description = list[i].description,
            .picture = p.key.n ? arena_fmt(v->a, "key:%.*s", FMT(p.key)) : STR_NONE,
            .navigation = list[i].navigation};
    }
    return st;
}

static enum status links_as_file(struct view *v, const struct edition *e, struct site_file *f)
{
    struct site_link *list = NULL;
    size_t n = 0;
    enum status st = footers_read(v, e->id, &list, &n);
    for (size_t i = 0; !st && i < n; i++)
        f->footer[f->nfooter++] = (struct link_entry){.edition = e->slug,
                                                      .text = list[i].words,
                                                      .story = list[i].story,
                                                      .link = list[i].address,
                                                      .after = SITE_SECTIONS};
    st = st ? st : navigation_read(v, e->id, &list, &n);
    for (size_t i = 0; !st && i < n; i++)
        f->navigation[f->nnavigation++] = (struct link_entry){.edition = e->slug,
                                                              .text = list[i].words,
                                                              .story = list[i].story,
                                                              .link = list[i].address,
                                                              .after = list[i].after};
    return st;
}

static void add_text(struct edition_text *list, size_t *n, str edition, str text)
{
    if (text.n)
        list[(*n)++] = (struct edition_text){.edition = edition, .text = text};
}

enum status site_as_files(struct view *v, struct site_file *site, struct sections_file *sections)
{
    const struct edition *e = NULL;
    size_t n = 0;
    enum status st = editions_read(v, &e, &n);
    if (st)
        return st;
    *site =
        (struct site_file){.editions = arena_new(v->a, struct edition_entry, n + 1),
                           .names = arena_new(v->a, struct edition_text, n + 1),
                           .mottos = arena_new(v->a, struct edition_text, n + 1),
                           .leads = arena_new(v->a, struct edition_text, n + 1),
                           .corrections = arena_new(v->a, struct edition_text, n + 1),
                           .footer = arena_new(v->a, struct link_entry, n * SITE_FOOTER + 1),
                           .navigation = arena_new(v->a, struct link_entry, n * SITE_LINKS + 1)};
    *sections =
        (struct sections_file){.sections = arena_new(v->a, struct section_entry, SITE_SECTIONS)};
    if (v->a->oom)
        return ST_NOMEM;
    st = setting_read(v, STR("contact"), &site->contact);
    for (size_t i = 0; !st && i < n; i++) {
        site->editions[site->neditions++] =
            (struct edition_entry){.slug = e[i].slug, .locale = e[i].locale, .zone = e[i].zone};
        add_text(site->names, &site->nnames, e[i].slug, e[i].name);
        add_text(site->mottos, &site->nmottos, e[i].slug, e[i].motto);
        add_text(site->leads, &site->nleads, e[i].slug, e[i].lead);
        add_text(site->corrections, &site->ncorrections, e[i].slug, e[i].corrections);
        st = links_as_file(v, &e[i], site);
        st = st ? st : sections_as_file(v, &e[i], sections);
    }
    return st;
}
