/* text/site_file.h: sections.yaml and site.yaml (docs/story-file.md, "Sections, navigation, the
 * newsroom's own pages"). Errors read "line N: what was expected". */
#ifndef TEXT_SITE_FILE_H
#define TEXT_SITE_FILE_H

#include "base/out.h"

enum { SITE_EDITIONS = 64, SITE_SECTIONS = 200, SITE_FOOTER = 40, SITE_LINKS = 40 };
/* Lengths in bytes. */
enum {
    SITE_NAME = 80,
    SITE_MOTTO = 200,
    SITE_CONTACT = 200,
    SITE_DESCRIPTION = 500,
    SITE_ADDRESS = 400
};

struct section_entry {
    str edition, slug, name, description,
        picture; /* picture: a file beside sections.yaml, or "key:KEY" */
    bool navigation;
    int line;
};
struct edition_entry {
    str slug, locale, zone;
    int line;
};
struct link_entry { /* of a footer or, beside the sections, of the navigation */
    str edition, text;
    str story; /* the id of a story of kind page, or "" */
    str link;  /* an address elsewhere, or "" */
    i64 after; /* in the navigation: so many sections of the edition before it; SITE_SECTIONS: all
                */
    int line;
};
struct edition_text { /* name, motto, lead, corrections policy: one per edition */
    str edition, text;
    int line;
};
struct sections_file {
    struct section_entry *sections;
    size_t n;
};
struct site_file {
    str contact;
    struct edition_text *names, *mottos, *leads, *corrections; /* the last two: story ids */
    size_t nnames, nmottos, nleads, ncorrections;
    struct link_entry *footer, *navigation;
    size_t nfooter, nnavigation;
    struct edition_entry *editions;
    size_t neditions;
};
MUST_USE enum status sections_file_read(str bytes, struct arena *a, struct sections_file *ret,
                                        struct err *err);
void sections_file_write(const struct sections_file *f, struct out *o);
MUST_USE enum status site_file_read(str bytes, struct arena *a, struct site_file *ret,
                                    struct err *err);
void site_file_write(const struct site_file *f, struct out *o);

#endif
