#include "newsroom/site_desk.h"

#include "base/guard.h"
#include "base/hash.h"
#include "newsroom/accounts.h"
#include "newsroom/fronts.h"
#include "text/document.h"
#include "text/slug.h"

struct files {
    struct site_file site;
    struct sections_file sections;
};

/* ---- what holds ---- */

/* What the two files would say now, in few bytes. */
static enum status read_files(struct view *v, struct files *ret, str *base)
{
    struct out o = out_make(v->a, 4096, 1 << 20);
    enum status st = site_as_files(v, &ret->site, &ret->sections);
    if (st)
        return st;
    site_file_write(&ret->site, &o);
    sections_file_write(&ret->sections, &o);
    st = out_status(&o);
    if (st)
        return st;
    *base = str_head(sha256_hex(sha256(out_view(&o)), v->a), 32);
    return v->a->oom ? ST_NOMEM : ST_OK;
}

static void add_links(const struct files *f, str edition, i64 most, size_t *next,
                      struct site_edit *e)
{
    for (; *next < f->site.nnavigation; (*next)++) {
        const struct link_entry *l = &f->site.navigation[*next];
        if (!str_eq(l->edition, edition))
            continue;
        if (l->after > most)
            return;
        e->rows[e->n++] =
            (struct site_row){.words = l->text, .story = l->story, .address = l->link};
    }
}

static void add_rows(const struct files *f, str edition, struct site_edit *e)
{
    size_t next = 0;
    i64 before = 0;
    for (size_t i = 0; i < f->sections.n; i++) {
        const struct section_entry *s = &f->sections.sections[i];
        if (!str_eq(s->edition, edition))
            continue;
        add_links(f, edition, before++, &next, e);
        e->rows[e->n++] = (struct site_row){.section = true,
                                            .slug = s->slug,
                                            .words = s->name,
                                            .description = s->description,
                                            .shown = s->navigation};
    }
    add_links(f, edition, SITE_SECTIONS, &next, e);
}

enum status site_edit_read(struct view *v, str edition, struct site_edit *ret, str *base)
{
    struct edition here;
    struct files f;
    str now;
    enum status st = front_edition(v, edition, &here);
    st = st ? st : read_files(v, &f, &now);
    if (st)
        return st;
    struct site_edit e = {
        .name = here.name,
        .motto = here.motto,
        .contact = f.site.contact,
        .rows = arena_new(v->a, struct site_row, f.sections.n + f.site.nnavigation + 1),
        .footer = arena_new(v->a, struct site_link, f.site.nfooter + 1)};
    if (!e.rows || !e.footer)
        return ST_NOMEM;
    add_rows(&f, edition, &e);
    for (size_t i = 0; i < f.site.nfooter; i++)
        if (str_eq(f.site.footer[i].edition, edition))
            e.footer[e.nfooter++] = (struct site_link){.words = f.site.footer[i].text,
                                                       .story = f.site.footer[i].story,
                                                       .address = f.site.footer[i].link};
    *ret = e;
    *base = now;
    return ST_OK;
}

/* ---- what may be ---- */

struct saving {
    struct tx *tx;
    struct view v;
    struct edition edition;
    struct files files;
    const struct site_save *ask;
    struct site_row *rows; /* the ask's, with the addresses of new sections */
    struct site_bad *bad;
};

static bool line_ok(str s, size_t most)
{
    return s.n <= most && text_clean(s, "", NULL);
}

static enum status refuse(struct saving *s, const char *key)
{
    return fail(s->tx->err, ST_INVALID, "%s", key);
}

static enum status check_head(struct saving *s)
{
    const struct site_edit *e = &s->ask->edit;
    *s->bad = (struct site_bad){.list = SITE_IN_HEAD};
    if (!text_has_word(e->name) || !line_ok(e->name, SITE_NAME))
        return refuse(s, "desk-error-site-name");
    if (!line_ok(e->motto, SITE_MOTTO))
        return refuse(s, "desk-error-site-motto");
    return line_ok(e->contact, SITE_CONTACT) ? ST_OK : refuse(s, "desk-error-site-contact");
}

/* A page may come later; what is there and is no page is told of only while readers see it. */
static enum status check_link(struct saving *s, str words, str story, str address, bool needed)
{
    struct story page;
    if (!text_has_word(words) || !line_ok(words, SITE_NAME))
        return refuse(s, "desk-error-link-words");
    if (!story.n && !address.n)
        return needed ? refuse(s, "desk-error-link-target") : ST_OK;
    if (address.n)
        return address.n <= SITE_ADDRESS && url_bare(address) && !story.n
                   ? ST_OK
                   : refuse(s, "desk-error-link-target");
    if (!key_valid(story))
        return refuse(s, "desk-error-link-target");
    enum status st = story_by_key(&s->v, story, PART_ADDRESS, &page);
    if (st == ST_NOTFOUND)
        return ST_OK;
    if (!st && page.state == STORY_LIVE && page.kind != KIND_PAGE)
        return refuse(s, "desk-error-link-target");
    return st;
}

static const struct section_entry *listed(const struct saving *s, str slug)
{
    for (size_t i = 0; i < s->files.sections.n; i++)
        if (str_eq(s->files.sections.sections[i].edition, s->edition.slug) &&
            str_eq(s->files.sections.sections[i].slug, slug))
            return &s->files.sections.sections[i];
    return NULL;
}

static bool slug_taken(const struct saving *s, size_t row)
{
    str slug = s->rows[row].slug;
    for (size_t i = 0; i < s->files.site.neditions; i++)
        if (str_eq(s->files.site.editions[i].slug, slug))
            return true;
    for (size_t i = 0; i < s->ask->edit.n; i++)
        if (i != row && s->rows[i].section && str_eq(s->rows[i].slug, slug))
            return true;
    return false;
}

/* The address of a new section: as given, else made from its name. One that has ended is taken up
 * again by its address. */
static enum status name_section(struct saving *s, size_t row)
{
    struct site_row *r = &s->rows[row];
    if (!r->slug.n && slug_make(r->words, s->tx->a, &r->slug))
        return s->tx->a->oom ? ST_NOMEM : refuse(s, "desk-error-section-slug");
    if (!slug_valid(r->slug) || slug_reserved(r->slug) || slug_taken(s, row))
        return refuse(s, "desk-error-section-slug");
    return ST_OK;
}

/* Its stories would keep addresses below a section that is gone. */
static enum status check_end(struct saving *s, const struct site_row *r)
{
    struct section section;
    bool used;
    enum status st = section_by_slug(&s->v, s->edition.id, r->slug, &section);
    st = st ? st : section_in_use(&s->v, section.id, &used);
    if (!st && used && GUARD(section_ends_empty))
        st = refuse(s, "desk-error-section-end");
    return st;
}

static enum status check_section(struct saving *s, size_t row)
{
    struct site_row *r = &s->rows[row];
    if (!text_has_word(r->words) || !line_ok(r->words, SITE_NAME))
        return refuse(s, "desk-error-section-name");
    if (!line_ok(r->description, SITE_DESCRIPTION))
        return refuse(s, "desk-error-section-description");
    if (r->fresh)
        return name_section(s, row);
    if (!listed(s, r->slug) || slug_taken(s, row)) /* no form of ours */
        return ST_INVALID;
    return r->end ? check_end(s, r) : ST_OK;
}

static enum status check_rows(struct saving *s)
{
    const struct site_edit *e = &s->ask->edit;
    enum status st = ST_OK;
    for (size_t i = 0; !st && i < e->n; i++) {
        *s->bad = (struct site_bad){.list = SITE_IN_ROWS, .row = i};
        st = s->rows[i].section
                 ? check_section(s, i)
                 : check_link(s, s->rows[i].words, s->rows[i].story, s->rows[i].address, true);
    }
    for (size_t i = 0; !st && i < e->nfooter; i++) {
        *s->bad = (struct site_bad){.list = SITE_IN_FOOTER, .row = i};
        st = check_link(s, e->footer[i].words, e->footer[i].story, e->footer[i].address, false);
    }
    return st;
}

/* A section is left out by saying so, never by a form that came without it. */
static enum status check_whole(struct saving *s)
{
    for (size_t i = 0; i < s->files.sections.n; i++) {
        const struct section_entry *old = &s->files.sections.sections[i];
        bool there = !str_eq(old->edition, s->edition.slug);
        for (size_t k = 0; !there && k < s->ask->edit.n; k++)
            there = s->rows[k].section && !s->rows[k].fresh && str_eq(s->rows[k].slug, old->slug);
        if (!there)
            return ST_INVALID;
    }
    return ST_OK;
}

/* ---- saving: as the two files would say it ---- */

static void set_text(struct edition_text *list, size_t *n, str edition, str text)
{
    for (size_t i = 0; i < *n; i++)
        if (str_eq(list[i].edition, edition)) {
            list[i].text = text;
            return;
        }
    list[(*n)++] = (struct edition_text){.edition = edition, .text = text};
}

static size_t without(struct link_entry *list, size_t n, str edition)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (!str_eq(list[i].edition, edition))
            list[kept++] = list[i];
    return kept;
}

/* A link behind all sections stays behind those to come. */
static i64 sections_before(const struct saving *s, size_t row)
{
    i64 before = 0, after = 0;
    for (size_t i = 0; i < s->ask->edit.n; i++)
        if (s->rows[i].section && !s->rows[i].end)
            (*(i < row ? &before : &after))++;
    return after ? before : SITE_SECTIONS;
}

static enum status make_sections(struct saving *s, struct sections_file *ret)
{
    const struct sections_file *old = &s->files.sections;
    struct sections_file f = {
        .sections = arena_new(s->tx->a, struct section_entry, old->n + s->ask->edit.n + 1)};
    if (!f.sections)
        return ST_NOMEM;
    for (size_t i = 0; i < old->n; i++)
        if (!str_eq(old->sections[i].edition, s->edition.slug))
            f.sections[f.n++] = old->sections[i];
    for (size_t i = 0; i < s->ask->edit.n; i++) {
        const struct site_row *r = &s->rows[i];
        const struct section_entry *was = r->section && !r->fresh ? listed(s, r->slug) : NULL;
        if (r->section && !r->end)
            f.sections[f.n++] = (struct section_entry){.edition = s->edition.slug,
                                                       .slug = r->slug,
                                                       .name = r->words,
                                                       .description = r->description,
                                                       .picture = was ? was->picture : STR_NONE,
                                                       .navigation = r->shown};
    }
    if (f.n == 0)
        return refuse(s, "desk-error-section-last");
    if (f.n > SITE_SECTIONS)
        return refuse(s, "desk-error-site-full");
    *ret = f;
    return ST_OK;
}

static enum status make_site(struct saving *s, struct site_file *ret)
{
    const struct site_edit *e = &s->ask->edit;
    struct arena *a = s->tx->a;
    struct site_file f = s->files.site;
    str edition = s->edition.slug;
    struct link_entry *footer = arena_new(a, struct link_entry, f.nfooter + e->nfooter + 1),
                      *navigation = arena_new(a, struct link_entry, f.nnavigation + e->n + 1);
    if (!footer || !navigation)
        return ST_NOMEM;
    memcpy(footer, f.footer, f.nfooter * sizeof *footer);
    memcpy(navigation, f.navigation, f.nnavigation * sizeof *navigation);
    f.footer = footer;
    f.navigation = navigation;
    f.nfooter = without(footer, f.nfooter, edition);
    f.nnavigation = without(navigation, f.nnavigation, edition);
    for (size_t i = 0; i < e->nfooter; i++)
        footer[f.nfooter++] = (struct link_entry){.edition = edition,
                                                  .text = e->footer[i].words,
                                                  .story = e->footer[i].story,
                                                  .link = e->footer[i].address,
                                                  .after = SITE_SECTIONS};
    for (size_t i = 0; i < e->n; i++)
        if (!s->rows[i].section)
            navigation[f.nnavigation++] = (struct link_entry){.edition = edition,
                                                              .text = s->rows[i].words,
                                                              .story = s->rows[i].story,
                                                              .link = s->rows[i].address,
                                                              .after = sections_before(s, i)};
    if (f.nfooter > SITE_FOOTER || f.nnavigation > SITE_LINKS)
        return refuse(s, "desk-error-site-full");
    set_text(f.names, &f.nnames, edition, e->name);
    set_text(f.mottos, &f.nmottos, edition, e->motto);
    f.contact = e->contact;
    *ret = f;
    return ST_OK;
}

static enum status note(struct saving *s, const struct actor *who)
{
    struct tx *tx = s->tx;
    enum status st = audit_add(tx, who->account, AUDIT_SITE, STR_NONE, s->edition.slug, STR_NONE);
    for (size_t i = 0; !st && i < s->ask->edit.n; i++) {
        const struct site_row *r = &s->rows[i];
        if (r->section && (r->fresh || r->end))
            st = audit_add(
                tx, who->account, r->end ? AUDIT_SECTION_ENDED : AUDIT_SECTION_BEGUN, STR_NONE,
                arena_fmt(tx->a, "%.*s/%.*s", FMT(s->edition.slug), FMT(r->slug)), STR_NONE);
    }
    return st;
}

static enum status write_all(struct saving *s, const struct locales_known *locales, bool *changed)
{
    struct site_file site;
    struct sections_file sections;
    struct site_published one, two;
    enum status st = make_sections(s, &sections);
    st = st ? st : make_site(s, &site);
    st = st ? st : publish_site(s->tx, &site, locales, SITE_BY_DESK, &one);
    st = st ? st : publish_sections(s->tx, &sections, NULL, 0, SITE_BY_DESK, &two);
    if (!st)
        *changed = one.changed || two.changed;
    return st;
}

static enum status may(struct tx *tx, const struct actor *who)
{
    if (!GUARD(site_permitted) || permitted(who, ACT_SITE, NULL, false))
        return ST_OK;
    return fail(tx->err, ST_DENIED, "%.*s may not: %s", FMT(who->name), act_name(ACT_SITE));
}

enum status site_edit_save(struct tx *tx, const struct actor *who,
                           const struct locales_known *locales, const struct site_save *ask,
                           bool *changed, struct site_bad *bad)
{
    struct saving s = {.tx = tx,
                       .v = view_plain(tx->db, tx->a, tx->now, tx->err),
                       .ask = ask,
                       .rows = arena_new(tx->a, struct site_row, ask->edit.n + 1),
                       .bad = bad};
    str now;
    bool differs;
    enum status st = s.rows ? may(tx, who) : ST_NOMEM;
    st = st ? st : front_edition(&s.v, ask->edition, &s.edition);
    st = st ? st : read_files(&s.v, &s.files, &now);
    if (!st && !str_eq(now, ask->base) && GUARD(site_base))
        st = fail(tx->err, ST_CONFLICT, "desk-error-site-meanwhile");
    if (st)
        return st;
    for (size_t i = 0; i < ask->edit.n; i++)
        s.rows[i] = ask->edit.rows[i];
    st = check_head(&s);
    st = st ? st : check_whole(&s);
    st = st ? st : check_rows(&s);
    *bad = st ? *bad : (struct site_bad){.list = SITE_IN_HEAD};
    st = st ? st : write_all(&s, locales, &differs);
    if (!st && differs)
        st = note(&s, who);
    if (!st)
        *changed = differs;
    return st;
}
