/* store/schema_0006.h: the sixth migration's text, for schema.c alone. */
#ifndef STORE_SCHEMA_0006_H
#define STORE_SCHEMA_0006_H

extern const char *const schema_0006;

#endif
