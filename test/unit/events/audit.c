/*
 * The audit log: whole lines of JSON, rotation, and a writer that hangs, dies or cannot write. TAP.
 */
#include "btnsd/events/audit.h"
#include "btnsd/base/loop.h"
#include "test/unit/check.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char dir[80], path[120];

static void decide(struct audit *a, const char *why)
{
    static const struct rule rule = {.program = "p", .name = "web", .file = "x.conf"};
    const struct btns_addr address = {.family = AF_INET, .port = 80, .ip = {192, 0, 2, 1}};
    audit_decision(a, &(struct audit_decision){.verdict = "denied",
                                               .error = EACCES,
                                               .point = POINT_CONNECT,
                                               .uid = 1000,
                                               .program = "/usr/bin/p",
                                               .address = &address,
                                               .rule = &rule,
                                               .rule_text = "rule \"web\" (x.conf:1)",
                                               .text = why});
}

/* Ends the log, and waits until the writer has written everything. */
static void finish(struct audit *a)
{
    pid_t pid = a->pid;
    audit_end(a);
    if (pid > 0)
        waitpid(pid, NULL, 0);
}

static char *contents(const char *file)
{
    static char text[1 << 20];
    FILE *f = fopen(file, "re");
    size_t n = f ? fread(text, 1, sizeof text - 1, f) : 0;
    if (f)
        fclose(f);
    text[n] = '\0';
    return text;
}

static void test_lines(void)
{
    struct events events = {0};
    struct audit a;
    struct stat st;
    audit_start(&a, &events, path);
    decide(&a, "it said \"no\"\nand more");
    event_emit(&events, &(struct event){.kind = BTNS_E_BROKEN, .text = "broken"});
    event_emit(&events, &(struct event){.kind = BTNS_E_CREATED, .text = "created"});
    event_emit(&events,
               &(struct event){.kind = BTNS_E_CLOSED, .reason = BTNS_R_ENDED, .text = "done"});
    audit_user(&a, 0, 1000, "added", "mine", NULL);
    finish(&a);
    const char *text = contents(path);
    check(strstr(text, "\"event\":\"decision\"") && strstr(text, "\"error\":\"EACCES\"") &&
              strstr(text, "it said \\\"no\\\"\\u000aand more"),
          "a decision: %s", text);
    check(strstr(text, "latch-broken") && !strstr(text, "created") && !strstr(text, "done"),
          "what breaks, not what comes and goes");
    check(strstr(text, "\"uid\":1000,\"by\":0,\"name\":\"mine\""), "whose policy, and who did it");
    check(!strstr(text, "BTNS_RULE"), "fields are for the journal alone");
    check(!stat(path, &st) && (st.st_mode & 07777) == 0640, "mode 0640");
}

static void test_hanging(void)
{
    struct events events = {0};
    struct audit a;
    audit_start(&a, &events, path);
    kill(a.pid, SIGSTOP); /* as if its disk were hanging */
    uint64_t before = loop_now();
    for (int i = 0; i < 20000; i++)
        decide(&a, "while it hangs");
    uint64_t took = loop_now() - before, lost = a.lost;
    check(lost > 0 && lost < 20000, "%llu of 20000 lines are lost, and counted, in %llu ms",
          (unsigned long long)lost, (unsigned long long)took);
    kill(a.pid, SIGCONT);
    for (int i = 0; i < 10000 && a.lost; i++) {
        usleep(10000);
        decide(&a, "again");
    }
    finish(&a);
    check(strstr(contents(path), "\"event\":\"lost\",\"lines\":"), "and the count is written");
}

static void test_dying(void)
{
    struct events events = {0};
    struct audit a;
    int status;
    audit_start(&a, &events, path);
    pid_t first = a.pid;
    kill(first, SIGKILL);
    waitpid(first, &status, 0);
    check(audit_reaped(&a, first) && !audit_reaped(&a, first), "its end is noticed");
    decide(&a, "nobody hears this");
    check(a.lost == 1 && a.fd < 0, "another is not started at once");
    a.retry = 0;
    decide(&a, "by another");
    check(a.fd >= 0 && a.pid != first && !a.lost, "but later");
    finish(&a);
    check(strstr(contents(path), "by another"), "and it writes");
}

/* With a FIFO, a link or a directory in the file's place, nothing hangs and nothing is followed. */
static void test_in_the_way(void)
{
    struct events events = {0};
    struct audit a;
    char other[200];
    unlink(path);
    mkfifo(path, 0600);
    audit_start(&a, &events, path);
    decide(&a, "into a FIFO");
    finish(&a);
    check(true, "a FIFO does not hang it");
    unlink(path);
    snprintf(other, sizeof other, "%s/other", dir);
    check(!symlink(other, path), "a link");
    audit_start(&a, &events, path);
    decide(&a, "through a link");
    finish(&a);
    check(access(other, F_OK), "is not followed");
    unlink(path);
}

static void test_rotation(void)
{
    struct events events = {0};
    struct audit a;
    struct stat st;
    char older[140];
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
    check(!ftruncate(fd, AUDIT_OCTETS - 100), "a file that is nearly full");
    close(fd);
    audit_start(&a, &events, path);
    decide(&a, "one more");
    finish(&a);
    snprintf(older, sizeof older, "%s.1", path);
    check(!stat(older, &st) && st.st_size == AUDIT_OCTETS - 100 &&
              strstr(contents(path), "one more"),
          "is moved aside, and the line is in a new one");
    audit_start(&a, &events, path);
    rename(path, older);
    audit_reopen(&a);
    decide(&a, "reopened");
    finish(&a);
    check(strstr(contents(path), "reopened"), "moved away by others, it is opened anew");
    unlink(older);
    unlink(path);
}

int main(void)
{
    snprintf(path, sizeof path, "%s/audit.jsonl", scratch(dir, sizeof dir));
    signal(SIGPIPE, SIG_IGN);
    test_lines();
    test_hanging();
    test_dying();
    test_in_the_way();
    test_rotation();
    scratch_remove(dir);
    return check_end();
}
