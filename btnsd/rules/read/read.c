/*
 * Turns policies' texts into records: rewrites short rules, scans, lets libconfuse parse, compares.
 */
#include "btnsd/rules/read/read.h"

#include "btnsd/rules/read/parse.h"
#include "btnsd/rules/read/scan.h"
#include "btnsd/rules/read/short.h"

int policy_read(unsigned file, const struct policy_text *text, struct policy_stream *out,
                struct policy_fault *f)
{
    struct policy_tree tree = {0};
    struct policy_long l;
    f->file = file;
    int rc = short_to_long(text->text, text->len, &l, f);
    if (!rc)
        rc = policy_scan(l.text, l.len, &tree, f);
    if (!rc)
        rc = parse_with_confuse(file, l.text, &tree, out, f);
    policy_tree_free(&tree);
    short_long_free(&l);
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
    return record_put(out, &last);
}
