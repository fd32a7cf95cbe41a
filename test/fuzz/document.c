/* A document's JSON; what is taken is written and read again. */
#include "fuzz.h"

#include "text/document.h"

static void one(str in, struct arena *a)
{
    struct node *doc, *again;
    struct err err = {0};
    if (document_read(in, a, &doc, &err))
        return;
    struct out o = out_make(a, 4096, 8 << 20);
    document_write(doc, &o);
    if (!out_status(&o) && document_read(out_view(&o), a, &again, &err) == ST_INVALID)
        abort();
}
