#include "base/guard.h"

#ifdef BROADSHEET_PROVE
#include <stdlib.h>
#include <string.h>

bool guard_on(const char *name)
{
    const char *off = getenv("BROADSHEET_GUARD_OFF");
    return !off || strcmp(off, name) != 0;
}
#else
typedef int guard_needs_nothing_in_a_release;
#endif
