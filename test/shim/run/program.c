/* A program to be run: says that it runs, and whether the loader is to be careful (AT_SECURE). */
#include <stdio.h>
#include <sys/auxv.h>

int main(void)
{
    printf("program: runs, secure=%lu\n", getauxval(AT_SECURE));
    return 7;
}
