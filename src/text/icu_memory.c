#include "text/icu_memory.h"

#include <stdlib.h>
#include <time.h>
#include <unicode/uclean.h>
#include <unistd.h>

enum { TRIES = 100, PAUSE_NS = 10 * 1000 * 1000, EXIT_SYSTEM = 3 };

#ifdef BROADSHEET_PROVE
/* For tests of what happens when the system gives nothing. */
static void *granted(void *old, size_t n)
{
    return getenv("BROADSHEET_ICU_SHORT") ? NULL : realloc(old, n);
}
#else
static void *granted(void *old, size_t n)
{
    return realloc(old, n);
}
#endif

/* Without stdio, which would ask for memory. */
static _Noreturn void end(void)
{
    static const char words[] =
        "broadsheet: out of memory for dates and languages: ending; what was "
        "acknowledged is kept\n";
    ssize_t n = write(STDERR_FILENO, words, sizeof words - 1);
    (void)n;
    _exit(EXIT_SYSTEM);
}

static void rest(void)
{
    nanosleep(&(struct timespec){.tv_nsec = PAUSE_NS}, NULL);
}

static void *U_CALLCONV retake(const void *context, void *old, size_t n)
{
    (void)context;
    for (int i = 0; i < TRIES; i++, rest()) {
        void *p = granted(old, n ? n : 1);
        if (p)
            return p;
    }
    end();
}

static void *U_CALLCONV take(const void *context, size_t n)
{
    return retake(context, NULL, n);
}

static void U_CALLCONV give(const void *context, void *p)
{
    (void)context;
    free(p);
}

void icu_memory_start(void)
{
    UErrorCode e = U_ZERO_ERROR;
    u_setMemoryFunctions(NULL, take, retake, give, &e); /* fails only for functions that are NULL */
}
