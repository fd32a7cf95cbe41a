/* The fourth schema: what stories are found by at the desk (store/find.h). */
#include "store/schema_0004.h"

/* Two indexes of one form. Terms come ready, parted by blanks (store/db_terms.h). headline: with a
 * mark before each, so that a word in a headline is a term of its own; words: those of headline and
 * text. No ranks are asked for, so no sizes are kept. Merging is done in slices: store/find.c. */
#define INDEX(name)                                                                                \
    "CREATE VIRTUAL TABLE " name                                                                   \
    " USING fts5(headline, words, tokenize = 'terms', columnsize = 0);"                            \
    "INSERT INTO " name " (" name ", rank) VALUES ('automerge', 0);"                               \
    "INSERT INTO " name " (" name ", rank) VALUES ('crisismerge', 500);"

const char *const schema_0004 =
    /* What was never public may be destroyed to the last byte, which rewrites all of its index: so
       that one is apart, and small. */
    INDEX("find_unseen") INDEX("find_seen")
    /* Which row of which index is whose: unseen 1 or 0. The newest text has the greatest id: both
       are read from its end. Stories that have none yet are given one when the site is opened. */
    "CREATE TABLE found (id ID, work I64 NOT NULL UNIQUE, unseen I64 NOT NULL) STRICT;";
