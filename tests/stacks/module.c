// SPDX-License-Identifier: MIT
// A module whose one function calls back; its name and its size depend on how it is compiled.
void enter(void (*function)(void));

__attribute__((noinline)) static void INNER(void (*function)(void))
{
	__asm__ volatile(PADDING);
	function();
	__asm__ volatile("" ::: "memory");
}

void enter(void (*function)(void))
{
	INNER(function);
	__asm__ volatile("" ::: "memory");
}
