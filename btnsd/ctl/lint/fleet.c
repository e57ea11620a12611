/*
 * Checks the administrator's files about peers: finds every line that btnsd would refuse, not only
 * the first.
 */
#include "btnsd/base/file.h"
#include "btnsd/ctl/lint/lint.h"
#include "btnsd/ike/peers/peers_file.h"
#include "btnsd/ike/peers/peers_merge.h"
#include "btnsd/ike/peers/revoked.h"
#include "btnsd/rules/files/private_file.h"
#include "btnsd/rules/files/source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BAD_MOST 20 /* lines that are reported at most */

static void say_fleet_refused(struct lint *l, const struct err *err)
{
    struct lint_finding *f = finding_add(l, finding_check_named(l, "refused"), l->files, 0);
    snprintf(f->why, sizeof f->why, "%.300s", err->text);
}

/* Adds a copy of the text, because reading changes it. 0 or -errno with err. */
static int add_fleet_text(struct peers *fleet, const struct peers_import *how,
                          const struct policy_text *text, struct err *err)
{
    char *copy = malloc(text->len + 1);
    if (!copy)
        return -ENOMEM;
    memcpy(copy, text->text, text->len + 1);
    int rc = peers_add_file(fleet, how, text->file, copy, text->len, err);
    free(copy);
    return rc;
}

/* Blanks the line that "FILE:LINE: why" is about. False: there is no such line. */
static bool blank_fleet_line(struct policy_text *text, const struct err *err)
{
    size_t name = strlen(text->file);
    char *at = text->text;
    unsigned long line = 0;
    if (!strncmp(err->text, text->file, name) && err->text[name] == ':')
        line = strtoul(err->text + name + 1, NULL, 10);
    for (unsigned long n = 1; at && n < line; n++)
        at = (at = memchr(at, '\n', (size_t)(text->text + text->len - at))) ? at + 1 : NULL;
    if (!line || !at)
        return false;
    char *end = memchr(at, '\n', (size_t)(text->text + text->len - at));
    memset(at, ' ', (size_t)((end ? end : text->text + text->len) - at));
    return true;
}

/* The peers of all files, without the bad lines. NULL: a bad line cannot be left out. */
static struct peers *read_fleet(struct lint *l, struct policy_text *text, unsigned n)
{
    struct err err = {""};
    const struct btns_key nobody = {{0}, false}; /* only btnsd knows this host's own key */
    const struct peers_import how = {.own = &nobody, .revoked = l->revoked};
    for (unsigned bad = 0; bad <= BAD_MOST;) {
        struct peers *fleet = peers_new("peers.d", &err);
        int rc = fleet ? 0 : -ENOMEM;
        unsigned i = 0;
        for (; !rc && i < n; i++)
            rc = add_fleet_text(fleet, &how, &text[i], &err);
        if (!rc)
            return fleet;
        peers_free(fleet);
        say_fleet_refused(l, &err);
        if (!i || !blank_fleet_line(&text[i - 1], &err))
            break;
        bad++;
    }
    return NULL;
}

static void read_fleet_revoked(struct lint *l)
{
    struct err err = {""};
    char *text;
    size_t len;
    int rc =
        private_file_read_roots(REVOKED_DIR, REVOKED_FILE, REVOKED_TEXT_MAX, &text, &len, &err);
    if (!rc)
        l->revoked = revoked_from_text(REVOKED_DIR "/" REVOKED_FILE, text, len, &err);
    if (rc != -ENOENT && rc != -EACCES && !l->revoked)
        say_fleet_refused(l, &err);
    free(text);
}

void lint_fleet_files(struct lint *l)
{
    struct err err = {""};
    struct policy_text *text = NULL;
    read_fleet_revoked(l);
    int dir = policy_dir_open(PEERS_DIR, &err);
    int n = dir < 0 ? dir : source_read_dir(dir, PEERS_DIR, &text, &err);
    if (dir >= 0)
        close(dir);
    if (n >= 0) {
        l->fleet = read_fleet(l, text, (unsigned)n);
        source_texts_free(text, (unsigned)n);
    } else if (n != -ENOENT && n != -EACCES) {
        say_fleet_refused(l, &err);
    }
}
