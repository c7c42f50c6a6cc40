// SPDX-License-Identifier: MIT
// report: what an exploration found: the way to every format, and the exit status.
#include "explore_report.h"

#include "harness/error.h"

#include <errno.h>
#include <unistd.h>

bool explore_is_inconclusive(const struct sweep *sweep)
{
	if (sweep->is_inconclusive || sweep->broken)
		return true;
	for (size_t i = 0; i < sweep->points.count; i++) {
		const struct tried *tried = &sweep->points.list[i];
		if (tried->has_verdict && (tried->verdict == POINT_DIVERGED || tried->is_doubtful))
			return true;
	}
	return false;
}

static bool has_findings(const struct sweep *sweep)
{
	for (size_t i = 0; i < sweep->points.count; i++)
		if (sweep->points.list[i].cause)
			return true;
	return false;
}

int explore_list(const struct options *options, const struct sweep_settings *settings,
		 const struct sweep *sweep, FILE *stream)
{
	(void)options;
	for (size_t i = 0; i < sweep->points.count; i++) {
		const struct tried *tried = &sweep->points.list[i];
		if (tried->is_selected && tried->point.depth <= settings->depth)
			fprintf(stream, "%s\n", tried->id);
	}
	fflush(stream);
	return ferror(stream) ? -EIO : 0;
}

static int learn_places(const struct sweep *sweep, struct places *places)
{
	struct replay replay;
	int code = sweep->baseline_log < 0 ? -ENOENT : replay_open(sweep->baseline_log, &replay);
	if (code)
		return code;
	places_learn(places, &replay, sweep->baseline.calls, sweep->baseline.call_count);
	replay_close(&replay);
	return 0;
}

int explore_report(const struct options *options, const struct sweep_settings *settings,
		   const struct sweep *sweep)
{
	struct explored explored = {
	    .options = options, .settings = settings, .sweep = sweep, .places = places_new()};
	explored.color = options->color > 0 || (options->color < 0 && isatty(STDERR_FILENO));
	int code = explored.places ? learn_places(sweep, explored.places) : -ENOMEM;
	if (!code)
		code = explore_text(&explored, stderr);
	places_free(explored.places);
	if (code) {
		error_print_errno(-code, "the report is incomplete");
		return EXIT_BROKEN;
	}
	if (has_findings(sweep))
		return EXIT_FINDINGS;
	return explore_is_inconclusive(sweep) ? EXIT_INCONCLUSIVE : 0;
}
