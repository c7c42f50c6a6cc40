// SPDX-License-Identifier: MIT
// tests: a checked fixture: an IPC namespace of the test's own, and nothing of the test's left in it at the end.
#ifndef SHMCHECK_TESTS_OWN_NAMESPACE_H
#define SHMCHECK_TESTS_OWN_NAMESPACE_H

#include "include/shmcheck-check.h"

#include <errno.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

/* As root; without, in a user namespace of its own. */
static inline void own_namespace_enter(void)
{
	int code = unshare(CLONE_NEWIPC);
	if (code && errno == EPERM)
		code = unshare(CLONE_NEWUSER | CLONE_NEWIPC);
	ck_assert_msg(code == 0, "broken: no IPC namespace: %s", strerror(errno));
}

#define tcase_add_own_namespace(tcase)                                                                       \
	do {                                                                                                 \
		tcase_add_checked_fixture((tcase), own_namespace_enter, NULL);                               \
		tcase_add_shmcheck(tcase);                                                                   \
	} while (0)

#endif
