#include "store/db_terms.h"

#include <stddef.h>
#include <string.h>

static int create(void *arg, const char **options, int n, Fts5Tokenizer **ret)
{
    static char one; /* it has no state: any address will do */
    (void)arg;
    (void)options;
    (void)n;
    *ret = (Fts5Tokenizer *)(void *)&one;
    return SQLITE_OK;
}

static void destroy(Fts5Tokenizer *t)
{
    (void)t;
}

static int split(Fts5Tokenizer *t, void *context, int flags, const char *text, int n,
                 int (*token)(void *, int, const char *, int, int, int))
{
    int rc = SQLITE_OK;
    (void)t;
    (void)flags;
    for (int i = 0; rc == SQLITE_OK && i < n;) {
        const char *blank = memchr(text + i, ' ', (size_t)(n - i));
        int end = blank ? (int)(blank - text) : n;
        if (end > i)
            rc = token(context, 0, text + i, end - i, i, end);
        i = end + 1;
    }
    return rc;
}

int db_terms(sqlite3 *handle)
{
    fts5_api *api = NULL;
    sqlite3_stmt *q = NULL;
    static fts5_tokenizer terms = {create, destroy, split};
    int rc = sqlite3_prepare_v2(handle, "SELECT fts5(?1)", -1, &q, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_pointer(q, 1, &api, "fts5_api_ptr", NULL);
    if (rc == SQLITE_OK)
        sqlite3_step(q);
    int end = sqlite3_finalize(q);
    rc = rc == SQLITE_OK ? end : rc;
    if (rc == SQLITE_OK && !api)
        rc = SQLITE_ERROR;
    return rc == SQLITE_OK ? api->xCreateTokenizer(api, "terms", NULL, &terms, NULL) : rc;
}
