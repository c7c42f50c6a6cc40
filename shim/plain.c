// SPDX-License-Identifier: MIT
// shim: a session that nobody but the program itself has made: without the harness.
#include "shim/plain.h"

#include "protocol/plan.h"
#include "protocol/plan_text.h"
#include "shim/plain_file.h"
#include "shim/raw_syscall.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>

enum { FILE_BLOCKS = 2048, FILE_BLOCKS_LEAST = 8, ARENA_MOST = 2 << 20, ARENA_LEAST = 128 << 10 };
enum { COMMAND_MOST = 4096 }; /* bytes of a command line */
enum { SLOTS_MOST = 16384, SLOTS_LEAST = 1024 }; /* for counts by process and thread */

/* The session's sizes, from what there is room for. */
struct shape {
	uint32_t blocks;
	uint64_t arena, plan, total;
};

static struct shape shape_of(uint32_t blocks, bool has_plan)
{
	bool is_small = blocks < 64;
	struct shape shape = {.blocks = blocks,
			      .arena = is_small ? ARENA_LEAST : ARENA_MOST,
			      .plan = has_plan ? plan_size(is_small ? SLOTS_LEAST : SLOTS_MOST) : 0};

	shape.total = session_layout(shape.blocks, shape.arena, shape.plan).total;
	return shape;
}

static void explain(char why[PLAIN_WHY], const char *log, const char *what, int error)
{
	struct out out = {.text = why, .size = PLAIN_WHY};

	why[0] = '\0';
	out_text(&out, ENV_LOG "=");
	out_safe(&out, log, strlen(log));
	out_text(&out, ": ");
	out_text(&out, what);
	if (error) {
		out_text(&out, " (errno ");
		out_number(&out, (uint64_t)error, 10);
		out_char(&out, ')');
	}
}

/* A fixed size, allocated before it is used: the largest of the halves of FILE_BLOCKS that there is room for. */
static long map_file(struct plain_file *file, struct shape *ret_shape, bool has_plan)
{
	long code = -ENOSPC;

	for (uint32_t blocks = FILE_BLOCKS; blocks >= FILE_BLOCKS_LEAST; blocks /= 2) {
		*ret_shape = shape_of(blocks, has_plan);
		code = plain_file_create(file, ret_shape->total);
		if (code != -ENOSPC && code != -EFBIG && code != -EDQUOT)
			break;
	}
	return code;
}

static bool read_rules(struct session *session, const struct plain_options *options, char why[PLAIN_WHY])
{
	struct plan *plan = session_plan(session);
	struct plan_error error;
	struct out out = {.text = why, .size = PLAIN_WHY};
	uint32_t needy;

	if (!plan || plan_init(plan, session->plan_size, options->seed))
		return true;
	if (options->rules && plan_parse(plan, options->rules, strlen(options->rules), &error)) {
		out_text(&out, ENV_INJECT ": ");
		plan_error_line(&error, options->rules, why + out.length, PLAIN_WHY - out.length);
		return false;
	}
	needy = plan_needs_namespace(plan);
	if (needy) {
		out_text(&out, ENV_INJECT ": rule ");
		out_number(&out, needy, 10);
		out_text(&out, ": world=");
		out_text(&out, plan_world_row(plan->rules[needy - 1].world)->name);
		out_text(&out, " needs a namespace of the run's own: use shmcheck run");
	} else if (options->rules && !plan->rule_count) {
		out_text(&out, ENV_INJECT ": there is no rule in it");
	}
	return out.length == 0;
}

/* The command line as the kernel has it. One that is longer is not kept: a part of it would be another command. */
static void keep_command(struct session *session)
{
	static const char path[] = "/proc/self/cmdline";
	char words[COMMAND_MOST];
	long fd = raw_syscall(SYS_openat, AT_FDCWD, (long)path, O_RDONLY | O_CLOEXEC, 0, 0, 0);
	long length = 0, got = raw_failed(fd) ? 0 : 1;

	while (got > 0 && length < COMMAND_MOST) {
		got = raw_syscall(SYS_read, fd, (long)(words + length), COMMAND_MOST - length, 0, 0, 0);
		length += got > 0 ? got : 0;
	}
	if (!raw_failed(fd))
		raw_syscall(SYS_close, fd, 0, 0, 0, 0, 0);
	if (length > 0 && length < COMMAND_MOST && words[length - 1] == '\0')
		session->command =
		    arena_intern(session_arena(session), ARENA_STRING, words, (uint32_t)length);
}

/* Who enters another one has other segments: they are not those that this log tells of. */
static uint64_t own_ipc_namespace(void)
{
	struct stat status = {0};
	static const char path[] = "/proc/self/ns/ipc";
	long code = raw_syscall(SYS_newfstatat, AT_FDCWD, (long)path, (long)&status, 0, 0, 0);

	return raw_failed(code) ? 0 : status.st_ino;
}

static bool fill(struct session *session, const struct shape *shape, const struct plain_options *options,
		 char why[PLAIN_WHY])
{
	if (session_init(session, shape->total, shape->blocks, shape->arena, shape->plan)) {
		explain(why, options->log, "no session fits", 0);
		return false;
	}
	session->stacks = options->stacks;
	session->wait_ms = 0; /* nobody drains */
	if (options->rules)
		session->rules_text = arena_intern(session_arena(session), ARENA_STRING, options->rules,
						   (uint32_t)strlen(options->rules));
	if (options->log) {
		keep_command(session);
		session->ipc_namespace = own_ipc_namespace();
	}
	return read_rules(session, options, why);
}

static bool has_same_rules(struct session *mine, struct session *theirs)
{
	const struct plan *a = session_plan(mine), *b = session_plan(theirs);

	if (!a || !b)
		return !a && !b;
	return b->rule_count == a->rule_count && memcmp(a->rules, b->rules, sizeof(a->rules)) == 0;
}

static struct session *join(struct session *mine, uint64_t size, struct session *theirs,
			    const struct plain_options *options, char why[PLAIN_WHY])
{
	bool is_same = has_same_rules(mine, theirs);

	raw_syscall(SYS_munmap, (long)mine, (long)size, 0, 0, 0, 0);
	if (is_same)
		return theirs;
	raw_syscall(SYS_munmap, (long)theirs, (long)theirs->total_size, 0, 0, 0, 0);
	explain(why, options->log, "a process that lives logs there under other rules: name another file", 0);
	return NULL;
}

struct session *plain_make(const struct plain_options *options, char why[PLAIN_WHY])
{
	struct plain_file file = {.path = options->log};
	struct shape shape;
	struct session *theirs = NULL;
	long memory = map_file(&file, &shape, options->rules != NULL), code;

	why[0] = '\0';
	if (raw_failed(memory)) {
		explain(why, options->log, plain_file_sentence((int)-memory), (int)-memory);
		return NULL;
	}
	if (!fill((struct session *)memory, &shape, options, why)) {
		plain_file_discard(&file);
		raw_syscall(SYS_munmap, memory, (long)shape.total, 0, 0, 0, 0);
		return NULL;
	}
	code = plain_file_publish(&file, &theirs);
	if (!code)
		return theirs ? join((struct session *)memory, shape.total, theirs, options, why)
			      : (struct session *)memory;
	raw_syscall(SYS_munmap, memory, (long)shape.total, 0, 0, 0, 0);
	explain(why, options->log, plain_file_sentence((int)-code), (int)-code);
	return NULL;
}
