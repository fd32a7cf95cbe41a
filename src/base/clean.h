/* base/clean.h: clean-up declared where a thing is made.
 *
 *     CLEANUP(fd_close) int fd = open(...);
 *
 * runs fd_close(&fd) on every way out of the block, in reverse order of declaration. Not for things
 * whose ownership leaves the block: those set the variable to its empty value before they return.
 */
#ifndef BASE_CLEAN_H
#define BASE_CLEAN_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define CLEANUP(fn) __attribute__((cleanup(fn)))

static inline void fd_close(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

static inline void file_close(FILE **f)
{
    if (*f)
        fclose(*f);
}

static inline void dir_close(DIR **d)
{
    if (*d)
        closedir(*d);
}

/* For memory from a library's malloc: CLEANUP(mem_free) char *p = ...; */
static inline void mem_free(void *p)
{
    void *q = *(void **)p;
    free(q);
}

#endif
