/* JSON (RFC 8259) written to a stream, one value after the other. */
#ifndef BTNS_LIBAPI_TOOL_JSON_H
#define BTNS_LIBAPI_TOOL_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct json {
    FILE *to;
    unsigned depth;
    int more; /* this level already has a value, so the next one needs a comma */
};

/* key: the member's name; NULL in an array and at the top level. */
void json_open(struct json *j, const char *key, char bracket); /* '{' or '[' */
/*
 * Opens an object that programs read on its own (a command's answer, an entry of a list, an event).
 * Its first member is the version of the schema.
 */
#define JSON_SCHEMA 1
void json_open_record(struct json *j, const char *key);
void json_close(struct json *j, char bracket); /* '}' or ']'; at the top level also a newline */
void json_begin_list(struct json *j);          /* the first call at the top level writes '[' */
/* Bytes that are not UTF-8 are written as \ufffd. NULL is written as null, "" as "". */
void json_string(struct json *j, const char *key, const char *value);
void json_number(struct json *j, const char *key, uint64_t value);
void json_bool(struct json *j, const char *key, bool value);
/* Writes null for 0 or "", else the value. */
void json_number_or_null(struct json *j, const char *key, uint64_t value);
void json_string_or_null(struct json *j, const char *key, const char *value);

#endif
