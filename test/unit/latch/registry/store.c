/*
 * The registry's file: what was written is read again; a file that is incomplete, from another boot
 * or not root's is refused as a whole (L14). TAP.
 */
#include "btnsd/latch/registry/store.h"
#include "btnsd/base/boot.h"
#include "test/unit/check.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static char path[200];
static struct latch_record *got;
static struct err err;

static struct registry *filled(void)
{
    struct registry *r = registry_new();
    struct btns_addr local = {.family = AF_INET, .port = 40000, .ip = {10, 77, 0, 1}};
    struct btns_addr remote = {.family = AF_INET6, .port = 443, .ip = {0xfd, 0x77, [15] = 2}};
    struct latch *a = registry_add(r, 77, 1000, true), *b = registry_add(r, UINT64_MAX, 0, true);
    a->protocol = IPPROTO_TCP;
    b->protocol = IPPROTO_UDP;
    a->pid = 4711;
    a->state = BTNS_S_ESTABLISHED;
    a->local = local;
    a->remote = remote;
    intern_set(&a->program, "odd\tname\\ of\na \x7f\xc3\xa9");
    intern_set(&a->rule, "rule \"x\" (/etc/btns/policy.d/a.conf:7)");
    intern_set(&a->profile, "confidential");
    struct latch *c = registry_add(r, 79, 0, true);
    c->protocol = IPPROTO_TCP;
    c->state = BTNS_S_LISTENER;
    intern_set(&c->program, "");
    intern_set(&c->rule, "");
    c->wish = BTNS_F_REQUIRE;
    c->v6only = true;
    c->policy = 5;
    b->state = BTNS_S_CLOSED;
    b->code = BTNS_R_IDENTITY;
    intern_set(&b->program, "");
    intern_set(&b->rule, "");
    intern_set(&b->reason, "another key");
    registry_add(r, 78, 0, true); /* announced, with no further events */
    return r;
}

static const struct latch_record *record(int n, uint64_t cookie)
{
    for (int i = 0; i < n; i++)
        if (got[i].cookie == cookie)
            return &got[i];
    return NULL;
}

static void test_whole(void)
{
    struct registry *r = filled();
    struct stat st;
    int rc = store_write(path, r), n = store_read(path, &got, &err);
    check(!rc && n == 3 && !stat(path, &st) && (st.st_mode & 0777) == 0600,
          "three latches written and read, for root alone");
    const struct latch_record *a = record(n, 77), *b = record(n, UINT64_MAX);
    const struct latch *was = registry_find(r, 77, 1000);
    check(a && a->pid == 4711 && a->uid == 1000 && a->state == BTNS_S_ESTABLISHED && !a->code &&
              a->created == was->created && btns_addr_equal(&a->local, &was->local) &&
              btns_addr_equal(&a->remote, &was->remote),
          "its numbers and addresses");
    check(a && !strcmp(a->program, was->program) && !strcmp(a->rule, was->rule) && !*a->reason &&
              !strcmp(a->profile, "confidential"),
          "its texts, whatever is in them");
    check(b && b->state == BTNS_S_CLOSED && b->code == BTNS_R_IDENTITY &&
              !strcmp(b->reason, "another key") && !b->remote.family,
          "and why one failed");
    const struct latch_record *c = record(n, 79);
    check(a && a->protocol == IPPROTO_TCP && b && b->protocol == IPPROTO_UDP,
          "the protocol of each, which need not be TCP");
    check(a && !a->wish && a->how == LATCH_SHOWN && c && c->wish == BTNS_F_REQUIRE &&
              c->how == (LISTENS_V6ONLY | LISTENS_OWN_WAY | LATCH_SHOWN),
          "how a listener listens");
    free(got);
    registry_free(r);
}

static char head[100];

/* Is a file with this text refused, and does the message name the place? */
static bool refused(const char *text, mode_t mode, const char *where)
{
    char want[300];
    FILE *f = fopen(path, "w");
    fputs(text, f);
    fclose(f);
    chmod(path, mode);
    err.text[0] = '\0';
    int n = store_read(path, &got, &err);
    snprintf(want, sizeof want, "%s:%s", path, where);
    bool ok = n == -EINVAL && !got && !strncmp(err.text, want, strlen(want));
    if (!ok)
        printf("# %d: %s\n", n, err.text);
    return ok;
}

#define GOOD                                                                                       \
    "77\t5\t1\t0\t3\t0\t4\t1\t6\t2:80:0:0a4d0001000000000000000000000000"                          \
    "\t0:0:0:00000000000000000000000000000000\tp\tr\t\n"

static bool whole(const char *text)
{
    FILE *f = fopen(path, "w");
    fputs(text, f);
    fclose(f);
    chmod(path, 0600);
    int n = store_read(path, &got, &err);
    free(got);
    return n == 1;
}

static char *with(const char *lines)
{
    static char text[8192];
    snprintf(text, sizeof text, "%s%s", head, lines);
    return text;
}

static void test_files(void)
{
    check(whole(with(GOOD "end 1\n")), "a well-formed file is read");
    check(refused("", 0600, "1:"), "an empty one is refused");
    check(refused("x\n", 0600, "1:"), "one that names no boot");
    check(refused(with(GOOD), 0600, "3:"), "one that is cut off");
    check(refused(with(GOOD "end 2\n"), 0600, "3:"), "one with too few");
    check(refused(with(GOOD "end 1 \n"), 0600, "3:"), "or with more on its last line");
    check(refused(with(GOOD "end 1\nx\n"), 0600, "4:"), "or behind it");
    check(refused(with(GOOD "end 1"), 0600, "3:"), "a line without an end");
    check(refused(with(GOOD "bad\nend 2\n"), 0600, "3:"), "one bad line refuses all");
    check(refused(with(GOOD "end 1\n"), 0644, "0:"), "a file that others may read");
    char old[200];
    snprintf(old, sizeof old, "latches 2 %s", head + strlen("latches 3 "));
    strcat(old, "end 0\n");
    check(refused(old, 0600, "1: its first line is not"),
          "one of the format before, which lacks the protocol");
    check(!store_read("/nonexistent/x", &got, &err), "a missing one is empty");
    FILE *f = fopen(path, "w");
    fputs("latches 3 boot 00000000-0000-0000-0000-000000000000\ngarbage\n", f);
    fclose(f);
    chmod(path, 0600);
    check(!store_read(path, &got, &err), "one of another boot is nothing, whatever is in it");
    unlink(path);
    check(!symlink("/dev/null", path) && store_read(path, &got, &err) == -EINVAL,
          "a link is not followed");
    unlink(path);
}

/* ---- each field of GOOD in turn gets a value that it may not have */
/* The beginnings of lines, up to their addresses, and the ends. */
static const char *const bad_numbers[] = {
    "0\t5\t1\t0\t3\t0\t0\t0\t6",
    "-1\t5\t1\t0\t3\t0\t0\t0\t6",
    "77\t 5\t1\t0\t3\t0\t0\t0\t6",
    "77\t5\t4294967296\t0\t3\t0\t0\t0\t6",
    "77\t5\t1\tx\t3\t0\t0\t0\t6",
    "77\t5\t1\t0\t0\t0\t0\t0\t6",
    "77\t5\t1\t0\t9\t0\t0\t0\t6",
    "77\t5\t1\t0\t3\t99\t0\t0\t6",
    "77\t5\t1\t0\t3\t0\t4294967296\t0\t6",
    "77\t5\t1\t0\t3\t0\t0\t8\t6",
    "77\t5\t1\t0\t3\t0",
    "77\t5\t1\t0\t3\t0\t0\t0",
    "77\t5\t1\t0\t3\t0\t0\t0\t0",
    "77\t5\t1\t0\t3\t0\t0\t0\t132",
    "77\t5\t1\t0\t3\t0\t0\t0\t262",
    "77\t5\t1\t0\t3\t0\t0\t0\ttcp",
    "99999999999999999999\t5\t1\t0\t3\t0\t0\t0\t6",
};
static const char *const bad_ends[] = {
    "3:80:0:0a4d0001000000000000000000000000\t0:0:0:00000000000000000000000000000000\tp\tr\t",
    "2:80:0:0a4d0001000000000000000000000001\t0:0:0:00000000000000000000000000000000\tp\tr\t",
    "2:80:0:0A4d0001000000000000000000000000\t0:0:0:00000000000000000000000000000000\tp\tr\t",
    "2:80:0:0a4d00\t0:0:0:00000000000000000000000000000000\tp\tr\t",
    "2:65536:0:0a4d0001000000000000000000000000\t0:0:0:"
    "00000000000000000000000000000000\tp\tr\t",
    "2:80:0:0a4d0001000000000000000000000000\t0:1:0:00000000000000000000000000000000\tp\tr\t",
    "2:80:0:0a4d0001000000000000000000000000\t0:0:0:00000000000000000000000000000000\tp q\tr\t",
    "2:80:0:0a4d0001000000000000000000000000\t0:0:0:"
    "00000000000000000000000000000000\tp\\00\tr\t",
    "2:80:0:0a4d0001000000000000000000000000\t0:0:0:"
    "00000000000000000000000000000000\tp\\4\tr\t",
    "2:80:0:0a4d0001000000000000000000000000\t0:0:0:00000000000000000000000000000000\tp\tr",
    "2:80:0:0a4d0001000000000000000000000000\t0:0:0:00000000000000000000000000000000\tp\tr\t\t\t",
};

static void test_lines(void)
{
    struct latch_record r;
    char line[600];
    bool ok = true;
    for (size_t i = 0; i < sizeof bad_numbers / sizeof *bad_numbers; i++) {
        snprintf(line, sizeof line, "%s\t%s", bad_numbers[i], strchr(GOOD, ':') - 1);
        line[strcspn(line, "\n")] = '\0';
        ok &= !latch_record_parse(line, &r);
        if (!ok)
            printf("# taken: %s\n", line);
    }
    for (size_t i = 0; i < sizeof bad_ends / sizeof *bad_ends; i++) {
        snprintf(line, sizeof line, "77\t5\t1\t0\t3\t0\t0\t0\t6\t%s", bad_ends[i]);
        ok &= !latch_record_parse(line, &r);
        if (!ok)
            printf("# taken: %s\n", line);
    }
    check(ok, "numbers, addresses and texts that are not such are refused");
    char name[200] = "";
    memset(name, 'n', 64);
    snprintf(line, sizeof line,
             "77\t5\t1\t0\t3\t0\t0\t0\t6\t0:0:0:00000000000000000000000000000000"
             "\t0:0:0:00000000000000000000000000000000\t%s\tr\t",
             name);
    check(!latch_record_parse(line, &r), "a name that does not fit is not cut");
    memset(line, 'x', sizeof line - 1);
    line[sizeof line - 1] = '\0';
    check(!latch_record_parse(line, &r), "nor is noise taken");
}

int main(void)
{
    char dir[80], id[BOOT_ID];
    scratch(dir, sizeof dir);
    snprintf(path, sizeof path, "%s/latches", dir);
    check(boot_id(id), "this boot has a name");
    snprintf(head, sizeof head, "latches 3 boot %s\n", id);
    test_whole();
    test_files();
    test_lines();
    scratch_remove(dir);
    return check_end();
}
