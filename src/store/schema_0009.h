/* store/schema_0009.h: the ninth migration's text, for schema.c alone. */
#ifndef STORE_SCHEMA_0009_H
#define STORE_SCHEMA_0009_H

extern const char *const schema_0009;

#endif
