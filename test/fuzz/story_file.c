/* Story files; what is taken is written and read again. */
#include "fuzz.h"

#include "text/story_file.h"

static void one(str in, struct arena *a)
{
    struct story_file f;
    struct err err = {0};
    if (story_file_read(in, a, &f, &err))
        return;
    struct out canonical = out_make(a, 4096, 8 << 20);
    struct story_content back;
    story_canonical(&f.story, &canonical);
    if (!out_status(&canonical) &&
        story_from_canonical(out_view(&canonical), a, &back, &err) == ST_CORRUPT)
        abort(); /* what we write we can read */
}
