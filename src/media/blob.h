/* media/blob.h: where picture bytes lie: a folder SITE/media, by the SHA-256 of the bytes, in two
 * kinds: originals, which are never served, and served ones. An interface that an object store can
 * stand behind: nothing outside names a path.
 *
 * Durable: temporary name, write, fsync, rename, fsync of the folder, before blob_keep returns;
 * only then may a row name it. Keeping the same bytes again is a cheap success. Threads: any. */
#ifndef MEDIA_BLOB_H
#define MEDIA_BLOB_H

#include "base/arena.h"
#include "base/hash.h"

struct blobs;
enum blob_kind { BLOB_ORIGINAL, BLOB_SERVED };

/* folder: SITE/media, made if it isn't there. */
MUST_USE enum status blobs_open(const char *folder, struct blobs **ret, struct err *err);
void blobs_close(struct blobs *b);

MUST_USE enum status blob_keep(struct blobs *b, enum blob_kind kind, str bytes, struct sha256 *ret,
                               struct err *err);
/* A descriptor open for reading and its size; the caller closes it. ST_NOTFOUND when it isn't
 * there. */
MUST_USE enum status blob_open(struct blobs *b, enum blob_kind kind, struct sha256 hash, int *fd,
                               i64 *size, struct err *err);
/* --- files that no row names: left by a publication that failed after its picture was kept --- */
enum { BLOB_SLICES = 256, BLOB_ORPHAN_MS = 24 * 60 * 60 * 1000 };
/* The blobs of one slice (the hash's first byte) that were last kept more than BLOB_ORPHAN_MS
 * before now; temporary files as old are removed on the way. */
MUST_USE enum status blobs_old(struct blobs *b, enum blob_kind kind, int slice, i64 now,
                               struct arena *a, struct sha256 **ret, size_t *n, struct err *err);
/* Removes one, unless it was kept at that moment or later: blob_keep renews what it finds. */
MUST_USE enum status blob_remove(struct blobs *b, enum blob_kind kind, struct sha256 hash,
                                 i64 before, struct err *err);

/* Reads all of it and compares its SHA-256: ST_CORRUPT when it isn't the bytes it was. */
MUST_USE enum status blob_verify(struct blobs *b, enum blob_kind kind, struct sha256 hash,
                                 struct err *err);

#endif
