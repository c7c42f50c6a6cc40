// SPDX-License-Identifier: MIT
// launch: the program's environment: our library in LD_PRELOAD, before the user's own.
#ifndef SHMCHECK_HARNESS_LAUNCH_PRELOAD_H
#define SHMCHECK_HARNESS_LAUNCH_PRELOAD_H

/* The path of libshmcheck.so: beside the command, or where it was installed. Returns 0, or -errno with WHY. */
int preload_find(char ret_path[4096], char why[512]);

/* A new environment for the program: this process's own with LD_PRELOAD, SHMCHECK_SESSION and SHMCHECK_SELF.
 * Sanitizers' runtimes at the head of the user's list stay there; CHANGES (NULL: none) are NAME=VALUE to be set, NAME to
 * be removed. Owned by the caller, in one piece; CHANGES must outlive it. NULL: no memory. */
char **preload_environment(const char *library, const char *session, const char *role, char *const *changes);

#endif
