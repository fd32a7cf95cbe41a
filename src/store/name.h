/* store/name.h: topics and bylines: names with an address, one per slug and edition, shown as first
 * written.
 *
 * A story's topics and authors are kept in their order. Ownership: strings in the view's arena. */
#ifndef STORE_NAME_H
#define STORE_NAME_H

#include "store/view.h"
#include "store/writer.h"

enum name_kind { NAME_TOPIC, NAME_BYLINE };
struct name {
    i64 id, edition;
    enum name_kind kind;
    str slug, name, lang;
    str role; /* in one story only */
};

/* "topic-list/7", "byline-list/4": the name of its list (store/story.h). */
str name_list_key(const struct name *n, struct arena *a);

MUST_USE enum status name_by_slug(struct view *v, enum name_kind kind, i64 edition, str slug,
                                  struct name *ret);
MUST_USE enum status name_by_id(struct view *v, i64 id, struct name *ret);
/* The one with n's slug, made with n's name and lang when there is none; n->id is set either way.
 */
MUST_USE enum status name_keep(struct tx *tx, struct name *n);
/* A story's, its topics first, each kind in its order. */
MUST_USE enum status names_of(struct view *v, i64 story, struct name **ret, size_t *n);
MUST_USE enum status names_write(struct tx *tx, i64 story, enum name_kind kind,
                                 const struct name *list, size_t n);

#endif
