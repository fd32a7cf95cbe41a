/* The second schema: what makes printing cheaper. */
#include "store/schema_0002.h"

const char *const schema_0002 =
    /* the newest event that changed editions or sections, so that a reader knows whether those it
       has read before are still true */
    "ALTER TABLE clock ADD COLUMN site I64 NOT NULL DEFAULT 0;";
