/* How often one may try. Tries of an account, whoever makes them, and of a client, whatever it
 * tries, each make the next one wait; FREE of them cost nothing, then the wait doubles.
 *
 * Somebody who tries another's account without pause would so keep its owner out. Therefore who was
 * told to wait for an account has their turn after that, once, however others have tried since: the
 * owner gets in by coming again when told, and each client of an attacker gets one guess a wait.
 *
 * The table is of one size for ever: a try takes the slot of its key, or of the one among its
 * neighbours that has tried least. So whoever fills it pushes out what costs them nothing to lose.
 */
#include "newsroom/account_parts.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/guard.h"
#include "base/time.h"
#include "http/client.h"

enum {
    SLOTS = 64 << 10,
    NEIGHBOURS = 8,
    FREE = 5,
    LONGEST_MS = 5 * 60 * 1000,
    FORGET_MS = 10 * 60 * 1000, /* one try is forgotten in that time */
    MOST = FREE + 10,           /* tries that count: the wait is at its longest by then */
    TURN_MS = 10 * 60 * 1000,   /* how long a turn is kept for whoever was told of it */
};

/* key 0: free. at: when tries was true. next: before that none is let in; of a key of both account
 * and client: when its turn is, 0 for none. */
struct slot {
    u64 key;
    i64 at, next;
    int tries;
};

struct sign_in_limits {
    pthread_mutex_t lock;
    struct slot slots[SLOTS];
};

enum status sign_in_limits_make(struct sign_in_limits **ret)
{
    struct sign_in_limits *l = calloc(1, sizeof *l);
    if (!l)
        return ST_NOMEM;
    pthread_mutex_init(&l->lock, NULL);
    *ret = l;
    return ST_OK;
}

void sign_in_limits_free(struct sign_in_limits *l)
{
    if (!l)
        return;
    pthread_mutex_destroy(&l->lock);
    free(l);
}

/* Parts of a key can't run into each other: each goes in with its length, as a hash. */
static u64 key_of(str what, str one, str two)
{
    const u64 parts[] = {siphash(what), siphash(one), siphash(two)};
    u64 h = siphash((str){(const char *)parts, sizeof parts});
    return h ? h : 1;
}

struct limit_key limit_key_of(str what, str account, str client)
{
    struct address a;
    if (address_read(client, &a) == ST_OK) { /* a /64 of IPv6 is one client */
        a = address_client(a);
        client = (str){(const char *)a.bytes, sizeof a.bytes};
    }
    return (struct limit_key){.account = key_of(what, account, STR_NONE),
                              .client = key_of(STR("client"), STR_NONE, client),
                              .both = key_of(what, account, client)};
}

struct limit_key limit_key_of_browser(str mark)
{
    str what = STR("browser");
    return (struct limit_key){.account = key_of(what, mark, STR("account")),
                              .client = key_of(what, mark, STR("client")),
                              .both = key_of(what, mark, STR("both"))};
}

static void forget(struct slot *s, i64 now)
{
    i64 gone = (now - s->at) / FORGET_MS;
    if (gone <= 0)
        return;
    s->tries = gone < s->tries ? s->tries - (int)gone : 0;
    s->at += gone * FORGET_MS;
}

static struct slot *slot_of(struct sign_in_limits *l, u64 key, i64 now)
{
    struct slot *least = NULL;
    for (u64 i = 0; i < NEIGHBOURS; i++) {
        struct slot *s = &l->slots[(key + i) % SLOTS];
        if (s->key == key) {
            forget(s, now);
            return s;
        }
        if (!s->key) {
            least = s;
            break; /* slots are never freed: behind a free one it can't be */
        }
        forget(s, now);
        if (!least || s->tries < least->tries || (s->tries == least->tries && s->at < least->at))
            least = s;
    }
    *least = (struct slot){.key = key, .at = now};
    return least;
}

static void count(struct slot *s, i64 now)
{
    if (s->tries < MOST)
        s->tries++;
    s->at = now;
    i64 wait = s->tries > FREE ? MS_SECOND << (s->tries - FREE - 1) : 0;
    s->next = now + (wait < LONGEST_MS ? wait : LONGEST_MS);
}

/* Its turn: it was told of this moment, and has not come before. */
static bool has_turn(const struct slot *both, i64 now)
{
    return both->next && now >= both->next && now < both->next + TURN_MS;
}

static i64 wait_of(struct slot *account, const struct slot *client, struct slot *both, i64 now)
{
    i64 wait = client->next - now;
    if (account->next > now && !has_turn(both, now)) {
        if (!both->next || now >= both->next + TURN_MS)
            both->next = account->next;
        both->at = now;
        both->tries = FREE; /* so that strangers' single tries don't take the slot of a turn */
        i64 turn = both->next - now;
        wait = wait > turn ? wait : turn;
    }
    return wait > 0 ? wait : 0;
}

bool limits_take(struct sign_in_limits *l, const struct limit_key *k, i64 now, i64 *wait_ms)
{
    pthread_mutex_lock(&l->lock);
    struct slot *client = slot_of(l, k->client, now), *account = slot_of(l, k->account, now);
    struct slot *both = slot_of(l, k->both, now);
    i64 wait = GUARD(sign_in_limit) ? wait_of(account, client, both, now) : 0;
    if (!wait) {
        both->next = 0;
        both->at = now;
        both->tries = 0;
        count(account, now);
        count(client, now);
    }
    pthread_mutex_unlock(&l->lock);
    if (wait)
        *wait_ms = wait;
    return wait == 0;
}

void limits_right(struct sign_in_limits *l, const struct limit_key *k, i64 now)
{
    pthread_mutex_lock(&l->lock);
    struct slot *account = slot_of(l, k->account, now), *client = slot_of(l, k->client, now);
    account->tries = 0;
    account->next = 0;
    if (client->tries > 0)
        client->tries--;
    if (client->tries <= FREE)
        client->next = 0;
    pthread_mutex_unlock(&l->lock);
}
