// SPDX-License-Identifier: MIT
// shim: our variables: found at start-up, put back into the environment of every new image.
#include "shim/environment.h"

#include "protocol/session.h"
#include "shim/raw_syscall.h"
#include "shim/shim.h"
#include "shim/stack_reach.h"

#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PRELOAD "LD_PRELOAD"

enum { KEPT_MAX = 4096, OURS = 3 /* variables */ };

/* As at start-up, "NAME=value"; written once, before main. */
static char kept_session[KEPT_MAX], kept_preload[KEPT_MAX];

/* The part of kept_preload's value that names our library, without what came from the user. */
static const char *library;
static size_t library_length;

/* Stands in the program's own environment: where the kernel put it, or in SPARE. Atomic. Threads that tell at a time write
 * digits of the same width. */
static char spare[sizeof ENV_SELF + SELF_MAX] = ENV_SELF "=";
static char *told = spare;

static bool has_name(const char *entry, const char *name, size_t length)
{
	return strncmp(entry, name, length) == 0 && entry[length] == '=';
}

const char *environment_get(char *const *environment, const char *name)
{
	size_t length = strlen(name);
	for (; environment && *environment; environment++)
		if (has_name(*environment, name, length))
			return *environment + length + 1;
	return NULL;
}

bool environment_is_valgrinds(char *const *environment)
{
	const char *list = environment_get(environment, PRELOAD);
	return list && strstr(list, "/vgpreload_core");
}

static void keep(char kept[KEPT_MAX], const char *name, const char *value)
{
	size_t head = strlen(name), length = value ? strlen(value) : 0;
	if (!value || head + length + 2 > KEPT_MAX)
		return;
	strcpy(kept, name);
	kept[head] = '=';
	memcpy(kept + head + 1, value, length + 1);
}

/* The word of a preload list in which our library's name stands. */
static const char *find_library(const char *list, size_t *ret_length)
{
	static const char name[] = "libshmcheck.so";
	while (list && *list) {
		size_t length = strcspn(list, ": ");
		if (length >= sizeof name - 1 &&
		    memcmp(list + length - (sizeof name - 1), name, sizeof name - 1) == 0) {
			*ret_length = length;
			return list;
		}
		list += length;
		list += strspn(list, ": ");
	}
	return NULL;
}

void environment_remember(char *const *environment, const char *session)
{
	keep(kept_session, ENV_SESSION, session);
	keep(kept_preload, PRELOAD, environment_get(environment, PRELOAD));
	if (kept_preload[0])
		library = find_library(kept_preload + sizeof PRELOAD, &library_length);
}

static bool has_library(const char *list)
{
	size_t length;
	const char *found = find_library(list, &length);
	return found && length == library_length && memcmp(found, library, length) == 0;
}

static char *now_told(void)
{
	return __atomic_load_n(&told, __ATOMIC_RELAXED);
}

/* An entry of ours does not lie behind argv, where the kernel put it. Programs that set their title write from argv to the
 * end of the last entry, which must be another one; or measure how far the entries lie one behind the other. */
void environment_adopt(char **environment, bool is_first)
{
	for (; environment && *environment; environment++) {
		if (!has_name(*environment, ENV_SELF, sizeof ENV_SELF - 1))
			continue;
		if (!is_first || strlen(*environment) != sizeof ENV_SELF + SELF_LENGTH)
			*environment = spare;
		__atomic_store_n(&told, *environment, __ATOMIC_RELAXED);
	}
}

void environment_tell(const struct self *self)
{
	char *text = now_told();
	if (has_name(text, ENV_SELF, sizeof ENV_SELF - 1)) /* else the program's title lies there by now */
		self_format(self, text + sizeof ENV_SELF);
}

bool environment_is_ours(char *const *environment)
{
	const char *session = environment_get(environment, ENV_SESSION);
	if (!kept_session[0]) /* a session in memory: no new image can be led to it */
		return true;
	return session && strcmp(session, kept_session + sizeof ENV_SESSION) == 0 &&
	       environment_get(environment, ENV_SELF) == now_told() + sizeof ENV_SELF &&
	       (!library || has_library(environment_get(environment, PRELOAD)));
}

bool environment_is_readable(char *const *environment)
{
	uintptr_t array_page = NO_PAGE, text_page = NO_PAGE;
	if (!environment)
		return true;
	for (;; environment++) {
		if ((uintptr_t)environment % sizeof *environment ||
		    !is_readable_since((uintptr_t)environment, &array_page))
			return false;
		if (!*environment)
			return true;
		if (!is_text_readable(*environment, &text_page))
			return false;
	}
}

size_t environment_size(char *const *environment)
{
	size_t count = 0;
	while (environment && environment[count])
		count++;
	const char *preload = environment_get(environment, PRELOAD);
	return (count + OURS + 1) * sizeof(char *) + sizeof ENV_SELF + SELF_MAX + 2 * sizeof PRELOAD +
	       library_length + (preload ? strlen(preload) : 0) + 16;
}

/* "LD_PRELOAD=ours:theirs", or NULL when theirs has ours already (or we never had one). */
static char *preload_entry(char *text, const char *theirs)
{
	if (!library || has_library(theirs))
		return NULL;
	char *next = text;
	memcpy(next, PRELOAD "=", sizeof PRELOAD);
	next += sizeof PRELOAD;
	memcpy(next, library, library_length);
	next += library_length;
	if (theirs && *theirs)
		*next++ = ':';
	strcpy(next, theirs ? theirs : "");
	return text;
}

bool environment_asks_for_log(char *const *environment)
{
	return environment_get(environment, ENV_LOG) || environment_get(environment, ENV_INJECT);
}

void environment_drop(char **environment, const char *name)
{
	char **kept = environment;
	for (; *environment; environment++)
		if (!has_name(*environment, name, strlen(name)))
			*kept++ = *environment;
	*kept = NULL;
}

/* The caller is another shmcheck, or starts its program for it. */
static bool names_another_session(char *const *environment)
{
	const char *session = environment_get(environment, ENV_SESSION);
	return kept_session[0] && session && *session &&
	       strcmp(session, kept_session + sizeof ENV_SESSION) != 0 &&
	       raw_syscall(SYS_faccessat, AT_FDCWD, (long)session, W_OK, 0, 0, 0) == 0;
}

bool environment_is_anothers(char *const *environment)
{
	if (kept_session[0] && session_has_harness(shim_session) && environment_asks_for_log(environment))
		return true;
	return names_another_session(environment);
}

char **environment_build(void *buffer, char *const *environment, const struct self *self)
{
	char **entries = buffer;
	size_t count = 0, room = 0;
	if (!kept_session[0] || names_another_session(environment))
		return (char **)environment;
	while (environment && environment[room])
		room++;
	char *self_text = (char *)(entries + room + OURS + 1);
	memcpy(self_text, ENV_SELF "=", sizeof ENV_SELF);
	char *preload_text = self_text + sizeof ENV_SELF + self_format(self, self_text + sizeof ENV_SELF) + 1;
	char *preload = preload_entry(preload_text, environment_get(environment, PRELOAD));
	for (; environment && *environment; environment++) {
		if (has_name(*environment, ENV_SELF, sizeof ENV_SELF - 1) ||
		    has_name(*environment, ENV_SESSION, sizeof ENV_SESSION - 1) ||
		    (preload && has_name(*environment, PRELOAD, sizeof PRELOAD - 1)))
			continue;
		entries[count++] = *environment;
	}
	if (preload)
		entries[count++] = preload;
	entries[count++] = self_text;
	entries[count++] = kept_session; /* last: see environment_adopt */
	entries[count] = NULL;
	return entries;
}
