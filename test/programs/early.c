/*
 * Connects before any constructor has run, even those of its libraries, and once more from main().
 */
#include "test/shim/tool.h"

#include <stdlib.h>

static const char *first = "nothing";

static void before_all(int argc, char **argv, char **environment)
{
    (void)environment;
    if (argc == 3) {
        struct place p = place_of(argv[1], argv[2]);
        first = visit(&p);
    }
}

__attribute__((section(".preinit_array"), used)) static void (*const early)(int, char **,
                                                                            char **) = before_all;

int main(int argc, char **argv)
{
    if (argc != 3)
        errx(2, "usage: early HOST PORT");
    struct place p = place_of(argv[1], argv[2]);
    printf("%s\n%s\n", first, visit(&p));
    return 0;
}
