// SPDX-License-Identifier: MIT
// protocol: where a signal handler's alternate stack says which stack was interrupted.
#include "signal_frame.h"

#include <string.h>

#if defined(__x86_64__) && defined(__LP64__)

/* Linux's struct rt_sigframe on x86-64 in words: the return address, then the ucontext. Its uc_stack is the alternate
 * stack as it was set when the signal came (sigaltstack(2)). */
enum { STACK_START = 3, STACK_SIZE = 5, SAVED = 6, SP = 21, PC = 22, WORDS = 23 };

enum { RED_ZONE = 128, PAGE = 4096 }; /* the red zone: psABI 3.2.2 */

static bool is_switch(const uint64_t *words, uint64_t address)
{
	uint64_t start = words[STACK_START], size = words[STACK_SIZE];

	return address - start < size && start + size > start && words[SP] - start >= size;
}

bool signal_frame_before(const uint64_t *words, uint32_t count, uint64_t start, struct signal_frame *frame)
{
	uint32_t slot = count < WORDS ? 0 : count - WORDS + 1;

	for (slot = frame->slot < slot ? frame->slot : slot; slot-- > 0;) {
		const uint64_t *at = words + slot;
		if (!is_switch(at, start + 8ull * slot))
			continue;
		*frame = (struct signal_frame){.slot = slot,
					       .saved = slot + SAVED,
					       .saved_sp = slot + SP,
					       .saved_end = slot + PC,
					       .restorer = at[0],
					       .sp = at[SP],
					       .pc = at[PC]};
		return true;
	}
	return false;
}

/* mov $SYS_rt_sigreturn, %rax; syscall: debuggers know it by these bytes, so that no C library changes them. */
bool signal_frame_is_restorer(const unsigned char code[RESTORER_BYTES])
{
	static const unsigned char known[RESTORER_BYTES] = {0x48, 0xc7, 0xc0, 0x0f, 0, 0, 0, 0x0f, 0x05};

	return memcmp(code, known, sizeof(known)) == 0;
}

/* Not in the page below: on a stack that overflowed, it is not there. */
uint64_t signal_frame_stack(const struct signal_frame *frame)
{
	uint64_t page = frame->sp & ~(uint64_t)(PAGE - 1);

	return frame->sp - page < RED_ZONE ? page : frame->sp - RED_ZONE;
}

#else

bool signal_frame_is_restorer(const unsigned char code[RESTORER_BYTES])
{
	(void)code;
	return false;
}

bool signal_frame_before(const uint64_t *words, uint32_t count, uint64_t start, struct signal_frame *frame)
{
	(void)words, (void)count, (void)start, (void)frame;
	return false;
}

uint64_t signal_frame_stack(const struct signal_frame *frame)
{
	return frame->sp;
}

#endif
