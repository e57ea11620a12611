/* Runs a fuzz target over the files and directories named: for machines without libFuzzer, and for
 * what was found before. Prints how many there were. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned inputs;

static void replay_file(const char *path, size_t size)
{
    uint8_t *data =
        malloc(size ? size : 1); /* of its own size, so that one octet too far is seen */
    FILE *f = fopen(path, "rb");
    if (!f || !data || fread(data, 1, size, f) != size) {
        perror(path);
        exit(2);
    }
    fclose(f);
    fprintf(stderr, "%s\n", path); /* the last one before a crash */
    LLVMFuzzerTestOneInput(data, size);
    free(data);
    inputs++;
}

static void replay(const char *path)
{
    struct stat st;
    if (stat(path, &st)) {
        perror(path);
        exit(2);
    }
    if (!S_ISDIR(st.st_mode)) {
        replay_file(path, (size_t)st.st_size);
        return;
    }
    DIR *dir = opendir(path);
    for (struct dirent *e; dir && (e = readdir(dir));) {
        char entry[4096];
        snprintf(entry, sizeof entry, "%s/%s", path, e->d_name);
        if (e->d_name[0] != '.')
            replay(entry);
    }
    if (dir)
        closedir(dir);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        replay(argv[i]);
    printf("%u inputs\n", inputs);
    return inputs ? 0 : 2;
}
