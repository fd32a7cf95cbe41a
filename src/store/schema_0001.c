/* The first schema. Words in capitals that SQL doesn't have (ID, I64, BYTES, STRICT) are the
 * driver's (store/db.h). */
#include "store/schema_0001.h"

const char *const schema_0001 =
    /* the event clock, its events, and what must happen */
    "CREATE TABLE clock (n I64 NOT NULL) STRICT;"
    "INSERT INTO clock (n) VALUES (0);"
    "CREATE TABLE event (id I64 PRIMARY KEY, kind TEXT NOT NULL, keys TEXT NOT NULL, at I64 NOT "
    "NULL) STRICT;"
    "CREATE TABLE job (id ID, kind TEXT NOT NULL, payload TEXT NOT NULL, due I64 NOT NULL,"
    " attempts I64 NOT NULL, leased_until I64 NOT NULL, UNIQUE (kind, payload)) STRICT;"
    "CREATE INDEX job_due ON job (due, id);"

    /* the newsroom: one row of settings per name, editions in order, their sections, footer and
       texts */
    "CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;"
    "CREATE TABLE edition (id ID, slug TEXT NOT NULL UNIQUE, locale TEXT NOT NULL, zone TEXT NOT "
    "NULL,"
    " position I64 NOT NULL, name TEXT NOT NULL, motto TEXT NOT NULL, lead TEXT NOT NULL) STRICT;"
    "CREATE INDEX edition_position ON edition (position, id);"
    "CREATE TABLE section (id ID, edition I64 NOT NULL REFERENCES edition (id), slug TEXT NOT NULL,"
    " name TEXT NOT NULL, description TEXT NOT NULL, picture I64 NOT NULL, navigation I64 NOT NULL,"
    " position I64 NOT NULL, listed I64 NOT NULL, UNIQUE (edition, slug)) STRICT;"
    "CREATE INDEX section_picture ON section (picture);"
    "CREATE TABLE footer (edition I64 NOT NULL REFERENCES edition (id), position I64 NOT NULL,"
    " words TEXT NOT NULL, story TEXT NOT NULL, PRIMARY KEY (edition, position)) STRICT;"

    /* stories: the row is what lists and cards show; what a page shows is in the live revision's
     * bytes. state: 0 unpublished (scheduled, or never live), 1 live, 2 withdrawn. section,
     * picture, family: 0 for none. */
    "CREATE TABLE story (id ID, key TEXT NOT NULL UNIQUE, key_fold TEXT NOT NULL UNIQUE,"
    " edition I64 NOT NULL REFERENCES edition (id), section I64 NOT NULL, kind I64 NOT NULL,"
    " state I64 NOT NULL, revision I64 NOT NULL, slug TEXT NOT NULL, path TEXT NOT NULL,"
    " first_ms I64 NOT NULL, published_ms I64 NOT NULL, updated_ms I64 NOT NULL, embargo_ms I64 "
    "NOT NULL,"
    " headline TEXT NOT NULL, front TEXT NOT NULL, standfirst TEXT NOT NULL, label TEXT NOT NULL,"
    " kicker I64 NOT NULL, picture I64 NOT NULL, picture_use TEXT NOT NULL, background TEXT NOT "
    "NULL,"
    " translation_of TEXT NOT NULL, family I64 NOT NULL, note TEXT NOT NULL) STRICT;"
    "CREATE INDEX story_family ON story (family, edition);"
    "CREATE INDEX story_translation ON story (translation_of);"
    "CREATE INDEX story_background ON story (background, state);"
    "CREATE TABLE revision (story I64 NOT NULL REFERENCES story (id), number I64 NOT NULL, kind "
    "I64 NOT NULL,"
    " note TEXT NOT NULL, author TEXT NOT NULL, at I64 NOT NULL, format I64 NOT NULL, salt BYTES "
    "NOT NULL,"
    " hash BYTES NOT NULL, bytes TEXT NOT NULL, PRIMARY KEY (story, number)) STRICT;"
    "CREATE TABLE scheduled (story I64 PRIMARY KEY REFERENCES story (id), due I64 NOT NULL, base "
    "I64 NOT NULL,"
    " author TEXT NOT NULL, at I64 NOT NULL, bytes TEXT NOT NULL) STRICT;"

    /* addresses that are or were a story's, and those kept for scheduled ones. A path is never
       given to another. */
    "CREATE TABLE address (path TEXT PRIMARY KEY, story I64 NOT NULL REFERENCES story (id)) STRICT;"
    "CREATE INDEX address_story ON address (story);"

    /* names of topics and bylines: one per slug and edition, shown as first written. kind: 0 topic,
       1 byline */
    "CREATE TABLE name (id ID, kind I64 NOT NULL, edition I64 NOT NULL REFERENCES edition (id),"
    " slug TEXT NOT NULL, name TEXT NOT NULL, lang TEXT NOT NULL, UNIQUE (kind, edition, slug)) "
    "STRICT;"
    "CREATE TABLE story_name (story I64 NOT NULL REFERENCES story (id), kind I64 NOT NULL, "
    "position I64 NOT NULL,"
    " name I64 NOT NULL REFERENCES name (id), role TEXT NOT NULL, PRIMARY KEY (story, kind, "
    "position)) STRICT;"
    "CREATE INDEX story_name_name ON story_name (name);"

    /* membership in lists (docs/architecture.md, \"Lists\"): present 0 keeps the place of a story
       that left */
    "CREATE TABLE listing (list TEXT NOT NULL, story I64 NOT NULL REFERENCES story (id), first_ms "
    "I64 NOT NULL,"
    " present I64 NOT NULL, PRIMARY KEY (list, story)) STRICT;"
    "CREATE INDEX listing_order ON listing (list, present, first_ms, story);"
    "CREATE INDEX listing_story ON listing (story);"

    /* pictures and where live stories show them. type: media/picture.h's enum */
    "CREATE TABLE picture (id ID, key TEXT NOT NULL UNIQUE, original BYTES NOT NULL, served BYTES "
    "NOT NULL,"
    " address TEXT NOT NULL, type I64 NOT NULL, width I64 NOT NULL, height I64 NOT NULL, size I64 "
    "NOT NULL,"
    " added_ms I64 NOT NULL) STRICT;"
    "CREATE INDEX picture_address ON picture (address);"
    "CREATE TABLE story_picture (story I64 NOT NULL REFERENCES story (id), picture I64 NOT NULL "
    "REFERENCES picture (id),"
    " PRIMARY KEY (story, picture)) STRICT;"
    "CREATE INDEX story_picture_picture ON story_picture (picture);";
