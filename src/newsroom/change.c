#include "newsroom/change.h"

#include "base/guard.h"
#include "base/hash.h"
#include "store/name.h"
#include "store/removal.h"
#include "text/messages.h"
#include "text/slug.h"

enum { MADE_SLUG_TRIES = 1000 };

enum status change_open(struct change *c, struct tx *tx, str key)
{
    *c = (struct change){.tx = tx, .v = view_plain(tx->db, tx->a, tx->now, tx->err)};
    enum status st = editions_read(&c->v, &c->editions, &c->neditions);
    if (st)
        return st;
    if (c->neditions == 0)
        return fail(tx->err, ST_INVALID,
                    "the site has no edition yet: publish its site.yaml first");
    st = story_by_key(&c->v, key, PART_PAGE, &c->before);
    if (st == ST_NOTFOUND)
        return ST_OK;
    if (st)
        return st;
    c->existed = true;
    c->after = c->before;
    struct err *err = tx->err;
    struct revision r;
    struct scheduled s;
    str bytes = STR_NONE;
    if (c->before.revision) {
        st = revision_read(&c->v, c->before.id, c->before.revision, &r);
        bytes = st ? STR_NONE : r.bytes;
    } else {
        st = scheduled_read(&c->v, c->before.id, &s);
        bytes = st ? STR_NONE : s.bytes;
    }
    if (st)
        return st != ST_NOTFOUND ? st
                                 : fail(err, ST_CORRUPT, "story %.*s has no content", FMT(key));
    c->has_old = true;
    return story_from_canonical(bytes, tx->a, &c->old, err);
}

enum status change_edition(struct change *c, str slug, int line)
{
    struct out known = out_make(c->tx->a, 64, 4096);
    for (size_t i = 0; i < c->neditions; i++) {
        if (slug.n == 0 || str_eq(c->editions[i].slug, slug)) {
            c->edition = &c->editions[i];
            c->first_edition = i == 0;
            return ST_OK;
        }
        out_fmt(&known, "%s%.*s", i ? ", " : "", FMT(c->editions[i].slug));
    }
    str names = out_view(&known);
    return fail(c->tx->err, ST_INVALID, "%sthere is no edition \"%.*s\"; there are: %.*s",
                change_line(c, line), FMT(slug), FMT(names));
}

const char *change_line(struct change *c, int line)
{
    return line ? arena_cstr(c->tx->a, arena_fmt(c->tx->a, "line %d: ", line)) : "";
}

str edition_prefix(const struct change *c, struct arena *a)
{
    return c->first_edition ? STR_NONE : arena_fmt(a, "/%.*s", FMT(c->edition->slug));
}

enum status change_path(struct change *c, str slug, i64 first_ms, str *ret)
{
    struct arena *a = c->tx->a;
    str prefix = edition_prefix(c, a);
    if (c->content.kind == KIND_BACKGROUND) {
        *ret = STR_NONE;
        return ST_OK;
    }
    str path;
    if (c->content.kind == KIND_PAGE) {
        path = arena_fmt(a, "%.*s/page/%.*s", FMT(prefix), FMT(slug));
    } else {
        struct civil d;
        enum status st = date_civil(c->edition->zone, first_ms, &d, c->tx->err);
        if (st)
            return st;
        path = arena_fmt(a, "%.*s/%.*s/%04d/%02d/%02d/%.*s", FMT(prefix), FMT(c->section.slug),
                         d.year, d.month, d.day, FMT(slug));
    }
    if (a->oom)
        return ST_NOMEM;
    *ret = path;
    return ST_OK;
}

static enum status holder(struct change *c, str path, str *key)
{
    i64 id;
    enum status st = address_find(&c->v, path, &id);
    if (st)
        return st;
    struct story s;
    st = story_by_id(&c->v, id, PART_ADDRESS, &s);
    if (st)
        return st;
    *key = s.key;
    return ST_OK;
}

/* Nobody's, or its own; key: whose else, "" where it was removed by order and is nobody's again. */
static enum status may_take(struct change *c, str path, bool *may, str *key)
{
    bool removed = false;
    enum status st = holder(c, path, key);
    if (st == ST_NOTFOUND) {
        *key = STR_NONE;
        st = gone_has(&c->v, path, &removed);
        *may = !removed || !GUARD(removal_address_kept);
        return st;
    }
    *may = !st && c->existed && str_eq(*key, c->content.id);
    return st;
}

/* base-N, cut so that the whole stays within a slug's length. */
static str numbered(struct arena *a, str base, int n)
{
    str tail = arena_fmt(a, "-%d", n);
    if (base.n + tail.n > SLUG_MAX)
        base.n = SLUG_MAX - tail.n;
    while (base.n && base.p[base.n - 1] == '-')
        base.n--;
    return arena_fmt(a, "%.*s%.*s", FMT(base), FMT(tail));
}

enum status change_take_address(struct change *c, bool given, int line, i64 first_ms)
{
    struct arena *a = c->tx->a;
    str base = c->content.slug, path, key;
    bool may;
    if (c->content.kind == KIND_BACKGROUND) {
        c->after.slug = c->content.slug = STR_NONE;
        c->after.path = STR_NONE;
        return ST_OK;
    }
    for (int n = 1; n < MADE_SLUG_TRIES; n++) {
        str slug = n == 1 ? base : numbered(a, base, n);
        enum status st = change_path(c, slug, first_ms, &path);
        if (st)
            return st;
        st = may_take(c, path, &may, &key);
        if (st)
            return st;
        if (may) {
            c->content.slug = c->after.slug = slug;
            c->after.path = path;
            return ST_OK;
        }
        if (given && !key.n)
            return fail(c->tx->err, ST_CONFLICT, "line %d: the address %.*s was removed by order",
                        line, FMT(path));
        if (given)
            return fail(c->tx->err, ST_CONFLICT,
                        "line %d: the address %.*s belongs to the story \"%.*s\"", line, FMT(path),
                        FMT(key));
    }
    return fail(c->tx->err, ST_CONFLICT, "line %d: a thousand stories hold the address %.*s", line,
                FMT(path));
}

/* ---- what follows from a story's row: lists ---- */

enum { MOST_LISTS = STORY_TOPICS + STORY_BYLINES + 8 };

static enum status lists_wanted(struct change *c, const struct name *topics, size_t nt,
                                const struct name *authors, size_t na, str *lists, size_t *n)
{
    struct arena *a = c->tx->a;
    *n = 0;
    if (c->after.state != STORY_LIVE || c->content.kind != KIND_STORY)
        return ST_OK;
    long long edition = (long long)c->edition->id;
    struct civil d;
    enum status st = date_civil(c->edition->zone, c->after.first_ms, &d, c->tx->err);
    if (st)
        return st;
    lists[(*n)++] = arena_fmt(a, "edition-list/%lld", edition);
    lists[(*n)++] = arena_fmt(a, "section-list/%lld", (long long)c->section.id);
    lists[(*n)++] = arena_fmt(a, "day/%lld/%04d-%02d-%02d", edition, d.year, d.month, d.day);
    if (c->after.picture)
        lists[(*n)++] = arena_fmt(a, "pictured-list/%lld", edition);
    for (size_t i = 0; i < nt; i++)
        lists[(*n)++] = name_list_key(&topics[i], a);
    for (size_t i = 0; i < na; i++)
        lists[(*n)++] = name_list_key(&authors[i], a);
    return a->oom ? ST_NOMEM : ST_OK;
}

/* A topic's, byline's or day's page begins with its first story and ends with its last. */
static enum status touch_list_page(struct change *c, str list)
{
    struct arena *a = c->tx->a;
    str kind, rest = str_cut(list, '/', &kind);
    str prefix = edition_prefix(c, a);
    if (str_eq(kind, STR("day"))) {
        str edition, date = str_cut(rest, '/', &edition);
        if (date.n == 10)
            tx_touchf(c->tx, "url%.*s/archive/%.4s/%.2s/%.2s", FMT(prefix), date.p, date.p + 5,
                      date.p + 8);
        return ST_OK;
    }
    bool topic = str_eq(kind, STR("topic-list"));
    if (!topic && !str_eq(kind, STR("byline-list")))
        return ST_OK; /* fronts and sections answer without stories too */
    i64 id;
    struct name n;
    enum status st = str_i64(rest, &id);
    st = st ? st : name_by_id(&c->v, id, &n);
    if (!st)
        tx_touchf(c->tx, "url%.*s/%s/%.*s", FMT(prefix), topic ? "topic" : "by", FMT(n.slug));
    return st;
}

static bool among(const str *list, size_t n, str s)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(list[i], s))
            return true;
    return false;
}

static enum status move_lists(struct change *c, const str *wanted, size_t nwanted)
{
    str *present = NULL;
    size_t npresent = 0;
    enum status st = lists_of(&c->v, c->after.id, &present, &npresent);
    for (size_t i = 0; !st && i < npresent; i++) {
        bool ended = false;
        if (among(wanted, nwanted, present[i]))
            continue;
        st = list_leave(c->tx, present[i], c->after.id, &ended);
        if (!st && ended)
            st = touch_list_page(c, present[i]);
    }
    for (size_t i = 0; !st && i < nwanted; i++) {
        bool began = false;
        st = list_enter(c->tx, wanted[i], c->after.id, c->after.first_ms, &began);
        if (!st && began)
            st = touch_list_page(c, wanted[i]);
    }
    return st;
}

/* ---- names ---- */

static enum status keep_name(struct change *c, enum name_kind kind, str text, str lang,
                             struct name *ret)
{
    struct name n = {.kind = kind, .edition = c->edition->id, .name = text, .lang = lang};
    enum head_key key = kind == NAME_TOPIC ? HEAD_TOPICS : HEAD_BY;
    enum status st = slug_of_name(text, c->tx->a, &n.slug);
    if (st == ST_INVALID)
        return fail(c->tx->err, ST_INVALID,
                    "%sthe name \"%.*s\" makes no address: it needs a letter or a digit",
                    change_line(c, c->file ? c->file->line[key] : 0), FMT(text));
    if (st)
        return st;
    st = name_keep(c->tx, &n);
    if (!st)
        *ret = n;
    return st;
}

/* Two spellings that make one slug are one name: it stands once. */
static bool name_stands(const struct name *list, size_t n, i64 id)
{
    for (size_t i = 0; i < n; i++)
        if (list[i].id == id)
            return true;
    return false;
}

static enum status keep_names(struct change *c, struct name *topics, size_t *nt,
                              struct name *authors, size_t *na)
{
    enum status st = ST_OK;
    struct name one;
    *nt = *na = 0;
    for (size_t i = 0; !st && i < c->content.ntopics; i++) {
        st = keep_name(c, NAME_TOPIC, c->content.topics[i], STR_NONE, &one);
        if (!st && !name_stands(topics, *nt, one.id))
            topics[(*nt)++] = one;
    }
    for (size_t i = 0; !st && i < c->content.nby; i++) {
        const struct person_name *p = &c->content.by[i];
        st = keep_name(c, NAME_BYLINE, p->name, p->lang, &one);
        one.role = p->role;
        if (!st && !name_stands(authors, *na, one.id))
            authors[(*na)++] = one;
    }
    st = st ? st : names_write(c->tx, c->after.id, NAME_TOPIC, topics, *nt);
    return st ? st : names_write(c->tx, c->after.id, NAME_BYLINE, authors, *na);
}

/* ---- pictures: whose addresses begin or cease to answer ---- */

struct seen_picture {
    str address;
    bool was;
};
struct seen {
    struct seen_picture list[4 * CHANGE_PICTURES];
    size_t n;
};

static enum status see_picture(struct change *c, struct seen *seen, str address)
{
    for (size_t i = 0; i < seen->n; i++)
        if (str_eq(seen->list[i].address, address))
            return ST_OK;
    if (seen->n == COUNT(seen->list))
        return fail(c->tx->err, ST_TOOLARGE, "too many pictures in one change");
    bool was;
    enum status st = picture_is_public(&c->v, address, &was);
    if (!st)
        seen->list[seen->n++] = (struct seen_picture){address, was};
    return st;
}

static enum status see_story_pictures(struct change *c, struct seen *seen, i64 story)
{
    struct picture *list = NULL;
    size_t n = 0;
    enum status st = story_pictures(&c->v, story, &list, &n);
    for (size_t i = 0; !st && i < n; i++)
        st = see_picture(c, seen, list[i].address);
    return st;
}

static enum status see_background(struct change *c, struct seen *seen, str key)
{
    struct story b;
    if (key.n == 0)
        return ST_OK;
    enum status st = story_by_key(&c->v, key, PART_ADDRESS, &b);
    if (st == ST_NOTFOUND)
        return ST_OK;
    return st ? st : see_story_pictures(c, seen, b.id);
}

static enum status pictures_before(struct change *c, struct seen *seen)
{
    enum status st = ST_OK;
    if (c->existed)
        st = see_story_pictures(c, seen, c->before.id);
    st = st ? st : see_background(c, seen, c->before.background);
    st = st ? st : see_background(c, seen, c->content.background);
    for (size_t i = 0; !st && i < c->npictures; i++) {
        struct picture p;
        st = picture_by_id(&c->v, c->pictures[i], &p);
        st = st ? st : see_picture(c, seen, p.address);
    }
    return st;
}

static enum status pictures_after(struct change *c, const struct seen *seen)
{
    for (size_t i = 0; i < seen->n; i++) {
        bool is;
        enum status st = picture_is_public(&c->v, seen->list[i].address, &is);
        if (st)
            return st;
        if (is != seen->list[i].was)
            tx_touchf(c->tx, "url%.*s", FMT(seen->list[i].address));
    }
    return ST_OK;
}

/* ---- keys ---- */

/* The words that stand for a row's lead picture; false when they can't be read. */
static bool lead_alt(str use, struct arena *a, str *ret)
{
    struct story_content only = {0};
    struct err unread = {0};
    if (use.n && story_from_canonical(use, a, &only, &unread))
        return false;
    *ret = only.picture ? only.picture->alt : STR_NONE;
    return true;
}

static bool alt_differs(const struct change *c)
{
    str was, is;
    if (str_eq(c->before.picture_use, c->after.picture_use))
        return false;
    return !lead_alt(c->before.picture_use, c->tx->a, &was) ||
           !lead_alt(c->after.picture_use, c->tx->a, &is) || !str_eq(was, is);
}

bool change_moved(const struct change *c)
{
    return c->before.state != c->after.state || !str_eq(c->before.path, c->after.path);
}

static bool headline_differs(const struct change *c)
{
    return change_moved(c) || c->before.published_ms != c->after.published_ms ||
           !str_eq(c->before.headline, c->after.headline);
}

static str front_headline(const struct story *s)
{
    return s->front.n ? s->front : s->headline;
}

static bool card_differs(const struct change *c)
{
    const struct story *a = &c->before, *b = &c->after;
    return change_moved(c) || a->published_ms != b->published_ms || a->kicker != b->kicker ||
           a->section != b->section || a->picture != b->picture ||
           !str_eq(front_headline(a), front_headline(b)) || !str_eq(a->standfirst, b->standfirst) ||
           !str_eq(a->label, b->label) || alt_differs(c);
}

static bool related_differs(const struct change *c)
{
    return card_differs(c) || headline_differs(c) ||
           !str_eq(c->before.picture_use, c->after.picture_use);
}

static void touch_addresses(struct change *c, str path)
{
    if (path.n == 0)
        return;
    tx_touchf(c->tx, "url%.*s", FMT(path));
    if (c->content.kind == KIND_STORY) {
        tx_touchf(c->tx, "url%.*s.txt", FMT(path));
        tx_touchf(c->tx, "url%.*s.json", FMT(path));
    }
}

static void touch_story(struct change *c)
{
    i64 id = c->after.id;
    story_touch(c->tx, id, PART_PAGE);
    if (related_differs(c))
        story_touch(c->tx, id, PART_RELATED);
    if (card_differs(c))
        story_touch(c->tx, id, PART_CARD);
    if (headline_differs(c))
        story_touch(c->tx, id, PART_HEADLINE);
    if (change_moved(c))
        story_touch(c->tx, id, PART_ADDRESS);
    if (c->after.state == STORY_LIVE && c->before.state != STORY_LIVE)
        tx_touchf(c->tx, "story-key/%.*s", FMT(c->after.key));
    if (change_moved(c))
        touch_addresses(c, c->after.path);
}

/* ---- the row and everything that follows ---- */

static enum status freeze(struct change *c, struct revision *r)
{
    u8 salt[32];
    random_bytes(salt, sizeof salt);
    r->salt = arena_str(c->tx->a, (str){(const char *)salt, sizeof salt});
    struct sha256_state hash;
    sha256_init(&hash);
    sha256_add(&hash, r->salt);
    sha256_add(&hash, r->bytes);
    struct sha256 h = sha256_end(&hash);
    r->hash = arena_str(c->tx->a, (str){(const char *)h.bytes, sizeof h.bytes});
    r->story = c->after.id;
    r->number = c->after.revision;
    r->format = STORY_FORMAT;
    if (c->tx->a->oom)
        return ST_NOMEM;
    return revision_add(c->tx, r);
}

enum status change_apply(struct change *c, struct revision *r)
{
    struct seen *seen = arena_new(c->tx->a, struct seen, 1);
    struct name *topics = arena_new(c->tx->a, struct name, STORY_TOPICS);
    struct name *authors = arena_new(c->tx->a, struct name, STORY_BYLINES);
    str *lists = arena_new(c->tx->a, str, MOST_LISTS);
    size_t nt, na, nlists;
    if (!seen || !topics || !authors || !lists)
        return ST_NOMEM;
    enum status st = pictures_before(c, seen);
    if (!st && c->after.id == 0)
        st = story_write(c->tx, &c->after); /* the rows below name its id */
    st = st ? st : keep_names(c, topics, &nt, authors, &na);
    if (st)
        return st;
    c->after.kicker = nt ? topics[0].id : 0;
    c->after.revision++;
    st = story_write(c->tx, &c->after);
    st = st ? st : freeze(c, r);
    if (!st && c->after.path.n)
        st = address_take(c->tx, c->after.path, c->after.id);
    st = st ? st : story_pictures_write(c->tx, c->after.id, c->pictures, c->npictures);
    st = st ? st : lists_wanted(c, topics, nt, authors, na, lists, &nlists);
    st = st ? st : move_lists(c, lists, nlists);
    st = st ? st : pictures_after(c, seen);
    st = st ? st : change_family(c);
    if (!st)
        touch_story(c);
    return st;
}

enum status change_rewrite(struct change *c)
{
    struct name *topics = arena_new(c->tx->a, struct name, STORY_TOPICS);
    struct name *authors = arena_new(c->tx->a, struct name, STORY_BYLINES);
    str *lists = arena_new(c->tx->a, str, MOST_LISTS);
    size_t nt = 0, na = 0, nlists;
    enum status st = topics && authors && lists ? ST_OK : ST_NOMEM;
    if (!st && c->before.revision) { /* a scheduled one has none yet */
        st = keep_names(c, topics, &nt, authors, &na);
        c->after.kicker = nt ? topics[0].id : 0;
    }
    st = st ? st : story_write(c->tx, &c->after);
    if (!st && c->after.path.n)
        st = address_take(c->tx, c->after.path, c->after.id);
    st = st ? st : lists_wanted(c, topics, nt, authors, na, lists, &nlists);
    st = st ? st : move_lists(c, lists, nlists);
    st = st ? st : change_family(c);
    if (!st)
        touch_story(c);
    return st;
}
