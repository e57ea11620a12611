/* Reads and writes the users' stored policies and blocks: DIR/UID/NAME.conf and DIR/UID/blocks. */
#include "btnsd/users/user_files.h"

#include "btnsd/base/file.h"
#include "btnsd/base/log_rate.h"
#include "btnsd/rules/compile/value.h"
#include "btnsd/rules/files/source.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ALL "*" /* a line of blocks: every rule */

static void user_file_path(const struct users *us, uid_t uid, const char *name, const char *tail,
                           char path[FILE_PATH])
{
    snprintf(path, FILE_PATH, "%s/%u%s%s%s", us->dir, uid, *name ? "/" : "", name, tail);
}

static int make_user_dir(const char *path)
{
    return mkdir(path, 0700) && errno != EEXIST ? -errno : 0;
}

static int write_user_file(const struct users *us, uid_t uid, const char *name, const char *tail,
                           const void *data, size_t len, struct err *err)
{
    char path[FILE_PATH];
    int rc = make_user_dir(us->dir);
    user_file_path(us, uid, "", "", path);
    if (!rc)
        rc = make_user_dir(path);
    user_file_path(us, uid, name, tail, path);
    if (!rc)
        rc = file_write(path, data, len, 0600, true);
    if (rc)
        err_set(err, "it cannot be stored: %s", strerror(-rc));
    return rc;
}

int user_write_text(const struct users *us, const struct user *u, const char *name,
                    const char *text, size_t len, struct err *err)
{
    return write_user_file(us, u->uid, name, ".conf", text, len, err);
}

int user_remove_text(const struct users *us, const struct user *u, const char *name,
                     struct err *err)
{
    char path[FILE_PATH];
    user_file_path(us, u->uid, name, ".conf", path);
    if (!unlink(path) || errno == ENOENT)
        return 0;
    int rc = -errno;
    err_set(err, "it cannot be removed: %s", strerror(-rc));
    return rc;
}

int user_write_blocks(const struct users *us, const struct user *u, struct err *err)
{
    char text[USER_BLOCKS_MAX * USER_BLOCK_MAX + 8];
    size_t len = (size_t)snprintf(text, sizeof text, "%s", u->block_all ? ALL "\n" : "");
    for (unsigned i = 0; i < u->blocks; i++)
        len += (size_t)snprintf(text + len, sizeof text - len, "%s\n", u->block[i]);
    return write_user_file(us, u->uid, "blocks", "", text, len, err);
}

int user_read_blocks(const struct users *us, struct user *u, struct err *err)
{
    char path[FILE_PATH];
    user_file_path(us, u->uid, "blocks", "", path);
    char line[USER_BLOCK_MAX + 1];
    FILE *f = fopen(path, "re");
    int rc = f || errno == ENOENT ? 0 : -errno;
    while (f && !rc && fgets(line, sizeof line, f)) {
        size_t n = strlen(line);
        if (line[n - 1] != '\n' || u->blocks == USER_BLOCKS_MAX)
            rc = -EINVAL;
        line[n - 1] = '\0';
        if (!strcmp(line, ALL))
            u->block_all = true;
        else if (!rc)
            snprintf(u->block[u->blocks++], USER_BLOCK_MAX, "%s", line);
    }
    if (f)
        fclose(f);
    if (rc)
        err_set(err, "%s: %s", path, strerror(-rc));
    return rc;
}

/* Messages call a policy by its name, so that they do not show where it is stored. */
static void shorten_file_names(struct policy_text *text, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        char *slash = strrchr(text[i].file, '/');
        memmove(text[i].file, slash + 1, strlen(slash + 1) + 1);
        text[i].file[strlen(text[i].file) - strlen(".conf")] = '\0';
        text[i].source = SOURCE_USER;
    }
}

int user_read_texts(const struct users *us, const struct user *u, struct policy_text **text,
                    struct err *err)
{
    char dir[FILE_PATH];
    user_file_path(us, u->uid, "", "", dir);
    int fd = policy_dir_open(dir, err);
    int n = fd < 0 ? fd : source_read_dir(fd, dir, text, err);
    if (fd >= 0)
        close(fd);
    if (n < 0)
        return n;
    shorten_file_names(*text, (unsigned)n);
    if (n <= USER_POLICIES_MAX)
        return n;
    err_set(err, "%s: more than %d policies", dir, USER_POLICIES_MAX);
    source_texts_free(*text, (unsigned)n);
    *text = NULL;
    return -E2BIG;
}

static int read_user_policies(struct users *us, struct user *u, struct err *err)
{
    struct policy_text *text = NULL;
    int n = user_read_texts(us, u, &text, err);
    if (n < 0)
        return n;
    struct rules *own = policy_load_texts("policy", text, (unsigned)n, err);
    if (own && user_check_rules(own, u->uid, err)) {
        rules_free(own);
        own = NULL;
    }
    if (own)
        user_set_texts(us, u, text, (unsigned)n, own);
    else
        source_texts_clear(text, (unsigned)n);
    free(text);
    return own ? 0 : -EINVAL;
}

void user_is_broken(struct user *u, const char *why)
{
    snprintf(u->broken, sizeof u->broken, "%s", why);
    log_rated(log_warning, "users whose policies cannot be used",
              "user %u's stored policies cannot be used, nothing of theirs is allowed: %s", u->uid,
              why);
}

void user_read_again(struct users *us, struct user *u)
{
    struct err err = {""};
    u->broken[0] = '\0';
    u->blocks = 0;
    u->block_all = false;
    if (read_user_policies(us, u, &err) || user_read_blocks(us, u, &err))
        user_is_broken(u, err.text);
}

bool users_list(struct users *us)
{
    DIR *d = opendir(us->dir);
    const struct dirent *e;
    us->unlisted[0] = '\0';
    if (!d && errno != ENOENT)
        snprintf(us->unlisted, sizeof us->unlisted,
                 "%.150s: %s: it is not known which users have stored policies, so nothing is "
                 "allowed to any of them",
                 us->dir, strerror(errno));
    while (d && (e = readdir(d))) {
        unsigned uid;
        bool fresh = value_number(e->d_name, &uid) && !users_find(us, uid);
        struct user *u = fresh ? users_get(us, uid) : NULL;
        if (u)
            u->unread = true; /* until it is needed */
    }
    if (d)
        closedir(d);
    return !us->unlisted[0];
}
