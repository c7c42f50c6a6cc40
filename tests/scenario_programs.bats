#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The programs of the scenarios, each alone: what they do, and that shmcheck finds the guilty and not the innocent.

load helper

programs=$BUILD/scenarios/programs

# Runs a program under shmcheck: its options before --, the program's name and arguments behind.
watch() {
	local options=()
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	shift
	run --separate-stderr "$shmcheck" run --show=note "${options[@]}" -- "$programs/$1" "${@:2}"
}

assert_found() {
	assert_stderr_line "^shmcheck: $1: $2: "
}

# Notes apart, which say what may be better.
assert_nothing_found() {
	refute_stderr_line '^shmcheck: (error|warning): '
	assert_stderr_line '^shmcheck: SUMMARY: '
}

setup() {
	cd "$BATS_TEST_TMPDIR"
}

@test "every program says what it does, and refuses what it does not know" {
	for program in "$programs"/*; do
		[ "${program##*/}" != account ] || continue # it has no options
		run "$program" --help
		assert_status 0
		assert_output_line '^Usage: '
		run "$program" --no-such-option
		assert_status 64
	done
	run "$programs/writer" --existing=perhaps
	assert_status 64
	assert_output_line 'unknown word: perhaps'
	run "$programs/writer" --size=12k
	assert_status 64
	assert_output_line 'not a number: 12k'
}

@test "a writer removes its segment, or leaves it" {
	for remove in last first; do
		watch -- writer --remove=$remove
		assert_status 0
		[ "$output" = "writer: the board says: hello" ]
		assert_nothing_found
	done
	watch -- writer --remove=never
	assert_status 23
	assert_found error segment-leak
}

@test "a writer that cannot attach removes what it has made, or leaves it" {
	watch --inject=shmat:error=ENOMEM -- writer
	assert_status 1
	assert_stderr_line '^writer: shmat: Cannot allocate memory'
	assert_nothing_found
	watch --inject=shmat:error=ENOMEM -- writer --abandon
	assert_status 1
	assert_found error segment-leak
}

@test "a careless writer makes a segment from the key that ftok did not give" {
	watch -- writer --path=missing
	assert_status 1
	assert_stderr_line '^writer: ftok: No such file'
	assert_nothing_found
	watch -- writer --path=missing --careless
	assert_status 0
	assert_found warning failed-result-used
}

@test "ftok's second argument has eight bits" {
	for project in 0 256 257; do
		watch -- writer --path=. --project=$project
		assert_status 0
		assert_found warning ftok-truncated
	done
	for project in 1 255; do
		watch -- writer --path=. --project=$project
		assert_status 0
		assert_nothing_found
	done
}

@test "a writer's signals: in order, or not at all" {
	watch --inject=shmat:signal=SIGINT -- writer --work=until-told
	assert_status 0
	assert_output_line '^writer: INT: cleaning up'
	assert_nothing_found
	watch --inject=shmat:signal=SIGINT -- writer --work=until-killed
	assert_status 130
	assert_found error segment-leak
	watch --inject=shmat:signal=SIGKILL -- writer --work=until-killed
	assert_status 137
	assert_found '(error|warning)' segment-leak
	watch --inject=shmctl:signal=SIGKILL -- writer --work=until-killed --remove=first
	assert_status 137
	assert_nothing_found
}

@test "a reader without a writer says so, or crashes" {
	watch -- reader --tries=3
	assert_status 1
	assert_stderr_line '^reader: no such segment after 3 tries'
	assert_nothing_found
	watch -- reader --careless
	assert_status 139
	assert_found error failed-result-used
}

@test "an address is detached once, twice, and in its middle" {
	watch -- detacher
	assert_status 0
	assert_nothing_found
	for how in twice inside; do
		watch -- detacher --detach=$how
		assert_status 1
		assert_found warning bad-detach
	done
}

@test "a pool that reaches the limit gives back what it has, or leaves it" {
	watch -- pool
	assert_status 0
	assert_nothing_found
	watch --limits=shmmni=3 -- pool
	assert_status 1
	assert_stderr_line 'segment 4: No space left'
	assert_nothing_found
	watch --limits=shmmni=3 -- pool --abandon
	assert_status 1
	assert_found error segment-leak
	assert_stderr_line '3 segments made, 0 removed, 3 left'
}

@test "a member that looks before it leaves counts itself" {
	for attachments in 1 2; do
		watch -- member --attachments=$attachments
		assert_status 0
		assert_nothing_found
	done
	watch -- member --attachments=2 --look-first
	assert_status 23
	assert_found error segment-leak
}

@test "pointers in a segment hold until it lands elsewhere, distances hold always" {
	for links in --pointers ''; do
		watch -- chain $links
		assert_status 0
		assert_nothing_found
	done
	watch --inject=shmat:world=relocate:when=2 -- chain
	assert_status 0
	[ "$output" = "chain: the sum is 15" ]
	assert_nothing_found
	watch --inject=shmat:world=relocate:when=2 -- chain --pointers
	assert_status 139
}

@test "a forked child inherits what is attached, and its parent's cleanup" {
	watch -- family
	assert_status 0
	[ "$output" = "family: 3 requests served" ]
	assert_nothing_found
	watch -- family --attach-again
	assert_status 0
	assert_found warning attach-leak
	assert_stderr_line 'pid [0-9]+ ended with 3 attachments of segment'
	watch -- family --anyone-cleans-up
	assert_status 1
	assert_found warning remove-foreign
}

@test "an id outlives exec, an address does not" {
	watch -- heir
	assert_status 0
	[ "$output" = "heir: from before the exec" ]
	assert_nothing_found
	assert_stderr_line 'pid [0-9]+ executed another program with 1 attachment of segment'
	watch -- heir --hand-address
	assert_status 139
}

@test "IPC_STAT's numbers are right at each step" {
	watch -- account
	assert_status 0
	[ "$(tail -n 1 <<<"$output")" = "account: child ended: 1 attached" ]
	assert_nothing_found
}

@test "a remover goes by its rule" {
	# The inner shell is the maker: it is alive, and attached to nothing.
	watch_shell() {
		run --separate-stderr "$shmcheck" run --show=note -- sh -c "$1" _ "$programs"
	}
	watch_shell 'ipcmk -M 64 >/dev/null; key=$(ipcs -m | awk "/^0x/ { print \$1 }"); "$1/remover" --key=$key --if=orphaned'
	assert_status 0
	assert_output_line '^remover: removed'
	watch_shell '"$1/remover" --key=0x77'
	assert_status 1
	assert_stderr_line '^remover: shmget: No such file'
}

@test "permit changes the mode" {
	run --separate-stderr "$shmcheck" run -- sh -c '"$1/writer" --remove=never >&2; "$1/permit" --mode=0640; ipcs -m; "$1/remover"' _ "$programs"
	assert_status 0
	assert_output_line '^permit: mode 0640'
	assert_output_line '^0x00005c01 .* 640 '
}

@test "two partners that do it rightly are clean: a handshake, a writer and its reader" {
	run --separate-stderr "$shmcheck" run -- sh -c '"$1/handshake" --as=reader & "$1/handshake"; wait' _ "$programs"
	assert_status 0
	assert_output_line '^handshake: it was read'
	assert_output_line '^handshake: read 42'
	assert_nothing_found
	run --separate-stderr "$shmcheck" run -- sh -c '"$1/reader" --tries=100000 --mark & "$1/writer" --work=until-read; wait' _ "$programs"
	assert_status 0
	assert_output_line '^reader: the board says: hello'
	assert_nothing_found
}
