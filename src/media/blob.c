#include "media/blob.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clean.h"
#include "base/guard.h"
#include "base/time.h"

enum { HEX = 64, NAME = 96, SAFE = 1 << 14 };

struct blobs {
    int dir[2];            /* originals, served */
    pthread_mutex_t renew; /* between finding a blob old and removing it nobody keeps it */
    u64 safe[SAFE]; /* the first bytes of hashes whose files this process knows to be synced */
};

static const char *const folders[] = {"originals", "served"};

static enum status no(struct err *err, const char *what)
{
    return fail(err, ST_IO, "media: cannot %s: %s", what, strerror(errno));
}

/* A new folder is there after a power loss only when the one it stands in has been synced. */
static bool sync_parent(const char *folder)
{
    char parent[PATH_MAX];
    const char *slash = strrchr(folder, '/');
    size_t n = slash ? (size_t)(slash - folder) : 0;
    if (n >= sizeof parent)
        return false;
    memcpy(parent, folder, n);
    memcpy(parent + n, n ? "" : slash ? "/" : ".", n ? 1 : 2);
    CLEANUP(fd_close) int fd = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd >= 0 && fsync(fd) == 0;
}

enum status blobs_open(const char *folder, struct blobs **ret, struct err *err)
{
    struct blobs *b = calloc(1, sizeof *b);
    if (!b)
        return fail(err, ST_NOMEM, "out of memory for the media folder");
    b->dir[0] = b->dir[1] = -1;
    pthread_mutex_init(&b->renew, NULL);
    CLEANUP(fd_close) int top = -1;
    /* synced even when it is there: who made it may have been killed before the sync */
    if ((mkdir(folder, 0750) && errno != EEXIST) || !sync_parent(folder) ||
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
    pthread_mutex_destroy(&b->renew);
    free(b);
}

/* When it was last kept, by the clock that all of the program goes by. */
static bool stamp(int fd)
{
    i64 now = time_now();
    struct timespec t = {.tv_sec = now / 1000, .tv_nsec = (now % 1000) * 1000000};
    return futimens(fd, (struct timespec[]){t, t}) == 0;
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
    if (make && mkdirat(b->dir[kind], folder, 0750) && errno != EEXIST)
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
    if (!write_all(fd, bytes) || !stamp(fd) || fsync(fd) || renameat(sub, temp, sub, name) ||
        fsync(sub)) {
        enum status st = no(err, "write a picture");
        unlinkat(sub, temp, 0);
        return st;
    }
    return ST_OK;
}

static u64 first_bytes(struct sha256 h)
{
    u64 v;
    memcpy(&v, h.bytes, sizeof v);
    return v ? v : 1;
}

static bool known_safe(struct blobs *b, u64 mark, bool set)
{
    pthread_mutex_lock(&b->renew);
    u64 *slot = &b->safe[mark % SAFE];
    bool known = *slot == mark;
    if (set)
        *slot = mark;
    pthread_mutex_unlock(&b->renew);
    return known;
}

/* Whether the file is there and young from now on. */
static int find_and_renew(struct blobs *b, int sub, const char *name)
{
    pthread_mutex_lock(&b->renew);
    int fd = openat(sub, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd >= 0 && GUARD(blob_renewed) && !stamp(fd)) {
        close(fd);
        fd = -1;
    }
    pthread_mutex_unlock(&b->renew);
    return fd;
}

/* A file that was found may have been put there by somebody who was killed before its syncs, or has
 * not come to them yet: so they are made again, once a process. */
enum status blob_keep(struct blobs *b, enum blob_kind kind, str bytes, struct sha256 *ret,
                      struct err *err)
{
    char folder[3], name[NAME];
    struct sha256 h = sha256(bytes);
    u64 mark = first_bytes(h);
    name_of(h, folder, name);
    mark += kind; /* in a slot of its own: what is served is often the original itself */
    u64 folder_mark = (u64)h.bytes[0] + 1 + ((u64)kind << 8);
    CLEANUP(fd_close) int sub = open_sub(b, kind, folder, true);
    if (sub < 0)
        return no(err, "make a folder for pictures");
    CLEANUP(fd_close) int old = find_and_renew(b, sub, name);
    enum status st = ST_OK;
    if (old < 0 || verify_fd(old, h, NULL)) /* not there, or damaged: the good bytes are at hand */
        st = write_blob(sub, name, bytes, err);
    else if (!known_safe(b, mark, false) && (fsync(old) || fsync(sub)))
        st = no(err, "write a picture");
    if (!st && !known_safe(b, folder_mark, false) && fsync(b->dir[kind]))
        st = no(err, "write a folder for pictures");
    if (st)
        return st;
    known_safe(b, mark, true);
    known_safe(b, folder_mark, true);
    *ret = h;
    return ST_OK;
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

/* ---- what no row names ---- */

static bool kept_before(const struct stat *s, i64 when)
{
    i64 kept = (i64)s->st_mtim.tv_sec * 1000 + s->st_mtim.tv_nsec / 1000000;
    return S_ISREG(s->st_mode) && kept < when;
}

static bool hash_of(const char *name, struct sha256 *ret)
{
    if (strlen(name) != HEX)
        return false;
    for (int i = 0; i < HEX; i++) {
        char c = name[i];
        int v = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
        if (v < 0)
            return false;
        ret->bytes[i / 2] = (u8)(ret->bytes[i / 2] << 4 | v);
    }
    return true;
}

enum status blobs_old(struct blobs *b, enum blob_kind kind, int slice, i64 now, struct arena *a,
                      struct sha256 **ret, size_t *n, struct err *err)
{
    char folder[3];
    struct sha256 h = {0}, *list = NULL;
    size_t count = 0, cap = 0;
    snprintf(folder, sizeof folder, "%02x", (unsigned)slice % BLOB_SLICES);
    int sub = open_sub(b, kind, folder, false);
    *ret = NULL;
    *n = 0;
    if (sub < 0)
        return errno == ENOENT ? ST_OK : no(err, "open a folder of pictures");
    CLEANUP(dir_close) DIR *dir = fdopendir(sub);
    if (!dir) {
        close(sub);
        return no(err, "read a folder of pictures");
    }
    for (struct dirent *e; (e = readdir(dir));) {
        struct stat s;
        if (fstatat(sub, e->d_name, &s, AT_SYMLINK_NOFOLLOW) ||
            !kept_before(&s, now - BLOB_ORPHAN_MS))
            continue;
        if (strncmp(e->d_name, ".new-", 5) == 0)
            unlinkat(sub, e->d_name, 0);
        else if (hash_of(e->d_name, &h)) {
            if (!arena_grow(a, list, count, &cap))
                return ST_NOMEM;
            list[count++] = h;
        }
    }
    *ret = list;
    *n = count;
    return ST_OK;
}

enum status blob_remove(struct blobs *b, enum blob_kind kind, struct sha256 hash, i64 before,
                        struct err *err)
{
    char folder[3], name[NAME];
    struct stat s;
    enum status st = ST_OK;
    name_of(hash, folder, name);
    CLEANUP(fd_close) int sub = open_sub(b, kind, folder, false);
    if (sub < 0)
        return ST_OK;
    pthread_mutex_lock(&b->renew);
    if (fstatat(sub, name, &s, AT_SYMLINK_NOFOLLOW) == 0 && kept_before(&s, before) &&
        unlinkat(sub, name, 0))
        st = no(err, "remove a picture that nothing names");
    pthread_mutex_unlock(&b->renew);
    return st;
}
