// SPDX-License-Identifier: MIT
// tests: many ways to one call, by frames of every kind. Always optimised, and without frame pointers.
#include "ways.h"

#include <alloca.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

#define APART        __attribute__((noinline, noclone))
#define ALIVE        __asm__ volatile("" ::: "memory") /* no tail call here */
#define USE(pointer) __asm__ volatile("" : : "r"(pointer) : "memory")

/* Of each thread: what chooses the way, what the data is made of, where it ends, and how far it still is. */
static _Thread_local uint64_t way, noise = 88172645463325252u;
static _Thread_local void (*last)(void);
static _Thread_local int left;
static _Thread_local uintptr_t left_at;

static uint64_t next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static void go(void);

/* Mostly numbers; now and then what looks like code, or like a frame. */
static void fill(uint64_t *words, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		words[i] = next(&noise) >> 8 | UINT64_C(0xab) << 56;
	if (next(&noise) % 65536 == 0) {
		words[next(&noise) % count] = (uint64_t)(uintptr_t)go + next(&noise) % 16;
		words[next(&noise) % count] = (uint64_t)(uintptr_t)&words[next(&noise) % count];
	}
	USE(words);
}

/* The first two have frames of one size: they differ in a return address alone. */
#define PLAIN(name, words)                                                                                   \
	APART static void name(void)                                                                         \
	{                                                                                                    \
		uint64_t data[words];                                                                        \
		fill(data, words);                                                                           \
		go();                                                                                        \
		USE(data);                                                                                   \
	}
PLAIN(first, 12)
PLAIN(second, 12)
PLAIN(third, 13)

/* Moves all that is below it. */
APART static void shift(void)
{
	unsigned words = 2 * (1 + (unsigned)(next(&way) % 3));
	uint64_t *room = alloca(words * sizeof *room);
	fill(room, words);
	go();
	USE(room);
}

/* Its frame begins where the stack pointer happens to be aligned. */
APART static void align(void)
{
	_Alignas(64) uint64_t data[8];
	fill(data, 8);
	go();
	USE(data);
}

/* Both: the frame is found by a register that is saved in it. */
APART static void align_and_shift(void)
{
	_Alignas(128) uint64_t data[16];
	unsigned words = 2 * (1 + (unsigned)(next(&way) % 3));
	uint64_t *room = alloca(words * sizeof *room);
	fill(data, 16);
	fill(room, words);
	go();
	USE(room);
	USE(data);
}

/* Jumps: it has no frame while what it called runs. */
APART static void jump(void)
{
	next(&noise);
	go();
}

APART static void jump_further(void)
{
	next(&noise);
	jump();
}

APART static int recurse(int depth)
{
	uint64_t data[4];
	fill(data, 4);
	if (depth == 0)
		go();
	else
		depth += recurse(depth - 1);
	USE(data);
	return depth;
}

static int compare(const void *a, const void *b)
{
	if (left >= 0)
		go();
	left = -1;
	return *(const int *)a - *(const int *)b;
}

APART static void through_libc(void)
{
	int numbers[2] = {(int)next(&noise), (int)next(&noise)};
	qsort(numbers, 2, sizeof *numbers, compare);
	ALIVE;
}

APART static void interrupt(int number)
{
	raise(number);
	ALIVE;
}

/* Where the thread's own stack was left for the alternate one. */
static void on_signal(int number, siginfo_t *info, void *context)
{
	const ucontext_t *interrupted = context;
#if defined(__x86_64__)
	uintptr_t sp = (uintptr_t)interrupted->uc_mcontext.gregs[REG_RSP];
#else
	uintptr_t sp = (uintptr_t)interrupted->uc_stack.ss_sp; /* nobody asks */
#endif
	uintptr_t before = left_at;
	(void)info;
	if (number == SIGUSR2 && sp - (uintptr_t)interrupted->uc_stack.ss_sp >= interrupted->uc_stack.ss_size)
		left_at = sp;
	go();
	left_at = before;
}

uintptr_t ways_left_at(void)
{
	return left_at;
}

#if defined(__x86_64__)
/* Calls FUNCTION with VALUES in the registers that a callee keeps. */
void ways_with_registers(void (*function)(void), const uint64_t values[6]);
__asm__(".text\n.globl ways_with_registers\n.type ways_with_registers, @function\nways_with_registers:\n"
	".cfi_startproc\n"
	"push %rbx\n.cfi_adjust_cfa_offset 8\n.cfi_rel_offset rbx, 0\n"
	"push %rbp\n.cfi_adjust_cfa_offset 8\n.cfi_rel_offset rbp, 0\n"
	"push %r12\n.cfi_adjust_cfa_offset 8\n.cfi_rel_offset r12, 0\n"
	"push %r13\n.cfi_adjust_cfa_offset 8\n.cfi_rel_offset r13, 0\n"
	"push %r14\n.cfi_adjust_cfa_offset 8\n.cfi_rel_offset r14, 0\n"
	"push %r15\n.cfi_adjust_cfa_offset 8\n.cfi_rel_offset r15, 0\n"
	"sub $8, %rsp\n.cfi_adjust_cfa_offset 8\n"
	"mov (%rsi), %rbx\nmov 8(%rsi), %rbp\nmov 16(%rsi), %r12\nmov 24(%rsi), %r13\nmov 32(%rsi), %r14\n"
	"mov 40(%rsi), %r15\n"
	"call *%rdi\n"
	"add $8, %rsp\n.cfi_adjust_cfa_offset -8\n"
	"pop %r15\n.cfi_adjust_cfa_offset -8\n.cfi_restore r15\n"
	"pop %r14\n.cfi_adjust_cfa_offset -8\n.cfi_restore r14\n"
	"pop %r13\n.cfi_adjust_cfa_offset -8\n.cfi_restore r13\n"
	"pop %r12\n.cfi_adjust_cfa_offset -8\n.cfi_restore r12\n"
	"pop %rbp\n.cfi_adjust_cfa_offset -8\n.cfi_restore rbp\n"
	"pop %rbx\n.cfi_adjust_cfa_offset -8\n.cfi_restore rbx\n"
	"ret\n.cfi_endproc\n.size ways_with_registers, . - ways_with_registers\n");

/* Numbers, and one that points into the stack. */
APART static void with_registers(void)
{
	uint64_t values[6], data[8];
	fill(values, 6);
	fill(data, 8);
	values[next(&way) % 6] = (uint64_t)(uintptr_t)&data[next(&way) % 8];
	ways_with_registers(go, values);
	USE(data);
}
#else
#define with_registers third
#endif

static void go(void)
{
	static void (*const plain[])(void) = {first,        second,          third,         shift,
					      align,        align_and_shift, jump,          first,
					      jump_further, through_libc,    with_registers};
	enum { PLAIN_WAYS = sizeof plain / sizeof *plain, CHOICES = PLAIN_WAYS + 4 };
	unsigned choice = (unsigned)(next(&way) % CHOICES);
	if (left-- <= 0)
		last();
	else if (choice < PLAIN_WAYS)
		plain[choice]();
	else if (choice == PLAIN_WAYS)
		recurse((int)(next(&way) % 6));
	else if (left < 2)
		interrupt(next(&way) % 2 ? SIGUSR1 : SIGUSR2);
	else
		second();
	ALIVE;
}

/* What earlier calls left on the stack lies in the gaps of later ones: often it is made away with, so that stacks come
 * again. */
APART static void scrub(void)
{
	char room[16384];
	memset(room, 0, sizeof room);
	USE(room);
}

void ways_go(uint64_t which, int depth, void (*to)(void))
{
	if (next(&noise) % 16 != 0)
		scrub();
	way = (which + 1) * UINT64_C(0x9e3779b97f4a7c15);
	left = (int)(next(&way) % (unsigned)(depth + 1));
	last = to;
	uint64_t *room = alloca(16 * (1 + next(&way) % 16)); /* so that not all begin at one address */
	USE(room);
	go();
	USE(room);
}

void ways_handle_signals(void)
{
	struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_NODEFER | SA_SIGINFO};
	sigaction(SIGUSR1, &action, NULL);
	action.sa_flags |= SA_ONSTACK;
	sigaction(SIGUSR2, &action, NULL);
}
