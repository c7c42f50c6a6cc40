// SPDX-License-Identifier: MIT
// analysis: the second witness: the kernel's own table of segments (/proc/sysvipc/shm).
#include "kernel_table.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

bool kernel_removes_orphans(void)
{
	FILE *stream = fopen("/proc/sys/kernel/shm_rmid_forced", "re");
	bool is_set = stream && getc(stream) == '1';
	if (stream)
		fclose(stream);
	return is_set;
}

int kernel_table_read(struct kernel_table *ret_table)
{
	FILE *stream = fopen("/proc/sysvipc/shm", "re");
	if (!stream)
		return -errno;
	int code = kernel_table_parse(stream, ret_table);
	fclose(stream);
	return code;
}

static int parse_line(const char *line, struct kernel_segment *ret_segment)
{
	struct kernel_segment s = {0};
	int got = sscanf(line,
			 "%" SCNd32 " %d %o %" SCNu64 " %d %d %" SCNu64 " %" SCNu32 " %" SCNu32 " %" SCNu32
			 " %" SCNu32 " %" SCNd64 " %" SCNd64 " %" SCNd64,
			 &s.key, &s.shmid, &s.mode, &s.bytes, &s.cpid, &s.lpid, &s.nattch, &s.uid, &s.gid,
			 &s.cuid, &s.cgid, &s.atime, &s.dtime, &s.ctime);
	if (got != 14)
		return -EBADMSG;
	*ret_segment = s;
	return 0;
}

int kernel_table_parse(FILE *stream, struct kernel_table *ret_table)
{
	struct kernel_table table = {0};
	char line[512];
	int code = fgets(line, sizeof line, stream) ? 0 : -EBADMSG; /* the heading */
	if (!code && !strstr(line, "shmid"))
		code = -EBADMSG;
	for (size_t room = 0; !code && fgets(line, sizeof line, stream);) {
		if (table.count == room) {
			room = room ? 2 * room : 16;
			struct kernel_segment *more = realloc(table.segments, room * sizeof *more);
			if (!more) {
				code = -ENOMEM;
				break;
			}
			table.segments = more;
		}
		code = parse_line(line, &table.segments[table.count]);
		table.count += !code;
	}
	if (!code && ferror(stream))
		code = -EIO;
	if (code)
		kernel_table_free(&table);
	else
		*ret_table = table;
	return code;
}

const struct kernel_segment *kernel_table_find(const struct kernel_table *table, int shmid)
{
	for (size_t i = 0; i < table->count; i++)
		if (table->segments[i].shmid == shmid)
			return &table->segments[i];
	return NULL;
}

void kernel_table_free(struct kernel_table *table)
{
	free(table->segments);
	*table = (struct kernel_table){0};
}
