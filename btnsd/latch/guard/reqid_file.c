/* Stores reqids in a file of this boot, so that a restarted btnsd knows the keys of guards. */
#include "btnsd/base/file.h"
#include "btnsd/latch/guard/reqid.h"

#include "btnsd/base/boot.h"
#include "btnsd/base/log.h"
#include "btnsd/rules/model/suites.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE 160

/* Converts the suite's text in the file to the text that pairs use. False: an unknown suite. */
static bool read_suite(const char **suite, const char *text)
{
    const struct pair read = {.suite = text};
    const char *name;
    bool certified = pair_is_certified(&read, &name);
    if (name && !strcmp(name, "-"))
        name = NULL;
    else if (name && !(name = suite_text(name)))
        return false;
    *suite = pair_label(name, certified);
    return true;
}

/* Reads one line: REQID KEY SUITE; with "-", or "certified" alone, the peer chooses the suite. */
static bool read_pair(struct pairs *p, const char *line)
{
    char key_text[64], suite_name[64];
    unsigned reqid;
    struct btns_key key;
    const char *suite;
    if (sscanf(line, "%u %63s %63s", &reqid, key_text, suite_name) != 3 || !reqid_is_ours(reqid) ||
        !btns_key_reread(&key, key_text) || pair_by_reqid(p, reqid) ||
        !read_suite(&suite, suite_name))
        return false;
    struct pair *n = pair_add(p, &key, suite, reqid);
    if (!n)
        return false;
    n->kept = true;
    if (reqid > p->last)
        p->last = reqid;
    return true;
}

void pairs_read(struct pairs *p, const char *path)
{
    char line[LINE], id[40], want[LINE];
    p->path = path;
    FILE *f = fopen(path, "re");
    if (!f)
        return;
    if (boot_id(id) && fgets(line, sizeof line, f)) {
        snprintf(want, sizeof want, "boot %s\n", id);
        if (!strcmp(line, want))
            while (fgets(line, sizeof line, f) && read_pair(p, line))
                ;
    }
    fclose(f);
}

static int line_of(const struct pair *pair, char line[LINE])
{
    char key[BTNS_KEY_STR];
    return snprintf(line, LINE, "%u %s %s\n", pair->reqid, btns_key_str(&pair->key, key),
                    pair->suite ? pair->suite : "-");
}

static int write_all(FILE *f, void *arg)
{
    const struct pairs *p = arg;
    char id[40], line[LINE];
    if (!boot_id(id))
        return -EIO;
    fprintf(f, "boot %s\n", id);
    for (const struct pair *i = p->list; i; i = i->next)
        if (i->kept && line_of(i, line) > 0)
            fputs(line, f);
    return 0;
}

void pairs_write(struct pairs *p)
{
    int rc = p->path ? file_print(p->path, 0600, write_all, p) : 0;
    if (rc)
        log_warning("%s: %s (a restart will not survive)", p->path, strerror(-rc));
    p->written = !rc;
}

/* Appends a line. False: the whole file must be written anew. */
static bool append_line(const struct pairs *p, const struct pair *pair)
{
    char line[LINE];
    int len = line_of(pair, line), fd = open(p->path, O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool whole = write(fd, line, (size_t)len) == len;
    close(fd);
    return whole;
}

void pairs_write_one(struct pairs *p, const struct pair *pair)
{
    if (p->path && !(p->written && append_line(p, pair)))
        pairs_write(p);
}
