/* store/schema_0011.h: the eleventh migration's text, for schema.c alone. */
#ifndef STORE_SCHEMA_0011_H
#define STORE_SCHEMA_0011_H

extern const char *const schema_0011;

#endif
