/* The thirteenth schema: which story has which picture at the desk, and what of either is gone. */
#include "store/schema_0013.h"

const char *const schema_0013 =
    /* A save that was destroyed keeps its row, who destroyed it and when; its bytes are "". */
    "ALTER TABLE save ADD COLUMN destroyed_ms I64 NOT NULL DEFAULT 0;"
    "ALTER TABLE save ADD COLUMN destroyed_by I64 NOT NULL DEFAULT 0;"
    /* added_by: the account that brought it, 0 for a file. shown: a live story has shown it, so
       that it is nobody's to destroy; what was there before this column is taken for shown. */
    "ALTER TABLE picture ADD COLUMN added_by I64 NOT NULL DEFAULT 0;"
    "ALTER TABLE picture ADD COLUMN shown I64 NOT NULL DEFAULT 1;"
    /* Whatever any save of a story has named. */
    "CREATE TABLE work_picture (work I64 NOT NULL REFERENCES work (id), picture I64 NOT NULL"
    " REFERENCES picture (id), PRIMARY KEY (work, picture)) STRICT;"
    "CREATE INDEX work_picture_picture ON work_picture (picture, work);"
    /* of those that readers don't see, which are few: each is looked for in every save */
    "INSERT INTO work_picture (work, picture) SELECT DISTINCT s.work, p.id FROM save s"
    " JOIN picture p ON s.bytes LIKE '%' || p.key || '%'"
    " WHERE NOT EXISTS (SELECT 1 FROM story_picture t WHERE t.picture = p.id);";
