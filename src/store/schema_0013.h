/* store/schema_0013.h: the thirteenth migration's text, for schema.c alone. */
#ifndef STORE_SCHEMA_0013_H
#define STORE_SCHEMA_0013_H

extern const char *const schema_0013;

#endif
