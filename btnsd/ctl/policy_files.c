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

static struct policy_files policy_files_new(void)
{
    return (struct policy_files){.text = calloc(POLICY_FILES_MAX, sizeof(struct policy_text))};
}

static int add_policy_file(struct policy_files *t, const char *path, struct err *err)
{
    if (t->n == POLICY_FILES_MAX) {
        err_set(err, "more than %d policy files", POLICY_FILES_MAX);
        return -E2BIG;
    }
    return source_read_any(path, &t->text[t->n++], err);
}

static int is_policy_file_name(const struct dirent *e)
{
    size_t len = strlen(e->d_name);
    return e->d_name[0] != '.' && len > 5 && !strcmp(e->d_name + len - 5, ".conf");
}

static int compare_file_names(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

/* Adds the files of the directory that btnsd would read, in its order. */
static int add_policy_dir(struct policy_files *t, const char *dir, struct err *err)
{
    struct dirent **entry = NULL;
    char path[PATH_MAX];
    int n = scandir(dir, &entry, is_policy_file_name, compare_file_names), rc = n < 0 ? -errno : 0;
    if (rc)
        err_set(err, "%s: %s", dir, strerror(-rc));
    for (int i = 0; i < n; i++) {
        if (!rc &&
            (size_t)snprintf(path, sizeof path, "%s/%s", dir, entry[i]->d_name) < sizeof path)
            rc = add_policy_file(t, path, err);
        free(entry[i]);
    }
    free(entry);
    return rc;
}

/* Adds the host's own policy: the administrator's files over the vendor's. */
static int add_policy_places(struct policy_files *t, struct err *err)
{
    struct policy_files vendor = policy_files_new();
    int rc = vendor.text ? 0 : -ENOMEM;
    if (rc)
        err_set(err, "out of memory");
    else if (!access(policy_places.vendor, F_OK))
        rc = add_policy_dir(&vendor, policy_places.vendor, err);
    if (!rc)
        rc = add_policy_dir(t, policy_places.policy, err);
    int n = rc ? rc : layers_lay_over(&t->text, (int)t->n, vendor.text, (int)vendor.n, err);
    t->n = n == -E2BIG ? t->n + vendor.n : n >= 0 ? (unsigned)n : t->n;
    source_texts_free(vendor.text, vendor.n);
    return n < 0 ? n : 0;
}

static int add_file_argument(struct policy_files *t, const char *path, struct err *err)
{
    struct stat st;
    if (stat(path, &st)) {
        int rc = -errno;
        err_set(err, "%s: %s", path, strerror(-rc));
        return rc;
    }
    return S_ISDIR(st.st_mode) ? add_policy_dir(t, path, err) : add_policy_file(t, path, err);
}

int policy_files_read(struct policy_files *t, const char *const *path, int n, struct err *err)
{
    *t = policy_files_new();
    int rc = t->text ? 0 : -ENOMEM;
    if (rc)
        err_set(err, "out of memory");
    else if (!n)
        rc = add_policy_places(t, err);
    for (int i = 0; !rc && i < n; i++)
        rc = add_file_argument(t, path[i], err);
    return rc;
}
