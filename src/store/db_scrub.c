#include "store/db_scrub.h"

#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/str.h"

enum { CHUNK_BYTES = 1 << 20, FIRST_PAGE_HEAD = 100, PAGE_SIZE_AT = 16 };

static unsigned two_bytes(const u8 *p)
{
    return (unsigned)p[0] << 8 | p[1];
}

/* Where the unused part of a page of rows lies; false when there is none, or it is another page. */
static bool unused(const u8 *page, size_t size, bool first, size_t *from, size_t *to)
{
    const u8 *head = page + (first ? FIRST_PAGE_HEAD : 0);
    size_t head_size;
    switch (head[0]) {
    case 2: /* an inner page of an index, of a table */
    case 5:
        head_size = 12;
        break;
    case 10: /* a leaf of an index, of a table */
    case 13:
        head_size = 8;
        break;
    default:
        return false;
    }
    *from = (size_t)(head - page) + head_size + 2 * (size_t)two_bytes(head + 3);
    *to = two_bytes(head + 5);
    if (*to == 0)
        *to = 1 << 16;
    return *from < *to && *to <= size;
}

static bool zero(const u8 *p, size_t n)
{
    return n == 0 || (p[0] == 0 && memcmp(p, p + 1, n - 1) == 0);
}

static bool scrub_chunk(sqlite3_file *f, u8 *chunk, sqlite3_int64 at, size_t n, size_t size,
                        bool *wrote)
{
    if (f->pMethods->xRead(f, chunk, (int)n, at) != SQLITE_OK)
        return false;
    for (size_t i = 0; i + size <= n; i += size) {
        size_t from, to;
        if (!unused(chunk + i, size, at == 0 && i == 0, &from, &to) ||
            zero(chunk + i + from, to - from))
            continue;
        memset(chunk + i + from, 0, to - from);
        *wrote = true;
        if (f->pMethods->xWrite(f, chunk + i + from, (int)(to - from),
                                at + (sqlite3_int64)(i + from)) != SQLITE_OK)
            return false;
    }
    return true;
}

static bool page_size(sqlite3_file *f, size_t *ret)
{
    u8 two[2];
    if (f->pMethods->xRead(f, two, sizeof two, PAGE_SIZE_AT) != SQLITE_OK)
        return false;
    *ret = two_bytes(two) == 1 ? 1 << 16 : two_bytes(two);
    return *ret >= 512 && CHUNK_BYTES % *ret == 0;
}

bool db_scrub(sqlite3 *handle)
{
    sqlite3_file *f = NULL;
    sqlite3_int64 total = 0;
    size_t size = 0;
    bool wrote = false;
    CLEANUP(mem_free) u8 *chunk = malloc(CHUNK_BYTES);
    /* the engine's own descriptor: closing another one would give up its locks */
    if (!chunk ||
        sqlite3_file_control(handle, "main", SQLITE_FCNTL_FILE_POINTER, &f) != SQLITE_OK || !f ||
        !f->pMethods || f->pMethods->xFileSize(f, &total) != SQLITE_OK || !page_size(f, &size) ||
        total / (sqlite3_int64)size >= 1 << 24)
        return false;
    for (sqlite3_int64 at = 0; at < total; at += CHUNK_BYTES) {
        sqlite3_int64 left = total - at;
        size_t n = left < CHUNK_BYTES ? (size_t)left : CHUNK_BYTES;
        if (!scrub_chunk(f, chunk, at, n, size, &wrote))
            return false;
    }
    sqlite3_db_release_memory(handle); /* pages in memory still have what is gone from the file */
    return !wrote || f->pMethods->xSync(f, SQLITE_SYNC_FULL) == SQLITE_OK;
}
