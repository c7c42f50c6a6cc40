// SPDX-License-Identifier: MIT
// report: places as SARIF has them.
#include "sarif_location.h"

#include "say.h"
#include "shown.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* PATH as the path part of a URI (RFC 3986): what is not unreserved, nor a slash, is percent-encoded. */
static char *uri_of(const char *path)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
	char *text = malloc(3 * strlen(path) + sizeof "file://"), *next = text;
	if (!text)
		return NULL;
	if (*path == '/')
		next = stpcpy(next, "file://");
	for (; *path; path++)
		if (strchr(plain, *path))
			*next++ = *path;
		else
			next += sprintf(next, "%%%02X", (unsigned char)*path);
	*next = '\0';
	return text;
}

static json_t *artifact(const char *path)
{
	char *uri = uri_of(path_from_here(path));
	json_t *made = json_pack("{s:s}", "uri", uri ? uri : "");
	if (uri && strncmp(uri, "file://", 7) != 0)
		json_object_set_new(made, "uriBaseId", json_string("%SRCROOT%"));
	free(uri);
	return made;
}

static json_t *physical(const struct location *location)
{
	if (location->file && location->line > 0)
		return json_pack("{s:o,s:{s:i}}", "artifactLocation", artifact(location->file), "region",
				 "startLine", location->line);
	if (location->file)
		return json_pack("{s:o}", "artifactLocation", artifact(location->file));
	json_t *made =
	    json_pack("{s:o}", "artifactLocation", artifact(location->object ? location->object : "unknown"));
	if (location->offset)
		json_object_set_new(made, "address",
				    json_pack("{s:s,s:I}", "kind", "instruction", "relativeAddress",
					      (json_int_t)location->offset));
	return made;
}

json_t *sarif_location(const struct location *location)
{
	json_t *made = json_pack("{s:o}", "physicalLocation", physical(location));
	char *function = location->function ? say_printable(location->function) : NULL;
	if (function)
		json_object_set_new(
		    made, "logicalLocations",
		    json_pack("[{s:s,s:s}]", "fullyQualifiedName", function, "kind", "function"));
	free(function);
	return made;
}
