// SPDX-License-Identifier: MIT
// explore: a run's kept log, read again when its details are wanted.
#include "replay.h"

#include <errno.h>
#include <stdio.h>

static int take(void *context, const struct record *record)
{
	struct replay *replay = context;
	if (record->event < CALL_COUNT && !(record->flags & RECORD_PLANTED)) {
		if (record->begin_ns == replay->wanted_ns)
			replay->wanted = *record;
		replay->last[replay->calls++ % REPLAY_LAST] = *record;
	}
	return ledger_apply(replay->ledger, record);
}

int replay_open(int fd, uint64_t wanted_ns, struct stacks **stacks, struct replay *ret_replay)
{
	struct replay *replay = ret_replay;
	char path[64], why[256];
	*replay = (struct replay){.ledger = ledger_new(), .wanted_ns = wanted_ns};
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	int code = replay->ledger ? log_read(path, take, replay, &replay->content, why) : -ENOMEM;
	if (!code)
		ledger_texts(replay->ledger, replay->content.arena, replay->content.arena_size);
	if (!code)
		code = ledger_doubts(replay->ledger, &replay->content.evidence);
	if (!code)
		code = ledger_judge(replay->ledger, &replay->content.evidence, &replay->findings);
	if (!code && *stacks)
		stacks_renew(*stacks, replay->content.arena, replay->content.arena_size);
	else if (!code &&
		 !(*stacks = stacks_new(replay->content.arena, replay->content.arena_size, STACK_NAMES_ALL)))
		code = -ENOMEM;
	replay->stacks = *stacks;
	if (code)
		replay_close(replay);
	return code;
}

void replay_close(struct replay *replay)
{
	findings_free(&replay->findings);
	log_content_free(&replay->content);
	ledger_free(replay->ledger);
	*replay = (struct replay){0};
}
