#include "newsroom/change.h"

#include "base/guard.h"
#include "base/hash.h"
#include "store/job.h"
#include "text/slug.h"

enum {
    PUBLISH_RETRY = 60 * 1000
}; /* ms after which an embargo that stands in the way is looked at again */

static void warn(struct published *p, str words)
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

/* Files become keys, in the head and in the body; uses that the body doesn't show are left out of
 * the revision. */
static enum status resolve_pictures(struct change *c, const struct publication *p)
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
    size_t kept = 0;
    for (size_t i = 0; i < s->npictures; i++)
        if (b.shown[i])
            s->pictures[kept++] = s->pictures[i];
    s->npictures = kept;
    return b.st;
}

static void warn_credits(const struct change *c, struct published *out)
{
    const struct story_content *s = &c->content;
    if (s->picture && !credit_given(&s->picture->credit))
        warn(out, STR("the lead picture has no credit: none is shown"));
    for (size_t i = 0; i < s->npictures; i++)
        if (!credit_given(&s->pictures[i].credit))
            warn(out,
                 arena_fmt(c->tx->a,
                           "the picture with the caption \"%.*s\" has no credit: none is shown",
                           FMT(str_head(s->pictures[i].caption, 60))));
}

/* What cards say of the lead picture, as JSON: the canonical form of a story that has nothing else.
 */
static enum status picture_use_text(struct change *c)
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

/* ---- checks ---- */

static enum status check_section(struct change *c, const struct story_file *f)
{
    struct section *list = NULL;
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

/* What the story leans on may come later; what is there must be of the right kind. */
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
    if (now->background.n) {
        enum status st = story_by_key(&c->v, now->background, PART_ADDRESS, &s);
        if (st && st != ST_NOTFOUND)
            return st;
        if (!st && s.kind != KIND_BACKGROUND)
            return fail(err, ST_INVALID, "line %d: \"%.*s\" is not of kind background",
                        f->line[HEAD_BACKGROUND], FMT(now->background));
    }
    if (now->translation_of.n) {
        enum status st = story_by_key(&c->v, now->translation_of, PART_ADDRESS, &s);
        if (st && st != ST_NOTFOUND)
            return st;
        if (!st && s.edition == c->edition->id)
            return fail(err, ST_INVALID,
                        "line %d: \"%.*s\" is of the same edition: a translation is of another",
                        f->line[HEAD_TRANSLATION_OF], FMT(now->translation_of));
    }
    return ST_OK;
}

/* The latest embargo of the story and its translations, and whose it is. */
static enum status latest_embargo(struct change *c, i64 *ms, str *whose)
{
    *ms = c->content.embargo;
    *whose = c->content.id;
    struct story s, *list = NULL;
    size_t n = 0;
    enum status st = ST_NOTFOUND;
    i64 family = c->before.family;
    if (!family && c->content.translation_of.n) {
        st = story_by_key(&c->v, c->content.translation_of, PART_ADDRESS, &s);
        if (st && st != ST_NOTFOUND)
            return st;
        if (!st && s.embargo_ms > *ms) {
            *ms = s.embargo_ms;
            *whose = s.key;
        }
        family = st ? 0 : s.family;
    }
    if (family)
        st = story_family(&c->v, family, true, &list, &n);
    else
        st = story_translations_of(&c->v, c->content.id, &list, &n);
    for (size_t i = 0; !st && i < n; i++)
        if (list[i].embargo_ms > *ms) {
            *ms = list[i].embargo_ms;
            *whose = list[i].key;
        }
    return st;
}

static enum status check_embargo(struct change *c, i64 live_at, int line)
{
    i64 until;
    str whose;
    enum status st = latest_embargo(c, &until, &whose);
    if (st)
        return st;
    if (GUARD(embargo) && until > live_at) {
        str at = time_rfc3339(until, c->tx->a);
        return fail(c->tx->err, ST_CONFLICT,
                    "line %d: \"%.*s\" is under embargo until %.*s: nobody can publish it before",
                    line, FMT(whose), FMT(at));
    }
    return ST_OK;
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

/* The story's state moves to live with content's bytes as a new revision. */
static enum status go_live(struct change *c, enum revision_kind kind, str note, str author,
                           struct published *ret)
{
    bool first = c->before.revision == 0;
    struct revision r = {.kind = kind, .note = note, .author = author, .at = c->tx->now};
    fill_row(c);
    enum status st = picture_use_text(c);
    st = st ? st : canonical(c, &r.bytes);
    if (st)
        return st;
    c->after.state = STORY_LIVE;
    c->after.note = STR_NONE;
    if (first)
        c->after.first_ms = c->content.published;
    else if (kind != REV_TYPO)
        c->after.updated_ms = c->tx->now;
    st = change_apply(c, &r);
    if (st)
        return st;
    st = scheduled_remove(c->tx, c->after.id);
    st = st ? st : job_remove(c->tx, PUBLISH_JOB, publish_job_payload(c->tx->a, c->after.id));
    if (!st)
        report(c, first ? OUTCOME_NEW : OUTCOME_REVISION, ret);
    return st;
}

/* A story that was never live, for later: a row without a public word, its address kept, a job for
 * its time. */
static enum status schedule(struct change *c, const struct publication *p, struct published *ret)
{
    fill_row(c);
    c->after.state = STORY_UNPUBLISHED;
    c->after.first_ms = 0;
    c->after.picture = 0;
    if (c->existed && c->before.path.n && !str_eq(c->before.path, c->after.path)) {
        enum status st = address_release(c->tx, c->before.path, c->before.id);
        if (st)
            return st;
    }
    struct scheduled s = {
        .due = c->content.published, .base = 0, .author = p->author, .at = c->tx->now};
    enum status st = story_write(c->tx, &c->after);
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
    return ST_OK;
}

/* ---- a file ---- */

static enum status when_and_where(struct change *c, const struct story_file *f)
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
    enum status st = check_embargo(
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
    return go_live(c, kind, note, p->author, ret);
}

/* The tree and the pictures belong to the caller and a transaction may run twice: what is written
 * to is copied. */
static enum status own_copy(struct change *c, const struct story_file *f)
{
    c->content = f->story;
    struct out o = out_make(c->tx->a, 16 << 10, 2 * DOCUMENT_BYTES);
    document_write(f->story.body, &o);
    enum status st = out_status(&o);
    st = st ? st : document_read(out_view(&o), c->tx->a, &c->content.body, c->tx->err);
    if (st || f->story.npictures == 0)
        return st;
    c->content.pictures = arena_new(c->tx->a, struct picture_use, f->story.npictures);
    if (!c->content.pictures)
        return ST_NOMEM;
    memcpy(c->content.pictures, f->story.pictures, f->story.npictures * sizeof *f->story.pictures);
    return ST_OK;
}

enum status publish_story(struct tx *tx, const struct publication *p, struct published *ret)
{
    struct change *c = arena_new(tx->a, struct change, 1);
    struct published out = {0};
    if (!c)
        return ST_NOMEM;
    enum status st = change_open(c, tx, p->file->story.id);
    st = st ? st : own_copy(c, p->file);
    if (st)
        return st;
    if (c->has_old)
        keep_texts(&c->content, &c->old, p->file);
    st = change_edition(c, c->content.edition, p->file->line[HEAD_EDITION]);
    if (st)
        return st;
    c->content.edition = c->edition->slug;
    st = check_identity(c, p->file);
    st = st ? st : check_section(c, p->file);
    st = st ? st : check_references(c, p->file);
    st = st ? st : when_and_where(c, p->file);
    st = st ? st : resolve_pictures(c, p);
    st = st ? st : publish_live(c, p, &out);
    if (st)
        return st;
    warn_credits(c, &out);
    *ret = out;
    return ST_OK;
}

enum status publish_due(struct tx *tx, i64 story, i64 *retry, struct published *ret)
{
    struct change *c = arena_new(tx->a, struct change, 1);
    struct view v = view_plain(tx->db, tx->a, tx->now, tx->err);
    struct published out = {0};
    struct scheduled s;
    struct story row;
    if (!c)
        return ST_NOMEM;
    enum status st = story_by_id(&v, story, PART_PAGE, &row);
    st = st ? st : scheduled_read(&v, story, &s);
    if (st)
        return st;
    if (s.due > tx->now) {
        *retry = s.due;
        return fail(tx->err, ST_BUSY, "not due yet");
    }
    st = change_open(c, tx, row.key);
    if (st)
        return st;
    c->content = c->old;
    st = change_edition(c, c->content.edition, 0);
    if (!st && c->content.kind == KIND_STORY)
        st = section_by_slug(&c->v, c->edition->id, c->content.section, &c->section);
    st = st ? st : check_embargo(c, tx->now, 0);
    if (st == ST_CONFLICT) {
        *retry = tx->now + PUBLISH_RETRY;
        return ST_BUSY;
    }
    st = st ? st : resolve_pictures(c, &(struct publication){0});
    st = st ? st : go_live(c, REV_FIRST, STR_NONE, s.author, &out);
    if (!st)
        *ret = out;
    return st;
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

enum status withdraw_story(struct tx *tx, str key, str note, str author, struct published *ret)
{
    struct change *c = arena_new(tx->a, struct change, 1);
    struct published out = {0};
    if (!c)
        return ST_NOMEM;
    note = str_trim(note);
    if (note.n == 0)
        return fail(tx->err, ST_INVALID, "a withdrawal needs a note: it is what readers are told");
    enum status st = open_known(c, tx, key);
    if (st)
        return st;
    if (c->before.state != STORY_LIVE)
        return fail(tx->err, ST_CONFLICT, "the story \"%.*s\" is not live", FMT(key));
    st = resolve_pictures(c, &(struct publication){0});
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
    *ret = out;
    return ST_OK;
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
    st = check_embargo(c, tx->now, 0);
    st = st ? st : resolve_pictures(c, &(struct publication){0});
    st = st ? st : go_live(c, REV_REINSTATEMENT, STR_NONE, author, &out);
    if (st)
        return st;
    out.outcome = OUTCOME_REINSTATED;
    *ret = out;
    return ST_OK;
}
