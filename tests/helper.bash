# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# helper: what the bats files share. `load helper` in each.
bats_require_minimum_version 1.5.0

BUILD=${BUILD:-$(cd "$BATS_TEST_DIRNAME/.." && pwd)/build}
shmcheck=$BUILD/shmcheck
export NO_COLOR=1
unset MAKEFLAGS MAKELEVEL MFLAGS MAKEOVERRIDES
export BATS_TEST_TIMEOUT=${BATS_TEST_TIMEOUT:-300}

# A Perl program that makes a private segment of 8192 bytes and leaves it, and its twin that removes it.
# shellcheck disable=SC2034 # used by the bats files
perl_leak='defined(shmget(0, 8192, 0600)) or die "shmget: $!"'
# shellcheck disable=SC2034 # used by the bats files
perl_clean='my $id = shmget(0, 8192, 0600); defined($id) or die "shmget: $!"; shmctl($id, 0, 0) or die "shmctl: $!"'

fail() {
	printf '%s\n' "$@" >&2
	return 1
}

is_root() {
	[ "$(id -u)" -eq 0 ]
}

# How to run shmcheck without privilege, in this test's folder: "${user[@]}" run ...
# shellcheck disable=SC2034 # user: used by the bats files
as_user() {
	cp "$shmcheck" "$BUILD/libshmcheck.so" .
	chmod 755 . .. ../.. shmcheck libshmcheck.so
	user=(./shmcheck)
	! is_root || user=(setpriv --reuid=65534 --regid=65534 --clear-groups ./shmcheck)
}

# Runs a command in an IPC namespace of its own, which plays the host.
on_own_host() {
	if is_root; then
		unshare --ipc "$@"
	else
		unshare --user --map-root-user --ipc "$@"
	fi
}

# Runs a command in mount and IPC namespaces of its own.
in_own_mounts() {
	if is_root; then
		unshare --mount --ipc "$@"
	else
		unshare --user --map-root-user --mount --ipc "$@"
	fi
}

# What `run` printed on standard error holds a line that matches.
assert_stderr_line() {
	grep -qE -- "$1" <<<"$stderr" || fail "no line of standard error matches: $1" "it was:" "$stderr"
}

refute_stderr_line() {
	! grep -qE -- "$1" <<<"$stderr" || fail "a line of standard error matches: $1" "it was:" "$stderr"
}

assert_output_line() {
	grep -qE -- "$1" <<<"$output" || fail "no line of the output matches: $1" "it was:" "$output"
}

# Says all that is known when the status of `run` is another one.
assert_status() {
	# shellcheck disable=SC2154 # set by run
	[ "$status" -eq "$1" ] || fail "status $status, expected $1" "standard output:" "$output" "standard error:" "${stderr:-}"
}

# Runs a command with and without shmcheck; its status, standard output and standard error must be the same.
# The words before -- are shmcheck's options.
assert_undisturbed() {
	local options=() bare_status=0 watched_status=0
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	shift
	"$@" >"$BATS_TEST_TMPDIR/bare.out" 2>"$BATS_TEST_TMPDIR/bare.err" || bare_status=$?
	"$shmcheck" run "${options[@]}" "--report=text:$BATS_TEST_TMPDIR/report" -- "$@" \
		>"$BATS_TEST_TMPDIR/watched.out" 2>"$BATS_TEST_TMPDIR/watched.err" || watched_status=$?
	[ "$bare_status" -eq "$watched_status" ] || fail "status $watched_status, without shmcheck $bare_status" \
		"$(cat "$BATS_TEST_TMPDIR/watched.err" "$BATS_TEST_TMPDIR/report")"
	diff "$BATS_TEST_TMPDIR/bare.out" "$BATS_TEST_TMPDIR/watched.out" || fail "standard output differs"
	diff "$BATS_TEST_TMPDIR/bare.err" "$BATS_TEST_TMPDIR/watched.err" || fail "standard error differs"
}
