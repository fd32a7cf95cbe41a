/* newsroom/sweep.h: files in SITE/media that no row names are removed after a day.
 *
 * They are left by a publication that failed, or was killed, after its pictures were kept. Slices
 * are small, so that a round never holds the writer for long. Threads: any but the writer's. */
#ifndef NEWSROOM_SWEEP_H
#define NEWSROOM_SWEEP_H

#include "media/blob.h"
#include "store/picture.h"

enum { SWEEP_SLICES = 2 * BLOB_SLICES };

/* One slice of SWEEP_SLICES. *gone: how many files were removed. */
MUST_USE enum status sweep_pictures(struct writer *w, struct blobs *b, int slice, size_t *gone,
                                    struct err *err);

/* At once, for a picture whose row was taken away; a file that was kept again within the last two
 * seconds, or that another picture's row names, stays. */
MUST_USE enum status sweep_one(struct writer *w, struct blobs *b, const struct picture *p,
                               struct err *err);

#endif
