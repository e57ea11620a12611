/* JSON (RFC 8259) written to a stream, one value after the other. */
#include "libapi/tool/json.h"

#include "libapi/tool/text.h"

#include <inttypes.h>

static void begin_json_value(struct json *j, const char *key)
{
    if (j->more)
        fputc(',', j->to);
    j->more = 1;
    /* Each record of a list starts a new line, for people and for grep. */
    if (j->depth == 1 && !key)
        fputc('\n', j->to);
    if (key)
        fprintf(j->to, "\"%s\":", key);
}

void json_open(struct json *j, const char *key, char bracket)
{
    begin_json_value(j, key);
    fputc(bracket, j->to);
    j->depth++;
    j->more = 0;
}

void json_open_record(struct json *j, const char *key)
{
    json_open(j, key, '{');
    json_number(j, "schema", JSON_SCHEMA);
}

void json_begin_list(struct json *j)
{
    if (!j->depth)
        json_open(j, NULL, '[');
}

void json_close(struct json *j, char bracket)
{
    j->depth--;
    if (!j->depth && bracket == ']' && j->more)
        fputc('\n', j->to);
    fputc(bracket, j->to);
    j->more = 1;
    if (!j->depth)
        fputc('\n', j->to);
}

/*
 * Writes a code point in ASCII only, so that the reader's encoding does not matter (RFC 8259:
 * escapes in section 7, pairs in section 12).
 */
static void put_json_point(FILE *to, uint32_t c)
{
    if (c == '"' || c == '\\')
        fprintf(to, "\\%c", (char)c);
    else if (c >= 0x20 && c < 0x7f)
        fputc((int)c, to);
    else if (c < 0x10000)
        fprintf(to, "\\u%04" PRIx32, c);
    else
        fprintf(to, "\\u%04" PRIx32 "\\u%04" PRIx32, 0xd800 + ((c - 0x10000) >> 10),
                0xdc00 + ((c - 0x10000) & 0x3ff));
}

void json_string(struct json *j, const char *key, const char *value)
{
    begin_json_value(j, key);
    if (!value) {
        fputs("null", j->to);
        return;
    }
    fputc('"', j->to);
    while (*value)
        put_json_point(j->to, text_next(&value));
    fputc('"', j->to);
}

void json_number(struct json *j, const char *key, uint64_t value)
{
    begin_json_value(j, key);
    fprintf(j->to, "%" PRIu64, value);
}

void json_bool(struct json *j, const char *key, bool value)
{
    begin_json_value(j, key);
    fputs(value ? "true" : "false", j->to);
}

void json_number_or_null(struct json *j, const char *key, uint64_t value)
{
    if (value)
        json_number(j, key, value);
    else
        json_string(j, key, NULL);
}

void json_string_or_null(struct json *j, const char *key, const char *value)
{
    json_string(j, key, *value ? value : NULL);
}
