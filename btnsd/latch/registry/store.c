/* Keeps the registry in a file, so that a restarted btnsd knows the latches of this boot. */
#include "btnsd/latch/registry/store.h"

#include "btnsd/base/boot.h"
#include "btnsd/base/file.h"
#include "libapi/wire/array.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINE (4 * (2 * BTNS_NAME_MAX + 2 * BTNS_TEXT_MAX) + 512)

void latch_record_from(struct latch_record *r, const struct latch *l)
{
    *r = (struct latch_record){
        .cookie = l->cookie,
        .created = l->created,
        .pid = (uint32_t)l->pid,
        .uid = l->uid,
        .state = l->state,
        .code = l->code,
        .wish = l->wish,
        .how = (l->v6only ? LISTENS_V6ONLY : 0) | (l->policy ? LISTENS_OWN_WAY : 0) |
               (l->shown ? LATCH_SHOWN : 0),
        .protocol = l->protocol,
        .local = l->local,
        .remote = l->remote,
    };
    snprintf(r->program, sizeof r->program, "%s", l->program ? l->program : "");
    snprintf(r->rule, sizeof r->rule, "%s", l->rule ? l->rule : "");
    snprintf(r->reason, sizeof r->reason, "%s", l->reason ? l->reason : "");
    snprintf(r->profile, sizeof r->profile, "%s", l->profile ? l->profile : "");
}

struct writing {
    FILE *f;
    uint32_t n;
};

static void write_latch(void *arg, struct latch *l)
{
    struct writing *w = arg;
    struct latch_record r;
    if (!l->state || w->n == STORE_MAX)
        return;
    latch_record_from(&r, l);
    latch_record_write(w->f, &r);
    w->n++;
}

static int write_all_latches(FILE *f, void *arg)
{
    char id[BOOT_ID];
    struct registry *r = arg;
    struct writing w = {.f = f};
    if (!boot_id(id))
        return -EIO;
    fprintf(f, STORE_HEAD "%s\n", id);
    registry_each(r, write_latch, &w);
    fprintf(f, "end %u\n", w.n);
    return 0;
}

int store_write(const char *path, struct registry *r)
{
    return file_print(path, 0600, write_all_latches, r);
}

struct reading {
    const char *path;
    bool whole; /* with a last line that counts the others */
    struct latch_record *list;
    size_t n, room;
    unsigned line;
};

static int add_stored_latch(struct reading *r, const struct latch_record *one)
{
    struct latch_record *more = array_grow(r->list, &r->room, r->n + 1, sizeof *more);
    if (!more)
        return -ENOMEM;
    r->list = more;
    r->list[r->n] = *one;
    r->list[r->n].at = r->n;
    r->n++;
    return 0;
}

static int store_fault(const struct reading *r, const char *what, struct err *err)
{
    err_set(err, "%s:%u: %s: all of it is refused", r->path, r->line, what);
    return -EINVAL;
}

/* Returns 1 with a line, 0 at the end of the file, or -EINVAL with err. */
static int next_store_line(struct reading *r, FILE *f, char line[LINE], struct err *err)
{
    size_t len;
    r->line++;
    if (!fgets(line, LINE, f))
        return ferror(f) ? store_fault(r, "it cannot be read", err) : 0;
    len = strlen(line);
    bool ends = len && line[len - 1] == '\n';
    if (!ends && r->whole)
        return store_fault(r, "a line that does not end", err);
    line[ends ? len - 1 : 0] = '\0'; /* no latch is read from half a line */
    return 1;
}

/* Returns 1 if the file is of this boot, 0 if of another, or -EINVAL with err. */
static int read_store_head(struct reading *r, FILE *f, char line[LINE], struct err *err)
{
    char id[BOOT_ID], of[BOOT_ID];
    int rc = next_store_line(r, f, line, err);
    if (rc <= 0 || sscanf(line, STORE_HEAD "%39s", of) != 1)
        return rc < 0 ? rc : store_fault(r, "its first line is not \"" STORE_HEAD "ID\"", err);
    return boot_id(id) && !strcmp(id, of);
}

/*
 * In a file to which latches are added, a line may be cut off anywhere: btnsd was killed, or the
 * file system was full.
 */
static int read_stored_latch(struct reading *r, const char *line, struct err *err)
{
    struct latch_record one;
    if (!latch_record_parse(line, &one))
        return r->whole ? store_fault(r, "not a latch", err) : 0;
    if (r->n == STORE_MAX || add_stored_latch(r, &one))
        return store_fault(r, "more than there is room for", err);
    return 0;
}

static int read_store_end(struct reading *r, FILE *f, char line[LINE], struct err *err)
{
    unsigned long n;
    char more;
    if (sscanf(line, "end %lu%c", &n, &more) != 1 || n != r->n)
        return store_fault(r, "it is cut off", err);
    return next_store_line(r, f, line, err) ? store_fault(r, "more after the end", err) : (int)r->n;
}

static int read_latch_lines(struct reading *r, FILE *f, struct err *err)
{
    static char line[LINE];
    int rc = read_store_head(r, f, line, err);
    if (rc <= 0)
        return rc;
    while ((rc = next_store_line(r, f, line, err)) > 0) {
        if (r->whole && !strncmp(line, "end ", 4))
            return read_store_end(r, f, line, err);
        rc = read_stored_latch(r, line, err);
        if (rc)
            return rc;
    }
    if (!rc && r->whole)
        return store_fault(r, "it is cut off", err);
    return rc < 0 ? rc : (int)r->n;
}

/* Only btnsd's own file is read: another user's could name wrong programs and rules. */
static bool is_own_store(FILE *f)
{
    struct stat st;
    return !fstat(fileno(f), &st) && S_ISREG(st.st_mode) && st.st_uid == geteuid() &&
           !(st.st_mode & 077);
}

static int read_store_file(const char *path, bool whole, struct latch_record **out, struct err *err)
{
    struct reading r = {.path = path, .whole = whole};
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    FILE *f = fd < 0 ? NULL : fdopen(fd, "r");
    *out = NULL;
    if (fd < 0 && errno == ENOENT)
        return 0;
    if (!f) {
        if (fd >= 0)
            close(fd);
        return store_fault(&r, "it cannot be opened", err);
    }
    int rc = is_own_store(f) ? read_latch_lines(&r, f, err)
                             : store_fault(&r, "its owner or mode is not btnsd's", err);
    fclose(f);
    if (rc > 0)
        *out = r.list;
    else
        free(r.list);
    return rc;
}

int store_read(const char *path, struct latch_record **out, struct err *err)
{
    return read_store_file(path, true, out, err);
}

int store_read_appended(const char *path, struct latch_record **out, struct err *err)
{
    return read_store_file(path, false, out, err);
}
