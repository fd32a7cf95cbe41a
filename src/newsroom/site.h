/* newsroom/site.h: the newsroom's own things: editions, sections, navigation, footer, as
 * sections.yaml and site.yaml hand them in.
 *
 * Publishing a file again replaces what it says; when nothing differs nothing happens. What every
 * page shows (names, navigation, footer, editions) touches "site"; a section's description or
 * picture alone touches section/ID.
 *
 * The rows are the one truth. Once the desk has changed what a file says (newsroom/site_desk.h), a
 * file that differs is refused, ST_CONFLICT, until it is published as one that replaces them.
 * Runs inside one write transaction, like publish.h. Errors:
 * "line N: ...". */
#ifndef NEWSROOM_SITE_H
#define NEWSROOM_SITE_H

#include "newsroom/publish.h"
#include "text/site_file.h"

/* Whether readers can be served in a locale such as "en-GB": a complete messages file is there, or
 * why says what it lacks. */
struct locales_known {
    enum status (*check)(void *arg, str locale, struct err *why);
    void *arg;
};

struct site_published {
    bool changed;
    str warnings[PUBLISH_WARNINGS];
    size_t nwarnings;
};
/* Who says it. */
enum site_by { SITE_BY_FILE, SITE_BY_FILE_REPLACING, SITE_BY_DESK };
MUST_USE enum status publish_site(struct tx *tx, const struct site_file *f,
                                  const struct locales_known *locales, enum site_by by,
                                  struct site_published *ret);
MUST_USE enum status publish_sections(struct tx *tx, const struct sections_file *f,
                                      const struct kept_picture *pictures, size_t npictures,
                                      enum site_by by, struct site_published *ret);
/* What is there now, as the files would say it: for export --site. */
MUST_USE enum status site_as_files(struct view *v, struct site_file *site,
                                   struct sections_file *sections);

#endif
