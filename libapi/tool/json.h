/* JSON (RFC 8259) written to a stream, one value after the other. */
#ifndef BTNS_CTL_JSON_H
#define BTNS_CTL_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct json {
    FILE *to;
    unsigned depth;
    int more; /* something stands before, on this level */
};

/* key: the member's name, NULL in an array and on top. */
void json_open(struct json *j, const char *key, char bracket); /* '{' or '[' */
void json_close(struct json *j, char bracket);                 /* '}' or ']'; on top: a newline */
void json_begin_list(struct json *j); /* '[' on top, the first time it is called */
/* Bytes that are no UTF-8 come out as \ufffd; NULL and "" are two things: null and "". */
void json_string(struct json *j, const char *key, const char *value);
void json_number(struct json *j, const char *key, uint64_t value);
void json_bool(struct json *j, const char *key, bool value);
/* null where there is nothing to say (0, or ""), else the value. */
void json_number_or_null(struct json *j, const char *key, uint64_t value);
void json_string_or_null(struct json *j, const char *key, const char *value);

#endif
