/* text/words.h: how many words a text has, in any script.
 *
 * Words as ICU breaks them (UAX 29, dictionaries where a script has no blanks: Thai, Chinese,
 * Japanese ...); numbers count, punctuation and blanks don't. Errors: ST_INVALID for broken UTF-8,
 * ST_NOMEM. Threads: any. */
#ifndef TEXT_WORDS_H
#define TEXT_WORDS_H

#include "base/arena.h"

/* The arena is as it was before. */
MUST_USE enum status words_count(str text, struct arena *a, i64 *ret);

#endif
