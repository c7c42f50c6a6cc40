// SPDX-License-Identifier: MIT
// launch: what a run was told, as words of a command line, so that it can be repeated.
#include "settings.h"

#include <inttypes.h>
#include <stdio.h>

enum { SCALE_USUAL_PPM = 1000000 };

void settings_limits(const struct ipc_limits *limits, char ret_text[SETTINGS_LIMITS])
{
	const int64_t values[] = {limits->shmmni, limits->shmmax, limits->shmall};
	static const char *const names[] = {"shmmni", "shmmax", "shmall"};
	size_t at = 0;
	ret_text[0] = '\0';
	for (unsigned i = 0; i < 3; i++)
		if (values[i] >= 0)
			at += (size_t)snprintf(ret_text + at, SETTINGS_LIMITS - at, "%s%s=%" PRId64,
					       at ? "," : "", names[i], values[i]);
}

static int tell_linger(int64_t linger_ms, struct evidence *evidence)
{
	if (linger_ms < 0)
		return evidence_setting(evidence, "--linger=forever");
	if (linger_ms == LINGER_MS)
		return 0;
	return evidence_setting(evidence, "--linger=%" PRId64 "ms", linger_ms);
}

int settings_tell(const struct launch_options *options, struct evidence *evidence)
{
	static const char *const stacks[] = {"none", "create", "all"};
	char limits[SETTINGS_LIMITS];
	int code = 0;
	settings_limits(&options->limits, limits);
	if (limits[0])
		code = evidence_setting(evidence, "--limits=%s", limits);
	if (!code && options->stacks != STACKS_ALL)
		code = evidence_setting(evidence, "--stacks=%s", stacks[options->stacks]);
	if (!code && options->timeout_ms)
		code = evidence_setting(evidence, "--timeout=%" PRId64 "ms", options->timeout_ms);
	code = code ? code : tell_linger(options->linger_ms, evidence);
	if (!code && options->sleep_scale_ppm != SCALE_USUAL_PPM)
		code =
		    evidence_setting(evidence, "--sleep-scale=%.6g", (double)options->sleep_scale_ppm / 1e6);
	if (!code && options->watch_crashes)
		code = evidence_setting(evidence, "--crash");
	return code;
}
