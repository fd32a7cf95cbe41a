/* store/schema_0010.h: the tenth migration's text, for schema.c alone. */
#ifndef STORE_SCHEMA_0010_H
#define STORE_SCHEMA_0010_H

extern const char *const schema_0010;

#endif
