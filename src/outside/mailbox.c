#include "outside/mailbox.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/clean.h"
#include "base/file.h"
#include "base/guard.h"

static enum status refused(const char *what, struct err *err)
{
    return fail(err, ST_IO, "cannot write %s: %s", what, strerror(errno));
}

/* Made where it isn't there yet. */
static enum status open_folder(const char *path, int *ret, struct err *err)
{
    struct stat s;
    bool fresh = mkdir(path, 0700) == 0;
    if (!fresh && errno != EEXIST)
        return refused(path, err);
    if (fresh && file_sync_folder_of(path))
        return refused(path, err);
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &s)) {
        enum status st = refused(path, err);
        if (fd >= 0)
            close(fd);
        return st;
    }
    if ((s.st_mode & 077) && GUARD(mailbox_private)) {
        close(fd);
        return fail(err, ST_IO, "%s can be looked into by others: make it 0700", path);
    }
    *ret = fd;
    return ST_OK;
}

static bool write_all(int fd, str bytes)
{
    while (bytes.n) {
        ssize_t n = write(fd, bytes.p, bytes.n);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        bytes = str_from(bytes, (size_t)n);
    }
    return true;
}

enum status mailbox_put(const char *folder, str name, str message, struct arena *a, struct err *err)
{
    CLEANUP(fd_close) int dir = -1;
    enum status st = open_folder(folder, &dir, err);
    if (st)
        return st;
    const char *part = arena_cstr(a, arena_fmt(a, "%s/.%.*s.part", folder, FMT(name)));
    const char *path = arena_cstr(a, arena_fmt(a, "%s/%.*s.eml", folder, FMT(name)));
    if (a->oom)
        return ST_NOMEM;
    CLEANUP(fd_close) int fd = file_fresh(part);
    if (fd < 0 || !write_all(fd, message) || fsync(fd) || rename(part, path) || fsync(dir)) {
        st = refused(path, err);
        unlink(part);
    }
    return st;
}
