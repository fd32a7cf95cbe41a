/* store/schema_0004.h: the fourth migration's text, for schema.c alone. */
#ifndef STORE_SCHEMA_0004_H
#define STORE_SCHEMA_0004_H

extern const char *const schema_0004;

#endif
