/* The tenth schema: legal holds, and what waits for a person. */
#include "store/schema_0010.h"

const char *const schema_0010 =
    /* A story on legal hold, while it is. account: who put it there. */
    "CREATE TABLE hold (work I64 PRIMARY KEY REFERENCES work (id), account I64 NOT NULL,"
    " at I64 NOT NULL, reason TEXT NOT NULL) STRICT;"
    "CREATE INDEX hold_at ON hold (at, work);"
    /* What waits for a person, beside what the story's own row says. why, kind: store/due.h.
       account: who made it wait, 0 for nobody; owner: whom it is sent back to, 0 for none; source:
       the story that was corrected or withdrawn, with its revision, 0 for none. */
    "CREATE TABLE due (id ID, work I64 NOT NULL REFERENCES work (id), why I64 NOT NULL,"
    " at I64 NOT NULL, account I64 NOT NULL, owner I64 NOT NULL, source I64 NOT NULL,"
    " revision I64 NOT NULL, kind I64 NOT NULL, words TEXT NOT NULL) STRICT;"
    "CREATE INDEX due_why ON due (why, at, id);"
    "CREATE INDEX due_work ON due (work, why, id);"
    "CREATE INDEX due_source ON due (source, kind) WHERE source > 0;";
