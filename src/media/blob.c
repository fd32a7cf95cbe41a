#include "media/blob.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clean.h"
#include "base/time.h"

enum { HEX = 64, NAME = 96 };

struct blobs {
    int dir[2]; /* originals, served */
};

static const char *const folders[] = {"originals", "served"};

static enum status no(struct err *err, const char *what)
{
    return fail(err, ST_IO, "media: cannot %s: %s", what, strerror(errno));
}

enum status blobs_open(const char *folder, struct blobs **ret, struct err *err)
{
    struct blobs *b = calloc(1, sizeof *b);
    if (!b)
        return fail(err, ST_NOMEM, "out of memory for the media folder");
    b->dir[0] = b->dir[1] = -1;
    CLEANUP(fd_close) int top = -1;
    if ((mkdir(folder, 0750) && errno != EEXIST) ||
        (top = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0) {
        blobs_close(b);
        return no(err, "open the media folder");
    }
    for (int i = 0; i < 2; i++) {
        if (mkdirat(top, folders[i], 0750) && errno != EEXIST) {
            blobs_close(b);
            return no(err, "make a folder in the media folder");
        }
        b->dir[i] = openat(top, folders[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
        if (b->dir[i] < 0) {
            blobs_close(b);
            return no(err, "open a folder in the media folder");
        }
    }
    if (fsync(top)) {
        blobs_close(b);
        return no(err, "write the media folder");
    }
    *ret = b;
    return ST_OK;
}

void blobs_close(struct blobs *b)
{
    if (!b)
        return;
    for (int i = 0; i < 2; i++)
        if (b->dir[i] >= 0)
            close(b->dir[i]);
    free(b);
}

static void name_of(struct sha256 h, char folder[3], char name[NAME])
{
    static const char digits[] = "0123456789abcdef";
    for (int i = 0; i < 32; i++) {
        name[2 * i] = digits[h.bytes[i] >> 4];
        name[2 * i + 1] = digits[h.bytes[i] & 15];
    }
    name[HEX] = '\0';
    memcpy(folder, name, 2);
    folder[2] = '\0';
}

static int open_sub(struct blobs *b, enum blob_kind kind, const char *folder, bool make)
{
    if (make && mkdirat(b->dir[kind], folder, 0750) == 0 && fsync(b->dir[kind]))
        return -1;
    return openat(b->dir[kind], folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
}

static bool write_all(int fd, str s)
{
    while (s.n) {
        ssize_t w = write(fd, s.p, s.n);
        if (w < 0 && errno == EINTR)
            continue;
        if (w <= 0)
            return false;
        s = str_from(s, (size_t)w);
    }
    return true;
}

static enum status verify_fd(int fd, struct sha256 want, struct err *err)
{
    struct sha256_state st;
    char buf[64 << 10];
    sha256_init(&st);
    for (ssize_t n; (n = read(fd, buf, sizeof buf)) != 0;) {
        if (n < 0)
            return no(err, "read a picture");
        sha256_add(&st, (str){buf, (size_t)n});
    }
    struct sha256 have = sha256_end(&st);
    return memcmp(have.bytes, want.bytes, sizeof have.bytes) == 0
               ? ST_OK
               : fail(err, ST_CORRUPT, "media: a picture's file isn't the bytes it was");
}

/* Temporary name, write, fsync, rename, fsync of the folder: in this order what is named is whole.
 */
static enum status write_blob(int sub, const char *name, str bytes, struct err *err)
{
    char temp[NAME];
    u64 salt;
    random_bytes(&salt, sizeof salt);
    snprintf(temp, sizeof temp, ".new-%016llx", (unsigned long long)salt);
    CLEANUP(fd_close)
    int fd = openat(sub, temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0640);
    if (fd < 0)
        return no(err, "write a picture");
    if (!write_all(fd, bytes) || fsync(fd) || renameat(sub, temp, sub, name) || fsync(sub)) {
        enum status st = no(err, "write a picture");
        unlinkat(sub, temp, 0);
        return st;
    }
    return ST_OK;
}

enum status blob_keep(struct blobs *b, enum blob_kind kind, str bytes, struct sha256 *ret,
                      struct err *err)
{
    char folder[3], name[NAME];
    struct sha256 h = sha256(bytes);
    name_of(h, folder, name);
    CLEANUP(fd_close) int sub = open_sub(b, kind, folder, true);
    if (sub < 0)
        return no(err, "make a folder for pictures");
    CLEANUP(fd_close) int old = openat(sub, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    enum status st = ST_OK;
    if (old < 0 || verify_fd(old, h, NULL)) /* not there, or damaged: the good bytes are at hand */
        st = write_blob(sub, name, bytes, err);
    if (!st)
        *ret = h;
    return st;
}

enum status blob_open(struct blobs *b, enum blob_kind kind, struct sha256 hash, int *fd, i64 *size,
                      struct err *err)
{
    char folder[3], name[NAME];
    struct stat s;
    name_of(hash, folder, name);
    CLEANUP(fd_close) int sub = open_sub(b, kind, folder, false);
    int f = sub < 0 ? -1 : openat(sub, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (f < 0)
        return errno == ENOENT ? fail(err, ST_NOTFOUND, "media: the picture %s is missing", name)
                               : no(err, "open a picture");
    if (fstat(f, &s) || !S_ISREG(s.st_mode)) {
        close(f);
        return no(err, "read a picture");
    }
    *fd = f;
    *size = s.st_size;
    return ST_OK;
}

enum status blob_verify(struct blobs *b, enum blob_kind kind, struct sha256 hash, struct err *err)
{
    i64 size;
    CLEANUP(fd_close) int fd = -1;
    enum status st = blob_open(b, kind, hash, &fd, &size, err);
    return st ? st : verify_fd(fd, hash, err);
}
