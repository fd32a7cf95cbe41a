/* The page cache of press/cache.h: entries, the ring of events, what an event drops.
 *
 * Locks, always taken in this order: `events` guards the ring, the newest applied event, the
 * references from keys to entries, and what enters; a shard's guards its table and its order of
 * use; `prints` (cache_print.c) guards renders under way and is never held together with the
 * others. A hit takes one shard's lock and nothing else. */
#include "press/cache_parts.h"

#include <stdlib.h>

#include "base/guard.h"
#include "base/hash.h"

enum { ROWLESS_SHARE = 20, ENTRY_OVERHEAD = 256 };

/* ---- the ring: (event, key) pairs of the newest events ---- */

static void ring_add(struct cache *c, i64 id, u64 key)
{
    if (c->ring_n == RING_PAIRS) {
        c->floor =
            c->ring[c->ring_from].id; /* at and below it, what was touched is not known any more */
        c->ring_from = (c->ring_from + 1) % RING_PAIRS;
        c->ring_n--;
    }
    c->ring[(c->ring_from + c->ring_n++) % RING_PAIRS] = (struct touched){id, key};
}

static void ring_trim(struct cache *c, i64 id)
{
    while (c->ring_n && c->ring[c->ring_from].id <= id - CACHE_RING) {
        c->floor = c->ring[c->ring_from].id;
        c->ring_from = (c->ring_from + 1) % RING_PAIRS;
        c->ring_n--;
    }
}

bool cache_touched(const struct cache *c, i64 after, i64 through, const u64 *keys, size_t n)
{
    if (after < c->floor)
        return true;
    for (size_t i = c->ring_n; i-- > 0;) {
        const struct touched *t = &c->ring[(c->ring_from + i) % RING_PAIRS];
        if (t->id <= after)
            return false;
        for (size_t k = 0; t->id <= through && k < n; k++)
            if (keys[k] == t->key)
                return true;
    }
    return false;
}

/* ---- entries ---- */

static struct shard *shard_of(struct cache *c, u64 hash)
{
    return &c->shards[hash % SHARDS];
}

static struct entry **bucket_of(struct shard *s, u64 hash)
{
    return &s->buckets[(hash / SHARDS) % BUCKETS];
}

static struct entry *find(struct shard *s, u64 hash, str key)
{
    struct entry *e = *bucket_of(s, hash);
    while (e && (e->hash != hash || !str_eq(e->key, key)))
        e = e->chain;
    return e;
}

static void entry_free(struct entry *e)
{
    finished_release(e->page);
    free((char *)e->key.p);
    free(e->names);
    free(e->refs);
    free(e);
}

static void unlink_used(struct shard *s, struct entry *e)
{
    struct order *o = &s->order[e->kind];
    if (e->newer)
        e->newer->older = e->older;
    else
        o->newest = e->older;
    if (e->older)
        e->older->newer = e->newer;
    else
        o->oldest = e->newer;
    e->newer = e->older = NULL;
}

static void link_used(struct shard *s, struct entry *e)
{
    struct order *o = &s->order[e->kind];
    e->older = o->newest;
    e->newer = NULL;
    if (o->newest)
        o->newest->newer = e;
    else
        o->oldest = e;
    o->newest = e;
}

/* Takes an entry out of everything. Called with `events` held. */
static void drop(struct cache *c, struct entry *e)
{
    struct shard *s = shard_of(c, e->hash);
    pthread_mutex_lock(&s->lock);
    struct entry **at = bucket_of(s, e->hash);
    while (*at != e)
        at = &(*at)->chain;
    *at = e->chain;
    unlink_used(s, e);
    pthread_mutex_unlock(&s->lock);
    for (size_t i = 0; i < e->nrefs; i++) {
        struct ref *r = &e->refs[i];
        if (r->prev)
            r->prev->next = r->next;
        else
            c->refs[r->key % REFS] = r->next;
        if (r->next)
            r->next->prev = r->prev;
    }
    c->bytes[e->kind] -= e->bytes;
    c->pages -= e->kind == ENTRY_PAGE;
    c->entries--;
    entry_free(e);
}

/* The least recently used of all shards goes until there is room. Called with `events` held. */
static void make_room(struct cache *c, enum entry_kind kind, size_t bytes, size_t most)
{
    while (c->bytes[kind] + bytes > most) {
        struct entry *oldest = NULL;
        u64 used = 0;
        for (int i = 0; i < SHARDS; i++) {
            pthread_mutex_lock(&c->shards[i].lock);
            struct entry *e = c->shards[i].order[kind].oldest;
            if (e && (!oldest || e->used < used)) {
                oldest = e;
                used = e->used;
            }
            pthread_mutex_unlock(&c->shards[i].lock);
        }
        if (!oldest)
            return;
        drop(c, oldest);
        c->evicted++;
    }
}

struct finished *cache_get(struct cache *c, str key)
{
    u64 hash = siphash(key);
    struct shard *s = shard_of(c, hash);
    struct finished *page = NULL;
    pthread_mutex_lock(&s->lock);
    struct entry *e = find(s, hash, key);
    if (e && e->stale_until && e->stale_until <= time_monotonic())
        e = NULL;
    if (e && (e->until == MS_NEVER || e->until > time_now() || !GUARD(cache_until_hit))) {
        page = finished_ref(e->page);
        e->used = atomic_fetch_add_explicit(&c->tick, 1, memory_order_relaxed);
        unlink_used(s, e);
        link_used(s, e);
    }
    pthread_mutex_unlock(&s->lock);
    atomic_fetch_add_explicit(page ? &c->hits : &c->misses, 1, memory_order_relaxed);
    return page;
}

static enum entry_kind kind_of(const struct print *p)
{
    return finished_is_file(p->page) ? ENTRY_FILE : p->rowless ? ENTRY_ROWLESS : ENTRY_PAGE;
}

static size_t most_of(const struct cache *c, enum entry_kind kind)
{
    size_t rowless = c->conf.max_bytes / ROWLESS_SHARE;
    return kind == ENTRY_FILE      ? CACHE_FILES
           : kind == ENTRY_ROWLESS ? rowless
                                   : c->conf.max_bytes - rowless;
}

static struct entry *entry_make(const struct cache *c, str key, const struct print *p)
{
    struct entry *e = calloc(1, sizeof *e);
    char *copy = malloc(key.n + 1);
    struct ref *refs = calloc(p->nkeys + 1, sizeof *refs);
    if (!e || !copy || !refs) {
        free(e);
        free(copy);
        free(refs);
        return NULL;
    }
    memcpy(copy, key.n ? key.p : "", key.n);
    *e = (struct entry){.key = {copy, key.n},
                        .hash = siphash(key),
                        .page = finished_ref(p->page),
                        .until = p->until,
                        .snapshot = p->snapshot,
                        .refs = refs,
                        .nrefs = p->nkeys,
                        .kind = kind_of(p)};
    e->bytes = e->kind == ENTRY_FILE
                   ? 1 /* what is scarce is descriptors */
                   : finished_bytes(p->page) + ENTRY_OVERHEAD + key.n + p->nkeys * sizeof *refs;
    for (size_t i = 0; i < p->nkeys; i++)
        refs[i] = (struct ref){.key = p->keys[i], .entry = e};
    if (c->conf.record_names && p->names)
        e->names = strdup(p->names);
    return e;
}

static bool may_enter(struct cache *c, const struct print *p)
{
    if (p->theme != atomic_load(&c->theme) && GUARD(cache_theme))
        return false;
    if (p->until != MS_NEVER && p->until <= time_now() && GUARD(cache_until))
        return false;
    if (GUARD(cache_late_entry) &&
        cache_touched(c, p->snapshot, atomic_load(&c->applied), p->keys, p->nkeys)) {
        c->late++;
        return false;
    }
    return true;
}

void cache_enter(struct cache *c, str key, const struct print *p)
{
    pthread_mutex_lock(&c->events);
    size_t most = most_of(c, kind_of(p));
    struct entry *e = may_enter(c, p) ? entry_make(c, key, p) : NULL;
    if (e && e->bytes > most) {
        entry_free(e);
        e = NULL;
    }
    if (e) {
        struct shard *s = shard_of(c, e->hash);
        pthread_mutex_lock(&s->lock);
        struct entry *old = find(s, e->hash, key);
        pthread_mutex_unlock(&s->lock);
        if (old)
            drop(c, old);
        make_room(c, e->kind, e->bytes, most);
        for (size_t i = 0; i < e->nrefs; i++) {
            struct ref **head = &c->refs[e->refs[i].key % REFS];
            e->refs[i].next = *head;
            if (*head)
                (*head)->prev = &e->refs[i];
            *head = &e->refs[i];
        }
        c->bytes[e->kind] += e->bytes;
        c->pages += e->kind == ENTRY_PAGE;
        c->entries++;
        pthread_mutex_lock(&s->lock);
        e->used = atomic_fetch_add_explicit(&c->tick, 1, memory_order_relaxed);
        struct entry **at = bucket_of(s, e->hash);
        e->chain = *at;
        *at = e;
        link_used(s, e);
        pthread_mutex_unlock(&s->lock);
    }
    pthread_mutex_unlock(&c->events);
}

static struct entry *oldest_in(struct shard *s, int kind)
{
    pthread_mutex_lock(&s->lock);
    struct entry *e = s->order[kind].oldest;
    pthread_mutex_unlock(&s->lock);
    return e;
}

static void empty(struct cache *c)
{
    for (int k = 0; k < ENTRY_KINDS; k++)
        for (int i = 0; i < SHARDS; i++)
            for (struct entry *e; (e = oldest_in(&c->shards[i], k)); c->dropped++)
                drop(c, e);
}

/* A key that every page carries: the old pages go on being given for a moment, or one press at the
 * busiest moment would empty the cache. */
static void make_stale(struct cache *c, i64 id)
{
    i64 until = time_monotonic() + CACHE_STALE_MS;
    c->any_stale = true;
    for (int i = 0; i < SHARDS; i++) {
        pthread_mutex_lock(&c->shards[i].lock);
        for (int k = 0; k < ENTRY_KINDS; k++)
            for (struct entry *e = c->shards[i].order[k].newest; e; e = e->older)
                if (e->snapshot < id && !e->stale_until)
                    e->stale_until = until;
        pthread_mutex_unlock(&c->shards[i].lock);
    }
}

void cache_apply(struct cache *c, i64 id, const str *keys, size_t n)
{
    pthread_mutex_lock(&c->events);
    i64 applied = atomic_load(&c->applied);
    if (id <= applied) {
        pthread_mutex_unlock(&c->events);
        return;
    }
    if (id > applied + 1 &&
        GUARD(cache_gap)) { /* somebody's events are missing: nothing kept can be trusted */
        empty(c);
        c->floor = id - 1;
        c->ring_n = 0;
    }
    ring_trim(c, id);
    for (size_t i = 0; i < n; i++) {
        u64 key = siphash(keys[i]);
        ring_add(c, id, key);
        if (str_eq(keys[i], STR("site"))) {
            make_stale(c, id);
            continue;
        }
        for (struct ref *r = c->refs[key % REFS], *next; GUARD(cache_drop) && r; r = next) {
            next = r->next;
            if (r->key != key || r->entry->snapshot >= id)
                continue;
            struct entry *gone = r->entry;
            while (next && next->entry ==
                               gone) /* a page stands in this row once for each of its keys here */
                next = next->next;
            drop(c, gone);
            c->dropped++;
        }
    }
    atomic_store(&c->applied, id);
    pthread_mutex_unlock(&c->events);
}

/* Some of a shard's old entries. With `events` held they stay where they are when the shard's lock
 * is given back. */
static size_t stale_in(struct shard *s, int kind, struct entry **list, size_t max)
{
    size_t n = 0;
    pthread_mutex_lock(&s->lock);
    for (struct entry *e = s->order[kind].newest; e && n < max; e = e->older)
        if (e->stale_until)
            list[n++] = e;
    pthread_mutex_unlock(&s->lock);
    return n;
}

void cache_settle(struct cache *c)
{
    struct entry *list[64];
    pthread_mutex_lock(&c->events);
    for (int i = 0; c->any_stale && GUARD(cache_settle) && i < ENTRY_KINDS * SHARDS; i++)
        for (size_t n;
             (n = stale_in(&c->shards[i / ENTRY_KINDS], i % ENTRY_KINDS, list, COUNT(list))) > 0;)
            for (size_t k = 0; k < n; k++, c->dropped++)
                drop(c, list[k]);
    c->any_stale = false;
    pthread_mutex_unlock(&c->events);
}

struct stale {
    str key;
    u64 used;
};

static int by_use(const void *a, const void *b)
{
    u64 x = ((const struct stale *)a)->used, y = ((const struct stale *)b)->used;
    return x < y ? 1 : x > y ? -1 : 0;
}

size_t cache_stale(struct cache *c, struct arena *a, str *keys, size_t max)
{
    size_t n = 0;
    pthread_mutex_lock(&c->events);
    struct stale *all = c->any_stale ? arena_new(a, struct stale, c->entries + 1) : NULL;
    for (int i = 0; all && i < SHARDS; i++) {
        pthread_mutex_lock(&c->shards[i].lock);
        for (struct entry *e = c->shards[i].order[ENTRY_PAGE].newest; e; e = e->older)
            if (e->stale_until)
                all[n++] = (struct stale){arena_str(a, e->key), e->used};
        pthread_mutex_unlock(&c->shards[i].lock);
    }
    pthread_mutex_unlock(&c->events);
    if (!all || a->oom)
        return 0;
    qsort(all, n, sizeof *all, by_use);
    n = n < max ? n : max;
    for (size_t i = 0; i < n; i++)
        keys[i] = all[i].key;
    return n;
}

i64 cache_applied(const struct cache *c)
{
    return atomic_load(&c->applied);
}

void cache_empty(struct cache *c)
{
    pthread_mutex_lock(&c->events);
    empty(c);
    pthread_mutex_unlock(&c->events);
}

void cache_theme(struct cache *c, i64 number)
{
    pthread_mutex_lock(&c->events); /* not while a page is entering */
    atomic_store(&c->theme, number);
    pthread_mutex_unlock(&c->events);
}

struct cache_stats cache_stats(struct cache *c)
{
    pthread_mutex_lock(&c->events);
    struct cache_stats s = {.entries = (i64)c->entries,
                            .pages = (i64)c->pages,
                            .bytes = (i64)(c->bytes[ENTRY_PAGE] + c->bytes[ENTRY_ROWLESS]),
                            .files = (i64)c->bytes[ENTRY_FILE],
                            .hits = atomic_load(&c->hits),
                            .misses = atomic_load(&c->misses),
                            .dropped = c->dropped,
                            .late_refused = c->late,
                            .waiters_rejected = atomic_load(&c->rejected),
                            .waiting = atomic_load(&c->waiting),
                            .evicted = c->evicted};
    pthread_mutex_unlock(&c->events);
    return s;
}

bool cache_has(struct cache *c, str key, struct arena *a, str *names)
{
    u64 hash = siphash(key);
    struct shard *s = shard_of(c, hash);
    pthread_mutex_lock(&s->lock);
    struct entry *e = find(s, hash, key);
    if (e && names)
        *names = arena_str(a, str_c(e->names));
    pthread_mutex_unlock(&s->lock);
    return e != NULL;
}

enum status cache_make(const struct cache_conf *conf, i64 clock, struct cache **ret,
                       struct err *err)
{
    struct cache *c = calloc(1, sizeof *c);
    if (!c)
        return fail(err, ST_NOMEM, "out of memory for the page cache");
    c->conf = *conf;
    atomic_store(&c->applied, clock);
    c->floor =
        clock; /* what was touched before is not known: a render from before then can't enter */
    pthread_mutex_init(&c->events, NULL);
    pthread_mutex_init(&c->prints_lock, NULL);
    c->ring = calloc(RING_PAIRS, sizeof *c->ring);
    c->refs = calloc(REFS, sizeof *c->refs);
    bool ok = c->ring && c->refs;
    for (int i = 0; i < SHARDS; i++) {
        pthread_mutex_init(&c->shards[i].lock, NULL);
        c->shards[i].buckets = calloc(BUCKETS, sizeof *c->shards[i].buckets);
        ok = ok && c->shards[i].buckets;
    }
    if (!ok) {
        cache_free(c);
        return fail(err, ST_NOMEM, "out of memory for the page cache");
    }
    *ret = c;
    return ST_OK;
}

void cache_free(struct cache *c)
{
    if (!c)
        return;
    empty(c);
    for (int i = 0; i < SHARDS; i++) {
        pthread_mutex_destroy(&c->shards[i].lock);
        free(c->shards[i].buckets);
    }
    pthread_mutex_destroy(&c->events);
    pthread_mutex_destroy(&c->prints_lock);
    free(c->ring);
    free(c->refs);
    free(c);
}
