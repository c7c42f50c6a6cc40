// SPDX-License-Identifier: MIT
// tests: shmcheck.h: where the kernel's tables know more than the calls, and where they cannot be read.
#include "leaks.h"
#include "own_namespace.h"
#include "suite.h"

#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/syscall.h>

START_TEST(munmap_and_a_map_over_it_end_an_attachment)
{
	int id;
	void *address;
	set_mark();
	id = make(IPC_PRIVATE);
	ck_assert_int_eq(munmap(attach(id), SIZE), 0);
	address = attach(id);
	ck_assert_ptr_eq(mmap(address, SIZE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0),
			 address);
	drop(id);
	ck_assert_int_eq(count(), 0);
	munmap(address, SIZE);
}
END_TEST

/* In a child, so that the fixture still has its /proc. */
static int leave_one_of_two_without_proc(void)
{
	void *stays;
	int id;
	if (unshare(CLONE_NEWNS) || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("none", "/proc", "tmpfs", 0, NULL) || access("/proc/self/maps", F_OK) == 0)
		return 77;
	set_mark();
	id = make(IPC_PRIVATE);
	stays = attach(id);
	munmap(attach(id), SIZE);
	drop(id);
	return count() == 1 && leaks[0].address == stays ? 0 : 1;
}

START_TEST(without_proc_the_calls_are_believed)
{
	int status = in_child(leave_one_of_two_without_proc);
	if (status == 77)
		printf("SKIP: without_proc_the_calls_are_believed: /proc cannot be covered here\n");
	else
		ck_assert_int_eq(status, 0);
}
END_TEST

/* A segment that no function of the C library made. */
static int make_past_the_library(void)
{
	long id = -1;
#ifdef __x86_64__
	__asm__ volatile("syscall"
			 : "=a"(id)
			 : "0"((long)SYS_shmget), "D"(0L), "S"((long)SIZE), "d"(0600L)
			 : "rcx", "r11", "memory");
#endif
	ck_assert_int_ge(id, 0);
	return (int)id;
}

START_TEST(a_call_past_the_c_library_is_found_by_the_kernels_table)
{
	int id;
	set_mark();
	id = make_past_the_library();
	ck_assert_int_eq(count(), 1);
	ck_assert_int_eq(leaks[0].shmid, id);
	ck_assert_ptr_null(leaks[0].caller);
	drop(id);
	ck_assert_int_eq(count(), 0);
}
END_TEST

static int become_ipcmk(void)
{
	close(STDOUT_FILENO);
	execlp("ipcmk", "ipcmk", "-M", "8192", (char *)NULL);
	return 99;
}

START_TEST(a_forked_child_that_became_another_program_is_still_ours)
{
	set_mark();
	in_child(become_ipcmk);
	ck_assert_int_eq(count(), 1);
	ck_assert_ptr_null(leaks[0].caller);
	ck_assert_int_eq(shmcheck_remove(leaks, 1), 1);
}
END_TEST

START_TEST(an_id_of_another_namespace_is_another_segment)
{
	int before = make(IPC_PRIVATE), id;
	own_namespace_enter();
	set_mark();
	id = make_past_the_library();
	ck_assert_int_eq(id, before);
	ck_assert_int_eq(count(), 1);
	drop(id);
}
END_TEST

START_TEST(an_attachment_in_parts_is_one)
{
	int id;
	char *address;
	set_mark();
	id = make(IPC_PRIVATE);
	address = attach(id);
	ck_assert_int_eq(mprotect(address + 4096, 4096, PROT_READ), 0);
	drop(id);
	ck_assert_int_eq(count(), 1);
	shmdt(address);
	ck_assert_int_eq(count(), 0);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("api_kernel");
	TCase *tcase = tcase_create("kernel");
	tcase_add_own_namespace(tcase);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, munmap_and_a_map_over_it_end_an_attachment);
	tcase_add_test(tcase, without_proc_the_calls_are_believed);
	tcase_add_test(tcase, a_call_past_the_c_library_is_found_by_the_kernels_table);
	tcase_add_test(tcase, a_forked_child_that_became_another_program_is_still_ours);
	tcase_add_test(tcase, an_id_of_another_namespace_is_another_segment);
	tcase_add_test(tcase, an_attachment_in_parts_is_one);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	return suite_run(make_suite());
}
