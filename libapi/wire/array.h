/* Grows an array; the only place that decides how much room a growing array gets. */
#ifndef BTNS_LIBAPI_WIRE_ARRAY_H
#define BTNS_LIBAPI_WIRE_ARRAY_H

#include <stddef.h>
#include <stdlib.h>

/*
 * Makes room for `need` items of `size` bytes in an array that has room for *room. Returns the
 * array, which may have moved, and sets *room; NULL without memory, and then the array and *room
 * are as before. An array starts as NULL with *room 0. To append one item:
 *
 *     struct row *more = array_grow(t->row, &t->room, t->rows + 1, sizeof *more);
 *     if (!more)
 *         return -ENOMEM;
 *     t->row = more;
 *     t->row[t->rows++] = row;
 *
 * In a header, and in the lowest room, because programs that share no other code use it.
 */
static inline void *array_grow(void *items, size_t *room, size_t need, size_t size)
{
    if (items && need <= *room)
        return items;
    size_t more = *room ? *room : 16, octets;
    while (more < need)
        if (__builtin_mul_overflow(more, 2, &more))
            return NULL;
    if (__builtin_mul_overflow(more, size, &octets))
        return NULL;
    void *grown = realloc(items, octets);
    if (grown)
        *room = more;
    return grown;
}

#endif
