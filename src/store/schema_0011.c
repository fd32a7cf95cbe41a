/* The eleventh schema: fronts with rules; navigation and footer with links of every sort;
 * the newsroom's own pages at the desk. */
#include "store/schema_0011.h"

const char *const schema_0011 =
    /* A slot holds a story, or finds one: rule is enum slot_rule of store/front.h; about: the slug
       of the section or topic that the rule is about, "" for the others. */
    "ALTER TABLE front_slot ADD COLUMN rule I64 NOT NULL DEFAULT 0;"
    "ALTER TABLE front_slot ADD COLUMN about TEXT NOT NULL DEFAULT '';"
    /* An entry of the footer names a page (story), or an address elsewhere, or is words alone. */
    "ALTER TABLE footer ADD COLUMN address TEXT NOT NULL DEFAULT '';"
    /* What stands in the navigation beside the sections: after so many of them. */
    "CREATE TABLE navigation (edition I64 NOT NULL REFERENCES edition (id), position I64 NOT NULL,"
    " after_sections I64 NOT NULL, words TEXT NOT NULL, story TEXT NOT NULL, address TEXT NOT NULL,"
    " PRIMARY KEY (edition, position)) STRICT;"
    /* The newsroom's own pages, few among many stories. kind 2: enum story_kind's page. */
    "CREATE INDEX work_pages ON work (edition, touched_ms, id) WHERE kind = 2;";
