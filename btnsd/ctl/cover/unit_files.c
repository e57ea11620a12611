/* Reads a unit's files as systemd does, even if systemd does not run; systemd.unit(5). */
#include "btnsd/ctl/cover/unit_files.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DROPINS   64
#define FILE_NAME 256

/* A file in an earlier directory replaces files of the same name in later ones. */
static const char *const places[] = {"/etc/systemd/system", "/run/systemd/system",
                                     "/usr/local/lib/systemd/system", "/usr/lib/systemd/system",
                                     "/lib/systemd/system"};
#define PLACES (sizeof places / sizeof *places)

struct output {
    char *text;
    size_t len, size;
};

static int append_unit_file(struct output *o, const char *path, struct err *err)
{
    FILE *f = fopen(path, "re");
    if (!f)
        return -errno;
    size_t n = fread(o->text + o->len, 1, o->size - o->len - 1, f);
    bool whole = feof(f) && !ferror(f);
    fclose(f);
    o->len += n;
    o->text[o->len] = '\0';
    if (whole && o->len + 1 < o->size) {
        o->text[o->len++] = '\n';
        o->text[o->len] = '\0';
        return 0;
    }
    err_set(err, "%.200s: cannot be read, or is too long", path);
    return -EIO;
}

static int append_unit_files(struct output *o, const char *root, const char *unit, struct err *err)
{
    char path[PATH_MAX];
    int rc = -ENOENT;
    for (size_t i = 0; rc == -ENOENT && i < PLACES; i++)
        if ((size_t)snprintf(path, sizeof path, "%s%s/%s", root, places[i], unit) < sizeof path)
            rc = append_unit_file(o, path, err);
    return rc;
}

struct dropins {
    char name[DROPINS][FILE_NAME], path[DROPINS][PATH_MAX];
    size_t n;
};

/* Keeps the names sorted; of files with the same name, the first one stays. */
static void add_unit_dropin(struct dropins *all, const char *dir, const char *name)
{
    size_t at = 0, len = strlen(name);
    if (len < 6 || len >= FILE_NAME || strcmp(name + len - 5, ".conf") || all->n == DROPINS)
        return;
    while (at < all->n && strcmp(all->name[at], name) < 0)
        at++;
    if (at < all->n && !strcmp(all->name[at], name))
        return;
    memmove(all->name + at + 1, all->name + at, (all->n - at) * FILE_NAME);
    memmove(all->path + at + 1, all->path + at, (all->n - at) * PATH_MAX);
    memcpy(all->name[at], name, len + 1);
    snprintf(all->path[at], PATH_MAX, "%s/%s", dir, name);
    all->n++;
}

static void find_unit_dropins(struct dropins *all, const char *root, const char *unit)
{
    char dir[PATH_MAX - FILE_NAME];
    for (size_t i = 0; i < PLACES; i++) {
        if ((size_t)snprintf(dir, sizeof dir, "%s%s/%s.d", root, places[i], unit) >= sizeof dir)
            continue;
        DIR *d = opendir(dir);
        for (const struct dirent *e; d && (e = readdir(d));)
            add_unit_dropin(all, dir, e->d_name);
        if (d)
            closedir(d);
    }
}

/* The name of the template: NAME@.service for NAME@INSTANCE.service. */
static bool name_unit_template(const char *unit, char name[FILE_NAME])
{
    const char *at = strchr(unit, '@'), *dot = strrchr(unit, '.');
    if (!at || !dot || dot <= at + 1)
        return false;
    snprintf(name, FILE_NAME, "%.*s%s", (int)(at + 1 - unit), unit, dot);
    return true;
}

int unit_files_read(const char *root, const char *unit, char *text, size_t size, struct err *err)
{
    struct output o = {text, 0, size};
    char template[FILE_NAME];
    struct dropins *all = calloc(1, sizeof *all);
    bool instance = name_unit_template(unit, template);
    int rc = all ? append_unit_files(&o, root, unit, err) : -ENOMEM;
    if (rc == -ENOENT && instance)
        rc = append_unit_files(&o, root, template, err);
    if (rc == -ENOENT)
        err_set(err, "%.200s has no such unit", root);
    if (!rc)
        find_unit_dropins(all, root, unit);
    if (!rc && instance)
        find_unit_dropins(all, root, template);
    for (size_t i = 0; !rc && i < all->n; i++)
        rc = append_unit_file(&o, all->path[i], err);
    free(all);
    return rc;
}
