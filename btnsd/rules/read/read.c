/* From policies' texts to records: scans, lets libconfuse parse, compares. */
#include "btnsd/rules/read/read.h"

#include "btnsd/rules/read/parse.h"
#include "btnsd/rules/read/scan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int policy_read(unsigned file, const struct policy_text *text, struct policy_stream *out,
                struct policy_fault *f)
{
    struct policy_tree tree = {0};
    char *copy = malloc(text->len + 1);
    f->file = file;
    if (!copy) {
        policy_fault(f, 0, "out of memory");
        return -ENOMEM;
    }
    memcpy(copy, text->text, text->len);
    copy[text->len] = 0;
    int rc = policy_scan(copy, text->len, &tree, f);
    if (!rc)
        rc = policy_confuse(file, copy, &tree, out, f);
    policy_tree_free(&tree);
    free(copy);
    return rc;
}

int policy_read_all(const struct policy_text *text, unsigned files, struct policy_stream *out)
{
    struct policy_fault f = {0};
    struct policy_record last = {.kind = RECORD_END, .text = ""};
    for (unsigned i = 0; i < files; i++) {
        if (!policy_read(i, &text[i], out, &f))
            continue;
        last = (struct policy_record){
            .kind = RECORD_FAULT, .file = f.file, .line = f.line, .text = f.reason};
        out->len = 0;
        break;
    }
    return policy_put(out, &last);
}
