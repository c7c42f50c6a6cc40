// SPDX-License-Identifier: MIT
// front end: the table of commands.
#include "command.h"
#include "error.h"

const struct command commands[] = {
    {"run", "[--] PROGRAM [ARG...]", "Run PROGRAM once and report every segment that it leaks.", command_run,
     TAKES_RUNNING | TAKES_ONCE | TAKES_JUDGING, 2, EXIT_BROKEN},
    {"explore", "[--] PROGRAM [ARG...]", "Run PROGRAM once for every way in which one of its calls can fail.",
     command_explore, TAKES_RUNNING | TAKES_JUDGING | TAKES_EXPLORING, 2, EXIT_USAGE},
    {"scenario", "FILE|FOLDER...", "Run scenario files: several processes, in a forced order.",
     command_scenario, TAKES_JUDGING | TAKES_SCENARIOS, 2, EXIT_USAGE},
    {"report", "LOG", "Print the report again, from a kept event log.", command_report, TAKES_JUDGING, 1,
     EXIT_USAGE},
    {"doctor", "PROGRAM", "Say whether the shim can get into PROGRAM, and if not, why.", command_doctor, 0, 1,
     EXIT_USAGE},
    {"list", "calls|errnos|effects|findings", "Print one of shmcheck's tables.", command_list, 0, 1,
     EXIT_USAGE},
    {"explain", "", "Name the stacks that libshmcheck hands over on standard input; shmcheck(3).",
     command_explain, 0, 0, EXIT_USAGE},
    {0}};
