/*
 * Why the last call of this thread was refused. The line on standard error is for a person; a
 * program that is linked with libbtns, or has loaded it, asks ipsec_get_reason(), which looks here.
 */
#include "shim/last_reason.h"

#include "libapi/wire/wire.h"

#include <string.h>

static __thread struct {
    unsigned long count;
    char text[BTNS_TEXT_MAX];
} last __attribute__((tls_model("initial-exec")));

/* A signal handler's call may come in between: the last octet stays 0. */
void last_reason_set(const char *text)
{
    size_t len = strnlen(text, sizeof last.text - 1);
    memcpy(last.text, text, len);
    last.text[len] = '\0';
    last.count++;
}

/* How many calls of this thread were refused, and why the last one was. */
__attribute__((visibility("default"))) unsigned long btns_private_refusals(const char **text);

unsigned long btns_private_refusals(const char **text)
{
    *text = last.text;
    return last.count;
}
