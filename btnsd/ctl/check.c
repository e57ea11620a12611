/* btnsctl check: compiles and lints policies; needs no btnsd. */
#include "btnsd/ctl/commands.h"
#include "btnsd/ctl/lint/lint.h"
#include "btnsd/ctl/lint/show.h"
#include "btnsd/rules/files/layers.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct texts {
    struct policy_text *text; /* POLICY_FILES_MAX */
    unsigned n;
};

static struct texts texts_new(void)
{
    return (struct texts){.text = calloc(POLICY_FILES_MAX, sizeof(struct policy_text))};
}

static int add_file(struct texts *t, const char *path, struct err *err)
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
static int add_dir(struct texts *t, const char *dir, struct err *err)
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
static int add_places(struct texts *t, struct err *err)
{
    struct texts vendor = texts_new();
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

static int add_argument(struct texts *t, const char *path, struct err *err)
{
    struct stat st;
    if (stat(path, &st)) {
        int rc = -errno;
        err_set(err, "%s: %s", path, strerror(-rc));
        return rc;
    }
    return S_ISDIR(st.st_mode) ? add_dir(t, path, err) : add_file(t, path, err);
}

/* Checks owners and modes, but only of files in btnsd's own policy directory. */
static void look_at_owners(struct lint *l)
{
    struct err err = {""};
    struct policy_text *text = NULL;
    int n = policy_read_layers(&policy_places, &text, &err);
    if (n < 0) {
        struct lint_finding *f = lint_add(l, lint_check_named(l, "refused"), l->files, 0);
        snprintf(f->why, sizeof f->why, "%.300s", err.text);
    } else {
        policy_texts_free(text, (unsigned)n);
    }
}

static int lint(const struct ctl *c, struct texts *t, struct err *err)
{
    struct lint l = {.checks = lint_checks, .text = t->text, .files = t->n};
    lint_files(&l);
    if (!c->n)
        look_at_owners(&l);
    if (!c->offline) {
        lint_programs(&l);
        lint_host(&l, c->socket);
    }
    lint_sort(&l);
    int status = CTL_FAILED;
    if (l.out_of_memory)
        err_set(err, "out of memory");
    else if (!(c->json ? lint_print_json(&l) : lint_print(&l)))
        status = CTL_OK;
    lint_free(&l);
    return status;
}

int ctl_check(const struct ctl *c, struct err *err)
{
    struct texts t = texts_new();
    int rc = t.text ? 0 : -ENOMEM, status = CTL_USAGE;
    if (rc)
        err_set(err, "out of memory");
    else if (!c->n)
        rc = add_places(&t, err);
    for (int i = 0; !rc && i < c->n; i++)
        rc = add_argument(&t, c->args[i], err);
    if (!rc)
        status = lint(c, &t, err);
    policy_texts_free(t.text, t.n);
    return status;
}
