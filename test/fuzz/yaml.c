/* site.yaml and sections.yaml. */
#include "fuzz.h"

#include "text/site_file.h"

static void one(str in, struct arena *a)
{
    struct site_file site;
    struct sections_file sections;
    struct err err = {0};
    enum status st = site_file_read(in, a, &site, &err);
    st = sections_file_read(in, a, &sections, &err);
    (void)st;
}
