// SPDX-License-Identifier: MIT
// launch: a station's program from its start to the death of its last descendant; its events.
#ifndef SHMCHECK_HARNESS_LAUNCH_STATION_WATCH_H
#define SHMCHECK_HARNESS_LAUNCH_STATION_WATCH_H

#include "harness/launch/launch.h"
#include "harness/launch/server.h"
#include "harness/launch/session_file.h"
#include "harness/launch/station.h"

struct station_watch;

struct station_totals {
	uint64_t events, bad;
	bool has_entered; /* an image announced itself */
	bool server_is_gone; /* it was killed, and reaped */
};

/* Starts the thread that notices when a program's events find little room. Both must outlive it. NULL with errno: it could not. */
struct station_watch *station_watch_new(const struct launch_options *options, struct session_file *file);

/* Ends that thread, which looks at the session until then. Harmless with NULL. */
void station_watch_free(struct station_watch *watch);

/* Waits for the program that EVIDENCE names and for its descendants, as RUN and the options say: kills those that outlive it.
 * SERVER's process, if any, is a child that is no part of it. Where others are still alive, the last table of segments is read
 * here, from the descriptor TABLE (-1: ours); events go to RUN's sink where room ran short. Returns 0 or -errno;
 * -ECANCELED: SIGTERM ended it before its time. */
int station_watch_run(struct station_watch *watch, const struct station_run *run, int table,
		      const struct server *server, struct evidence *evidence);

/* Whether SIGTERM has come meanwhile, though the program may have ended before. */
bool station_watch_is_unwanted(const struct station_watch *watch);

/* After a run without trouble: the last table from TABLE, if it was not read yet: nobody is left who could change it. */
void station_watch_look(const struct station_watch *watch, int table);

/* When all that is over: the rest of the events goes to the sink. Returns 0 or -errno. */
int station_watch_finish(struct station_watch *watch, struct station_totals *ret_totals);

#endif
