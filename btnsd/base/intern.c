/* One copy of each text for as long as btnsd runs. */
#include "btnsd/base/intern.h"

#include <stdlib.h>
#include <string.h>

/* Texts come from rules, executables' names and reasons; a flood of new ones must not fill memory.
 */
#define TEXTS_MAX 16384

const char *intern(const char *text)
{
    static struct entry {
        struct entry *next;
        char text[];
    } * bucket[1024];
    static unsigned count;
    unsigned hash = 5381;
    for (const char *c = text; *c; c++)
        hash = hash * 33 + (unsigned char)*c;
    struct entry **p = &bucket[hash % 1024];
    for (struct entry *e = *p; e; e = e->next)
        if (!strcmp(e->text, text))
            return e->text;
    size_t len = strlen(text) + 1;
    struct entry *e = count < TEXTS_MAX ? malloc(sizeof *e + len) : NULL;
    if (!e)
        return "(too many different texts)";
    memcpy(e->text, text, len);
    e->next = *p;
    *p = e;
    count++;
    return e->text;
}
