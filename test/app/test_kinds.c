/* Every kind of page as w3m shows it, against a golden copy that a person has read (test/golden).
 * BROADSHEET_GOLDEN=write writes the copies anew. */
#include "kinds.h"

static int setup(void **state)
{
    static struct world w;
    world_open(&w, site_yaml, sections_yaml, NULL);
    publish_others(&w, "");
    *state = &w;
    return 0;
}

static void golden(void **state)
{
    struct world *w = *state;
    bool write = getenv("BROADSHEET_GOLDEN") != NULL;
    every_kind_is_there();
    publish_with_picture(w, arena_fmt(&w->a, "---\nid: wall\n%s---\n%s", whole, whole_body));
    publish_with_picture(
        w,
        arena_fmt(&w->a,
                  "---\nid: wall\nchange: correction\ncorrection: The year was wrong.\n%s---\n%s",
                  whole, whole_body));
    for (size_t i = 0; i < COUNT(kind_pages); i++) {
        str page;
        char path[200];
        if (kind_pages[i].kind == PAGE_PICTURE)
            continue; /* no words in it */
        get(w, kind_pages[i].path, &page);
        bool is_html = page.n && str_starts(page, STR("<!doctype html"));
        str have = is_html ? as_read(w, page, 72) : page;
        snprintf(path, sizeof path, "test/golden/%s.txt", page_kind_names[kind_pages[i].kind]);
        CLEANUP(file_close) FILE *f = fopen(path, write ? "w" : "r");
        if (!f)
            test_fail("%s is missing: a person has to read and keep it", path);
        if (write) {
            fwrite(have.p, 1, have.n, f);
            continue;
        }
        char *buf = arena_bytes(&w->a, 1 << 18);
        str want = {buf, fread(buf, 1, 1 << 18, f)};
        if (!str_eq(have, want))
            test_fail("%s differs; it is now:\n%.*s", path, FMT(have));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(golden, setup, world_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
