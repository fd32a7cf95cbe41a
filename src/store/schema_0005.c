/* The fifth schema: fronts as people arrange them. */
#include "store/schema_0005.h"

const char *const schema_0005 =
    /* Every front that was saved is kept; an edition's newest is the one in force. account: who
       saved it. due_ms: 0, but for one that waits for its time and isn't in force. */
    "CREATE TABLE front (id ID, edition I64 NOT NULL REFERENCES edition (id), account I64 NOT NULL,"
    " at I64 NOT NULL, due_ms I64 NOT NULL) STRICT;"
    "CREATE INDEX front_edition ON front (edition, due_ms, id);"
    /* story: its key, for it may be one that isn't there yet. headline, picture: what stands there
       instead of the story's own, "" for its own; picture is a picture's key, alt its words. */
    "CREATE TABLE front_slot (front I64 NOT NULL REFERENCES front (id), position I64 NOT NULL,"
    " story TEXT NOT NULL, headline TEXT NOT NULL, picture TEXT NOT NULL, alt TEXT NOT NULL,"
    " PRIMARY KEY (front, position)) STRICT;";
