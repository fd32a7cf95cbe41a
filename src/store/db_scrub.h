/* store/db_scrub.h: for db_sqlite.c alone: takes what was removed out of the database file's unused
 * places.
 *
 * SQLite's secure_delete overwrites what is deleted, but not what it leaves behind when it moves
 * rows from one page to another: copies stand between a page's list of rows and its first row,
 * where nothing reads them. One pass over the file writes zeros there, and nowhere else: whoever
 * reads meanwhile, and a crash in the middle, find a whole database.
 *
 * Source of the page's form: https://www.sqlite.org/fileformat2.html, "B-tree Pages". An overflow
 * or a free page begins with a page's number, whose first byte is 0 below 2^24 pages: so it is
 * never taken for a page of rows, whose first byte says its kind. A larger file (64 GiB) is left
 * alone and is a failure.
 *
 * Only between transactions, with an empty log (db_checkpoint_erase), on the writer's thread: 0.2 s
 * for a GB in memory. */
#ifndef STORE_DB_SCRUB_H
#define STORE_DB_SCRUB_H

#include <sqlite3.h>
#include <stdbool.h>

/* false when the file can't be read, written or synced: to be tried again. */
bool db_scrub(sqlite3 *handle);

#endif
