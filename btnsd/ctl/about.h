/* Describes a request in words: command, service, user and outcome. */
#ifndef BTNS_CTL_ABOUT_H
#define BTNS_CTL_ABOUT_H

#include "libapi/tool/json.h"
#include "libapi/wire/err.h"
#include "libapi/wire/wire.h"

#define ABOUT_LINE 512

void about_json(struct json *j, const struct btns_about *about);
/* Writes "block of house/law for user 4001: denied by policy"; returns buf. */
const char *about_line(const struct btns_about *about, char buf[ABOUT_LINE]);
/* Puts the line of about_line() before the reason of a refusal. */
void about_refusal(const struct btns_about *about, struct err *err);

#endif
