/* The name of an address in /etc/hosts, and a key's words. TAP. */
#include "btnsd/base/hosts_file.h"
#include "libapi/wire/key_words.h"
#include "test/unit/check.h"

#include <string.h>
#include <unistd.h>

static char dir[80], path[100];

static const char *name_of(const char *address)
{
    static char name[HOSTS_FILE_NAME];
    struct btns_addr a;
    btns_addr_parse(&a, address);
    a.port = 8000; /* the port must not matter */
    return hosts_file_name(path, &a, name) ? name : "-";
}

static void write_file(void)
{
    FILE *f = fopen(path, "we");
    if (!f)
        return;
    fputs(
        "# 10.0.0.9 commented\n127.0.0.1 localhost\n  10.0.0.1\tbob bob.example # and 10.0.0.7 x\n"
        "10.0.0.1 second\nfd77::0001 six\n10.0.0.3\nno-address name\n10.0.0.4 e\033[31mvil good\n"
        "10.0.0.5 ",
        f);
    for (int i = 0; i < 100; i++)
        fputc('n', f);
    fputs("\n", f);
    for (int i = 0; i < 3000; i++)
        fputc(' ', f);
    fputs("10.0.0.6 inside\n10.0.0.8 last", f);
    fclose(f);
}

static void test_names(void)
{
    static const struct {
        const char *address, *name, *what;
    } table[] = {
        {"10.0.0.1", "bob", "the first name of the first line"},
        {"fd77::1", "six", "another spelling of the address"},
        {"10.0.0.8", "last", "a last line without its end"},
        {"10.0.0.9", "-", "a comment is no line"},
        {"10.0.0.7", "-", "nor is the end of one"},
        {"10.0.0.3", "-", "an address without a name"},
        {"10.0.0.4", "-", "a name that a terminal would not show"},
        {"10.0.0.5", "-", "a name that is too long"},
        {"10.0.0.6", "-", "the middle of a line that is too long is no line"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        check(!strcmp(name_of(table[i].address), table[i].name), "%s: %s is %s", table[i].what,
              table[i].address, table[i].name);
    unlink(path);
    check(!strcmp(name_of("10.0.0.1"), "-"), "no file, no name");
}

static void test_words(void)
{
    char a[BTNS_KEY_WORDS], b[BTNS_KEY_WORDS];
    struct btns_key k = {.hashed = false};
    /* 66687aad f862bd77 6c8fc18b: SHA-256 of 32 zeros */
    check(!strcmp(btns_key_words(&k, a), "kinom-lopot-zodof-rujul-kufaz-sakar"), "words: %s", a);
    k.raw[31] = 1;
    check(strcmp(btns_key_words(&k, b), a), "of another key: %s", b);
}

int main(void)
{
    scratch(dir, sizeof dir);
    snprintf(path, sizeof path, "%s/hosts", dir);
    write_file();
    test_names();
    test_words();
    scratch_remove(dir);
    return check_end();
}
