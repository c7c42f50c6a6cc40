#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shmcheck explore: each program's table stands in tests/explore/*.table, with how it was called in its first line.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR"
	programs=$BUILD/tests/programs
	tables=$BATS_TEST_DIRNAME/explore
}

# The table and what follows, without what differs between machines: columns' widths, file names and lines, pids, times.
essence() {
	sed -nE -e 's/ \([^()]*(:[0-9]+|\+0x[0-9a-f]+)\)//g' -e 's/ +/ /g' -e 's/^ //; s/ $//' \
		-e '1,/^$/p' -e '/^shmcheck: (error|warning|inconclusive): /p' -e '/^shmcheck: coverage: /p'
}

# Runs explore as the first line of TABLE says ("# OPTION… PROGRAM ARGUMENT…"), with more options before; leaves its
# standard error in $stderr.
explore_table() {
	local table=$1 words program
	shift
	read -r -a words < <(sed -n '1s/^# //p' "$table")
	local options=()
	while [[ ${words[0]} == --* ]]; do
		options+=("${words[0]}")
		words=("${words[@]:1}")
	done
	program=$programs/${words[0]}
	run --separate-stderr "$shmcheck" explore "$@" "${options[@]}" -- "$program" "${words[@]:1}"
}

@test "every program gets its table" {
	local table wrong=0
	for table in "$tables"/*.table; do
		explore_table "$table"
		essence <<<"$stderr" >now
		# which thread comes first is for the machine to say
		if ! diff -u <(tail -n +2 "$table" | sort) <(sort now) >difference; then
			echo "$table (status $status):"
			cat difference
			wrong=1
		fi
		if grep -q '^shmcheck: error' now; then
			[ "$status" -eq 1 ] || wrong=1
		elif grep -q '^shmcheck: inconclusive' now; then
			[ "$status" -eq 3 ] || wrong=1
		else
			[ "$status" -eq 0 ] || wrong=1
		fi
	done
	[ "$wrong" -eq 0 ]
}

@test "every finding's command line shows it again" {
	local table line id verdict tried=0
	for table in "$tables"/*.table; do
		grep -q '^shmcheck: error' "$table" || continue
		explore_table "$table"
		while IFS= read -r line; do
			verdict=$(sed -nE 's/.*shmcheck: error: ([a-z-]+): .*/\1/p' <<<"${line%%|*}")
			line=${line#*|}
			run bash -c "$line"
			[ "$status" -eq 1 ] || fail "status $status of: $line"
			id=$(sed -nE "s/.*--point=([^' ]+).*/\1/p" <<<"$line")
			grep -F "\"id\":\"$id\"" again.json | grep -qF "\"verdict\":\"$verdict\"" ||
				fail "not $verdict: $line" "$(cat again.json)"
			tried=$((tried + 1))
		done < <(awk '/^shmcheck: error: /{ head = $0 } /^    reproduce /{ sub(/^    reproduce +/, "");
			sub(/ -- /, " --report=json:again.json -- "); print head "|" $0 }' <<<"$stderr")
	done
	[ "$tried" -ge 6 ] || fail "only $tried lines were tried"
}
