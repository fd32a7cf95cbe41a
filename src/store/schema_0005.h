/* store/schema_0005.h: the fifth migration's text, for schema.c alone. */
#ifndef STORE_SCHEMA_0005_H
#define STORE_SCHEMA_0005_H

extern const char *const schema_0005;

#endif
