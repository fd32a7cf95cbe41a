/* Files leave by descriptor: each piece is read with preadv2(RWF_NOWAIT), so that an http thread
 * never waits for a disk for what is in memory; the rest was asked for when the file was opened, on
 * a lane. */
#include <stdlib.h>
#include <sys/uio.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "http/finished_mhd.h"

enum { PIECE = 64 << 10 };

struct file_reader {
    struct finished *owner; /* a reference, or NULL for the owner's own response */
    int fd;
    i64 offset, n;
};

static ssize_t read_piece(void *cls, uint64_t pos, char *buf, size_t max)
{
    const struct file_reader *r = cls;
    i64 left = r->n - (i64)pos;
    if (left <= 0)
        return MHD_CONTENT_READER_END_OF_STREAM;
    struct iovec io = {.iov_base = buf, .iov_len = (size_t)left < max ? (size_t)left : max};
    ssize_t got = preadv2(r->fd, &io, 1, r->offset + (i64)pos, RWF_NOWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EOPNOTSUPP)) {
        /* not in memory: ask for all that is left and take this piece; the lane that opened the
         * file asked before, so this is the rare page that was dropped in between */
        posix_fadvise(r->fd, r->offset + (i64)pos, left, POSIX_FADV_WILLNEED);
        got = pread(r->fd, buf, io.iov_len, r->offset + (i64)pos);
    }
    return got > 0 ? got : MHD_CONTENT_READER_END_WITH_ERROR;
}

static void reader_free(void *cls)
{
    struct file_reader *r = cls;
    finished_release(r->owner);
    free(r);
}

struct MHD_Response *file_response(struct finished *f, i64 offset, i64 n)
{
    i64 size;
    struct file_reader *r = calloc(1, sizeof *r);
    if (!r)
        return NULL;
    r->fd = finished_fd(f, &size);
    r->offset = offset;
    r->n = n;
    bool own = offset == 0 && n == size;
    r->owner = own ? NULL : finished_ref(f);
    if (own)
        posix_fadvise(r->fd, 0, 0, POSIX_FADV_WILLNEED);
    struct MHD_Response *resp =
        MHD_create_response_from_callback((uint64_t)n, PIECE, read_piece, r, reader_free);
    if (!resp)
        reader_free(r);
    return resp;
}
