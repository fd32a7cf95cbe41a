/* The twelfth schema: changes of live stories that wait for their time. */
#include "store/schema_0012.h"

const char *const schema_0012 =
    /* One save of a live story, for later (newsroom/draft.h). base: the live revision it was made
       from. change: of text/story_file.h. account: who scheduled it. failed: 1 when it was due and
       couldn't go live. */
    "CREATE TABLE waiting (work I64 PRIMARY KEY REFERENCES work (id), save I64 NOT NULL,"
    " base I64 NOT NULL, change I64 NOT NULL, correction TEXT NOT NULL, account I64 NOT NULL,"
    " at I64 NOT NULL, failed I64 NOT NULL) STRICT;";
