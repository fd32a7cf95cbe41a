/* base/guard.h: a mark on each check that a promise rests on.
 *
 *     if (GUARD(drop_on_event) && touched(entry)) drop(entry);
 *
 * In a release GUARD(x) is 1 and costs nothing. In a test build (-DBROADSHEET_PROVE) the
 * environment's BROADSHEET_GUARD_OFF names one guard that is then 0, and `make prove` expects the
 * test listed for it in test/prove.list to fail by its own assertion. The name is an identifier,
 * unique in the source. */
#ifndef BASE_GUARD_H
#define BASE_GUARD_H

#include <stdbool.h>

#ifdef BROADSHEET_PROVE
bool guard_on(const char *name);
#define GUARD(name) guard_on(#name)
#else
#define GUARD(name) 1
#endif

#endif
