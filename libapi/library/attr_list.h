/* An object's attributes, stored in the same form as in messages to btnsd. */
#ifndef BTNS_LIBAPI_LIBRARY_ATTR_LIST_H
#define BTNS_LIBAPI_LIBRARY_ATTR_LIST_H

#include "libapi/wire/attrs.h"

/* An empty list is all zero. */
struct list {
    unsigned char *at; /* to be freed */
    size_t len;
};

void list_free(struct list *l);
/* Replaces or adds an attribute. Returns 0, or -errno with the list unchanged. */
int list_set(struct list *l, uint32_t type, const void *value, size_t len);
int list_set_u32(struct list *l, uint32_t type, uint32_t value);
/* Replaces the list by a copy of well-formed attributes. */
int list_take(struct list *l, const void *at, size_t len);
bool list_find(const struct list *l, uint32_t type, struct attr *a);
/* The value of a 4-octet attribute; `none` if the list does not have it. */
uint32_t list_u32(const struct list *l, uint32_t type, uint32_t none);
/* Copies a text, with a NUL, into buf; "" if it is missing or does not fit. Returns buf. */
const char *list_text(const struct list *l, uint32_t type, char *buf, size_t size);
/* Copies an attribute's value, with a NUL behind it; the caller frees it. Returns 0 or -errno. */
int list_copy_value(const struct attr *a, uint32_t *len, void **value);
/* Have both lists the same attributes, in whatever order? */
bool list_equal(const struct list *a, const struct list *b);

#endif
