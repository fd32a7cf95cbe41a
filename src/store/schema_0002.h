/* store/schema_0002.h: the second migration's text, for schema.c alone. */
#ifndef STORE_SCHEMA_0002_H
#define STORE_SCHEMA_0002_H

extern const char *const schema_0002;

#endif
