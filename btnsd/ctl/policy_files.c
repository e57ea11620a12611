/* Reads the policy files that a command is given, or the host's own. */
#include "btnsd/ctl/policy_files.h"

#include "btnsd/rules/files/layers.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct policy_files texts_new(void)
{
    return (struct policy_files){.text = calloc(POLICY_FILES_MAX, sizeof(struct policy_text))};
}

static int add_file(struct policy_files *t, const char *path, struct err *err)
{
    if (t->n == POLICY_FILES_MAX) {
        err_set(err, "more than %d policy files", POLICY_FILES_MAX);
        return -E2BIG;
    }
    return policy_read_any(path, &t->text[t->n++], err);
}

static int is_policy(const struct dirent *e)
{
    size_t len = strlen(e->d_name);
    return e->d_name[0] != '.' && len > 5 && !strcmp(e->d_name + len - 5, ".conf");
}

static int by_octets(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

/* Adds the files of the directory that btnsd would read, in its order. */
static int add_dir(struct policy_files *t, const char *dir, struct err *err)
{
    struct dirent **entry = NULL;
    char path[PATH_MAX];
    int n = scandir(dir, &entry, is_policy, by_octets), rc = n < 0 ? -errno : 0;
    if (rc)
        err_set(err, "%s: %s", dir, strerror(-rc));
    for (int i = 0; i < n; i++) {
        if (!rc &&
            (size_t)snprintf(path, sizeof path, "%s/%s", dir, entry[i]->d_name) < sizeof path)
            rc = add_file(t, path, err);
        free(entry[i]);
    }
    free(entry);
    return rc;
}

/* Adds the host's own policy: the administrator's files over the vendor's. */
static int add_places(struct policy_files *t, struct err *err)
{
    struct policy_files vendor = texts_new();
    int rc = vendor.text ? 0 : -ENOMEM;
    if (rc)
        err_set(err, "out of memory");
    else if (!access(policy_places.vendor, F_OK))
        rc = add_dir(&vendor, policy_places.vendor, err);
    if (!rc)
        rc = add_dir(t, policy_places.policy, err);
    int n = rc ? rc : policy_lay_over(&t->text, (int)t->n, vendor.text, (int)vendor.n, err);
    t->n = n == -E2BIG ? t->n + vendor.n : n >= 0 ? (unsigned)n : t->n;
    policy_texts_free(vendor.text, vendor.n);
    return n < 0 ? n : 0;
}

static int add_argument(struct policy_files *t, const char *path, struct err *err)
{
    struct stat st;
    if (stat(path, &st)) {
        int rc = -errno;
        err_set(err, "%s: %s", path, strerror(-rc));
        return rc;
    }
    return S_ISDIR(st.st_mode) ? add_dir(t, path, err) : add_file(t, path, err);
}

int policy_files_read(struct policy_files *t, const char *const *path, int n, struct err *err)
{
    *t = texts_new();
    int rc = t->text ? 0 : -ENOMEM;
    if (rc)
        err_set(err, "out of memory");
    else if (!n)
        rc = add_places(t, err);
    for (int i = 0; !rc && i < n; i++)
        rc = add_argument(t, path[i], err);
    return rc;
}
