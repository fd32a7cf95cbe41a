#include "newsroom/sweep.h"

#include "base/time.h"
#include "media/picture.h"
#include "store/picture.h"

enum { SWEEP_ARENA = 16 << 20 };

struct sweep {
    enum blob_kind kind;
    const struct sha256 *list;
    bool *named;
    size_t n;
};

static enum status is_named(struct tx *tx, enum blob_kind kind, struct sha256 hash, bool *ret)
{
    static const enum picture_type types[] = {PICTURE_JPEG, PICTURE_PNG, PICTURE_WEBP};
    str name = sha256_hex(hash, tx->a);
    if (kind == BLOB_ORIGINAL)
        return picture_names_original(tx->db, name, ret, tx->err);
    enum status st = ST_OK;
    *ret = false;
    for (size_t i = 0; !st && !*ret && i < COUNT(types); i++)
        st = picture_names_address(
            tx->db, arena_fmt(tx->a, "/picture/%.*s.%s", FMT(name), picture_extension(types[i])),
            ret, tx->err);
    return st;
}

static enum status look(struct tx *tx, void *arg)
{
    struct sweep *s = arg;
    enum status st = ST_OK;
    for (size_t i = 0; !st && i < s->n; i++)
        st = is_named(tx, s->kind, s->list[i], &s->named[i]);
    return st;
}

/* Keeping a file comes moments before the row that names it: what was kept just now may be
 * another's. */
enum status sweep_one(struct writer *w, struct blobs *b, const struct picture *p, struct err *err)
{
    enum { JUST_NOW_MS = 2000 };
    const str hashes[] = {[BLOB_ORIGINAL] = p->original, [BLOB_SERVED] = p->served};
    enum status st = ST_OK;
    for (int kind = BLOB_ORIGINAL; !st && kind <= BLOB_SERVED; kind++) {
        struct sha256 hash;
        bool named = true;
        if (hashes[kind].n != sizeof hash.bytes)
            return fail(err, ST_CORRUPT, "the picture %.*s has no hash", FMT(p->key));
        memcpy(hash.bytes, hashes[kind].p, sizeof hash.bytes);
        struct sweep s = {(enum blob_kind)kind, &hash, &named, 1};
        st = writer_do(w, look, &s, err); /* another picture may have the same bytes for readers */
        if (!st && !named)
            st = blob_remove(b, s.kind, hash, time_now() - JUST_NOW_MS, err);
    }
    return st;
}

enum status sweep_pictures(struct writer *w, struct blobs *b, int slice, size_t *gone,
                           struct err *err)
{
    CLEANUP(arena_free) struct arena a = {0};
    struct sweep s = {.kind = slice < BLOB_SLICES ? BLOB_ORIGINAL : BLOB_SERVED};
    struct sha256 *list;
    i64 now = time_now();
    *gone = 0;
    enum status st = arena_init(&a, SWEEP_ARENA);
    st = st ? st : blobs_old(b, s.kind, slice % BLOB_SLICES, now, &a, &list, &s.n, err);
    if (st || !s.n)
        return st;
    s.list = list;
    s.named = arena_new(&a, bool, s.n);
    st = s.named ? writer_do(w, look, &s, err) : ST_NOMEM;
    for (size_t i = 0; !st && i < s.n; i++) {
        if (s.named[i])
            continue;
        st = blob_remove(b, s.kind, s.list[i], now - BLOB_ORPHAN_MS, err);
        *gone += !st;
    }
    return st;
}
