/* store/schema_0008.h: the eighth migration's text, for schema.c alone. */
#ifndef STORE_SCHEMA_0008_H
#define STORE_SCHEMA_0008_H

extern const char *const schema_0008;

#endif
