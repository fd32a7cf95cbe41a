/* The sixth schema: the audit log by who did it, and by what was done. */
#include "store/schema_0006.h"

const char *const schema_0006 =
    /* What one account did since a time, and what of one kind is too old to keep. */
    "CREATE INDEX audit_account ON audit (account, at);"
    "CREATE INDEX audit_kind ON audit (kind, at);";
