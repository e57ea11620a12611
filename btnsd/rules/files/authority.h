/*
 * Reads the file of a certificate authority that a policy names, and checks the form of an id in
 * certificates.
 */
#ifndef BTNS_RULES_FILES_AUTHORITY_H
#define BTNS_RULES_FILES_AUTHORITY_H

#include "libapi/wire/err.h"

#include <stdbool.h>

#define AUTHORITY_MAX 65536 /* octets of a file of certificates */

/*
 * Opens root's file at an absolute path: returns a descriptor, or -errno with err. private: nobody
 * but root and its group may be able to read it.
 */
int authority_open(const char *path, bool private, struct err *err);
/*
 * Reads root's file at an absolute path; the caller frees the text. NULL with err. Unless private,
 * everybody must be able to read it, so that btnsd shows no user what they could not read.
 */
char *authority_read_file(const char *path, bool private, struct err *err);
/*
 * Reads the one certificate in the file, which must be an authority's, as PEM; the caller frees it.
 * NULL with err.
 */
char *authority_read(const char *path, struct err *err);

/* A certificate (X509 of OpenSSL) as PEM, which the caller frees; NULL: out of memory. */
char *certificate_pem(const void *x509);

/* The kinds of name that an id can be (useipsec, section 8 d). */
enum id_form { ID_FQDN, ID_USER_FQDN, ID_DN, ID_BAD };
enum id_form id_form(const char *id);

#endif
