/* btnsctl cover, uncover: runs a systemd service under btns-run, by a drop-in for its unit. */
#include "btnsd/base/file.h"
#include "btnsd/ctl/commands.h"
#include "btnsd/ctl/cover/dropin.h"
#include "btnsd/ctl/cover/shim_in_unit.h"
#include "btnsd/ctl/cover/systemctl.h"
#include "btnsd/ctl/cover/unit_files.h"
#include "btnsd/ctl/line/own_messages.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEXT_MAX  262144 /* octets of a unit and its drop-ins */
#define UNIT_NAME 256
#define DROPIN    "50-btns.conf"

struct cover {
    const struct ctl *c;
    FILE *said; /* the text to print for a person */
    char *text;
    size_t text_len;
    char unit[UNIT_NAME];
    char dir[PATH_MAX], file[PATH_MAX + 16]; /* of the drop-in */
    char runner[PATH_MAX];                   /* btns-run, beside this program */
    char out[TEXT_MAX];                      /* output of the last command */
};

/* ---- names ---- */

static int name_covered_unit(const char *word, char unit[UNIT_NAME], struct err *err)
{
    static const char suffix[] = ".service";
    size_t len = strlen(word);
    const char *dot = strrchr(word, '.');
    bool whole = dot && !strcmp(dot, suffix);
    bool good = len && len + sizeof suffix < UNIT_NAME && *word != '-' && *word != '.';
    for (const char *at = word; good && *at; at++)
        good = isalnum((unsigned char)*at) || strchr(":-_.\\@", *at);
    if (!good)
        err_set(err, "'%.100s' is no unit's name", word);
    snprintf(unit, UNIT_NAME, "%s%s", word, whole ? "" : suffix);
    return good ? 0 : -EINVAL;
}

static int cover_find_btns_run(char runner[PATH_MAX], struct err *err)
{
    ssize_t n = readlink("/proc/self/exe", runner, PATH_MAX - sizeof "btns-run");
    char *slash = n > 0 ? memrchr(runner, '/', (size_t)n) : NULL;
    if (!slash) {
        err_set(err, "/proc/self/exe cannot be read: where is btns-run?");
        return -ENOENT;
    }
    strcpy(slash + 1, "btns-run");
    return 0;
}

static int cover_begin(struct cover *v, const struct ctl *c, struct err *err)
{
    *v = (struct cover){.c = c};
    v->said = open_memstream(&v->text, &v->text_len);
    if (!v->said) {
        err_set(err, "out of memory");
        return -ENOMEM;
    }
    int rc = name_covered_unit(c->args[0], v->unit, err);
    if (!rc)
        rc = cover_find_btns_run(v->runner, err);
    if (rc)
        return rc;
    const char *root = c->root ? c->root : "";
    if ((size_t)snprintf(v->dir, sizeof v->dir, "%s/etc/systemd/system/%s.d", root, v->unit) >=
        sizeof v->dir) {
        err_set(err, "%.200s...: too long", root);
        return -ENAMETOOLONG;
    }
    snprintf(v->file, sizeof v->file, "%s/" DROPIN, v->dir);
    if (!c->dry_run && geteuid()) {
        err_set(err, "only root can change units; --dry-run shows the change");
        return -EPERM;
    }
    return 0;
}

/* Prints the steps that were taken, also those before a failure, and frees v. */
static void cover_end(struct cover *v, const char *request, int rc)
{
    if (!v)
        return;
    if (v->said && !fclose(v->said) && rc && !v->c->json)
        fputs(v->text, stdout);
    else if (v->said && !rc)
        ctl_say_done(v->c, request, v->unit, v->text);
    free(v->text);
    free(v);
}

/* ---- running other programs ---- */

/*
 * Runs systemctl VERB [ARGUMENT], for the unit unless the verb is for all units. Returns its exit
 * status.
 */
static int cover_ask_systemctl(struct cover *v, const char *verb, const char *option)
{
    const char *argv[8] = {"systemctl", verb};
    int n = 2;
    if (option)
        argv[n++] = option;
    if (strcmp(verb, "daemon-reload")) {
        argv[n++] = "--";
        argv[n++] = v->unit;
    }
    return systemctl_run(argv, true, v->out, sizeof v->out);
}

/* The last line of a command's output, for a message. */
static const char *cover_last_output_line(char *out)
{
    size_t len = strlen(out);
    while (len && out[len - 1] == '\n')
        out[--len] = '\0';
    char *newline = strrchr(out, '\n');
    return newline ? newline + 1 : out;
}

static int read_covered_unit(struct cover *v, struct unit_text *u, struct err *err)
{
    if (v->c->root) {
        int rc = unit_files_read(v->c->root, v->unit, v->out, sizeof v->out, err);
        return rc ? rc : unit_text_read(v->out, u, err);
    }
    int status = cover_ask_systemctl(v, "cat", NULL);
    if (status == 0 && *v->out)
        return unit_text_read(v->out, u, err);
    err_set(err, "systemctl cat %.200s: %.200s", v->unit,
            status == 127 ? "systemctl is not here" : cover_last_output_line(v->out));
    return -ENOENT;
}

/* Would btns-run refuse one of the programs? A name with % is left out, as systemd completes it. */
static int cover_check_programs(struct cover *v, const struct unit_text *u, struct err *err)
{
    char program[256];
    for (unsigned i = 0; i < u->commands && !v->c->root; i++) {
        if (!unit_program(u->command[i], program, sizeof program) || strchr(program, '%'))
            continue;
        const char *argv[] = {v->runner, "--check", "--", program, NULL};
        if (systemctl_run(argv, true, v->out, sizeof v->out) == 0)
            continue;
        err_set(err, "btns-run cannot cover %.200s: %.200s", program,
                cover_last_output_line(v->out));
        return -ENOTSUP;
    }
    return 0;
}

/* ---- the drop-in ---- */

/* Makes the directory and its parents. */
static int cover_make_dropin_dirs(const char *dir)
{
    char path[PATH_MAX];
    int rc = 0;
    for (const char *at = strchr(dir + 1, '/'); !rc; at = at ? strchr(at + 1, '/') : NULL) {
        snprintf(path, sizeof path, "%.*s", at ? (int)(at - dir) : PATH_MAX, dir);
        rc = mkdir(path, 0755) && errno != EEXIST ? -errno : 0;
        if (!at)
            break;
    }
    return rc;
}

static int cover_write_dropin(struct cover *v, const char *text, struct err *err)
{
    int rc = cover_make_dropin_dirs(v->dir);
    if (!rc)
        rc = file_write(v->file, text, strlen(text), 0644, true);
    if (rc)
        err_set(err, "%s: %s", v->file, strerror(-rc));
    return rc;
}

static int cover_remove_dropin(struct cover *v, struct err *err)
{
    int rc = unlink(v->file) ? -errno : 0;
    if (rc)
        err_set(err, "%s: %s", v->file,
                rc == -ENOENT ? "is not there: the unit is not covered by btnsctl" : strerror(-rc));
    else
        rmdir(v->dir); /* fails if there are other drop-ins */
    return rc;
}

static bool cover_is_unit_active(struct cover *v)
{
    return cover_ask_systemctl(v, "is-active", "--quiet") == 0;
}

/* Removes the drop-in, so that the unit runs as before, and says why it did not start. */
static int cover_take_dropin_back(struct cover *v, const char *why, struct err *err)
{
    struct err ignored;
    char reason[300];
    snprintf(reason, sizeof reason, "%s", why);
    cover_remove_dropin(v, &ignored);
    cover_ask_systemctl(v, "daemon-reload", NULL);
    bool runs = cover_ask_systemctl(v, "restart", NULL) == 0;
    err_set(err, "it %s; it is uncovered again, and %s. See journalctl -u %.200s", reason,
            runs ? "runs as before" : "does not start either", v->unit);
    return -EIO;
}

/* Restarts the unit if it runs, and checks that it then runs under the shim. */
static int apply_cover(struct cover *v, struct err *err)
{
    bool active = cover_is_unit_active(v);
    if (cover_ask_systemctl(v, "daemon-reload", NULL)) {
        err_set(err, "systemctl daemon-reload: %.200s", cover_last_output_line(v->out));
        return -EIO;
    }
    if (!active) {
        fprintf(v->said, "%s does not run now: it is covered from its next start on\n", v->unit);
        return 0;
    }
    if (cover_ask_systemctl(v, "restart", NULL) || !cover_is_unit_active(v))
        return cover_take_dropin_back(v, "does not start with it", err);
    const struct unit_processes n = shim_in_unit(v->unit, 10);
    if (n.all && !n.with_shim)
        return cover_take_dropin_back(
            v,
            "starts, but none of its processes has the shim: something on the way "
            "to its program drops LD_PRELOAD (btns-services(7) says where "
            "PostgreSQL and postfix want it)",
            err);
    if (n.all)
        fprintf(v->said, "%s was restarted: %d of its %d processes with the shim\n", v->unit,
                n.with_shim, n.all);
    else
        fprintf(v->said, "%s was restarted, and has ended by now\n", v->unit);
    return 0;
}

static int cover_unit(struct cover *v, struct unit_text *u, struct err *err)
{
    char *text = NULL;
    size_t len = 0;
    FILE *f = open_memstream(&text, &len);
    if (!f) {
        err_set(err, "out of memory");
        return -ENOMEM;
    }
    int rc = dropin_print(f, u, v->runner, err);
    if (fclose(f) && !rc) {
        err_set(err, "out of memory");
        rc = -ENOMEM;
    }
    if (!rc)
        rc = cover_check_programs(v, u, err);
    if (!rc) {
        fprintf(v->said, "%s:\n%s", v->file, text);
        if (!v->c->dry_run)
            rc = cover_write_dropin(v, text, err);
    }
    free(text);
    if (!rc && !v->c->dry_run && !v->c->root) {
        rc = apply_cover(v, err);
    }
    return rc;
}

int ctl_cover(const struct ctl *c, struct err *err)
{
    struct cover *v = calloc(1, sizeof *v);
    struct unit_text *u = calloc(1, sizeof *u);
    struct err why = {""};
    int rc = v && u ? cover_begin(v, c, err) : -ENOMEM, status = CTL_USAGE;
    if (rc != -EINVAL)
        status = CTL_FAILED;
    if (!rc)
        rc = read_covered_unit(v, u, &why);
    if (!rc)
        rc = cover_unit(v, u, &why);
    if (rc == -EALREADY) {
        fprintf(v->said, "%s: %s\n", v->unit, why.text);
        rc = 0;
    } else if (rc && *why.text) {
        err_set(err, "%.200s: %.400s", v->unit, why.text);
    }
    free(u);
    cover_end(v, "cover", rc);
    return rc ? status : CTL_OK;
}

int ctl_uncover(const struct ctl *c, struct err *err)
{
    struct cover *v = calloc(1, sizeof *v);
    int rc = v ? cover_begin(v, c, err) : -ENOMEM, status = rc == -EINVAL ? CTL_USAGE : CTL_FAILED;
    if (!rc && c->dry_run) {
        rc = access(v->file, F_OK) ? -errno : 0;
        if (rc)
            err_set(err, "%s: %s", v->file, strerror(-rc));
        else
            fprintf(v->said, "would remove %s\n", v->file);
    } else if (!rc) {
        rc = cover_remove_dropin(v, err);
        if (!rc)
            fprintf(v->said, "%s is removed\n", v->file);
        if (!rc && !c->root) {
            bool active = cover_is_unit_active(v);
            cover_ask_systemctl(v, "daemon-reload", NULL);
            if (active && cover_ask_systemctl(v, "restart", NULL)) {
                err_set(err, "%.200s does not start: %.200s", v->unit,
                        cover_last_output_line(v->out));
                rc = -EIO;
            }
        }
    }
    cover_end(v, "uncover", rc);
    return rc ? status : CTL_OK;
}
