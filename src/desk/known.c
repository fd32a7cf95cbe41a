#include "desk/known.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/hash.h"

enum { SEATS = 4096 };

struct known {
    _Atomic u64 seats[SEATS]; /* keyed hashes of sessions' secrets */
};

enum status known_make(struct known **ret)
{
    struct known *k = calloc(1, sizeof *k);
    if (!k)
        return ST_NOMEM;
    *ret = k;
    return ST_OK;
}

void known_free(struct known *k)
{
    free(k);
}

void known_note(struct known *k, str secret)
{
    u64 h = siphash(secret);
    atomic_store_explicit(&k->seats[h % SEATS], h, memory_order_relaxed);
}

bool known_is(const struct known *k, str secret)
{
    u64 h = siphash(secret);
    return secret.n && atomic_load_explicit(&k->seats[h % SEATS], memory_order_relaxed) == h;
}
