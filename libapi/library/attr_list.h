/* The attributes of an object, in the form that messages have. No other form is ever needed. */
#ifndef BTNS_LIBAPI_LIBRARY_ATTR_LIST_H
#define BTNS_LIBAPI_LIBRARY_ATTR_LIST_H

#include "libapi/wire/attrs.h"

/* Zeroed: empty. */
struct list {
    unsigned char *at; /* owned */
    size_t len;
};

void list_free(struct list *l);
/* Replaces or adds an attribute. 0 or -errno; after an error the list is as before. */
int list_set(struct list *l, uint32_t type, const void *value, size_t len);
int list_set_u32(struct list *l, uint32_t type, uint32_t value);
/* Takes over a copy of well-formed attributes. */
int list_take(struct list *l, const void *at, size_t len);
bool list_find(const struct list *l, uint32_t type, struct attr *a);
/* The number of an attribute of 4 octets; `none` where there is none. */
uint32_t list_u32(const struct list *l, uint32_t type, uint32_t none);
/* A text with a NUL behind it, or "": there is none, or it does not fit. Returns buf. */
const char *list_text(const struct list *l, uint32_t type, char *buf, size_t size);
/* A copy of an attribute's value with a NUL behind it, for the caller. 0 or -errno. */
int list_copy_value(const struct attr *a, uint32_t *len, void **value);
/* Do both say the same, in whatever order? */
bool list_equal(const struct list *a, const struct list *b);

#endif
