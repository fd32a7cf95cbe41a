/* store/picture.h: the pictures a newsroom has, and where live stories show them.
 *
 * The bytes lie in media/blob.h; a row is written only after its bytes are on disk.
 * Keys: picture/ID (its address, size); url/PATH when an address belongs to no picture. */
#ifndef STORE_PICTURE_H
#define STORE_PICTURE_H

#include "store/view.h"
#include "store/writer.h"

struct picture {
    i64 id, type, width, height, size, added_ms;
    str key; /* how story files name it: the first 32 hex digits of the original's SHA-256 */
    str original, served; /* SHA-256, 32 bytes each */
    str address;          /* "/picture/HASH.jpg", HASH of the served bytes */
    i64 added_by;         /* the account that brought it; 0: it came with a file */
    bool shown;           /* a live story has shown it; set by pictures_shown */
};

MUST_USE enum status picture_by_key(struct view *v, str key, struct picture *ret);
MUST_USE enum status picture_by_id(struct view *v, i64 id, struct picture *ret);
/* A picture that readers may see: one at this address that a live story, a background that a live
 * story shows, or a section shows. Adds the keys on which that rests, url/PATH included. */
MUST_USE enum status picture_public(struct view *v, str address, struct picture *ret);
/* Whether any picture at this address is public, for touching url/PATH when that changes. Adds no
 * keys. */
MUST_USE enum status picture_is_public(struct view *v, str address, bool *ret);
/* Inserts unless the key is there; p->id is set either way. */
MUST_USE enum status picture_keep(struct tx *tx, struct picture *p);
/* From now on they have been public. */
MUST_USE enum status pictures_shown(struct tx *tx, const i64 *pictures, size_t n);
/* Takes the row away; its bytes are the caller's. ST_CONFLICT while a story or a section has it. */
MUST_USE enum status picture_remove(struct tx *tx, i64 picture);
/* Replaces the set of pictures that a live story shows. */
MUST_USE enum status story_pictures_write(struct tx *tx, i64 story, const i64 *pictures, size_t n);
MUST_USE enum status story_pictures(struct view *v, i64 story, struct picture **ret, size_t *n);
/* Whether a row names these bytes: hash is the original's, or the served ones' at this address. */
MUST_USE enum status picture_names_original(struct db *db, str hash_hex, bool *ret,
                                            struct err *err);
MUST_USE enum status picture_names_address(struct db *db, str address, bool *ret, struct err *err);
/* Every picture after id, at most limit: for check. */
MUST_USE enum status picture_list(struct view *v, i64 after, size_t limit, struct picture **ret,
                                  size_t *n);

#endif
