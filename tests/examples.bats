#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# As a new user would: shmcheck is installed, and a project's Check suite takes it in, built in three ways.

load helper

setup_file() {
	export STAGE=$BATS_FILE_TMPDIR/stage
	make -s -C "$BATS_TEST_DIRNAME/.." "BUILD=$BUILD" "PREFIX=$STAGE" LIBDIR="$STAGE/lib" install
	export PKG_CONFIG_PATH=$STAGE/lib/pkgconfig LD_LIBRARY_PATH=$STAGE/lib
}

setup() {
	cd "$BATS_TEST_TMPDIR"
	cp -r "$BATS_TEST_DIRNAME/../examples/counter" .
	cd counter
	line=$(grep -n 'shmget(key, sizeof(long), IPC_CREAT' counter.c | cut -d: -f1)
}

# The error path of counter_create forgets the segment.
plant_leak() {
	sed -i 's|shmctl(id, IPC_RMID, NULL); /\* without.*|;|' counter.c
}

# The words that follow build and run the suite: it passes; with a leak planted it fails at the line of the shmget.
assert_finds_the_leak() {
	run on_own_host "$@"
	assert_status 0
	plant_leak
	run on_own_host "$@"
	[ "$status" -ne 0 ] || fail "the planted leak was not noticed" "$output"
	assert_output_line "counter\.c:$line:.:counter:a_failed_attach_leaves_nothing:0: shmcheck: 1 left behind"
	assert_output_line "^ *counter_create \(counter\.c:$line\)"
}

# Lines of the project, build files named, that would not be there without shmcheck.
assert_at_most_five_lines() {
	local count
	count=$(cat test_counter.c "$@" | grep -iv '^//' | grep -ic 'shmcheck')
	if [ "$count" -lt 3 ] || [ "$count" -gt 5 ]; then fail "$count lines"; fi
}

@test "an autotools project takes shmcheck in with five lines and finds a planted leak" {
	assert_at_most_five_lines configure.ac Makefile.am
	autoreconf -i >/dev/null 2>&1
	./configure >/dev/null
	assert_finds_the_leak sh -c 'make check || { cat test_counter.log; exit 1; }'
}

@test "a CMake project takes shmcheck in with five lines and finds a planted leak" {
	assert_at_most_five_lines CMakeLists.txt
	cmake -B out >/dev/null
	assert_finds_the_leak sh -c 'cmake --build out && ctest --test-dir out --output-on-failure'
}

@test "a Meson project takes shmcheck in with five lines and finds a planted leak" {
	assert_at_most_five_lines meson.build
	meson setup out >/dev/null
	assert_finds_the_leak meson test -C out --print-errorlogs
}

@test "the suite passes under shmcheck run as well" {
	# shellcheck disable=SC2046 # words
	gcc -g -o test_counter counter.c test_counter.c $(pkg-config --cflags --libs check shmcheck)
	run on_own_host "$STAGE/bin/shmcheck" run -- ./test_counter
	assert_status 0
}
