#include "http/slow.h"

#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <unistd.h>
#include <time.h>

#include "base/guard.h"
#include "base/hash.h"
#include "base/time.h"

enum { COUNTS = 1 << 16, SWEEP_MS = 250, IDLE_TURNS = 4, NICE = 10 };
#ifdef BROADSHEET_PROVE
enum { SLICE = 2 }; /* so that tests with a few connections see more than one */
#else
enum { SLICE = 256 }; /* connections looked at in one hold of the lock */
#endif

struct watched {
    int fd;
    u32 slot; /* in the table of clients' counts */
    u32 turn; /* in which of IDLE_TURNS sweeps it is looked at while it is quiet */
    _Atomic bool in_request, served; /* served: since its last reply nothing need have come */
    _Atomic i64 since;               /* when it opened, was replied to, or its request began */
    u64 received;                    /* by the kernel's count, when that was; the sweeper's own */
    i64 judged_since, head_since;
    i64 pace_since, behind_ms; /* when this period of a reply's taking began, 0 while nothing waits;
                                  when something last waited */
    _Atomic i64 owes_since;    /* a body; 0: none */
    i64 body_owed, body_since; /* the owes_since that is measured; when this period of it began */
    u64 body_received;         /* by then */
    u64 acked, owed; /* by then: what was taken, and what it is when all that waited then is */
    struct watched *next, *prev;
};

struct watch {
    struct watch_conf conf;
    pthread_mutex_t lock;
    pthread_cond_t stop;
    pthread_t thread;
    bool stopping;
    struct watched *first;
    struct watched *at, *idle; /* of the sweep that is under way: who closes is taken out of them */
    u32 sweeps, opened;
    size_t open;
    unsigned short
        counts[COUNTS]; /* by a keyed hash: two clients in one slot share a limit, which is rare */
};

static u32 slot_of(struct address a)
{
    a = address_client(a);
    return (u32)(siphash((str){(const char *)a.bytes, sizeof a.bytes}) % COUNTS);
}

static bool trusted(const struct watch *w, struct address a)
{
    for (size_t i = 0; i < w->conf.ntrusted; i++)
        if (network_has(&w->conf.trusted[i], a))
            return true;
    return false;
}

bool watch_admit(struct watch *w, struct address from)
{
    u32 slot = slot_of(from);
    pthread_mutex_lock(&w->lock);
    bool proxy = trusted(w, from);
    size_t held = w->counts[slot];
    bool room = w->open < (held ? w->conf.most - w->conf.most / 10 : w->conf.most);
    bool ok = room && (proxy || held < w->conf.most_a_client);
    pthread_mutex_unlock(&w->lock);
    return ok;
}

struct watched *watch_opened(struct watch *w, struct address from, int fd)
{
    struct watched *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    c->fd = fd;
    c->slot = slot_of(from);
    atomic_store(&c->since, time_monotonic());
    pthread_mutex_lock(&w->lock);
    c->next = w->first;
    if (w->first)
        w->first->prev = c;
    w->first = c;
    w->open++;
    c->turn = w->opened++ % IDLE_TURNS; /* its own: a place in the list moves when others close */
    w->counts[c->slot]++;
    pthread_mutex_unlock(&w->lock);
    return c;
}

void watch_closed(struct watch *w, struct watched *c)
{
    if (!c)
        return;
    pthread_mutex_lock(&w->lock);
    if (c->prev)
        c->prev->next = c->next;
    else
        w->first = c->next;
    if (c->next)
        c->next->prev = c->prev;
    if (w->at == c)
        w->at = c->next;
    if (w->idle == c)
        w->idle = NULL;
    w->open--;
    w->counts[c->slot]--;
    pthread_mutex_unlock(&w->lock);
    free(c);
}

void watch_request(struct watched *c, i64 now)
{
    if (!c)
        return;
    atomic_store(&c->since, now);
    atomic_store(&c->served, false);
    atomic_store(&c->in_request, true);
}

void watch_replied(struct watched *c, i64 now)
{
    if (!c)
        return;
    atomic_store(&c->since, now);
    atomic_store(&c->served, true);
    atomic_store(&c->in_request, false);
    atomic_store(&c->owes_since, 0);
}

void watch_owes(struct watched *c, i64 now)
{
    if (c)
        atomic_store(&c->owes_since, now);
}

/* Whether what waits for the client is taken too slowly. It is measured in periods of grace_ms, so
 * that what was taken fast earns no pause later, and only while something waits. A period ends
 * early when all that waited as it began is taken: small replies over a long way are not slow. */
static bool lags(const struct watch *w, struct watched *c, const struct tcp_info *t, i64 now)
{
    int waits = 0;
    if (!t->tcpi_notsent_bytes && !t->tcpi_unacked) {
        c->pace_since = 0;
        return false;
    }
    c->behind_ms = now;
    i64 took = now - c->pace_since;
    bool fresh = c->pace_since == 0 || (t->tcpi_bytes_acked >= c->owed && GUARD(pace_anew));
    if (!fresh && took < w->conf.grace_ms)
        return false;
    if (!fresh && (i64)(t->tcpi_bytes_acked - c->acked) * 1000 < w->conf.slowest * took)
        return true;
    if (fresh || GUARD(pace_anew)) {
        ioctl(c->fd, SIOCOUTQ, &waits);
        c->pace_since = now;
        c->acked = t->tcpi_bytes_acked;
        c->owed = c->acked + (u64)waits;
    }
    return false;
}

/* Whether a body that is owed comes too slowly, in periods of grace_ms like a reply. While bytes of
 * it wait in the kernel it's us who are slow. */
static bool starves(const struct watch *w, struct watched *c, const struct tcp_info *t, i64 now)
{
    i64 owes = atomic_load(&c->owes_since), took = now - c->body_since;
    int waits = 0;
    if (!owes)
        return false;
    ioctl(c->fd, SIOCINQ, &waits);
    bool fresh = owes != c->body_owed || waits;
    if (!fresh && took < w->conf.grace_ms)
        return false;
    if (!fresh && (i64)(t->tcpi_bytes_received - c->body_received) * 1000 < w->conf.slowest * took)
        return GUARD(body_pace);
    c->body_owed = owes;
    c->body_since = now;
    c->body_received = t->tcpi_bytes_received;
    return false;
}

/* Whether a connection has to go now. */
static bool judge(const struct watch *w, struct watched *c, i64 now)
{
    struct tcp_info t = {0};
    socklen_t n = sizeof t;
    i64 since = atomic_load(&c->since);
    if (getsockopt(c->fd, IPPROTO_TCP, TCP_INFO, &t, &n))
        return false;
    if (lags(w, c, &t, now) || starves(w, c, &t, now))
        return true;
    if (since != c->judged_since) { /* something moved on since the last look */
        c->judged_since = since;
        c->received = t.tcpi_bytes_received;
        c->head_since = 0;
        /* a connection that has just opened may have sent its first bytes by now */
        if (atomic_load(&c->in_request) || atomic_load(&c->served) || c->received == 0)
            return false;
        c->head_since = now;
        return false;
    }
    if (atomic_load(&c->in_request))
        return false;
    if (t.tcpi_bytes_received > c->received && !c->head_since)
        c->head_since = now;
    if (c->head_since && now - c->head_since > w->conf.head_ms)
        return true;
    /* it doesn't idle while the kernel still has something of its last reply for it */
    i64 idle_since = c->behind_ms > since && GUARD(taking_is_not_idling) ? c->behind_ms : since;
    return now - idle_since > w->conf.idle_ms;
}

/* Accepting waits for the lock: so it is given away between slices. */
static void give_way(struct watch *w)
{
    pthread_mutex_unlock(&w->lock);
    sched_yield();
    pthread_mutex_lock(&w->lock);
}

/* What the client has not taken is thrown away when the socket is closed: else the kernel keeps it,
 * a megabyte and more, and goes on offering it for as long as the client likes. */
static void cut(int fd)
{
    struct linger at_once = {.l_onoff = 1};
    int waits = 0;
    if (ioctl(fd, SIOCOUTQ, &waits) == 0 && waits && GUARD(cut_resets))
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    shutdown(fd, SHUT_RDWR);
}

static void sweep(struct watch *w)
{
    i64 now = time_monotonic();
    w->sweeps++;
    u32 turn = w->sweeps % IDLE_TURNS, judged = 0;
    w->idle = NULL;
    w->at = w->first;
    while (w->at) {
        struct watched *c = w->at;
        w->at = c->next;
        bool quiet = !atomic_load(&c->in_request) && atomic_load(&c->since) == c->judged_since;
        /* thousands may idle: each is looked at once a second or so */
        if (quiet && w->conf.head_ms >= 2 * MS_SECOND && c->turn != turn)
            continue;
        if (judge(w, c, now))
            cut(c->fd);
        else if (!atomic_load(&c->in_request) && !c->pace_since &&
                 (!w->idle || atomic_load(&c->since) < atomic_load(&w->idle->since)))
            w->idle = c;
        if (++judged % SLICE == 0)
            give_way(w);
    }
    if (w->idle && w->open + w->conf.most / 50 >= w->conf.most)
        cut(w->idle->fd);
    w->idle = NULL;
}

static void *thread(void *arg)
{
    struct watch *w = arg;
    /* on a busy core readers go first; when that isn't granted, they wait a little */
    (void)!setpriority(PRIO_PROCESS, (id_t)gettid(), NICE);
    pthread_mutex_lock(&w->lock);
    while (!w->stopping) {
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_nsec += SWEEP_MS * 1000000L;
        if (until.tv_nsec >= 1000000000L) {
            until.tv_sec++;
            until.tv_nsec -= 1000000000L;
        }
        pthread_cond_clockwait(&w->stop, &w->lock, CLOCK_MONOTONIC, &until);
        sweep(w);
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

enum status watch_start(const struct watch_conf *conf, struct watch **ret)
{
    struct watch *w = calloc(1, sizeof *w);
    if (!w)
        return ST_NOMEM;
    w->conf = *conf;
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->stop, NULL);
    if (pthread_create(&w->thread, NULL, thread, w)) {
        free(w);
        return ST_IO;
    }
    *ret = w;
    return ST_OK;
}

void watch_stop(struct watch *w)
{
    if (!w)
        return;
    pthread_mutex_lock(&w->lock);
    w->stopping = true;
    pthread_cond_signal(&w->stop);
    pthread_mutex_unlock(&w->lock);
    pthread_join(w->thread, NULL);
    pthread_mutex_destroy(&w->lock);
    pthread_cond_destroy(&w->stop);
    free(w);
}
