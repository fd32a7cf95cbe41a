/* press/cache_parts.h: the inside of the page cache, for cache.c and cache_print.c alone. */
#ifndef PRESS_CACHE_PARTS_H
#define PRESS_CACHE_PARTS_H

#include <pthread.h>
#include <stdatomic.h>

#include "press/cache.h"

enum { SHARDS = 64, BUCKETS = 1024, REFS = 1 << 16, RING_PAIRS = 1 << 20 };

/* Pages, pages without rows behind them, and open files: each kind has a bound and an order of its
 * own. */
enum entry_kind { ENTRY_PAGE, ENTRY_ROWLESS, ENTRY_FILE, ENTRY_KINDS };

struct entry;

/* One of an entry's keys, in the row of all references whose key falls there. */
struct ref {
    u64 key;
    struct entry *entry;
    struct ref *next, *prev;
};

struct entry {
    str key;
    u64 hash;
    struct finished *page;
    i64 snapshot, until;
    i64 stale_until; /* 0, or the monotonic moment from which an old page is not given any more */
    struct ref *refs;
    size_t nrefs, bytes;
    char *names; /* with record_names */
    enum entry_kind kind;
    u64 used;
    struct entry *chain, *newer, *older;
};

struct order {
    struct entry *newest, *oldest;
};

struct shard {
    pthread_mutex_t lock;
    struct entry **buckets;
    struct order order[ENTRY_KINDS];
};

struct touched {
    i64 id;
    u64 key;
};

/* A render under way, or done and still being handed to those who waited. */
struct print {
    str key;
    struct cache_waiter *waiters; /* answered, newest first, when it is done */
    enum status st;
    struct err err;
    struct finished *page;
    i64 snapshot, until, theme;
    u64 *keys;
    size_t nkeys;
    char *names;
    bool rowless;
    struct print *next;
};

struct cache {
    struct cache_conf conf;
    pthread_mutex_t events;
    _Atomic i64 applied, theme;
    i64 floor;
    struct touched *ring;
    size_t ring_from, ring_n;
    struct ref **refs;
    size_t bytes[ENTRY_KINDS], entries, pages; /* bytes of files: how many */
    bool any_stale;
    i64 dropped, late, evicted;
    struct shard shards[SHARDS];
    _Atomic u64 tick;
    _Atomic i64 hits, misses, rejected, waiting;
    pthread_mutex_t prints_lock;
    struct print *prints;
};

/* Whether an event in (after, through] touched one of the keys, or nobody knows any more. With
 * `events` held. */
bool cache_touched(const struct cache *c, i64 after, i64 through, const u64 *keys, size_t n);
/* Enters what was printed, if it may. */
void cache_enter(struct cache *c, str key, const struct print *p);

#endif
