/* Reads the files of a policy directory. */
#include "btnsd/rules/files/source.h"

#include "btnsd/rules/files/owner.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Editors and package managers use names that begin with a dot for files of their own. */
static bool is_policy_name(const char *name)
{
    size_t len = strlen(name);
    return name[0] != '.' && len > 5 && !strcmp(name + len - 5, ".conf");
}

static int compare_source_names(const void *a, const void *b)
{
    return strcmp(((const struct policy_text *)a)->file, ((const struct policy_text *)b)->file);
}

/* Messages about the file have its name, and go to terminals and logs. */
static int check_source_name(const char *file, struct err *err)
{
    char shown[sizeof((struct policy_text *)NULL)->file];
    snprintf(shown, sizeof shown, "%s", file);
    fault_printable(shown);
    if (!strcmp(shown, file))
        return 0;
    err_set(err, "%s: its name has more than printable ASCII characters", shown);
    return -EINVAL;
}

static int take_source_name(struct policy_text *t, const char *dir, const char *name,
                            struct err *err)
{
    if ((size_t)snprintf(t->file, sizeof t->file, "%s/%s", dir, name) < sizeof t->file)
        return check_source_name(t->file, err);
    err_set(err, "%s/%s: the path is longer than %zu octets", dir, name, sizeof t->file - 1);
    return -ENAMETOOLONG;
}

static int list_source_dir(DIR *d, const char *dir, struct policy_text *text, struct err *err)
{
    int n = 0, rc;
    const struct dirent *e;
    while (errno = 0, (e = readdir(d))) {
        if (!is_policy_name(e->d_name))
            continue;
        if (n == POLICY_FILES_MAX) {
            err_set(err, "%s: more than %d policy files", dir, POLICY_FILES_MAX);
            return -E2BIG;
        }
        if ((rc = take_source_name(&text[n++], dir, e->d_name, err)))
            return rc;
    }
    if (errno) {
        rc = -errno;
        err_set(err, "%s: %s", dir, strerror(-rc));
        return rc;
    }
    qsort(text, (size_t)n, sizeof *text, compare_source_names);
    return n;
}

/* O_NONBLOCK: a FIFO must not hang the open. O_NOFOLLOW: links are refused. */
static int open_source_file(int dir, const char *name, const char *path, struct err *err)
{
    int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd >= 0)
        return fd;
    int rc = -errno;
    if (rc == -ELOOP)
        err_set(err, "%s: is a symbolic link, not a regular file", path);
    else if (rc == -ENXIO)
        err_set(err, "%s: is not a regular file", path);
    else
        err_set(err, "%s: %s", path, strerror(-rc));
    return rc;
}

static int read_open_source(int fd, struct policy_text *t, struct err *err)
{
    ssize_t n;
    t->text = malloc(POLICY_TEXT_MAX + 1);
    if (!t->text) {
        err_set(err, "%s: out of memory", t->file);
        return -ENOMEM;
    }
    while ((n = read(fd, t->text + t->len, POLICY_TEXT_MAX + 1 - t->len)) > 0)
        t->len += (size_t)n;
    if (n < 0) {
        int rc = -errno;
        err_set(err, "%s: %s", t->file, strerror(-rc));
        return rc;
    }
    if (t->len > POLICY_TEXT_MAX) {
        err_set(err, "%s: larger than %d octets", t->file, POLICY_TEXT_MAX);
        return -EFBIG;
    }
    char *fit = realloc(t->text, t->len + 1);
    t->text = fit ? fit : t->text;
    t->text[t->len] = 0;
    return 0;
}

static int read_source_file(int dir, struct policy_text *t, struct err *err)
{
    int fd = open_source_file(dir, strrchr(t->file, '/') + 1, t->file, err);
    if (fd < 0)
        return fd;
    int rc = policy_check_owner(fd, S_IFREG, t->file, err);
    if (!rc)
        rc = read_open_source(fd, t, err);
    close(fd);
    return rc;
}

int source_read_signature(int dir, const char *file, uint8_t signature[64], struct err *err)
{
    char name[sizeof((struct policy_text *)NULL)->file + 8], more;
    snprintf(name, sizeof name, "%s.sig", file);
    int fd = open_source_file(dir, strrchr(name, '/') + 1, name, err);
    if (fd == -ENOENT)
        err_set(err, "%s: has no signature beside it (%s)", file, strrchr(name, '/') + 1);
    if (fd < 0)
        return fd;
    int rc = policy_check_owner(fd, S_IFREG, name, err);
    if (!rc && (read(fd, signature, 64) != 64 || read(fd, &more, 1) != 0)) {
        err_set(err, "%s: is not an Ed25519 signature of 64 octets", name);
        rc = -EINVAL;
    }
    close(fd);
    return rc;
}

int source_read_any(const char *path, struct policy_text *text, struct err *err)
{
    int rc;
    if ((size_t)snprintf(text->file, sizeof text->file, "%s", path) >= sizeof text->file) {
        err_set(err, "%.255s...: the path is longer than %zu octets", path, sizeof text->file - 1);
        return -ENAMETOOLONG;
    }
    if ((rc = check_source_name(text->file, err)))
        return rc;
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    rc = fd < 0 ? -errno : 0;
    if (rc)
        err_set(err, "%s: %s", path, strerror(-rc));
    else
        rc = read_open_source(fd, text, err);
    if (fd >= 0)
        close(fd);
    return rc;
}

static int read_source_files(int dir, struct policy_text *text, int n, struct err *err)
{
    size_t total = 0;
    for (int i = 0; i < n; i++) {
        int rc = read_source_file(dir, &text[i], err);
        if (rc)
            return rc;
        total += text[i].len;
        if (total > POLICY_TOTAL_MAX) {
            err_set(err, "%s: with it the policy files are larger than %u octets", text[i].file,
                    POLICY_TOTAL_MAX);
            return -EFBIG;
        }
    }
    return n;
}

/* Moves the texts that can be read to the front. */
static int read_some_sources(int dir, struct policy_text *text, int n)
{
    int good = 0;
    for (int i = 0; i < n; i++) {
        struct policy_text t = text[i];
        struct err ignored;
        bool read = !read_source_file(dir, &t, &ignored);
        if (!read)
            free(t.text);
        text[i].text = NULL;
        if (read)
            text[good++] = t;
    }
    return good;
}

int source_read_dir_some(int fd, const char *dir, struct policy_text **text)
{
    DIR *d = fdopendir(fcntl(fd, F_DUPFD_CLOEXEC, 3));
    struct err ignored;
    *text = calloc(POLICY_FILES_MAX, sizeof **text);
    int n = d && *text ? list_source_dir(d, dir, *text, &ignored) : 0;
    if (d)
        closedir(d);
    return n > 0 ? read_some_sources(fd, *text, n) : 0;
}

int source_read_dir(int fd, const char *dir, struct policy_text **text, struct err *err)
{
    DIR *d = fdopendir(fcntl(fd, F_DUPFD_CLOEXEC, 3));
    struct policy_text *all = calloc(POLICY_FILES_MAX, sizeof *all);
    int n = -ENOMEM;
    if (!d || !all)
        err_set(err, "%s: out of memory", dir);
    else
        n = list_source_dir(d, dir, all, err);
    if (d)
        closedir(d);
    if (n > 0)
        n = read_source_files(fd, all, n, err);
    if (n < 0) {
        source_texts_free(all, POLICY_FILES_MAX);
        return n;
    }
    *text = all;
    return n;
}

void source_texts_clear(struct policy_text *text, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        free(text[i].text);
        text[i].text = NULL;
    }
}

void source_texts_free(struct policy_text *text, unsigned n)
{
    if (text)
        source_texts_clear(text, n);
    free(text);
}
