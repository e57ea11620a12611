/* The text of an error for a person, set by the function that knows the reason. */
#ifndef BTNS_LIBAPI_WIRE_ERR_H
#define BTNS_LIBAPI_WIRE_ERR_H

#include <stdio.h>

struct err {
    char text[512];
};

/* Sets e's text (e may be NULL); longer text is cut. */
#define err_set(e, ...)                                                                            \
    do {                                                                                           \
        struct err *err_set_e = (e);                                                               \
        if (err_set_e)                                                                             \
            snprintf(err_set_e->text, sizeof err_set_e->text, __VA_ARGS__);                        \
    } while (0)

#endif
