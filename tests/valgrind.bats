#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Under valgrind: our library gives memcheck nothing to complain of, and sees as much as without it.

load helper

@test "memcheck finds nothing in our library, and the leak has its whole stack" {
	run "$shmcheck" run --verbose -- valgrind --error-exitcode=9 ipcmk -M 4096
	[ "$status" -eq 23 ]
	[[ "$output" == *"ERROR SUMMARY: 0 errors"* ]]
	[[ "$output" != *"unknown 'how' field"* ]]
	[[ "$output" == *"segment-leak"* ]]
	[[ "$output" == *"__libc_start_main"* ]]
}

@test "memcheck still finds what the program does wrong" {
	run "$shmcheck" run -- valgrind --error-exitcode=9 "$BUILD/tests/programs/uninitialised"
	[ "$status" -eq 9 ]
	[[ "$output" == *"ERROR SUMMARY: 1 errors"* ]]
}
