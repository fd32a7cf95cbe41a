/* newsroom/intake.h: what a person hands in, from its bytes to the one door.
 *
 * A message is one story file with the pictures it names, or sections.yaml or site.yaml. Pictures
 * are kept (on disk, synced) before the transaction that names them. The same code serves a command
 * that works alone and the server. Errors: "NAME: line N: ..." in err. Threads: any; each call has
 * its own arena. */
#ifndef NEWSROOM_INTAKE_H
#define NEWSROOM_INTAKE_H

#include "media/blob.h"
#include "newsroom/publish.h"
#include "newsroom/site.h"

enum { INTAKE_FILES = STORY_PICTURES + 1, INTAKE_BATCH = 1000 };

struct intake_file {
    str name, bytes;
};
enum intake_kind { INTAKE_STORY, INTAKE_SECTIONS, INTAKE_SITE };
struct intake_message {
    enum intake_kind kind;
    str name; /* as the person called it, for words */
    str bytes;
    struct intake_file *files; /* pictures, named as in the file */
    size_t nfiles;
    bool replace; /* what the desk has changed gives way: newsroom/site.h */
};

struct intake {
    struct writer *writer;
    struct blobs *blobs;
    struct locales_known locales;
    /* Called after a change of what every page shows (site.yaml, sections.yaml) is durable and
     * heard of, before its answer: where pages are printed again. May be NULL. */
    void (*settle)(void *arg);
    void *settle_arg;
    /* The locale of an edition by its slug ("": the first), "" where there is none, so that a story
     * is split into words before the writer has it. May be NULL. */
    enum status (*language)(void *arg, str edition, struct arena *a, str *ret, struct err *err);
    void *language_arg;
};

/* What came of it, in one line for the person, with warnings as lines of their own. */
struct intake_answer {
    enum status st;
    str line; /* "published /town/2026/11/20/harbour-wall (revision 2)"; the error otherwise */
    str warnings[PUBLISH_WARNINGS];
    size_t nwarnings;
};
void intake_take(const struct intake *in, const struct intake_message *m, struct arena *a,
                 struct intake_answer *ret);

/* The same in two steps, so that many messages share a commit: intake_begin reads, checks and keeps
 * pictures, and hands the closure to the writer without waiting for it; intake_end waits and gives
 * the answer. Messages are written in the order of their intake_begin. The message's bytes and
 * the arena live until intake_end, and nobody else uses the arena in between. told is called once,
 * when intake_end would not wait any more: on the writer's thread, or before intake_begin returns.
 * NULL when the arena is full. */
struct intake_flight;
MUST_USE struct intake_flight *intake_begin(const struct intake *in, const struct intake_message *m,
                                            struct arena *a, void (*told)(void *arg), void *arg);
bool intake_done(struct intake_flight *f);
void intake_end(struct intake_flight *f, struct intake_answer *ret);
/* All or none: checks all, keeps the pictures, then writes all in one closure of its own. At most
 * INTAKE_BATCH. When nothing was done no answer's st is ST_OK, and one has a line: it says why. */
void intake_take_all(const struct intake *in, const struct intake_message *m, size_t n,
                     struct arena *a, struct intake_answer *ret);
/* The picture files that a message's bytes name; a file that can't be read names none. For whoever
 * reads the folder. */
size_t intake_picture_names(enum intake_kind kind, str bytes, struct arena *a, str *names,
                            size_t max);

/* The line in which those bytes name the picture first; 0 when they don't. */
int intake_picture_line(enum intake_kind kind, str bytes, struct arena *a, str name);

/* Keeps one picture, on disk and synced, and fills the row that a transaction then writes with
 * picture_keep. ST_INVALID or ST_TOOLARGE with words for what is none that we take. */
MUST_USE enum status intake_picture(const struct intake *in, str bytes, struct arena *a,
                                    struct picture *ret, struct err *err);

void intake_withdraw(const struct intake *in, str key, str note, struct arena *a,
                     struct intake_answer *ret);
void intake_reinstate(const struct intake *in, str key, struct arena *a, struct intake_answer *ret);

#endif
