# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# bash completion for shmcheck. A test holds it against `shmcheck COMMAND --help`.

# The long options of a command; those that take a value end with =.
_shmcheck_options() {
	local running once judging exploring scenarios
	running='--inject= --inject-file= --isolate= --limits= --linger= --seed= --sleep-scale= --timeout='
	once='--crash --error-exitcode= --log= --stacks='
	judging='--baseline= --color= --events --fail-on= --gen-suppressions --persistent= --quiet --report= --show= --suppressions= --verbose --write-baseline='
	exploring='--budget= --calls= --copy= --depth= --errnos= --fork-server --jobs= --list --mode= --ok-exit= --output= --point= --points= --shard= --signals= --stdin='
	scenarios='--jobs= --list --no-skip --point= --programs= --repeat= --tags='
	case $1 in
	run) echo "$running $once $judging" ;;
	explore) echo "$running $judging $exploring" ;;
	scenario) echo "$judging $scenarios" ;;
	report) echo "$judging" ;;
	esac
	echo '--help --usage'
}

# The words that an option's value can be.
_shmcheck_values() {
	case $1 in
	--isolate) echo 'auto ipc none' ;;
	--stacks) echo 'none create all' ;;
	--linger) echo 'forever' ;;
	--color) echo 'auto always never' ;;
	--fail-on) echo 'error warning note never' ;;
	--show) echo 'error warning note' ;;
	--report) echo 'text json junit tap tap13 sarif github' ;;
	--errnos) echo 'likely all' ;;
	--mode) echo 'once persist both' ;;
	--points) echo 'stack all' ;;
	--calls) echo 'all ftok shmget shmat shmdt shmctl' ;;
	esac
}

# Completes VALUE of OPTION.
_shmcheck_value() {
	local option=$1 value=$2
	case $option in
	--inject-file | --log | --suppressions | --baseline | --write-baseline | --gen-suppressions | --stdin)
		mapfile -t COMPREPLY < <(compgen -f -- "$value")
		compopt -o filenames 2>/dev/null
		;;
	--copy | --output | --programs)
		mapfile -t COMPREPLY < <(compgen -d -- "$value")
		compopt -o filenames 2>/dev/null
		;;
	*) mapfile -t COMPREPLY < <(compgen -W "$(_shmcheck_values "$option")" -- "$value") ;;
	esac
}

# What stands behind a command's options.
_shmcheck_operand() {
	local command=$1 current=$2
	case $command in
	list) mapfile -t COMPREPLY < <(compgen -W 'calls errnos effects findings' -- "$current") ;;
	run | explore | doctor) mapfile -t COMPREPLY < <(compgen -A command -A file -- "$current") ;;
	*) mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
	esac
	compopt -o filenames 2>/dev/null
}

# Where PROGRAM stands in COMP_WORDS: behind the options of `run` and `explore`; 0 when it is not there yet.
_shmcheck_program_index() {
	local i
	for ((i = 2; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		--) echo $((i + 1)) && return ;;
		-*) ;;
		=) i=$((i + 1)) ;;
		*) echo "$i" && return ;;
		esac
	done
	echo 0
}

_shmcheck() {
	local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} command=${COMP_WORDS[1]} program
	COMPREPLY=()
	if ((COMP_CWORD == 1)); then
		mapfile -t COMPREPLY < <(compgen -W 'run explore scenario report doctor list --help --version' -- "$current")
		return
	fi
	if [[ $command == @(run|explore) ]]; then
		program=$(_shmcheck_program_index)
		if ((program && program < COMP_CWORD)) && declare -F _command_offset >/dev/null; then
			_command_offset "$program"
			return
		fi
	fi
	if [[ $current == --*=* ]]; then
		_shmcheck_value "${current%%=*}" "${current#*=}"
	elif [[ $current == = && $previous == --* ]]; then
		_shmcheck_value "$previous" ''
	elif [[ $previous == = ]] && ((COMP_CWORD > 2)); then
		_shmcheck_value "${COMP_WORDS[COMP_CWORD - 2]}" "$current"
	elif [[ $current == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(_shmcheck_options "$command")" -- "$current")
		[[ ${COMPREPLY[*]} == *= ]] && compopt -o nospace 2>/dev/null
	else
		_shmcheck_operand "$command" "$current"
	fi
}

complete -F _shmcheck shmcheck
