/* desk/refusal.h: what the door says of a story, for whoever sits at the desk.
 *
 * The door speaks English, to the command line and the log, and its sentence is the code of what it
 * refuses. A table has the sentence of every refusal that a form can cause, and the message that
 * says it in the languages of the theme. tools/check-refusals holds the table against the source:
 * no sentence is missing, none stands there that nobody says.
 *
 * Ownership: views of the sentence. Threads: any. */
#ifndef DESK_REFUSAL_H
#define DESK_REFUSAL_H

#include "base/str.h"

enum { REFUSAL_SLOTS = 3 };
struct refusal_slot {
    str name; /* the message's argument: "field" (a key of a story file), "words" (as typed), or a
                 number's */
    str text;
};
struct refusal {
    const char *key;
    struct refusal_slot slots[REFUSAL_SLOTS];
    size_t n;
};
/* sentence: with or without the place in the body. false: the table doesn't have it; *ret is then
 * what is said of anything. */
bool refusal_read(str sentence, struct refusal *ret);
/* The message with the name of a field: of a key of a story file, or of a form. "" for none. */
const char *refusal_field(str name);
/* The i-th line of the table, for what walks it; false beyond the last. */
bool refusal_at(size_t i, const char **sentence, const char **key);

#endif
