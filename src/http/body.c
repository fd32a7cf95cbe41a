#include "http/body.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/guard.h"

static void give_back(struct body_room *r, const struct body *b, size_t n)
{
    atomic_fetch_sub(&r->held, n);
    atomic_fetch_sub(&r->strangers, b->known ? 0 : n);
    atomic_fetch_sub(&r->by_client[b->client], n);
}

static bool hold(struct body_room *r, const struct body *b, size_t n, size_t *ret)
{
    size_t all = atomic_fetch_add(&r->held, n) + n;
    size_t strangers = atomic_fetch_add(&r->strangers, b->known ? 0 : n) + n;
    size_t theirs = atomic_fetch_add(&r->by_client[b->client], n) + n;
    if ((all > r->most && GUARD(bodies_limit)) ||
        (!b->known && strangers > r->most / 4 && GUARD(bodies_of_strangers)) ||
        (theirs > r->most / 4 && GUARD(bodies_of_one_client))) {
        give_back(r, b, n);
        return false;
    }
    *ret = n;
    return true;
}

enum status body_begin(struct bodies *all, u64 client, bool known, size_t size, struct arena *a,
                       struct body *ret)
{
    struct body b = {.bodies = all,
                     .client = client % BODY_CLIENTS,
                     .known = known,
                     .size = size,
                     .filed = size > BODY_SMALL};
    size_t memory = b.filed ? BODY_PIECE + BODY_GULP : size;
    if (b.filed && !all->folder)
        return ST_BUSY;
    if (!hold(&all->memory, &b, memory, &b.held_memory) ||
        (b.filed && !hold(&all->files, &b, size, &b.held_files))) {
        body_free(&b);
        return ST_BUSY;
    }
    b.bytes = arena_raw(a, memory);
    if (!b.bytes) {
        body_free(&b);
        return ST_NOMEM;
    }
    *ret = b;
    return ST_OK;
}

bool body_take(struct body *b, str data)
{
    if (data.n > b->size - b->got)
        return false;
    if (data.n && !b->failed)
        memcpy(b->bytes + (b->filed ? b->piece : b->got), data.p, data.n);
    b->got += data.n;
    if (!b->failed)
        b->piece += data.n;
    return true;
}

bool body_must_write(const struct body *b)
{
    return b->filed && !b->failed && b->piece && (b->piece >= BODY_PIECE || b->got == b->size);
}

/* A name would have to be removed, by whoever starts after a crash too. */
static enum status open_file(struct body *b)
{
    b->fd = open(b->bodies->folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    b->open = b->fd >= 0;
    return b->open ? ST_OK : ST_BUSY;
}

void body_write(struct body *b)
{
    size_t written = 0;
    off_t at = (off_t)(b->got - b->piece);
    enum status st = b->open ? ST_OK : open_file(b);
    while (!st && written < b->piece) {
        ssize_t n = pwrite(b->fd, b->bytes + written, b->piece - written, at + (off_t)written);
        if (n < 0 && errno == EINTR)
            continue;
        st = n > 0 ? ST_OK : ST_BUSY; /* a full disk */
        written += n > 0 ? (size_t)n : 0;
    }
    b->piece = 0;
    b->failed = st;
}

enum status body_whole(struct body *b, str *ret)
{
    if (b->failed)
        return b->failed;
    if (b->got != b->size || (b->filed && b->piece))
        return ST_BUG;
    if (!b->filed) {
        *ret = (str){b->bytes, b->size};
        return ST_OK;
    }
    void *at = mmap(NULL, b->size, PROT_READ, MAP_PRIVATE, b->fd, 0);
    if (at == MAP_FAILED)
        return ST_BUSY;
    b->mapped = at;
    *ret = (str){at, b->size};
    return ST_OK;
}

void body_free(struct body *b)
{
    if (b->mapped)
        munmap(b->mapped, b->size);
    if (b->open)
        close(b->fd);
    if (b->bodies) {
        give_back(&b->bodies->memory, b, b->held_memory);
        give_back(&b->bodies->files, b, b->held_files);
    }
    *b = (struct body){0};
}
