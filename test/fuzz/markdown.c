/* Markdown to a document; the document's own Markdown reads back as the same document. */
#include "fuzz.h"

#include "text/document.h"

static void one(str in, struct arena *a)
{
    struct node *doc, *again;
    struct err err = {0};
    if (in.n > 64 << 10 || document_from_markdown(in, 1, a, &doc, &err))
        return;
    struct out md = out_make(a, 4096, 8 << 20), x = out_make(a, 4096, 8 << 20),
               y = out_make(a, 4096, 8 << 20);
    document_to_markdown(doc, &md);
    if (out_status(&md) || document_from_markdown(out_view(&md), 1, a, &again, &err))
        return;
    document_write(doc, &x);
    document_write(again, &y);
    if (!a->oom && !str_eq(out_view(&x), out_view(&y)))
        abort();
}
