/* store/db_terms.h: for db_sqlite.c alone: the tokenizer "terms" of the full-text index.
 *
 * What is indexed comes as terms already (text/terms.h knows how words of a language are made one),
 * parted by blanks: all that is left to do is to part them. It has to be registered on every
 * connection: one without it can't write the table that names it, nor look anything up in it.
 * Source: https://www.sqlite.org/fts5.html, "Extending FTS5". */
#ifndef STORE_DB_TERMS_H
#define STORE_DB_TERMS_H

#include <sqlite3.h>

/* An SQLite code; SQLITE_ERROR where SQLite has no FTS5. */
int db_terms(sqlite3 *handle);

#endif
