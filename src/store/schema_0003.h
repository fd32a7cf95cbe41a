/* store/schema_0003.h: the third migration's text, for schema.c alone. */
#ifndef STORE_SCHEMA_0003_H
#define STORE_SCHEMA_0003_H

extern const char *const schema_0003;

#endif
