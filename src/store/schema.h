/* store/schema.h: numbered migrations, each one transaction, recorded.
 *
 * schema_open brings a database to this program's schema. A database that has rows is backed up
 * first, beside itself (site.db.before-N), and that copy is on disk before the first change. A
 * schema newer than the program's is refused with ST_CONFLICT and clear words. */
#ifndef STORE_SCHEMA_H
#define STORE_SCHEMA_H

#include "store/db.h"

/* Makes the schema where there is none: for a new site. */
MUST_USE enum status schema_open(struct db *db, const char *path, struct err *err);
/* For a site that is there already: a database without any schema has lost all it held, and is
 * refused with ST_CORRUPT. */
MUST_USE enum status schema_upgrade(struct db *db, const char *path, struct err *err);
/* For readers: ST_OK when the database has exactly this program's schema. */
MUST_USE enum status schema_check(struct db *db, const char *path, struct err *err);
int schema_newest(void);

#endif
