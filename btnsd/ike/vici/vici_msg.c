/*
 * Builds VICI messages: sections, key-values and lists; no I/O (strongSwan's vici README, "Message
 * format").
 */
#include "btnsd/ike/vici/vici.h"

#include "libapi/wire/array.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX VICI_DEPTH_MAX
#define NAME_LEN  255
#define VALUE_MAX 65535
/* A packet also has its type and the command's name with a length. */
#define BODY_MAX (VICI_MAX - 2 - NAME_LEN)

void vici_init(struct vici_msg *m)
{
    *m = (struct vici_msg){0};
}

void vici_free(struct vici_msg *m)
{
    free(m->data);
    *m = (struct vici_msg){0};
}

static void put_vici_bytes(struct vici_msg *m, const void *bytes, size_t len)
{
    if (m->bad || len > BODY_MAX - m->len) {
        m->bad = true;
        return;
    }
    uint8_t *data = array_grow(m->data, &m->cap, m->len + len, 1);
    if (!data) {
        m->bad = true;
        return;
    }
    m->data = data;
    if (len)
        memcpy(m->data + m->len, bytes, len);
    m->len += len;
}

static void put_vici_type(struct vici_msg *m, enum vici_element type)
{
    put_vici_bytes(m, &(uint8_t){(uint8_t)type}, 1);
}

static void put_vici_named(struct vici_msg *m, enum vici_element type, const char *name)
{
    size_t len = strlen(name);
    if (m->in_list || !len || len > NAME_LEN) {
        m->bad = true;
        return;
    }
    put_vici_type(m, type);
    put_vici_bytes(m, &(uint8_t){(uint8_t)len}, 1);
    put_vici_bytes(m, name, len);
}

static void put_vici_value(struct vici_msg *m, const void *value, size_t len)
{
    if (len > VALUE_MAX) {
        m->bad = true;
        return;
    }
    put_vici_bytes(m, (uint8_t[]){(uint8_t)(len >> 8), (uint8_t)len}, 2);
    put_vici_bytes(m, value, len);
}

void vici_section(struct vici_msg *m, const char *name)
{
    if (m->depth == DEPTH_MAX) {
        m->bad = true;
        return;
    }
    put_vici_named(m, VICI_SECTION, name);
    m->depth++;
}

void vici_section_end(struct vici_msg *m)
{
    if (m->in_list || !m->depth) {
        m->bad = true;
        return;
    }
    put_vici_type(m, VICI_SECTION_END);
    m->depth--;
}

void vici_kv_data(struct vici_msg *m, const char *key, const void *value, size_t len)
{
    put_vici_named(m, VICI_KV, key);
    put_vici_value(m, value, len);
}

void vici_kv(struct vici_msg *m, const char *key, const char *value)
{
    vici_kv_data(m, key, value, strlen(value));
}

void vici_kvf(struct vici_msg *m, const char *key, const char *fmt, ...)
{
    char *text;
    va_list ap;
    va_start(ap, fmt);
    int len = vasprintf(&text, fmt, ap);
    va_end(ap);
    if (len < 0) {
        m->bad = true;
        return;
    }
    vici_kv_data(m, key, text, (size_t)len);
    free(text);
}

void vici_list_open(struct vici_msg *m, const char *name)
{
    put_vici_named(m, VICI_LIST, name);
    m->in_list = true;
}

void vici_list_item(struct vici_msg *m, const char *item)
{
    m->bad |= !m->in_list;
    put_vici_type(m, VICI_ITEM);
    put_vici_value(m, item, strlen(item));
}

void vici_list_close(struct vici_msg *m)
{
    m->bad |= !m->in_list;
    put_vici_type(m, VICI_LIST_END);
    m->in_list = false;
}

void vici_list(struct vici_msg *m, const char *name, const char *const *items)
{
    vici_list_open(m, name);
    for (; *items; items++)
        vici_list_item(m, *items);
    vici_list_close(m);
}

void vici_list_one(struct vici_msg *m, const char *name, const char *item)
{
    const char *items[] = {item, NULL};
    vici_list(m, name, items);
}

bool vici_ok(const struct vici_msg *m)
{
    return !m->bad && !m->depth && !m->in_list;
}
