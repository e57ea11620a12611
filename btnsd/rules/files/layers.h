/*
 * Reads the administrator's policy files and the vendor's: a file of the administrator's replaces
 * the vendor's file of the same name.
 */
#ifndef BTNS_RULES_FILES_LAYERS_H
#define BTNS_RULES_FILES_LAYERS_H

#include "btnsd/rules/files/source.h"
#include "btnsd/rules/model/rules.h"

/* Where policies are, unless options say otherwise. */
extern const struct rules_sources policy_places;

/*
 * Lays the n texts over the vendor's: a text replaces the vendor's text of the same file name; the
 * vendor's other texts move into *text, which is allocated anew, in the order of their file names.
 * Both must be in that order. Returns how many texts there are, or -errno: -ENOMEM if nothing was
 * moved, -E2BIG if together they exceed the limits of a policy.
 */
int layers_lay_over(struct policy_text **text, int n, struct policy_text *vendor, int vendors,
                    struct err *err);
/*
 * Reads root's *.conf of from->policy over those of from->vendor, which need not exist. Returns
 * their number, or -errno with a reason. The caller frees: source_texts_free(*text, number).
 */
int layers_read(const struct rules_sources *from, struct policy_text **text, struct err *err);
/* The same, but only those that can be read. */
int layers_read_some(const struct rules_sources *from, struct policy_text **text);

#endif
