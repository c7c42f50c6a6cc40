// SPDX-License-Identifier: MIT
// Segments are made while an exception is on its way, in the handler, and behind it.
#include <stdexcept>
#include <string>
#include <sys/shm.h>

namespace place {
struct Maker {
	__attribute__((noinline)) void make(int bytes)
	{
		shmget(IPC_PRIVATE, bytes, 0600);
		__asm__ volatile("" ::: "memory");
	}
	~Maker()
	{
		make(100);
	}
};

template <typename T> __attribute__((noinline)) void fail(const T &what)
{
	Maker maker;
	throw std::runtime_error(what);
}
}

__attribute__((noinline)) static void handle()
{
	try {
		place::fail(std::string("on purpose"));
	} catch (const std::runtime_error &) {
		place::Maker().make(200);
	}
}

int main()
{
	handle();
	return 0;
}
