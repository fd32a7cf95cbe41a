/* test/newsroom/bytes.h: whether a name stands in any byte of a site's folder. */
#ifndef TEST_NEWSROOM_BYTES_H
#define TEST_NEWSROOM_BYTES_H

#include <dirent.h>
#include <fcntl.h>
#include <strings.h>
#include <sys/stat.h>

#include "removal.h"

/* No other word of the test has it in it, and all forms of the name have: also the terms that it is
 * found by, and the slug that is made of it. */
#define LEFT "llerowitz"

/* ---- every byte of the site ---- */

static inline bool has_fold(const char *p, size_t n, const char *words)
{
    size_t k = strlen(words);
    for (size_t i = 0; i + k <= n; i++)
        if (strncasecmp(p + i, words, k) == 0)
            return true;
    return false;
}

static inline bool file_has(const char *path, const char *words)
{
    CLEANUP(fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat s;
    if (fd < 0 || fstat(fd, &s) || !S_ISREG(s.st_mode) || !s.st_size)
        return false;
    CLEANUP(mem_free) char *p = malloc((size_t)s.st_size);
    assert_non_null(p);
    assert_int_equal(read(fd, p, (size_t)s.st_size), s.st_size);
    return has_fold(p, (size_t)s.st_size, words);
}

/* The first file below the folder that has them, "" for none; originals of pictures apart. */
static inline str file_with(struct arena *a, const char *folder, const char *words)
{
    str found = STR_NONE;
    CLEANUP(dir_close) DIR *dir = opendir(folder);
    assert_non_null(dir);
    for (const struct dirent *e; (e = readdir(dir));) {
        const char *path = arena_cstr(a, arena_fmt(a, "%s/%s", folder, e->d_name));
        struct stat s;
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0 || lstat(path, &s))
            continue;
        if (S_ISDIR(s.st_mode) && strcmp(e->d_name, "originals") != 0 && !found.n)
            found = file_with(a, path, words);
        else if (file_has(path, words))
            found = str_c(path);
    }
    return found;
}

static inline void assert_nowhere(struct world *w, const char *words)
{
    str found = file_with(&w->a, w->folder, words);
    if (found.n)
        test_fail("\"%s\" is in %.*s", words, FMT(found));
}

#endif
