/* press/cache.h: finished pages in memory, exactly as fresh as the event clock.
 *
 * The promise and the protocol: docs/architecture.md, "Freshness". This file is what keeps it: what
 * enters, what an event drops, who may be answered by a render that somebody else began.
 *
 * Ownership: a hit is a reference the caller releases. Keys are copied as 64-bit SipHash. Bounded
 * in bytes; least recently used goes first; pages without rows behind them (404s, later search)
 * share 5 % of the bound. Threads: all functions from any thread; cache_apply only from the one
 * thread that applies events. */
#ifndef PRESS_CACHE_H
#define PRESS_CACHE_H

#include "http/finished.h"
#include "base/time.h"

enum { CACHE_STALE_MS = 1000 };
enum { CACHE_FILES = 4096 }; /* pictures kept open: each holds a descriptor */
enum { CACHE_RING = 65536 }; /* the keys of this many newest events are remembered */

struct cache;

struct cache_conf {
    size_t max_bytes;
    /* For tests: called at named points ("rendered", ...) without locks held, to hold a render in
     * mid-air. */
    void (*pause)(void *arg, const char *point);
    void *arg;
    bool record_names; /* keep keys as text as well, and list the dropped (oracle test) */
};
MUST_USE enum status cache_make(const struct cache_conf *conf, i64 clock, struct cache **ret,
                                struct err *err);
void cache_free(struct cache *c);

/* A hit, or NULL. One short shard lock, no allocation. An entry at or after its `until` is not
 * given. */
struct finished *cache_get(struct cache *c, str key);

/* What a render hands in. */
struct printed {
    struct finished *page; /* one reference, taken */
    i64 snapshot;          /* S */
    i64 until;             /* MS_NEVER, or the moment at which the page ceases to be true */
    const str *keys;
    size_t nkeys;
    i64 theme;    /* the number of the theme object the render took; must be the current one
                                to enter */
    bool rowless; /* a 404: goes to the small part of the cache */
};
/* Renders key. Runs on the thread that asked for it, or on another waiter's behalf. Fills *ret on
 * ST_OK only. */
typedef enum status render_fn(void *arg, str key, struct printed *ret, struct err *err);

/* Somebody who asked for a key that is being rendered. arrived: the newest applied event when the
 * request came (cache_applied). answer is called once, on the renderer's thread, with a reference
 * to a page this caller may have, or NULL: then nothing that may be had was printed and the caller
 * asks again. The waiter's memory is its own again when answer is called. */
struct cache_waiter {
    i64 arrived;
    void (*answer)(struct cache_waiter *w, struct finished *page);
    struct cache_waiter *next;
};
/* Answers key: by a hit or by rendering it here, *ret being a reference; or, when it is being
 * rendered already, later, through w: then *ret is NULL. One render per key at a time, and nobody
 * waits with a thread for another's. */
MUST_USE enum status cache_ask(struct cache *c, str key, struct cache_waiter *w, render_fn *render,
                               void *arg, struct finished **ret, struct err *err);
/* The same for a caller that waits. */
MUST_USE enum status cache_print(struct cache *c, str key, render_fn *render, void *arg,
                                 struct finished **ret, struct err *err);

/* Applies one event, id order, no gaps: the caller reads missing events from the store first. After
 * it returns no cache_get gives a page that carries one of the keys and was rendered below id, but
 * for "site", which every page carries: then old pages are given for at most CACHE_STALE_MS more,
 * while they are printed again, and whoever pressed is answered after cache_settle. id <= applied
 * is ignored; a gap empties the cache. */
void cache_apply(struct cache *c, i64 id, const str *keys, size_t nkeys);
/* The keys of pages that a "site" event made old, most recently read first, at most max, into the
 * arena. */
size_t cache_stale(struct cache *c, struct arena *a, str *keys, size_t max);
/* Prints key anew though an old page of it is still given. */
MUST_USE enum status cache_reprint(struct cache *c, str key, render_fn *render, void *arg,
                                   struct err *err);
/* Drops what was not printed again. After it no page older than the last "site" event is given. */
void cache_settle(struct cache *c);
i64 cache_applied(const struct cache *c);
void cache_empty(struct cache *c);
/* The theme object in force changed: from now on pages of other numbers neither enter nor answer
 * waiters. Those that are here go with the "site" event that whoever changed it commits next. */
void cache_theme(struct cache *c, i64 number);

struct cache_stats {
    i64 entries, pages, bytes, files, /* pages: those with rows behind them */
        hits, misses, dropped, late_refused, waiters_rejected, evicted;
    i64 waiting; /* callers that wait for another's render now */
};
struct cache_stats cache_stats(struct cache *c);
/* For the oracle test: whether key is in the cache now, and the names of the keys it carries, one a
 * line. */
bool cache_has(struct cache *c, str key, struct arena *a, str *names);

#endif
