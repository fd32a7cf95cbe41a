/* store/work_parts.h: how rows of work are read, for work.c, due.c and find.c alone. */
#ifndef STORE_WORK_PARTS_H
#define STORE_WORK_PARTS_H

#include "store/work.h"

/* The columns of work_row, and what they are joined from, beside "work w". */
#define WORK_COLUMNS                                                                               \
    "w.id, w.key, w.edition, w.section, w.headline, w.kind, w.state, w.public, w.save, w.base,"    \
    " w.author, w.assignee, w.deadline_ms, w.due_ms, w.words, w.touched_ms, w.touched_by,"         \
    " w.sent_by, w.approved, w.approved_by, w.scheduled, w.restricted, a.name, b.name, c.name,"    \
    " s.account, o.at"
#define WORK_JOINS                                                                                 \
    " LEFT JOIN account a ON a.id = w.author LEFT JOIN account b ON b.id = w.assignee"             \
    " LEFT JOIN account c ON c.id = w.touched_by"                                                  \
    " LEFT JOIN save s ON s.work = w.id AND s.number = w.save"                                     \
    " LEFT JOIN hold o ON o.work = w.id"

/* $1 who looks, $2 whether what is restricted is shown to all (no: a guard), $3 to $8 the filters,
 * $9 whether others' are asked for too. A filter that isn't given is no reason to read a row, and
 * one that is given stands once more, by itself, in the statement that goes along its index. */
#define WORK_ASKED                                                                                 \
    " AND ($3 = 0 OR w.state = $3 - 1) AND ($4 = 0 OR w.public = $4 - 1)"                          \
    " AND ($5 = 0 OR w.author = $5) AND ($6 = 0 OR w.assignee = $6)"                               \
    " AND ($7 = '' OR w.edition = $7) AND ($8 = '' OR w.section = $8)"                             \
    " AND ($2 = 1 OR w.restricted = 0 OR EXISTS (SELECT 1 FROM work_person r WHERE r.work = w.id"  \
    " AND r.kind = 1 AND r.account = $1))"                                                         \
    " AND ($9 = 1 OR w.author = $1 OR w.assignee = $1 OR EXISTS (SELECT 1 FROM work_person h"      \
    " WHERE h.work = w.id AND h.kind = 0 AND h.account = $1))"
#define WORK_SELECT "SELECT " WORK_COLUMNS " FROM work w" WORK_JOINS

enum { WORK_ROW_COLUMNS = 27 };
struct work work_row(const struct stmt *q, struct arena *a);
/* $1 to $9. */
void work_bind_asked(struct stmt *q, const struct work_query *ask);

#endif
