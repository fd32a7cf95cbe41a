/* store/schema_0012.h: the twelfth migration's text, for schema.c alone. */
#ifndef STORE_SCHEMA_0012_H
#define STORE_SCHEMA_0012_H

extern const char *const schema_0012;

#endif
