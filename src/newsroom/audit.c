#include "newsroom/accounts.h"

const char *audit_name(enum audit_kind k)
{
    static const char *const names[] = {
#define X(k, name) name,
        AUDIT_LIST(X)
#undef X
    };
    return (size_t)k < COUNT(names) ? names[k] : "";
}

enum status audit_add(struct tx *tx, i64 account, enum audit_kind k, str about, str words,
                      str client)
{
    return audit_write(tx, &(struct audit_line){.at = tx->now,
                                                .account = account,
                                                .kind = (i64)k,
                                                .about = about,
                                                .words = words,
                                                .client = client});
}
