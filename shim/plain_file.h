// SPDX-License-Identifier: MIT
// shim: the file of a session without the harness: allocated whole, then given its name.
#ifndef SHMCHECK_SHIM_PLAIN_FILE_H
#define SHMCHECK_SHIM_PLAIN_FILE_H

#include "protocol/session.h"
#include "shim/plain.h"

struct plain_file {
	const char *path; /* its name when it is ready */
	char temporary[PLAIN_PATH + 32]; /* until then; "": there is none */
};

/* Makes FILE under its temporary name, SIZE bytes that are all allocated: neither a full disk nor RLIMIT_FSIZE can kill
 * who writes there. Maps it. Returns its address, or -errno: -EFBIG when RLIMIT_FSIZE is below SIZE. */
long plain_file_create(struct plain_file *file, uint64_t size);

/* Gives FILE its name. Where a log of that name is in use, that one is mapped and put into *RET_THEIRS, and FILE is
 * discarded. Returns 0, or -errno with FILE discarded: -EEXIST when the name is taken by something that is no log. */
long plain_file_publish(struct plain_file *file, struct session **ret_theirs);

/* Removes what has no name yet. */
void plain_file_discard(struct plain_file *file);

/* What ERROR means for a log, in words. */
const char *plain_file_sentence(int error);

#endif
