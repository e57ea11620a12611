/* The file of a certificate authority that a policy names, and the forms of an id in certificates.
 */
#ifndef BTNS_RULES_FILES_AUTHORITY_H
#define BTNS_RULES_FILES_AUTHORITY_H

#include "libapi/wire/err.h"

#include <stdbool.h>

#define AUTHORITY_MAX 65536 /* octets of a file of certificates */

/* Opens root's file at an absolute path: a descriptor, or -errno with err. private: the file may be
 * readable for root and its group alone. */
int authority_open(const char *path, bool private, struct err *err);
/* Reads the whole of root's file at an absolute path, for free(); NULL with err. If not private,
 * the file must be readable for everybody, so that btnsd shows no user what they could not read. */
char *authority_read_file(const char *path, bool private, struct err *err);
/* The one certificate in the file, which must be an authority's, as PEM for free(); NULL with err.
 */
char *authority_read(const char *path, struct err *err);

/* A certificate (X509 of OpenSSL) as PEM, for free(); NULL when there is no memory. */
char *certificate_pem(const void *x509);

/* The kind of name that an id is: useipsec, section 8 d. */
enum id_form { ID_FQDN, ID_USER_FQDN, ID_DN, ID_BAD };
enum id_form id_form(const char *id);

#endif
