// SPDX-License-Identifier: MIT
// scenario: segments that are there before any process starts.
#include "locate.h"
#include "stage.h"
#include "value.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <unistd.h>

int plant_key(const struct play *play, const int64_t *key, const struct ftok_key *file, int32_t *ret_key,
	      char why[512])
{
	char path[PATH_MAX];
	if (key) {
		*ret_key = (int32_t)*key;
		return 0;
	}
	int code = locate_file(file->path, play->script->folder, path);
	key_t made = code ? -1 : ftok(path, (int)file->project);
	if (made == -1) {
		code = code ? code : -errno;
		snprintf(why, 512, "ftok of '%.300s': %s", file->path, strerror(-code));
		return code;
	}
	*ret_key = made;
	return 0;
}

static void fill(const struct planted_segment *segment, unsigned char *memory)
{
	if (segment->fill)
		memset(memory, segment->fill, segment->size);
	if (segment->content)
		memcpy(memory, segment->content, strlen(segment->content));
	if (segment->content_hex)
		hex_parse(segment->content_hex, memory, segment->size);
}

/* Made wide enough to be filled, then given its mode. Returns an errno. */
static int plant(const struct planted_segment *segment, key_t key)
{
	struct shmid_ds state;
	int id = shmget(key, segment->size, IPC_CREAT | IPC_EXCL | 0600);
	void *memory = id < 0 ? (void *)-1 : shmat(id, NULL, 0);
	if (memory == (void *)-1)
		return errno;
	fill(segment, memory);
	if (shmdt(memory) || shmctl(id, IPC_STAT, &state))
		return errno;
	state.shm_perm.mode = (unsigned short)(segment->mode ? *segment->mode : 0600);
	return shmctl(id, IPC_SET, &state) ? errno : 0;
}

/* By its owner, in a process of its own: what makes a segment stays its creator. */
static int plant_as(const struct planted_segment *segment, key_t key, const struct launch_user *user)
{
	int status;
	pid_t pid = fork();
	if (pid == 0)
		_exit(setgid(user->gid) || setuid(user->uid) ? errno : plant(segment, key));
	while (pid > 0 && waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return errno;
	return pid < 0 ? errno : WIFEXITED(status) ? WEXITSTATUS(status) : EIO;
}

int plant_segments(const struct play *play, char why[512])
{
	const struct scenario *scenario = play->scenario;
	for (unsigned i = 0; i < scenario->segments_count; i++) {
		const struct planted_segment *segment = &scenario->segments[i];
		struct launch_user user;
		int32_t key = 0;
		int code = plant_key(play, segment->key, segment->ftok, &key, why);
		if (code)
			return code;
		if (segment->owner)
			code = user_parse(segment->owner, &user) ? ENOENT : plant_as(segment, key, &user);
		else
			code = plant(segment, key);
		if (!code)
			continue;
		snprintf(why, 512, "segment %u (key %#x) cannot be planted%s%.60s: %s", i + 1, (unsigned)key,
			 segment->owner ? " as " : "", segment->owner ? segment->owner : "", strerror(code));
		return -code;
	}
	return 0;
}
