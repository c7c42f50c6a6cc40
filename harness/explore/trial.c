// SPDX-License-Identifier: MIT
// explore: what one run of the program showed, and the file that it lies in between the worker and us.
#include "trial.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <unistd.h>

void trial_drop_lists(struct trial *trial)
{
	free(trial->calls);
	free(trial->left);
	free(trial->misuses);
	free(trial->places);
	trial->calls = NULL;
	trial->left = NULL;
	trial->misuses = NULL;
	trial->places = NULL;
	trial->call_count = trial->left_count = trial->misuse_count = trial->place_count = 0;
}

void trial_free(struct trial *trial)
{
	trial_drop_lists(trial);
	*trial = (struct trial){0};
}

int trial_write(int fd, const struct trial *trial)
{
	const struct iovec parts[] = {{(void *)trial, sizeof *trial},
				      {trial->calls, trial->call_count * sizeof *trial->calls},
				      {trial->left, trial->left_count * sizeof *trial->left},
				      {trial->misuses, trial->misuse_count * sizeof *trial->misuses},
				      {trial->places, trial->place_count * sizeof *trial->places}};
	off_t offset = 0;
	for (unsigned i = 0; i < sizeof parts / sizeof *parts; i++) {
		const char *next = parts[i].iov_base;
		for (size_t left = parts[i].iov_len; left;) {
			ssize_t put = pwrite(fd, next, left, offset);
			if (put <= 0)
				return put < 0 ? -errno : -EIO;
			next += put;
			offset += put;
			left -= (size_t)put;
		}
	}
	return 0;
}

/* COUNT items of SIZE bytes from *OFFSET of FD; NULL when they are not all there. */
static void *read_items(int fd, size_t count, size_t size, off_t *offset)
{
	if (count > SIZE_MAX / 2 / size)
		return NULL;
	char *items = calloc(count + 1, size);
	size_t length = count * size, got = 0;
	while (items && got < length) {
		ssize_t more = pread(fd, items + got, length - got, *offset + (off_t)got);
		if (more <= 0) {
			free(items);
			return NULL;
		}
		got += (size_t)more;
	}
	*offset += (off_t)length;
	return items;
}

int trial_read(int fd, struct trial *ret_trial)
{
	struct trial trial;
	off_t offset = sizeof trial;
	if (pread(fd, &trial, sizeof trial, 0) != sizeof trial)
		return -EIO;
	trial.calls = read_items(fd, trial.call_count, sizeof *trial.calls, &offset);
	trial.left = read_items(fd, trial.left_count, sizeof *trial.left, &offset);
	trial.misuses = read_items(fd, trial.misuse_count, sizeof *trial.misuses, &offset);
	trial.places = read_items(fd, trial.place_count, sizeof *trial.places, &offset);
	if (trial.calls && trial.left && trial.misuses && trial.places) {
		*ret_trial = trial;
		return 0;
	}
	trial_free(&trial);
	return -ENOMEM;
}
