/* Whether a site is whole: the database, each revision's hash, each picture's file, what stories
 * refer to. */
#include <stdarg.h>
#include <stdio.h>

#include "base/hash.h"
#include "command/command.h"
#include "newsroom/draft.h"
#include "press/theme.h"
#include "store/find.h"
#include "store/newsroom.h"
#include "store/picture.h"
#include "store/schema.h"

enum { STEP = 200 };

struct checking {
    struct site site;
    struct db *db;
    struct blobs *blobs;
    struct arena a;
    struct err *err;
    size_t stories, revisions, pictures, faults, mismatches, notes;
};

static void fault(struct checking *c, const char *fmt, ...) PRINTF(2, 3);
static void fault(struct checking *c, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vprintf(fmt, ap);
    va_end(ap);
    putchar('\n');
    c->faults++;
}

static void check_revision(struct checking *c, struct view *v, const struct story *s, i64 number)
{
    struct revision r;
    struct story_content content;
    struct err why = {0};
    struct sha256_state hash;
    if (revision_read(v, s->id, number, &r)) {
        fault(c, "story %.*s: revision %lld is missing", FMT(s->key), (long long)number);
        return;
    }
    c->revisions++;
    sha256_init(&hash);
    sha256_add(&hash, r.salt);
    sha256_add(&hash, r.bytes);
    struct sha256 h = sha256_end(&hash);
    bool removed = r.removed_ms && !r.salt.n; /* its hash is of what stood there before */
    if (r.hash.n != sizeof h.bytes || (!removed && memcmp(h.bytes, r.hash.p, sizeof h.bytes) != 0))
        fault(c, "story %.*s: revision %lld isn't what was published", FMT(s->key),
              (long long)number);
    else if (story_from_canonical(r.bytes, v->a, &content, &why))
        fault(c, "story %.*s: revision %lld: %s", FMT(s->key), (long long)number, why.text);
}

struct references {
    struct checking *c;
    struct view *v;
    const struct story *story;
};

/* Whether key is there; a reference may come before what it names, so that is no fault. */
static bool there(struct checking *c, struct view *v, str who, const char *what, str key,
                  struct story *ret)
{
    struct err why = {0};
    v->err = &why;
    enum status st = key.n ? story_by_key(v, key, PART_ADDRESS, ret) : ST_NOTFOUND;
    v->err = c->err;
    if (st && st != ST_NOTFOUND)
        fault(c, "%.*s %s %.*s, which can't be read: %s", FMT(who), what, FMT(key), why.text);
    if (st != ST_NOTFOUND || !key.n)
        return st == ST_OK;
    printf("note: %.*s %s %.*s, which isn't there yet\n", FMT(who), what, FMT(key));
    c->notes++;
    return false;
}

static void mismatch(struct checking *c, const char *fmt, ...) PRINTF(2, 3);
static void mismatch(struct checking *c, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vprintf(fmt, ap);
    va_end(ap);
    putchar('\n');
    c->mismatches++;
}

/* What stands in a story's head. The door refuses what is wrong already; but what came later may be
 * of another kind than was thought. */
static void check_head(struct checking *c, struct view *v, const struct story *s)
{
    struct story target;
    str who = arena_fmt(&c->a, "story %.*s", FMT(s->key));
    if (there(c, v, who, "has the background", s->background, &target) &&
        target.kind != KIND_BACKGROUND)
        mismatch(c, "story %.*s has the background %.*s, which is not of kind background",
                 FMT(s->key), FMT(s->background));
    if (there(c, v, who, "is a translation of", s->translation_of, &target) &&
        target.edition == s->edition)
        mismatch(c, "story %.*s is a translation of %.*s, which is of the same edition",
                 FMT(s->key), FMT(s->translation_of));
}

static enum status check_editions(struct checking *c)
{
    struct view v = view_plain(c->db, &c->a, time_now(), c->err);
    const struct edition *e = NULL;
    struct story target;
    size_t n = 0;
    arena_reset(&c->a);
    enum status st = editions_read(&v, &e, &n);
    for (size_t i = 0; !st && i < n; i++) {
        struct site_link *f = NULL;
        size_t nf = 0;
        str who = arena_fmt(&c->a, "site.yaml (%.*s)", FMT(e[i].slug));
        if (there(c, &v, who, "has the lead", e[i].lead, &target) && target.kind != KIND_STORY)
            mismatch(c, "%.*s has the lead %.*s, which is not of kind story", FMT(who),
                     FMT(e[i].lead));
        if (there(c, &v, who, "has the corrections policy", e[i].corrections, &target) &&
            target.kind != KIND_PAGE)
            mismatch(c, "%.*s has the corrections policy %.*s, which is not of kind page", FMT(who),
                     FMT(e[i].corrections));
        st = footers_read(&v, e[i].id, &f, &nf);
        for (size_t k = 0; !st && k < nf; k++)
            if (there(c, &v, who, "has in its footer", f[k].story, &target) &&
                target.kind != KIND_PAGE)
                mismatch(c, "%.*s has in its footer %.*s, which is not of kind page", FMT(who),
                         FMT(f[k].story));
        st = st ? st : navigation_read(&v, e[i].id, &f, &nf);
        for (size_t k = 0; !st && k < nf; k++)
            if (there(c, &v, who, "has in its navigation", f[k].story, &target) &&
                target.kind != KIND_PAGE)
                mismatch(c, "%.*s has in its navigation %.*s, which is not of kind page", FMT(who),
                         FMT(f[k].story));
    }
    return st;
}

static bool check_reference(void *arg, const struct node *n)
{
    struct references *r = arg;
    struct story target;
    str key = n->kind == NODE_RELATED ? n->related.key
              : n->kind == NODE_TEXT && str_starts(n->t.href, STR("story:"))
                  ? str_from(n->t.href, 6)
                  : STR_NONE;
    if (key.n)
        there(r->c, r->v, arena_fmt(&r->c->a, "story %.*s", FMT(r->story->key)), "refers to", key,
              &target);
    return true;
}

/* The desk's row of a story: what is public, and which revision a draft was made from. */
static void check_work(struct checking *c, struct view *v, const struct story *s)
{
    struct work w;
    enum status st = work_by_key(v, s->key, &w);
    if (st) {
        fault(c, "story %.*s: its row at the desk %s", FMT(s->key),
              st == ST_NOTFOUND ? "is missing" : "can't be read");
        return;
    }
    /* a change of what is live waits on the revision that it was made from */
    bool draft = w.state != WORK_CLEAN && (w.state != WORK_SCHEDULED || w.public);
    if (w.public != (i64)s->state)
        fault(c, "story %.*s: the desk has another public state of it than readers", FMT(s->key));
    else if (draft ? w.base > s->revision : w.base != s->revision)
        fault(c, "story %.*s: at the desk it stands on revision %lld, and %lld is the newest",
              FMT(s->key), (long long)w.base, (long long)s->revision);
}

static void check_story(struct checking *c, i64 id)
{
    struct view v = view_plain(c->db, &c->a, time_now(), c->err);
    struct story s;
    struct revision r;
    struct story_content content;
    char *mark = arena_mark(&c->a);
    i64 holder;
    c->stories++;
    if (story_by_id(&v, id, PART_PAGE, &s)) {
        fault(c, "story %lld can't be read", (long long)id);
    } else {
        for (i64 n = 1; n <= s.revision; n++) {
            char *inner = arena_mark(&c->a);
            check_revision(c, &v, &s, n);
            v.keys = NULL;
            v.nkeys = v.cap = 0;
            arena_rewind(&c->a, inner);
        }
        if (s.path.n && (address_find(&v, s.path, &holder) || holder != s.id))
            fault(c, "story %.*s: its address %.*s isn't its own", FMT(s.key), FMT(s.path));
        if (s.revision && !revision_read(&v, s.id, s.revision, &r) &&
            !story_from_canonical(r.bytes, &c->a, &content, NULL)) {
            struct references refs = {c, &v, &s};
            document_walk(content.body, check_reference, &refs);
        }
        check_head(c, &v, &s);
        check_work(c, &v, &s);
    }
    arena_rewind(&c->a, mark);
}

static enum status check_stories(struct checking *c)
{
    i64 after = 0;
    for (;;) {
        struct view v = view_plain(c->db, &c->a, time_now(), c->err);
        i64 *ids = NULL;
        size_t n = 0;
        arena_reset(&c->a);
        enum status st = story_ids(&v, after, STEP, &ids, &n);
        if (st || n == 0)
            return st;
        after = ids[n - 1];
        for (size_t i = 0; i < n; i++)
            check_story(c, ids[i]);
    }
}

static void check_file(struct checking *c, const struct picture *p, enum blob_kind kind, str hash)
{
    struct sha256 h;
    struct err why = {0};
    if (hash.n != sizeof h.bytes) {
        fault(c, "picture %.*s has no hash", FMT(p->key));
        return;
    }
    memcpy(h.bytes, hash.p, sizeof h.bytes);
    if (blob_verify(c->blobs, kind, h, &why))
        fault(c, "picture %.*s: %s", FMT(p->key), why.text);
}

static enum status check_pictures(struct checking *c)
{
    i64 after = 0;
    for (;;) {
        struct view v = view_plain(c->db, &c->a, time_now(), c->err);
        struct picture *list = NULL;
        size_t n = 0;
        arena_reset(&c->a);
        enum status st = picture_list(&v, after, STEP, &list, &n);
        if (st || n == 0)
            return st;
        after = list[n - 1].id;
        for (size_t i = 0; i < n; i++, c->pictures++) {
            check_file(c, &list[i], BLOB_ORIGINAL, list[i].original);
            check_file(c, &list[i], BLOB_SERVED, list[i].served);
        }
    }
}

static void theme_cleanup(struct theme **t)
{
    theme_release(*t);
}

static enum status check_all(struct checking *c)
{
    CLEANUP(theme_cleanup) struct theme *theme = NULL;
    struct err why = {0};
    enum status st = db_integrity(c->db, &why);
    if (st)
        fault(c, "%s", why.text);
    st = schema_check(c->db, c->site.db, c->err);
    st = st ? st : check_stories(c);
    st = st ? st : check_pictures(c);
    st = st ? st : check_editions(c);
    if (!st && theme_load(c->site.theme, c->site.conf.base_url, 1, &theme, &why))
        fault(c, "theme: %s", why.text);
    return st;
}

/* Not a fault: the writer merges them, some after each change. */
static enum status say_segments(struct checking *c)
{
    struct view v = view_plain(c->db, &c->a, time_now(), c->err);
    i64 n;
    enum status st = find_segments(&v, &n);
    if (!st)
        printf("words: an index of %lld segments\n", (long long)n);
    return st;
}

static error_t option(int key, char *arg, struct argp_state *state)
{
    const char **folder = state->input;
    switch (key) {
    case ARGP_KEY_ARG:
        if (state->arg_num)
            argp_error(state, "one site is wanted");
        *folder = arg;
        return 0;
    case ARGP_KEY_END:
        if (!*folder)
            argp_error(state, "a site is wanted");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int command_check(int argc, char **argv)
{
    static const struct argp argp = {
        NULL,   option,
        "SITE", "Checks the database, the files and what stories refer to; changes nothing.",
        NULL,   NULL,
        NULL};
    const char *folder = NULL;
    struct err err = {0};
    struct checking c = {.site = {.dir = -1, .lock = -1}, .err = &err};
    bool root;
    command_parse(&argp, argc, argv, &folder);
    if (arena_init(&c.a, 256 << 20) || hash_start())
        return command_fail(ST_NOMEM, &err);
    enum status st = site_become_owner(folder, &root, &err);
    st = st ? st : site_open(folder, &c.site, &err);
    st = st ? st : db_open(c.site.db, DB_READ, &c.db, &err);
    st = st ? st : blobs_open(c.site.media, &c.blobs, &err);
    st = st ? st : check_all(&c);
    st = st ? st : say_segments(&c);
    if (!st)
        printf("%zu stories, %zu revisions, %zu pictures: %s\n", c.stories, c.revisions, c.pictures,
               c.faults || c.mismatches ? "faults were found" : "all is well");
    db_close(c.db);
    blobs_close(c.blobs);
    site_close(&c.site);
    arena_free(&c.a);
    if (st)
        return command_fail_system(st, &err);
    return c.faults ? EXIT_SYSTEM : c.mismatches ? EXIT_INPUT : EXIT_DONE;
}
