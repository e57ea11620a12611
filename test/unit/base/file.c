/* Files are replaced whole or not at all, and an array grows without losing an item. TAP. */
#include "btnsd/base/file.h"
#include "libapi/wire/array.h"
#include "test/unit/check.h"

#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static int print_text(FILE *f, void *arg)
{
    fputs(arg, f);
    return 0;
}

static int print_half(FILE *f, void *arg)
{
    fputs(arg, f);
    return -EBADMSG;
}

static bool holds(const char *path, const char *text)
{
    char found[64] = "";
    FILE *f = fopen(path, "re");
    size_t n = f ? fread(found, 1, sizeof found - 1, f) : 0;
    if (f)
        fclose(f);
    return n == strlen(text) && !strcmp(found, text);
}

static unsigned entries(const char *dir)
{
    unsigned n = 0;
    DIR *d = opendir(dir);
    while (d && readdir(d))
        n++;
    if (d)
        closedir(d);
    return n - 2;
}

static void test_file(const char *dir)
{
    char path[FILE_PATH];
    struct stat st;
    file_path(path, dir, "file");
    check(!file_print(path, 0640, print_text, "old\n") && holds(path, "old\n"), "a file is made");
    check(!stat(path, &st) && (st.st_mode & 07777) == 0640, "with the mode that was asked for");
    check(!file_print(path, 0600, print_text, "new\n") && holds(path, "new\n"), "and replaced");
    check(!stat(path, &st) && (st.st_mode & 07777) == 0600, "with its mode");
    check(file_print(path, 0600, print_half, "half") == -EBADMSG && holds(path, "new\n"),
          "what cannot be printed replaces nothing");
    check(file_write(path, "x", 1, 0600, false) == -EEXIST && holds(path, "new\n"),
          "nor does what must not replace a file");
    check(entries(dir) == 1, "no temporary file stays");
    check(file_path(path, dir, "none/file") == 0 &&
              file_print(path, 0600, print_text, "") == -ENOENT,
          "no directory is made");
}

static int die_halfway(FILE *f, void *arg)
{
    fputs(arg, f);
    fflush(f);
    _exit(0);
}

/* A process that dies while it writes the file, as btnsd might. */
static void write_half(const char *path)
{
    pid_t pid = fork();
    if (pid == 0)
        file_print(path, 0600, die_halfway, "half");
    waitpid(pid, NULL, 0);
}

static void test_unfinished(const char *dir)
{
    char deep[FILE_PATH], path[FILE_PATH], kept[FILE_PATH];
    file_path(deep, dir, "deep");
    file_path(path, deep, "file");
    file_path(kept, deep, "file.conf");
    check(!mkdir(deep, 0700) && !file_write(path, "whole", 5, 0600, true) &&
              !file_write(kept, "another", 7, 0600, true),
          "two files");
    write_half(path);
    write_half(path);
    check(entries(deep) == 4 && holds(path, "whole"), "a writer that dies leaves the file whole");
    file_remove_unfinished(dir);
    check(entries(deep) == 2 && holds(path, "whole") && holds(kept, "another"),
          "what it wrote is removed, and nothing else");
    file_remove_unfinished("/nowhere/at/all"); /* no directory: nothing to do */
}

static void test_array(void)
{
    uint32_t *item = NULL;
    size_t room = 0, n = 0, grown = 0;
    bool same = true;
    while (n < 10000) {
        size_t before = room;
        uint32_t *more = array_grow(item, &room, n + 1, sizeof *more);
        if (!more)
            break;
        item = more;
        grown += room != before;
        item[n] = (uint32_t)n;
        n++;
    }
    for (size_t i = 0; i < n; i++)
        same &= item[i] == i;
    check(n == 10000 && same && room >= n, "10,000 items, one by one");
    check(grown < 12, "by doubling: %zu times", grown);
    size_t before = room;
    check(!array_grow(item, &room, SIZE_MAX / 2, sizeof *item) && room == before,
          "more than there can be is refused, and nothing changes");
    check(!array_grow(item, &room, SIZE_MAX, 1) && room == before, "also when doubling overflows");
    free(item);
}

int main(void)
{
    char dir[64];
    scratch(dir, sizeof dir);
    test_file(dir);
    test_unfinished(dir);
    test_array();
    scratch_remove(dir);
    return check_end();
}
