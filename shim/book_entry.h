// SPDX-License-Identifier: MIT
// shim: the book's entries, between the files that keep it.
#ifndef SHMCHECK_SHIM_BOOK_ENTRY_H
#define SHMCHECK_SHIM_BOOK_ENTRY_H

#include "shim/book.h"
#include "shim/shim.h"

enum {
	BOOK_SEGMENTS =
	    32768, /* IPCMNI: a segment's index is its id modulo this, and no two living ones share it */
	BOOK_PROCESSES = 65536, /* the last so many */
	BOOK_ATTACHMENTS = 1024,
	BOOK_KEYS = 64,
	BOOK_TAKEN = 1 /* no address, and not free */
};

struct book_segment {
	uint32_t version; /* atomic; 0: never used; odd: being written */
	int32_t shmid;
	int32_t key, pid;
	uint32_t process; /* serial; 0: a stranger */
	uint64_t bytes, moment;
	struct book_origin origin;
};

struct book_attachment {
	uint64_t address; /* atomic; 0: free */
	uint64_t bytes, moment;
	int32_t shmid;
	uint32_t round; /* of the last comparison that saw it in the kernel's table */
	struct book_origin origin;
};

struct book_process {
	uint32_t serial, parent;
	int32_t pid; /* atomic; 0: nobody yet */
};

/* Shared with the processes that are forked from here on; untouched pages take no memory. */
struct book {
	uint64_t moment; /* atomic */
	uint32_t last_process; /* atomic: highest serial */
	uint32_t key_count; /* atomic */
	int32_t keys[BOOK_KEYS]; /* that are meant to stay */
	struct book_process processes[BOOK_PROCESSES];
	uint64_t used[BOOK_SEGMENTS / 64]; /* atomic bits: that entry was ever written */
	struct book_segment segments[BOOK_SEGMENTS];
};

extern struct book_attachment book_attachments[BOOK_ATTACHMENTS];

/* False when another entry is being written there, or none is to be read. */
bool book_segment_write(const struct book_segment *entry);
bool book_segment_read(int shmid, struct book_segment *ret_entry);

/* The kernel does not have it any more: its id may come again, in another namespace at once. */
void book_segment_forget(int shmid);

/* The attachment that begins at ADDRESS; NULL. */
struct book_attachment *book_attachment_at(uint64_t address);

#endif
