// SPDX-License-Identifier: MIT
// tests: a segment as a C++ object: what throws in its constructor is caught far away. "unguarded": the constructor
// forgets that no destructor runs for what was never constructed.
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <sys/ipc.h>
#include <sys/shm.h>

namespace {

bool unguarded;

class Segment {
public:
	explicit Segment(std::size_t size) : id(shmget(IPC_PRIVATE, size, IPC_CREAT | 0600))
	{
		if (id == -1)
			throw std::runtime_error("no segment");
		at = shmat(id, nullptr, 0);
		if (at != reinterpret_cast<void *>(-1))
			return;
		if (!unguarded)
			shmctl(id, IPC_RMID, nullptr);
		throw std::runtime_error("no attachment");
	}
	~Segment()
	{
		shmdt(at);
		shmctl(id, IPC_RMID, nullptr);
	}
	Segment(const Segment &) = delete;
	Segment &operator=(const Segment &) = delete;
	void fill(char with) { std::memset(at, with, 16); }

private:
	int id;
	void *at = nullptr;
};

void work()
{
	Segment segment(4096);
	segment.fill('x');
	std::puts("filled");
}

} // namespace

int main(int argc, char **argv)
{
	unguarded = argc > 1 && std::strcmp(argv[1], "unguarded") == 0;
	try {
		work();
	} catch (const std::exception &trouble) {
		std::fprintf(stderr, "%s\n", trouble.what());
		return 1;
	}
	return 0;
}
