// SPDX-License-Identifier: MIT
// explore: where a run's records go: into the books, among the calls that are looked at, and into a log.
#include "intake.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int intake_begin(struct intake *intake)
{
	intake->kept_count = intake->beyond = 0;
	watch_clear(&intake->watch);
	if (!intake->last)
		intake->last = calloc(INTAKE_LAST, sizeof *intake->last);
	intake->ledger = ledger_new();
	return intake->ledger && intake->last ? 0 : -ENOMEM;
}

/* A program that tries for ever must not fill the memory with its log: of what is beyond, the last records are kept. */
static int keep(struct intake *intake, const struct record *record)
{
	if (intake->kept_count == INTAKE_MOST) {
		intake->last[intake->beyond++ % INTAKE_LAST] = *record;
		return 0;
	}
	if (intake->kept_count == intake->kept_room) {
		size_t room = intake->kept_room ? 2 * intake->kept_room : 256;
		struct record *kept = realloc(intake->kept, room * sizeof *kept);
		if (!kept)
			return -ENOMEM;
		intake->kept = kept;
		intake->kept_room = room;
	}
	intake->kept[intake->kept_count++] = *record;
	return 0;
}

int intake_take(void *context, const struct record *records, size_t count)
{
	struct intake *intake = context;
	int code = 0;
	for (size_t i = 0; !code && i < count; i++) {
		code = ledger_apply(intake->ledger, &records[i]);
		code = code ? code : watch_take(&intake->watch, &records[i]);
		code = code ? code : keep(intake, &records[i]);
	}
	return code;
}

/* The kernel's log has other people's processes too, and not all of ours. */
static uint32_t count_traced(const struct evidence *evidence)
{
	uint32_t count = 0;
	for (size_t i = 0; i < evidence->crash_count; i++)
		count += evidence->crashes[i].source == CRASH_TRACED;
	return count;
}

/* Places are told apart by their stacks. */
static int doubt_places(struct evidence *evidence)
{
	if (!evidence->lost_texts)
		return 0;
	return evidence_doubt(evidence,
			      "%llu call stacks found no room: calls from different places were taken for "
			      "calls from one, and not all of them were tried",
			      (unsigned long long)evidence->lost_texts);
}

int intake_judge(struct intake *intake, struct identities *identities, const struct arena *arena,
		 uint64_t arena_size, struct evidence *evidence, struct trial *trial)
{
	struct findings findings = {0};
	identities_begin(identities, arena, arena_size);
	ledger_texts(intake->ledger, arena, arena_size);
	int code = ledger_doubts(intake->ledger, evidence);
	code = code ? code : doubt_places(evidence);
	if (!code)
		code = ledger_judge(intake->ledger, evidence, &findings);
	if (!code)
		code = watch_finish(&intake->watch, intake->ledger, &findings, identities, arena, arena_size,
				    trial);
	findings_free(&findings);
	trial->status = evidence->program_status;
	trial->timed_out = evidence->timed_out;
	trial->shares_namespace = evidence->isolation == ISOLATION_NONE;
	trial->lost = evidence->lost_events || evidence->bad_records;
	trial->entered = evidence->doubt_count == 0;
	trial->crashes = count_traced(evidence);
	if (evidence->doubt_count)
		snprintf(trial->why, sizeof trial->why, "%s", evidence->doubts[0]);
	trial->duration_ns = evidence->end_ns - evidence->begin_ns;
	return code;
}

int intake_write_log(const struct intake *intake, int fd, const struct arena *arena, uint64_t arena_size,
		     const struct evidence *evidence)
{
	struct log_writer *log = NULL;
	char path[64];
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	int code = log_writer_open(path, &log);
	size_t first = intake->beyond > INTAKE_LAST ? intake->beyond - INTAKE_LAST : 0;
	if (!code)
		code = log_writer_records(log, intake->kept, intake->kept_count);
	for (size_t i = first; !code && i < intake->beyond; i++)
		code = log_writer_records(log, &intake->last[i % INTAKE_LAST], 1);
	if (!code)
		code = log_writer_finish(log, arena, arena_size, evidence);
	log_writer_free(log);
	return code;
}

void intake_end(struct intake *intake)
{
	ledger_free(intake->ledger);
	intake->ledger = NULL;
}
