/* newsroom/removal_parts.h: what the files of newsroom/removal.h share; private to this room. */
#ifndef NEWSROOM_REMOVAL_PARTS_H
#define NEWSROOM_REMOVAL_PARTS_H

#include "base/hash.h"
#include "newsroom/draft_parts.h"
#include "newsroom/removal.h"
#include "store/hold.h"
#include "store/removal.h"

/* ---- the list (removal_list.c) ---- */

/* What goes from one text of a row: its number (text/story_cut.h) and bytes. */
struct text_cut {
    size_t text;
    struct cut cut;
};
struct row_cuts {
    enum removal_row row;
    i64 number, position; /* position: of a front's place */
    struct text_cut *cuts;
    size_t n, cap;
    str left; /* hex: of what the row has without them */
};
struct story_cuts {
    str key;
    struct row_cuts *rows;
    size_t n, cap;
};
struct removal_entry {
    str id; /* 32 hex digits */
    i64 at;
    struct story_cuts *stories;
    size_t n;
};

/* Appends it, synced. One without stories undoes an earlier one of the same id: of several the last
 * counts. */
MUST_USE enum status removal_list_add(int dir, const struct removal_entry *e, struct arena *a,
                                      struct err *err);
/* Those that count, oldest first. */
MUST_USE enum status removal_list_read(int dir, struct arena *a, struct removal_entry **ret,
                                       size_t *n, struct err *err);

/* ---- the rows (removal_rows.c) ---- */

/* A story that words go from: the one that was asked for, or of its family. */
struct member {
    struct work work;   /* id 0: none */
    struct story story; /* likewise */
    bool hidden;        /* restricted to others */
};
str member_key(const struct member *m);

/* A row with its texts: what stands in it by itself, and a content's canonical bytes. */
struct removal_texts {
    enum removal_row row;
    i64 number, position;
    str *texts[2];
    enum words_place places[2];
    size_t n;
    str *bytes; /* or NULL */
    union {
        struct revision revision;
        struct save save;
        struct scheduled scheduled;
        struct work_note note;
        struct slot_words slot;
        struct audit_words line, due; /* due: why it couldn't go live */
        struct waiting waiting;
        struct hold hold;
    };
};
/* Every row of the member, in the order of enum removal_row, each kind's newest first. v's arena is
 * emptied of a row when fn has returned. */
typedef enum status removal_row_fn(void *arg, struct removal_texts *r);
MUST_USE enum status removal_rows(struct view *v, const struct member *m, removal_row_fn *fn,
                                  void *arg);
/* Cuts each of its texts; *left as of struct row_cuts. The bytes are written anew only where
 * something went. */
MUST_USE enum status removal_row_cut(struct removal_texts *r, struct cutter *c, str *left,
                                     struct err *err);
/* Writes it where it stood. */
MUST_USE enum status removal_row_write(struct tx *tx, struct removal_texts *r, i64 at);

/* ---- the logs (removal_logs.c) ---- */

struct log_words {
    struct log *log; /* NULL: there are none */
    struct passage passage;
    struct arena *scratch, *keep; /* scratch is emptied after each line */
    struct err *err;
    bool held;
};
/* Covers the words in the log's files, rotated ones too, and holds back lines that come from then
 * on, until removal_logs_end covers those and lets them go; which is called whatever came of it.
 * Between the two the words can be removed: a crash leaves none in a log. */
MUST_USE enum status removal_logs_begin(struct log_words *w);
void removal_logs_end(struct log_words *w);
/* One line; whether there was anything. */
bool removal_cover(struct log_words *w, char *line, size_t n);

#endif
