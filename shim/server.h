// SPDX-License-Identifier: MIT
// shim: the fork server: the program, stopped before main, makes its runs by fork.
#ifndef SHMCHECK_SHIM_SERVER_H
#define SHMCHECK_SHIM_SERVER_H

#include "protocol/session.h"

typedef int program_main(int argc, char **argv, char **environment);

/* What libc is to call as the program's main, which is PROGRAM: that itself, unless the session wants a fork server. */
program_main *server_choose(program_main *program);

/* Stands in main's place: jumps to what server_serve returns. */
int server_main(int argc, char **argv, char **environment);

/* Serves the harness and never comes back but in the child of each run; returns the program's main. */
program_main *server_serve(void);

#endif
