// SPDX-License-Identifier: MIT
// launch: a look at PROGRAM before it runs: can the shim get in?
#ifndef SHMCHECK_HARNESS_LAUNCH_TARGET_H
#define SHMCHECK_HARNESS_LAUNCH_TARGET_H

#include "harness/analyze/evidence.h"

#include <stdbool.h>

enum target_obstacle {
	TARGET_OK,
	TARGET_STATIC, /* no interpreter: nothing reads LD_PRELOAD */
	TARGET_SETUID, /* ld.so ignores LD_PRELOAD for who gains privilege */
	TARGET_CAPABILITIES, /* file capabilities: likewise */
	TARGET_OTHER_MACHINE,
	TARGET_NOT_ELF,
	TARGET_UNREADABLE,
};

struct target {
	char path[4096]; /* of what is executed */
	char interpreter[4096]; /* of a script; "" for a program */
	char sanitizer[64]; /* soname of a runtime that must be the first library; "" */
	enum target_obstacle obstacle;
	bool is_x_client; /* linked with a library of the X window system */
	bool is_suid_to_self; /* set-user-id, and yet the user's own: no privilege is gained */
};

/* Looks PROGRAM up in PATH as execvp(3) does and looks at it, through "#!" lines. Returns 0, or -errno when it is not
 * to be found or executed. */
int target_inspect(const char *program, struct target *ret_target);

/* What CODE (an errno) means that executing PROGRAM gave, as the end of "cannot execute 'PROGRAM': ". */
enum { TARGET_WHY = 4160 };
void target_exec_error(const char *program, int code, char ret_text[TARGET_WHY]);

/* A sentence: what OBSTACLE means for the shim. */
const char *target_sentence(enum target_obstacle obstacle);

/* PROGRAM ran and the shim never spoke up in it: a doubt with the reason. Returns 0 or -ENOMEM. */
int target_doubt(const struct target *target, const char *program, struct evidence *evidence);

#endif
