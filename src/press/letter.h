/* press/letter.h: what a message of mail says, in the language of whom it goes to.
 *
 * Plain text of the theme's messages; links are made from the theme's base address, never from what
 * a request said. Ownership: everything in the view's arena. */
#ifndef PRESS_LETTER_H
#define PRESS_LETTER_H

#include "newsroom/mail.h"
#include "press/theme.h"

struct letter {
    str from_name; /* the site's, in that language */
    str subject, text;
};
MUST_USE enum status letter_write(struct view *v, struct theme *theme, const struct mail *m,
                                  struct letter *ret);

#endif
