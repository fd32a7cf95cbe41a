/* store/schema_0001.h: the first migration's text, for schema.c alone. */
#ifndef STORE_SCHEMA_0001_H
#define STORE_SCHEMA_0001_H

extern const char *const schema_0001;

#endif
