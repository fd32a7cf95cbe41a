/* The seventh schema: links to previews. */
#include "store/schema_0007.h"

const char *const schema_0007 =
    /* A link that shows one save to whoever has it. hash: SHA-256 of its secret. */
    "CREATE TABLE preview_link (hash BYTES PRIMARY KEY, work I64 NOT NULL REFERENCES work (id),"
    " save I64 NOT NULL, account I64 NOT NULL, ends_ms I64 NOT NULL) STRICT;"
    "CREATE INDEX preview_link_work ON preview_link (work, save);"
    "CREATE INDEX preview_link_ends ON preview_link (ends_ms);";
