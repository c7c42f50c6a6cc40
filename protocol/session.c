// SPDX-License-Identifier: MIT
// protocol: the layout of the one mapped file that the shim and the harness share.
#include "session.h"

#include <errno.h>
#include <string.h>

enum { LINE = 64, PAGE = 4096 };

static uint64_t align(uint64_t offset, uint64_t to)
{
	return (offset + to - 1) / to * to;
}

struct session_layout session_layout(uint32_t blocks, uint64_t arena_size, uint64_t plan_size)
{
	struct session_layout at;
	at.owners = align(sizeof(struct session), LINE);
	at.plan = align(at.owners + blocks * sizeof(struct block_owner), LINE);
	at.arena = align(at.plan + plan_size, LINE);
	at.blocks = align(at.arena + arena_size, PAGE);
	at.total = align(at.blocks + blocks * sizeof(struct block), PAGE);
	return at;
}

int session_init(void *memory, uint64_t size, uint32_t blocks, uint64_t arena_size, uint64_t plan_size)
{
	struct session_layout at = session_layout(blocks, arena_size, plan_size);
	struct session *session = memory;
	if (size < at.total || arena_size <= sizeof(struct arena) || arena_size % 8 || blocks == 0)
		return -EINVAL;
	session->version = SESSION_VERSION;
	session->header_size = sizeof *session;
	session->total_size = size;
	session->owners_offset = at.owners;
	session->blocks_offset = at.blocks;
	session->arena_offset = at.arena;
	session->plan_offset = plan_size ? at.plan : 0;
	session->plan_size = plan_size;
	session->block_count = blocks;
	session->stacks = STACKS_ALL;
	session->wait_ms = 2000;
	session->sleep_scale_ppm = 1000000;
	session->arena_room = arena_size;
	arena_init(session_arena(session), arena_size);
	memcpy(session->magic, SESSION_MAGIC, sizeof session->magic);
	return 0;
}

int session_divide(struct session *session, uint64_t size, uint64_t order_size)
{
	uint64_t plan = align(size, LINE);
	if (plan + order_size > session->plan_size)
		return -EINVAL;
	session->order_offset = order_size ? session->plan_offset + plan : 0;
	session->order_size = order_size;
	session->plan_offset = size ? session->plan_offset : 0;
	session->plan_size = size;
	return 0;
}

static int is_inside(uint64_t offset, uint64_t length, uint64_t size)
{
	return offset >= sizeof(struct session) && offset % 8 == 0 && offset <= size &&
	       length <= size - offset;
}

int session_is_valid(const void *memory, uint64_t size)
{
	const struct session *session = memory;
	if (size < sizeof *session || memcmp(session->magic, SESSION_MAGIC, sizeof session->magic) != 0)
		return 0;
	if (session->version != SESSION_VERSION || session->header_size != sizeof *session ||
	    session->total_size != size || session->block_count == 0)
		return 0;
	uint64_t blocks = session->block_count;
	return is_inside(session->owners_offset, blocks * sizeof(struct block_owner), size) &&
	       is_inside(session->blocks_offset, blocks * sizeof(struct block), size) &&
	       is_inside(session->arena_offset, sizeof(struct arena), size) &&
	       session_arena((struct session *)session)->size <= size - session->arena_offset &&
	       (!session->order_offset || is_inside(session->order_offset, session->order_size, size)) &&
	       (!session->plan_offset || is_inside(session->plan_offset, session->plan_size, size));
}
