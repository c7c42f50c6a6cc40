# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Helpers of the tests of explore: the tables that programs are to get.

# The table and what follows, without what differs between machines: columns' widths, file names and lines, pids, times.
essence() {
	sed -nE -e '/^shmcheck: +[0-9]+ of [0-9]+ points, /d' -e 's/@[0-9a-f]{16}#/#/g' -e 's/ \([^()]*(:[0-9]+|\+0x[0-9a-f]+)\)//g' -e 's/ +/ /g' -e 's/^ //; s/ $//' \
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
