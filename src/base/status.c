#include "base/status.h"

#include <stdarg.h>
#include <stdio.h>

static const struct {
    int http;
    const char *name, *words;
} statuses[] = {
#define X(n, h, w) {.http = h, .name = #n, .words = w},
    STATUS_LIST(X)
#undef X
};

int status_http(enum status st)
{
    return statuses[st].http;
}

const char *status_name(enum status st)
{
    return statuses[st].name;
}

enum status fail(struct err *err, enum status st, const char *fmt, ...)
{
    if (err) {
        va_list ap;
        va_start(ap, fmt);
        vsnprintf(err->text, sizeof err->text, fmt, ap);
        va_end(ap);
    }
    return st;
}

const char *err_words(const struct err *err, enum status st)
{
    return err->text[0] ? err->text : statuses[st].words;
}
