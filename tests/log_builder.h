// SPDX-License-Identifier: MIT
// tests: kept logs made by hand, equal on every machine: no pid, address, path or time in them is real.
#ifndef SHMCHECK_TESTS_LOG_BUILDER_H
#define SHMCHECK_TESTS_LOG_BUILDER_H

#include "harness/log/log.h"
#include "protocol/session.h"
#include "record_builder.h"

enum { LOG_ARENA_BYTES = 1 << 20, LOG_CODE = 0x401000, LOG_BIAS = 0x400000 };

static struct arena *log_arena;

BUILDER void log_begin(char **argv)
{
	builder_reset();
	free(log_arena);
	log_arena = calloc(1, LOG_ARENA_BYTES);
	ck_assert_ptr_nonnull(log_arena);
	arena_init(log_arena, LOG_ARENA_BYTES);
	evidence.argv = argv;
	evidence.isolation = ISOLATION_PRIVATE;
	evidence.begin_ns = 1000;
	evidence.end_ns = 1000 + 250000000;
	evidence.wall_begin = 1700000000;
	evidence.program_pid = PID_OF_ONE + 1;
}

BUILDER uint32_t log_text(const char *text)
{
	return arena_intern(log_arena, ARENA_STRING, text, (uint32_t)strlen(text));
}

/* A module that is on no machine: its frames have an address and no name. */
BUILDER uint32_t log_module(const char *path)
{
	unsigned char bytes[sizeof(struct module_entry) + 256] = {0};
	struct module_entry *module = (struct module_entry *)bytes;
	*module = (struct module_entry){.base = LOG_BIAS,
					.start = LOG_CODE,
					.end = LOG_CODE + 0x1000,
					.build_id_length = 4,
					.build_id = {0xde, 0xad, 0xbe, 0xef},
					.path_length = (uint32_t)strlen(path)};
	memcpy(module->path, path, strlen(path));
	return arena_intern(log_arena, ARENA_MODULE, bytes, (uint32_t)(sizeof *module + strlen(path)));
}

/* A stack whose innermost frame is OFFSET bytes into MODULE's code, and whose stack pointer is AT. */
BUILDER uint32_t log_stack_at(uint32_t module, uint64_t offset, uint64_t at)
{
	unsigned char bytes[sizeof(struct stack_entry) + sizeof module] = {0};
	struct stack_entry *stack = (struct stack_entry *)bytes;
	stack->registers[STACK_REGISTERS - 1] = LOG_CODE + offset;
	stack->registers[7] = at;
	stack->valid = 1u << (STACK_REGISTERS - 1) | 1u << 7;
	stack->modules = 1;
	memcpy(stack->rest, &module, sizeof module);
	return arena_intern(log_arena, ARENA_STACK, bytes, sizeof bytes);
}

BUILDER uint32_t log_stack(uint32_t module, uint64_t offset)
{
	return log_stack_at(module, offset, 0x7ffd00001000);
}

/* A process of that ROLE and COMM begins. */
BUILDER struct record *log_start(uint32_t process, const char *path, const char *role, const char *comm)
{
	struct record *record = start(process, START_FIRST, 0);
	record->text = log_text(path);
	record->detail[0] = log_text(role);
	memcpy(&record->detail[1], comm, strnlen(comm, 16));
	return record;
}

BUILDER void log_write(const char *path)
{
	struct log_writer *writer = NULL;
	evidence.events = built_count;
	ck_assert_int_eq(log_writer_open(path, &writer), 0);
	ck_assert_int_eq(log_writer_records(writer, built, built_count), 0);
	ck_assert_int_eq(log_writer_finish(writer, log_arena, LOG_ARENA_BYTES, &evidence), 0);
	log_writer_free(writer);
}

#endif
