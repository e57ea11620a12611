/*
 * Reads the administrator's policy files and the vendor's: a file of the administrator's replaces
 * the vendor's file of the same name.
 */
#include "btnsd/rules/files/layers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef BTNS_LIBDIR
#define BTNS_LIBDIR "/usr/lib/btns"
#endif

const struct rules_sources policy_places = {.policy = "/etc/btns/policy.d",
                                            .packages = "/usr/share/btns/policy.d",
                                            .authors = "/etc/btns/authors.d",
                                            .vendor = BTNS_LIBDIR "/policy.d"};

static const char *layer_file_name(const struct policy_text *t)
{
    return strrchr(t->file, '/') + 1;
}

/* Which of the two texts comes next: below 0 ours; 0 ours, instead of theirs. */
static int compare_layer_files(const struct policy_text *ours, const struct policy_text *theirs)
{
    if (!ours || !theirs)
        return ours ? -1 : 1;
    return strcmp(layer_file_name(ours), layer_file_name(theirs));
}

static int check_layers_limits(const struct policy_text *text, int n, struct err *err)
{
    size_t total = 0;
    for (int i = 0; i < n; i++)
        total += text[i].len;
    if (n <= POLICY_FILES_MAX && total <= POLICY_TOTAL_MAX)
        return n;
    err_set(err, "%s: with the vendor's, there are %d policy files of %zu octets; %d of %u may be",
            n ? text[n - 1].file : "policy", n, total, POLICY_FILES_MAX, POLICY_TOTAL_MAX);
    return -E2BIG;
}

int layers_lay_over(struct policy_text **text, int n, struct policy_text *vendor, int vendors,
                    struct err *err)
{
    struct policy_text *all = calloc((size_t)(n + vendors) + 1, sizeof *all);
    int at = 0;
    if (!all) {
        err_set(err, "out of memory");
        return -ENOMEM;
    }
    for (int i = 0, j = 0; i < n || j < vendors;) {
        int order =
            compare_layer_files(i < n ? &(*text)[i] : NULL, j < vendors ? &vendor[j] : NULL);
        if (order <= 0) {
            all[at++] = (*text)[i++];
        } else {
            all[at] = vendor[j];
            all[at++].vendor = true;
            vendor[j].text = NULL;
        }
        j += order >= 0;
    }
    free(*text);
    *text = all;
    return check_layers_limits(all, at, err);
}

/* A missing directory has no texts. */
static int read_layer_dir(const char *dir, bool may_be_absent, bool some, struct policy_text **text,
                          struct err *err)
{
    *text = NULL;
    int fd = dir ? policy_dir_open(dir, err) : -ENOENT;
    if (fd == -ENOENT && (may_be_absent || some || !dir))
        return 0;
    if (fd < 0)
        return some ? 0 : fd;
    int n = some ? source_read_dir_some(fd, dir, text) : source_read_dir(fd, dir, text, err);
    close(fd);
    return n;
}

static int read_layers(const struct rules_sources *from, bool some, struct policy_text **text,
                       struct err *err)
{
    struct policy_text *own = NULL, *vendor = NULL;
    *text = NULL;
    int vendors = read_layer_dir(from->vendor, true, some, &vendor, err);
    int n = vendors < 0 ? vendors : read_layer_dir(from->policy, false, some, &own, err);
    int all = n < 0 ? n : layers_lay_over(&own, n, vendor, vendors, err);
    source_texts_free(vendor, vendors > 0 ? (unsigned)vendors : 0);
    if (all >= 0)
        *text = own;
    else if (n >= 0)
        source_texts_free(own, all == -ENOMEM ? (unsigned)n : (unsigned)(n + vendors));
    return all;
}

int layers_read(const struct rules_sources *from, struct policy_text **text, struct err *err)
{
    return read_layers(from, false, text, err);
}

int layers_read_some(const struct rules_sources *from, struct policy_text **text)
{
    struct err ignored;
    int n = read_layers(from, true, text, &ignored);
    return n > 0 ? n : 0;
}
