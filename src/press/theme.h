/* press/theme.h: templates, messages, assets and base address in force: one immutable object with a
 * number.
 *
 * This room turns what is kept into the pages readers get, and holds them (cache.h). It is not for
 * what may be published (newsroom) nor for addresses and methods (site).
 *
 * The theme is built into the program (theme/); a site overrides it file by file in SITE/theme:
 * templates/X.mustache, assets/X, locales/LANGUAGE.json. theme_load checks it whole and fails on
 * the first fault with one line. Assets are served under /assets/HASH/NAME and are immutable;
 * "asset:NAME" in a stylesheet becomes that address. Threads: any, once loaded. Reference counted:
 * a render takes it once. */
#ifndef PRESS_THEME_H
#define PRESS_THEME_H

#include "http/finished.h"
#include "text/messages.h"
#include "text/mustache.h"

struct theme;

/* folder: SITE/theme, or NULL. base_url: site.conf's, for absolute addresses. number: from then on
 * its own. */
MUST_USE enum status theme_load(const char *folder, str base_url, i64 number, struct theme **ret,
                                struct err *err);
/* One tag of a template (see mustache_tags): that the template or the message it names is there,
 * and that the message has no arguments. What is misspelt would be left out silently: so a site's
 * own templates are checked when they are loaded, the built-in ones when the program is made. */
MUST_USE enum status theme_check_tag(const struct mustache *templates, const struct locale *english,
                                     char kind, str key, struct err *err);
struct theme *theme_ref(struct theme *t);
void theme_release(struct theme *t); /* NULL is allowed */
i64 theme_number(const struct theme *t);
str theme_base_url(const struct theme *t);
const struct mustache *theme_templates(const struct theme *t);
/* The messages for a locale such as "en-GB", made from its language's file; NULL when there is
 * none. */
const struct locale *theme_locale(struct theme *t, str tag);
/* The same with words when there are none, or they have a fault. */
MUST_USE enum status theme_check_locale(struct theme *t, str tag, struct err *err);
/* "/assets/HASH/NAME"; "" when there is no such asset. */
str theme_asset(const struct theme *t, str name);
/* The finished response for an asset's path, a reference; NULL when there is none. */
struct finished *theme_asset_page(const struct theme *t, str path);

/* A file of the built-in theme, by its path below theme/: for init and for checks. */
struct theme_file {
    const char *path;
    const char *start, *end;
};
extern const struct theme_file
    theme_files[]; /* ends with path NULL; made at build from theme/ and theme/fonts.list */

#endif
