/* The second schema. */
#include "store/schema_0002.h"

const char *const schema_0002 =
    /* the newest event that changed editions or sections, so that a reader knows whether those it
       has read before are still true */
    "ALTER TABLE clock ADD COLUMN site I64 NOT NULL DEFAULT 0;"
    /* all that the news map shows, in its order: two hundred rows lie on a few pages of the index,
       while their stories lie on as many pages of their own */
    "CREATE INDEX story_news ON story (edition, kind, state, first_ms, id, path, published_ms,"
    " headline);"
    /* the page of an edition that says how the newsroom corrects: a story's key, or "" */
    "ALTER TABLE edition ADD COLUMN corrections TEXT NOT NULL DEFAULT '';";
