/* The eighth schema: mail that waits to be sent. */
#include "store/schema_0008.h"

const char *const schema_0008 =
    /* who runs a job: what publishes must never wait behind what waits for a network */
    "ALTER TABLE job ADD COLUMN queue I64 NOT NULL DEFAULT 0;"
    "DROP INDEX job_due;"
    "CREATE INDEX job_due ON job (queue, due, id);"
    /* What a message will say, never its text. path: of the link in it, a secret until it is sent.
       account 0: one that has none yet, or an address of which nobody has looked whether it has. */
    "CREATE TABLE mail (id ID, name TEXT NOT NULL, kind I64 NOT NULL, account I64 NOT NULL,"
    " email TEXT NOT NULL, person TEXT NOT NULL, edition TEXT NOT NULL, path TEXT NOT NULL,"
    " words TEXT NOT NULL, client TEXT NOT NULL, at I64 NOT NULL, until_ms I64 NOT NULL) STRICT;";
