/* store/schema_0007.h: the seventh migration's text, for schema.c alone. */
#ifndef STORE_SCHEMA_0007_H
#define STORE_SCHEMA_0007_H

extern const char *const schema_0007;

#endif
