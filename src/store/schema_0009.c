/* The ninth schema: words removed by order. */
#include "store/schema_0009.h"

const char *const schema_0009 =
    /* When words were removed from a revision, 0 for never; then it has no salt any more: what its
       hash is of can't be tested by guesses. */
    "ALTER TABLE revision ADD COLUMN removed_ms I64 NOT NULL DEFAULT 0;"
    /* Which entries of the site's list of removals (newsroom/removal.h) this database has had. */
    "CREATE TABLE removal (id TEXT PRIMARY KEY, at I64 NOT NULL) STRICT;"
    /* Addresses that held removed words and answer 410: place is what stands before the last
       segment, hash is SHA-256 of salt and path. */
    "CREATE TABLE gone (id ID, place TEXT NOT NULL, salt BYTES NOT NULL, hash BYTES NOT NULL) "
    "STRICT;"
    "CREATE INDEX gone_place ON gone (place, id);";
