/* http/body.h: a request's body on its way in; inside this room.
 *
 * Its length is known before its first byte. Up to BODY_SMALL it lies in the request's arena. A
 * larger one goes, in pieces, into a file that has no name, and is mapped when it is whole. What
 * all bodies in flight take has a limit, in memory and in files.
 *
 * Ownership: body_free gives all back, at any time, more than once; a struct of zeros is no body.
 * Errors: ST_BUSY where a limit or the folder leaves no room: come again. Threads: struct bodies
 * any; a body one at a time. Only body_write waits for a disk. */
#ifndef HTTP_BODY_H
#define HTTP_BODY_H

#include <stdatomic.h>

#include "base/arena.h"

enum { BODY_SMALL = 1 << 20, BODY_PIECE = 256 << 10, BODY_GULP = 64 << 10 };

enum { BODY_CLIENTS = 1024 };
struct body_room {
    size_t most; /* bytes */
    /* strangers: held by whoever isn't known. Two clients in one slot share: that is rare. */
    _Atomic size_t held, strangers, by_client[BODY_CLIENTS];
};
struct bodies {
    const char *folder; /* where the files are made; NULL: nowhere, larger ones are ST_BUSY */
    struct body_room memory, files;
};

struct body {
    struct bodies *bodies;
    size_t client;    /* its slot */
    bool known;       /* it comes from somebody whom the room above knows */
    size_t size, got; /* as said, as come */
    char *bytes;      /* in the arena: the whole, or the piece that has not been written */
    size_t piece;     /* of a file: how much of it is filled */
    bool filed, open; /* it goes into a file; the file is there */
    int fd;
    void *mapped;
    enum status failed; /* of the file: what comes is dropped from then on */
    size_t held_memory, held_files;
};

/* Before the first byte. size > 0; client: a keyed hash of whoever sends it. One client may hold a
 * quarter of the room, and so may all together who aren't known: strangers leave room for staff. */
MUST_USE enum status body_begin(struct bodies *all, u64 client, bool known, size_t size,
                                struct arena *a, struct body *ret);
/* Takes all of data, at most BODY_GULP bytes. false: more than was said; nothing is taken. */
MUST_USE bool body_take(struct body *b, str data);
/* Whether body_write must be called before more is taken. */
bool body_must_write(const struct body *b);
void body_write(struct body *b);
/* When all has come: the body; ST_BUSY when its file couldn't be written, ST_BUG when not all of it
 * is there. */
MUST_USE enum status body_whole(struct body *b, str *ret);
void body_free(struct body *b);

#endif
