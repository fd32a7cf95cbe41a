/* text/passage.h: words as they are found in a text however they were typed, for taking them out.
 *
 * What is compared is Unicode's NFKC_Casefold: composed or decomposed, in capitals or not, with
 * soft hyphens and joiners or without is the same, and any run of white space is one blank. Marks
 * of letters count ("Muller" isn't "Müller"). Words are found within longer ones too, for whoever
 * has them removed wants no byte of them to stay: "Müller" in "Müllers". What is found begins and
 * ends with whole characters.
 *
 * Ownership: in the arena given. Threads: any. */
#ifndef TEXT_PASSAGE_H
#define TEXT_PASSAGE_H

#include "base/arena.h"

enum { PASSAGE_BYTES = 500, PASSAGE_LEAST = 2 /* UTF-16 units, folded */ };

struct passage {
    const uint16_t *units; /* folded */
    size_t n;
    str slug; /* as it stands in an address; "" where it has no form there */
};
/* Bytes of a text. */
struct cut {
    size_t from, n;
};

/* ST_INVALID for what is no text, has no letter or digit, or is shorter than PASSAGE_LEAST;
 * ST_TOOLARGE beyond PASSAGE_BYTES. */
MUST_USE enum status passage_make(str words, struct arena *a, struct passage *ret);
/* Where it stands, from the first on; none overlaps another. *n is 0 where it doesn't. */
MUST_USE enum status passage_find(const struct passage *p, str text, struct arena *a,
                                  struct cut **ret, size_t *n);
/* The same in a slug, or in a path made of slugs. */
MUST_USE enum status passage_find_slug(const struct passage *p, str slug, struct arena *a,
                                       struct cut **ret, size_t *n);
/* Whether an address on the web has it, percent-encoded, as a slug, or as it is. */
MUST_USE enum status passage_in_address(const struct passage *p, str url, struct arena *a,
                                        bool *ret);

#endif
