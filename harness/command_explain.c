// SPDX-License-Identifier: MIT
// front end: shmcheck explain: names the stacks that libshmcheck hands over from inside a program.
#include "command.h"
#include "error.h"
#include "harness/analyze/stack.h"
#include "harness/report/say.h"
#include "protocol/question.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { ARENA_MOST = 256 << 20, FRAMES_MOST = 24 };

/* A question as it came; nothing in it is trusted. */
struct asked {
	struct question head;
	struct shmcheck_leak *leaks;
	struct arena *arena;
	struct stacks *stacks;
};

static bool read_whole(void *bytes, size_t length)
{
	return fread(bytes, 1, length, stdin) == length;
}

static int read_question(struct asked *asked)
{
	struct question *head = &asked->head;
	if (!read_whole(head, sizeof *head) || memcmp(head->magic, QUESTION_MAGIC, sizeof head->magic) != 0 ||
	    head->count == 0 || head->count > QUESTION_LEAKS_MOST || head->arena_size > ARENA_MOST ||
	    head->arena_size < sizeof(struct arena) || head->arena_size % 8)
		return -EBADMSG;
	asked->leaks = calloc(head->count, sizeof *asked->leaks);
	asked->arena = malloc(head->arena_size);
	if (!asked->leaks || !asked->arena)
		return -ENOMEM;
	if (!read_whole(asked->leaks, head->count * sizeof *asked->leaks) ||
	    !read_whole(asked->arena, head->arena_size))
		return -EBADMSG;
	asked->stacks = stacks_new(asked->arena, head->arena_size, STACK_NAMES_ALL);
	return asked->stacks ? 0 : -ENOMEM;
}

/* What called main is no news. */
static void print_stack(const struct stack *stack)
{
	char text[SAY_MAX];
	for (size_t i = 0; i < stack->count && i < FRAMES_MOST; i++) {
		say_frame(&stack->frames[i], text, sizeof text);
		printf("    %s\n", text);
		if (stack->frames[i].function && strcmp(stack->frames[i].function, "main") == 0)
			return;
	}
	if (stack->count > FRAMES_MOST)
		printf("    and %zu more\n", stack->count - FRAMES_MOST);
}

static void print_leak(struct asked *asked, const struct shmcheck_leak *leak)
{
	const struct stack *stack = stacks_get(asked->stacks, leak->stack);
	char key[24];
	say_key(leak->key, key, sizeof key);
	if (leak->kind == SHMCHECK_SEGMENT)
		printf("segment %d (%zu bytes, key %s) made by pid %d is left:\n", leak->shmid, leak->bytes,
		       key, leak->pid);
	else
		printf("attachment of segment %d (%zu bytes at %p) is left:\n", leak->shmid, leak->bytes,
		       leak->address);
	if (stack && stack->count)
		print_stack(stack);
	else if (leak->caller)
		printf("    its call returned to %p; no stack was kept\n", leak->caller);
	else
		puts("    a call that was not seen: past the C library, or by another program after exec");
}

static const struct frame *innermost_source(const struct stack *stack)
{
	for (size_t i = 0; stack && i < stack->count; i++)
		if (stack->frames[i].file && stack->frames[i].line > 0)
			return &stack->frames[i];
	return NULL;
}

static void print_place(struct asked *asked)
{
	const struct frame *frame = innermost_source(stacks_get(asked->stacks, asked->leaks[0].stack));
	char file[512] = "", function[128] = "";
	if (frame)
		say_escape(frame->file, strlen(frame->file), file, sizeof file);
	if (frame && frame->function)
		say_escape(frame->function, strlen(frame->function), function, sizeof function);
	printf("%d\t%s\t%s\n", frame ? frame->line : 0, file, function);
}

int command_explain(struct options *options)
{
	struct asked asked = {0};
	int code = read_question(&asked);
	(void)options;
	if (code == -EBADMSG)
		error_print("standard input is no question of this version of libshmcheck");
	else if (code)
		error_print_errno(-code, "cannot explain");
	else if (asked.head.kind == QUESTION_PLACE)
		print_place(&asked);
	for (uint32_t i = 0; !code && asked.head.kind == QUESTION_EXPLAIN && i < asked.head.count; i++)
		print_leak(&asked, &asked.leaks[i]);
	stacks_free(asked.stacks);
	free(asked.leaks);
	free(asked.arena);
	return code ? EXIT_USAGE : 0;
}
