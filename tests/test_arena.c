// SPDX-License-Identifier: MIT
// tests: the store of strings, modules and stacks, and what is believed of what lies in it.
#include "protocol/arena.h"

#include "suite.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

enum { BYTES = sizeof(struct arena) + 4096 };

static struct arena *arena;

static void begin(void)
{
	arena = calloc(1, BYTES);
	arena_init(arena, BYTES);
}

static void end(void)
{
	free(arena);
}

START_TEST(equal_content_has_one_ref)
{
	uint32_t one = arena_intern(arena, ARENA_STRING, "segment", 7);
	ck_assert_uint_ne(one, 0);
	ck_assert_uint_eq(arena_intern(arena, ARENA_STRING, "segment", 7), one);
	ck_assert_uint_ne(arena_intern(arena, ARENA_STRING, "segment", 6), one);
	ck_assert_uint_ne(arena_intern(arena, ARENA_MODULE, "segment", 7), one);
	ck_assert_uint_eq(arena->lost, 0);
}
END_TEST

START_TEST(an_entry_is_had_by_its_own_kind_alone)
{
	uint32_t ref = arena_intern(arena, ARENA_STRING, "segment", 7);
	const struct arena_entry *entry = arena_get(arena, BYTES, ref, ARENA_STRING);
	ck_assert_ptr_nonnull(entry);
	ck_assert_uint_eq(entry->length, 7);
	ck_assert_mem_eq(entry->data, "segment", 7);
	ck_assert_ptr_null(arena_get(arena, BYTES, ref, ARENA_STACK));
	ck_assert_ptr_null(arena_get(arena, BYTES, 0, ARENA_STRING));
	ck_assert_ptr_null(arena_get(arena, BYTES, UINT32_MAX, ARENA_STRING));
	ck_assert_ptr_null(arena_get(arena, (uint64_t)ref * 8 + sizeof *entry + 6, ref, ARENA_STRING));
	ck_assert_ptr_nonnull(arena_get(arena, (uint64_t)ref * 8 + sizeof *entry + 7, ref, ARENA_STRING));
}
END_TEST

START_TEST(what_finds_no_room_is_counted_unless_it_is_tried_again)
{
	static const char large[4096];
	ck_assert(!arena_has_room(arena, sizeof large));
	ck_assert_uint_eq(arena_try_intern(arena, ARENA_STRING, large, sizeof large), 0);
	ck_assert_uint_eq(arena->lost, 0);
	ck_assert_uint_eq(arena_intern(arena, ARENA_STRING, large, sizeof large), 0);
	ck_assert_uint_eq(arena->lost, 1);
	ck_assert(arena_has_room(arena, 2048));
	ck_assert_uint_ne(arena_intern(arena, ARENA_STRING, large, 2048), 0);
}
END_TEST

/* Two words and one module. */
struct stack {
	struct stack_entry entry;
	uint64_t values[2];
	uint32_t module;
	uint16_t slots[2];
};

static uint32_t add_stack(struct stack stack)
{
	return arena_intern(arena, ARENA_STACK, &stack, sizeof stack);
}

static const struct stack whole = {{.words = 2, .modules = 1, .bytes = 64}, {11, 12}, 5, {0, 3}};

START_TEST(the_parts_of_a_stack_lie_one_behind_the_other)
{
	const struct stack_entry *entry = arena_stack(arena, BYTES, add_stack(whole));
	ck_assert_ptr_nonnull(entry);
	ck_assert_uint_eq(stack_values(entry)[1], 12);
	ck_assert_uint_eq(stack_module_refs(entry)[0], 5);
	ck_assert_uint_eq(stack_slots(entry)[1], 3);
	ck_assert_ptr_null(arena_module(arena, BYTES, add_stack(whole)));
}
END_TEST

START_TEST(a_stack_whose_numbers_cannot_be_is_none)
{
	struct stack damaged[5];
	for (unsigned i = 0; i < 5; i++)
		damaged[i] = whole;
	damaged[0].entry.words = 3;
	damaged[1].entry.modules = 2;
	damaged[2].entry.bytes = STACK_BYTES_MAX + 8;
	damaged[3].entry.interrupted_bytes = STACK_BYTES_MAX + 8;
	damaged[4].entry.words = STACK_SLOTS_MAX + 1;
	for (unsigned i = 0; i < 5; i++)
		ck_assert_msg(!arena_stack(arena, BYTES, add_stack(damaged[i])), "%u", i);
	ck_assert_ptr_null(
	    arena_stack(arena, BYTES, arena_intern(arena, ARENA_STACK, &whole, sizeof whole.entry - 1)));
}
END_TEST

static const struct module_entry *module_of(struct module_entry module, uint32_t length)
{
	char bytes[sizeof module + 8] = "";
	memcpy(bytes, &module, sizeof module);
	return arena_module(arena, BYTES, arena_intern(arena, ARENA_MODULE, bytes, length));
}

START_TEST(a_module_whose_numbers_cannot_be_is_none)
{
	const struct module_entry good = {
	    .base = 1, .start = 2, .end = 3, .build_id_length = 20, .path_length = 4};
	uint32_t header = offsetof(struct module_entry, path);
	struct module_entry bad = good;
	ck_assert_ptr_nonnull(module_of(good, header + 4));
	ck_assert_ptr_null(module_of(good, header + 3));
	ck_assert_ptr_null(module_of(good, header - 1));
	bad.build_id_length = sizeof bad.build_id + 1;
	ck_assert_ptr_null(module_of(bad, header + 4));
	bad = good;
	bad.start = 4;
	ck_assert_ptr_null(module_of(bad, header + 4));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("arena");
	TCase *all = tcase_create("all");
	tcase_add_checked_fixture(all, begin, end);
	tcase_add_test(all, equal_content_has_one_ref);
	tcase_add_test(all, an_entry_is_had_by_its_own_kind_alone);
	tcase_add_test(all, what_finds_no_room_is_counted_unless_it_is_tried_again);
	tcase_add_test(all, the_parts_of_a_stack_lie_one_behind_the_other);
	tcase_add_test(all, a_stack_whose_numbers_cannot_be_is_none);
	tcase_add_test(all, a_module_whose_numbers_cannot_be_is_none);
	suite_add_tcase(suite, all);
	return suite_run(suite);
}
