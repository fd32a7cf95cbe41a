/* Words in the site's log files (newsroom/removal_parts.h). A line has no place for a mark, and its
 * file is being written to: the words' bytes are overwritten where they lie. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/guard.h"
#include "newsroom/removal_parts.h"

enum { PIECE_BYTES = 1 << 20, SCRATCH = 64 << 20, COVER = '*' };

/* ---- one line ---- */

struct decoded {
    char *p;
    size_t n, *at; /* at[i]: where byte i begins in the line; at[n]: the line's end */
};

static int digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* An address in a log has its letters percent-encoded, or not. */
static bool decode(str line, bool percent, struct arena *a, struct decoded *ret)
{
    struct decoded d = {.p = arena_raw(a, line.n + 1), .at = arena_new(a, size_t, line.n + 1)};
    if (!d.p || !d.at)
        return false;
    for (size_t i = 0; i < line.n;) {
        int high = percent && line.p[i] == '%' && i + 2 < line.n ? digit(line.p[i + 1]) : -1;
        int low = high < 0 ? -1 : digit(line.p[i + 2]);
        d.at[d.n] = i;
        d.p[d.n++] = low < 0 ? line.p[i] : (char)(high * 16 + low);
        i += low < 0 ? 1 : 3;
    }
    d.at[d.n] = line.n;
    *ret = d;
    return true;
}

static bool cover(const struct log_words *w, char *line, size_t n, bool percent)
{
    struct decoded d;
    struct cut *list[2];
    size_t found[2] = {0};
    bool some = false;
    if (!decode((str){line, n}, percent, w->scratch, &d))
        return false;
    str text = {d.p, d.n};
    if (!utf8_valid(text, NULL) ||
        passage_find(&w->passage, text, w->scratch, &list[0], &found[0]) ||
        passage_find_slug(&w->passage, text, w->scratch, &list[1], &found[1]))
        return false;
    for (int k = 0; k < 2; k++)
        for (size_t i = 0; i < found[k]; i++) {
            size_t from = d.at[list[k][i].from], to = d.at[list[k][i].from + list[k][i].n];
            memset(line + from, COVER, to - from);
            some = true;
        }
    return some;
}

bool removal_cover(struct log_words *w, char *line, size_t n)
{
    bool some = cover(w, line, n, false);
    if (str_find_byte((str){line, n}, '%') >= 0)
        some |= cover(w, line, n, true);
    arena_reset(w->scratch);
    return some;
}

static void cover_line(void *arg, char *line, size_t n)
{
    removal_cover(arg, line, n);
}

/* ---- a file ---- */

static enum status broken(struct err *err, const char *what, const char *name)
{
    return fail(err, ST_IO, "cannot %s the log %s: %s", what, name, strerror(errno));
}

static enum status cover_piece(struct log_words *w, int fd, char *p, size_t n, i64 at,
                               const char *name, bool *wrote)
{
    for (size_t from = 0, i = 0; i < n; i++) {
        if (p[i] != '\n' && i + 1 < n)
            continue;
        size_t size = i + 1 - from;
        if (removal_cover(w, p + from, size)) {
            *wrote = true;
            if (pwrite(fd, p + from, size, at + (i64)from) != (ssize_t)size)
                return broken(w->err, "write", name);
        }
        from = i + 1;
    }
    return ST_OK;
}

/* The end of the last whole line in it; all of it where there is none. */
static size_t whole_lines(const char *p, size_t n, bool last)
{
    size_t end = n;
    while (!last && end && p[end - 1] != '\n')
        end--;
    return end ? end : n;
}

static enum status cover_file(struct log_words *w, int dir, const char *name, i64 from, i64 *end)
{
    CLEANUP(mem_free) char *p = malloc(PIECE_BYTES);
    CLEANUP(fd_close) int fd = openat(dir, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    struct stat s;
    bool wrote = false;
    if (!p)
        return ST_NOMEM;
    if (fd < 0 || fstat(fd, &s))
        return errno == ENOENT ? ST_OK : broken(w->err, "open", name);
    i64 at = from > s.st_size ? 0 : from; /* it was begun anew meanwhile */
    for (enum status st; S_ISREG(s.st_mode) && at < s.st_size;) {
        ssize_t got = pread(fd, p, PIECE_BYTES, at);
        if (got < 0)
            return broken(w->err, "read", name);
        if (got == 0)
            break;
        size_t n = whole_lines(p, (size_t)got, at + got >= s.st_size);
        st = cover_piece(w, fd, p, n, at, name, &wrote);
        if (st)
            return st;
        at += (i64)n;
    }
    *end = at;
    return wrote && fdatasync(fd) ? broken(w->err, "sync", name) : ST_OK;
}

static bool compressed(const char *name)
{
    static const char *const ends[] = {".gz", ".xz", ".zst", ".bz2"};
    for (size_t i = 0; i < COUNT(ends); i++)
        if (str_ends(str_c(name), str_c(ends[i])))
            return true;
    return false;
}

/* The log, and what rotations have made of it: its name with an ending. */
static enum status cover_all(struct log_words *w, const char *path, i64 *end)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    const char *folder = slash ? arena_cstr(w->keep, (str){path, (size_t)(slash - path) + 1}) : ".";
    CLEANUP(dir_close) DIR *dir = opendir(folder);
    if (!dir)
        return broken(w->err, "read the folder of", name);
    for (const struct dirent *e; (e = readdir(dir));) {
        i64 there = 0;
        if (!str_starts(str_c(e->d_name), str_c(name)))
            continue;
        if (compressed(e->d_name)) {
            log_say(w->log, LOG_WARN, "newsroom",
                    "%s is compressed: words that were removed by order may stand in it",
                    e->d_name);
            continue;
        }
        enum status st = cover_file(w, dirfd(dir), e->d_name, 0, &there);
        if (st)
            return st;
        if (strcmp(e->d_name, name) == 0)
            *end = there;
    }
    return ST_OK;
}

/* ---- all of it ---- */

enum status removal_logs_begin(struct log_words *w)
{
    i64 ends[LOG_FILES] = {0};
    enum status st = ST_OK;
    if (!w->log || !GUARD(removal_logs))
        return ST_OK;
    for (int i = 0; !st && i < LOG_FILES; i++)
        if (log_file(w->log, i)[0])
            st = cover_all(w, log_file(w->log, i), &ends[i]);
    if (st)
        return st;
    log_hold(w->log); /* and what was written meanwhile */
    w->held = true;
    for (int i = 0; !st && i < LOG_FILES; i++)
        if (log_file(w->log, i)[0])
            st = cover_file(w, AT_FDCWD, log_file(w->log, i), ends[i], &ends[i]);
    return st;
}

void removal_logs_end(struct log_words *w)
{
    if (w->held)
        log_release(w->log, cover_line, w);
    w->held = false;
}
