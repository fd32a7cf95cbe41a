#include "desk/presence.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/hash.h"

enum { SEATS = 1024 };

struct seat {
    u64 story; /* siphash of its key; one in 2^64 that is another's shows a name too many */
    i64 account, at;
};

struct presence {
    pthread_mutex_t lock;
    struct seat seats[SEATS];
};

enum status presence_make(struct presence **ret)
{
    struct presence *p = calloc(1, sizeof *p);
    if (!p)
        return ST_NOMEM;
    pthread_mutex_init(&p->lock, NULL);
    *ret = p;
    return ST_OK;
}

void presence_free(struct presence *p)
{
    if (!p)
        return;
    pthread_mutex_destroy(&p->lock);
    free(p);
}

/* The one's own seat; else the one that was left longest ago. */
static struct seat *seat_of(struct presence *p, u64 story, i64 account)
{
    struct seat *oldest = &p->seats[0];
    for (size_t i = 0; i < SEATS; i++) {
        struct seat *s = &p->seats[i];
        if (s->account == account && s->story == story)
            return s;
        if (s->at < oldest->at)
            oldest = s;
    }
    return oldest;
}

void presence_note(struct presence *p, str key, i64 account, i64 now)
{
    u64 story = siphash(key);
    pthread_mutex_lock(&p->lock);
    *seat_of(p, story, account) = (struct seat){story, account, now};
    pthread_mutex_unlock(&p->lock);
}

void presence_leave(struct presence *p, str key, i64 account)
{
    u64 story = siphash(key);
    pthread_mutex_lock(&p->lock);
    for (size_t i = 0; i < SEATS; i++)
        if (p->seats[i].account == account && p->seats[i].story == story)
            p->seats[i] = (struct seat){0};
    pthread_mutex_unlock(&p->lock);
}

size_t presence_others(struct presence *p, str key, i64 account, i64 now, i64 ret[PRESENCE_PEOPLE])
{
    u64 story = siphash(key);
    size_t n = 0;
    pthread_mutex_lock(&p->lock);
    for (size_t i = 0; i < SEATS && n < PRESENCE_PEOPLE; i++) {
        const struct seat *s = &p->seats[i];
        if (s->account && s->account != account && s->story == story && now - s->at < PRESENCE_MS)
            ret[n++] = s->account;
    }
    pthread_mutex_unlock(&p->lock);
    return n;
}
