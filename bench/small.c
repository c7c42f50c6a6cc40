// SPDX-License-Identifier: MIT
// bench: a small careful program: N times a segment's whole life, four calls each.
#include <stdlib.h>
#include <sys/ipc.h>
#include <sys/shm.h>

static int live(void)
{
	int id = shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600);
	char *at = id < 0 ? (char *)-1 : shmat(id, NULL, 0);
	int failed = at == (char *)-1;
	if (!failed) {
		at[0] = 1;
		failed = shmdt(at);
	}
	return id < 0 || shmctl(id, IPC_RMID, NULL) || failed;
}

int main(int argc, char **argv)
{
	int failed = 0;
	for (int i = argc > 1 ? atoi(argv[1]) : 1; i > 0; i--)
		failed |= live();
	return failed;
}
