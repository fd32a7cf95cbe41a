/* text/site_file.h: sections.yaml and site.yaml (docs/story-file.md, "Sections, navigation, the
 * newsroom's own pages"). Errors read "line N: what was expected". */
#ifndef TEXT_SITE_FILE_H
#define TEXT_SITE_FILE_H

#include "base/out.h"

enum { SITE_EDITIONS = 64, SITE_SECTIONS = 200, SITE_FOOTER = 40 };

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
struct footer_entry {
    str edition, text, story; /* story: the id of a story of kind page */
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
    struct footer_entry *footer;
    size_t nfooter;
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
