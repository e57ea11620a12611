/*
 * The private charon's log: which lines become part of an error message, and that the file stays
 * small. TAP.
 */
#include "btnsd/ike/charon/charon_run.h"
#include "test/unit/check.h"

#include <string.h>
#include <sys/stat.h>

static char dir[80], log_file[120];

static void log_is(const char *text)
{
    FILE *f = fopen(log_file, "w");
    if (!f)
        return;
    fputs(text, f);
    fclose(f);
}

static void tail(void)
{
    static const struct {
        const char *what, *log, *want;
    } cases[] = {
        {"telling lines, without their heads",
         "2026-11-21T11:31:25 00[DMN] Starting IKE charon daemon\n"
         "2026-11-21T11:31:25 00[NET] unable to bind socket: Address already in use\n"
         "2026-11-21T11:31:25 00[LIB] loaded plugins: charon\n"
         "2026-11-21T11:31:25 00[NET] could not create any sockets\n",
         "unable to bind socket: Address already in use; could not create any sockets"},
        {"the last three of them", "x failed 1\nx failed 2\nx failed 3\nx failed 4\n",
         "x failed 2; x failed 3; x failed 4"},
        {"the last lines when none tells", "a\nb\nc\nd\n", "b; c; d"},
        {"a line without an end", "no such file", "no such file"},
        {"blank lines are nothing", "\n\nfailed\n\n\n", "failed"},
        {"an empty log", "", ""},
    };
    const struct charon_paths paths = {.run = dir, .binary = ""};
    char buf[300];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        log_is(cases[i].log);
        check(!strcmp(charon_log_tail(&paths, buf, sizeof buf), cases[i].want), "%s",
              cases[i].what);
        if (strcmp(buf, cases[i].want))
            printf("# %s\n", buf);
    }
    log_is("this failed, and at length\n");
    check(!strcmp(charon_log_tail(&paths, buf, 12), "this failed"), "cut to the buffer");
    remove(log_file);
    check(!strcmp(charon_log_tail(&paths, buf, sizeof buf), ""), "no log");
}

static void long_log(void)
{
    const struct charon_paths paths = {.run = dir, .binary = ""};
    char buf[300];
    FILE *f = fopen(log_file, "w");
    fputs("an old one failed\n", f);
    for (int i = 0; i < 100000; i++)
        fputs("00[IKE] a line that is only there to be there\n", f);
    fputs("00[IKE] the new one failed\n", f);
    fclose(f);
    check(!strcmp(charon_log_tail(&paths, buf, sizeof buf), "the new one failed"),
          "of a long log only the end is read");
    struct stat before = {0}, after = {0};
    FILE *writer = fopen(log_file, "a"); /* opened for appending, as charon does */
    stat(log_file, &before);
    charon_log_trim(&paths);
    stat(log_file, &after);
    check(before.st_size > 4000000 && !after.st_size, "a log grown big is emptied");
    fputs("goes on\n", writer);
    fclose(writer);
    charon_log_trim(&paths);
    check(!strcmp(charon_log_tail(&paths, buf, sizeof buf), "goes on"),
          "its writer goes on at the start, and a small log is left alone");
}

int main(void)
{
    if (!scratch(dir, sizeof dir))
        return 1;
    snprintf(log_file, sizeof log_file, "%s/" CHARON_LOG, dir);
    tail();
    long_log();
    scratch_remove(dir);
    return check_end();
}
