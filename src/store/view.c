#include "store/view.h"

#include "base/fmt.h"
#include "base/guard.h"
#include "store/event.h"

enum status view_begin(struct view *v, struct db *db, struct arena *a, struct err *err)
{
    struct view fresh = view_plain(db, a, time_now(), err);
    struct clock clock = {0};
    enum status st = ST_OK;
    /* a plain BEGIN fixes its snapshot at the first read: that read must be the clock's */
    if (!GUARD(snapshot_first))
        st = clock_read(db, &clock, err);
    st = st ? st : db_begin_read(db, err);
    if (st)
        return st;
    fresh.open = true;
    if (GUARD(snapshot_first))
        st = clock_read(db, &clock, err);
    if (st) {
        view_end(&fresh);
        return st;
    }
    fresh.snapshot = clock.n;
    fresh.site = clock.site;
    *v = fresh;
    return ST_OK;
}

void view_end(struct view *v)
{
    if (!v->open)
        return;
    v->open = false;
    enum status st = db_commit(v->db, NULL);
    if (st && db_in_transaction(v->db))
        st = db_rollback(v->db, NULL);
    (void)st; /* a read transaction has nothing to lose */
}

void view_key(struct view *v, str key)
{
    for (size_t i = 0; i < v->nkeys; i++)
        if (str_eq(v->keys[i], key))
            return;
    if (v->nkeys == VIEW_MAX_KEYS || !arena_grow(v->a, v->keys, v->nkeys, &v->cap)) {
        v->a->oom = true;
        return;
    }
    v->keys[v->nkeys++] = arena_str(v->a, key);
}

void view_keyf(struct view *v, const char *fmt, ...)
{
    char buf[VIEW_KEY_MAX];
    va_list ap;
    va_start(ap, fmt);
    size_t n = fmt_put(buf, sizeof buf, fmt, ap);
    va_end(ap);
    if (n >= sizeof buf) {
        v->a->oom = true;
        return;
    }
    view_key(v, (str){buf, n});
}

void view_until(struct view *v, i64 ms)
{
    if (ms < v->until)
        v->until = ms;
}
