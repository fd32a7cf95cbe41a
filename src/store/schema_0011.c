/* The eleventh schema: fronts with rules. */
#include "store/schema_0011.h"

const char *const schema_0011 =
    /* A slot holds a story, or finds one: rule is enum slot_rule of store/front.h; about: the slug of
       the section or topic that the rule is about, "" for the others. */
    "ALTER TABLE front_slot ADD COLUMN rule I64 NOT NULL DEFAULT 0;"
    "ALTER TABLE front_slot ADD COLUMN about TEXT NOT NULL DEFAULT '';";
