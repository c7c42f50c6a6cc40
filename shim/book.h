// SPDX-License-Identifier: MIT
// shim: the API's book: what this process and those that it forked have made, beside the kernel's own tables.
#ifndef SHMCHECK_SHIM_BOOK_H
#define SHMCHECK_SHIM_BOOK_H

#include "include/shmcheck.h"

#include <stdbool.h>
#include <stdint.h>

struct book;

/* NULL until somebody asks: then nothing is noted, and nothing is slower. Atomic. */
extern struct book *shim_book;

static inline bool book_is_open(void)
{
	return __atomic_load_n(&shim_book, __ATOMIC_ACQUIRE) != NULL;
}

/* The moment of the latest entry; 0 without a book. */
uint64_t book_moment(void);

/* Where a call came from. */
struct book_origin {
	uint64_t caller; /* return address */
	uint32_t stack; /* arena ref; 0: none kept */
	bool excused; /* an injected result hides it from the program: it cannot give it back */
};

/* The functions below may be called on the path of a call: no lock, no heap, no errno. */

void book_segment_made(int shmid, int32_t key, uint64_t bytes, const struct book_origin *origin);

/* Its removal was failed by a rule: what stays is the rule's doing. */
void book_segment_excuse(int shmid);

void book_attached(uint64_t address, uint64_t bytes, int shmid, const struct book_origin *origin);

/* The attachment at ADDRESS, made up to moment BEFORE, is gone: another thread may attach there at once. */
void book_detached(uint64_t address, uint64_t before);
void book_attachment_excuse(uint64_t address);

/* Attachments that begin in LENGTH bytes at ADDRESS are gone. */
void book_unmapped(uint64_t address, uint64_t length);

/* This process, a new child, is SERIAL, forked by PARENT. */
void book_child(uint32_t serial, uint32_t parent, int pid);

/* From here on: for the API's own functions, under its lock. */

/* Opens the book for this process, SERIAL; once. 0, or -ENOMEM. */
int book_open(uint32_t serial, int pid);

/* Reads the kernel's tables; what is new there was made now, by whom it says. */
void book_compare(void);

/* A new moment, later than all entries. */
uint64_t book_now(void);

/* As shmcheck_leaks, for process SERIAL. */
int book_leaks(uint64_t moment, uint32_t serial, struct shmcheck_leak *leaks, size_t room);

/* 0, -ENOSPC or -EINVAL, as shmcheck_expect_persistent. */
int book_expect_persistent(int32_t key);

#endif
