// SPDX-License-Identifier: MIT
// protocol: names of signals; one table, both ways.
#include "signal_name.h"

#include <signal.h>
#include <stddef.h>
#include <string.h>

struct signal_row {
	const char *name;
	int value;
};

static const struct signal_row rows[] = {
    {"SIGHUP", SIGHUP},        {"SIGINT", SIGINT},
    {"SIGQUIT", SIGQUIT},      {"SIGILL", SIGILL},
    {"SIGTRAP", SIGTRAP},      {"SIGABRT", SIGABRT},
    {"SIGBUS", SIGBUS},        {"SIGFPE", SIGFPE},
    {"SIGKILL", SIGKILL},      {"SIGUSR1", SIGUSR1},
    {"SIGSEGV", SIGSEGV},      {"SIGUSR2", SIGUSR2},
    {"SIGPIPE", SIGPIPE},      {"SIGALRM", SIGALRM},
    {"SIGTERM", SIGTERM},      {"SIGSTKFLT", SIGSTKFLT},
    {"SIGCHLD", SIGCHLD},      {"SIGCONT", SIGCONT},
    {"SIGSTOP", SIGSTOP},      {"SIGTSTP", SIGTSTP},
    {"SIGTTIN", SIGTTIN},      {"SIGTTOU", SIGTTOU},
    {"SIGURG", SIGURG},        {"SIGXCPU", SIGXCPU},
    {"SIGXFSZ", SIGXFSZ},      {"SIGVTALRM", SIGVTALRM},
    {"SIGPROF", SIGPROF},      {"SIGWINCH", SIGWINCH},
    {"SIGIO", SIGIO},          {"SIGPWR", SIGPWR},
    {"SIGSYS", SIGSYS},        {"SIGRTMIN", SIGNAL_FIRST_REALTIME},
    {"SIGRTMAX", SIGNAL_LAST}, {"SIGIOT", SIGIOT},
    {"SIGPOLL", SIGPOLL},
};

enum { ROW_COUNT = sizeof(rows) / sizeof(rows[0]) };

const char *signal_name(int signal)
{
	for (unsigned i = 0; i < ROW_COUNT; i++)
		if (rows[i].value == signal && signal != SIGNAL_LAST)
			return rows[i].name;
	return NULL;
}

/* Decimal digits only, at most 64 in value; -1 otherwise. */
static int small_number(const char *text, unsigned length)
{
	int value = 0;

	if (length == 0 || length > 2)
		return -1;
	for (unsigned i = 0; i < length; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -1;
		value = value * 10 + (text[i] - '0');
	}
	return value <= SIGNAL_LAST ? value : -1;
}

/* SIGRTMIN+n, SIGRTMAX-n. */
static int realtime(const char *name, unsigned length)
{
	int offset;

	if (length < 10 || memcmp(name, "SIGRTM", 6) != 0)
		return -1;
	offset = small_number(name + 9, length - 9);
	if (offset < 0 || offset > SIGNAL_LAST - SIGNAL_FIRST_REALTIME)
		return -1;
	if (memcmp(name + 6, "IN+", 3) == 0)
		return SIGNAL_FIRST_REALTIME + offset;
	if (memcmp(name + 6, "AX-", 3) == 0)
		return SIGNAL_LAST - offset;
	return -1;
}

int signal_by_name(const char *name, unsigned length)
{
	int number = small_number(name, length);

	/* 32 and 33 are glibc's own. */
	if (number > 0 && (number < 32 || number >= SIGNAL_FIRST_REALTIME))
		return number;
	for (unsigned i = 0; i < ROW_COUNT; i++) {
		const char *known = rows[i].name;

		if (strlen(known) == length && memcmp(known, name, length) == 0)
			return rows[i].value;
		if (strlen(known) == length + 3 && memcmp(known + 3, name, length) == 0)
			return rows[i].value;
	}
	return realtime(name, length);
}

const char *signal_name_at(unsigned index)
{
	return index < ROW_COUNT ? rows[index].name : NULL;
}
