/* base/banned.h: included before every file by the compiler (-include). Names that write without a
 * bound, keep hidden state, or read numbers without telling what went wrong do not compile. */
#ifndef BASE_BANNED_H
#define BASE_BANNED_H

#include <alloca.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#undef alloca
#pragma GCC poison strcpy strcat sprintf vsprintf strtok localtime gmtime atoi sscanf alloca

#endif
