/*
 * A program for btns-run to start: prints that it runs, and whether the loader is in secure mode
 * (AT_SECURE).
 */
#include <stdio.h>
#include <sys/auxv.h>

int main(void)
{
    printf("program: runs, secure=%lu\n", getauxval(AT_SECURE));
    return 7;
}
