/*
 * Keeps the reason why this thread's last call was refused. The line on standard error is for a
 * person; a program that is linked with libbtns, or has loaded it, reads the reason here by
 * ipsec_get_reason().
 */
#include "shim/last_reason.h"

#include "libapi/wire/wire.h"

#include <string.h>

static __thread struct {
    unsigned long count;
    char text[BTNS_TEXT_MAX];
} last __attribute__((tls_model("initial-exec")));

/* A signal handler's call may interrupt this one: the last byte always stays 0. */
void last_reason_set(const char *text)
{
    size_t len = strnlen(text, sizeof last.text - 1);
    memcpy(last.text, text, len);
    last.text[len] = '\0';
    last.count++;
}

/* For libbtns: how many calls of this thread were refused, and why the last one was. */
__attribute__((visibility("default"))) unsigned long btns_private_refusals(const char **text);

unsigned long btns_private_refusals(const char **text)
{
    *text = last.text;
    return last.count;
}
