// SPDX-License-Identifier: MIT
// scenario: the schema of a scenario file, for libcyaml and for what is said about a bad one.
#include "schema.h"

#include "scenario.h"

enum { OPTIONAL = CYAML_FLAG_OPTIONAL, MANY = CYAML_FLAG_POINTER };

#define TEXT(key, flags, type, member)                                                                       \
	CYAML_FIELD_STRING_PTR(key, flags, struct type, member, 0, CYAML_UNLIMITED)
#define TEXTS(key, flags, type, member, least)                                                               \
	CYAML_FIELD_SEQUENCE(key, (flags) | MANY, struct type, member, &text, least, CYAML_UNLIMITED)
#define LIST(key, flags, type, member, entry, least)                                                         \
	CYAML_FIELD_SEQUENCE(key, (flags) | MANY, struct type, member, entry, least, CYAML_UNLIMITED)
#define MAPPING(type, fields)                                                                                \
	{                                                                                                    \
		CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct type, fields)                                 \
	}

static const cyaml_schema_value_t text = {CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 0, CYAML_UNLIMITED)};

static const cyaml_schema_field_t skip_fields[] = {TEXT("unless", OPTIONAL, skip, unless),
						   TEXT("if", OPTIONAL, skip, when),
						   TEXT("why", 0, skip, why), CYAML_FIELD_END};
static const cyaml_schema_value_t skip_entry = MAPPING(skip, skip_fields);

static const cyaml_schema_field_t ftok_fields[] = {TEXT("path", 0, ftok_key, path),
						   CYAML_FIELD_INT("project", 0, struct ftok_key, project),
						   CYAML_FIELD_END};

static const cyaml_schema_field_t segment_fields[] = {
    CYAML_FIELD_INT_PTR("key", OPTIONAL, struct planted_segment, key),
    CYAML_FIELD_MAPPING_PTR("ftok", OPTIONAL, struct planted_segment, ftok, ftok_fields),
    CYAML_FIELD_UINT("size", 0, struct planted_segment, size),
    CYAML_FIELD_UINT_PTR("mode", OPTIONAL, struct planted_segment, mode),
    TEXT("owner", OPTIONAL, planted_segment, owner),
    TEXT("content", OPTIONAL, planted_segment, content),
    TEXT("content-hex", OPTIONAL, planted_segment, content_hex),
    CYAML_FIELD_UINT("fill", OPTIONAL, struct planted_segment, fill),
    CYAML_FIELD_END};
static const cyaml_schema_value_t segment_entry = MAPPING(planted_segment, segment_fields);

static const cyaml_schema_field_t stop_fields[] = {TEXTS("after", 0, stop, after, 1),
						   TEXT("signal", OPTIONAL, stop, signal), CYAML_FIELD_END};

static const cyaml_schema_field_t process_fields[] = {
    TEXT("name", 0, scenario_process, name),
    TEXTS("command", 0, scenario_process, command, 1),
    TEXTS("environment", OPTIONAL, scenario_process, environment, 0),
    TEXT("user", OPTIONAL, scenario_process, user),
    TEXT("folder", OPTIONAL, scenario_process, folder),
    TEXT("stdin", OPTIONAL, scenario_process, input),
    TEXT("stdin-file", OPTIONAL, scenario_process, input_file),
    CYAML_FIELD_UINT_PTR("instances", OPTIONAL, struct scenario_process, instances),
    TEXTS("start-after", OPTIONAL, scenario_process, start_after, 0),
    CYAML_FIELD_MAPPING_PTR("stop", OPTIONAL, struct scenario_process, stop, stop_fields),
    CYAML_FIELD_END};
static const cyaml_schema_value_t process_entry = MAPPING(scenario_process, process_fields);

static const cyaml_schema_field_t signal_fields[] = {
    TEXT("signal", 0, scenario_signal, signal), TEXT("to", 0, scenario_signal, to),
    TEXT("after", OPTIONAL, scenario_signal, after), TEXT("before", OPTIONAL, scenario_signal, before),
    CYAML_FIELD_END};
static const cyaml_schema_value_t signal_entry = MAPPING(scenario_signal, signal_fields);

static const cyaml_schema_field_t expected_process_fields[] = {
    TEXT("name", 0, expected_process, name),
    TEXT("exit", OPTIONAL, expected_process, exit),
    TEXT("signal", OPTIONAL, expected_process, signal),
    TEXT("stdout", OPTIONAL, expected_process, output),
    TEXT("stdout-regex", OPTIONAL, expected_process, output_regex),
    TEXT("stderr", OPTIONAL, expected_process, errors),
    TEXT("stderr-regex", OPTIONAL, expected_process, errors_regex),
    CYAML_FIELD_END};
static const cyaml_schema_value_t expected_process_entry = MAPPING(expected_process, expected_process_fields);

static const cyaml_schema_field_t expected_segment_fields[] = {
    CYAML_FIELD_INT_PTR("key", OPTIONAL, struct expected_segment, key),
    CYAML_FIELD_MAPPING_PTR("ftok", OPTIONAL, struct expected_segment, ftok, ftok_fields),
    CYAML_FIELD_BOOL_PTR("exists", OPTIONAL, struct expected_segment, exists),
    CYAML_FIELD_UINT_PTR("size", OPTIONAL, struct expected_segment, size),
    CYAML_FIELD_UINT_PTR("mode", OPTIONAL, struct expected_segment, mode),
    TEXT("owner", OPTIONAL, expected_segment, owner),
    CYAML_FIELD_UINT("offset", OPTIONAL, struct expected_segment, offset),
    TEXT("content", OPTIONAL, expected_segment, content),
    TEXT("content-regex", OPTIONAL, expected_segment, content_regex),
    TEXT("content-hex", OPTIONAL, expected_segment, content_hex),
    CYAML_FIELD_END};
static const cyaml_schema_value_t expected_segment_entry = MAPPING(expected_segment, expected_segment_fields);

static const cyaml_schema_field_t expect_fields[] = {
    LIST("processes", OPTIONAL, expectations, processes, &expected_process_entry, 0),
    TEXTS("findings", OPTIONAL, expectations, findings, 0),
    CYAML_FIELD_UINT_PTR("segments-left", OPTIONAL, struct expectations, segments_left),
    LIST("segments", OPTIONAL, expectations, segments, &expected_segment_entry, 0),
    CYAML_FIELD_BOOL("timed-out", OPTIONAL, struct expectations, timed_out),
    CYAML_FIELD_END};

static const cyaml_schema_field_t limits_fields[] = {
    CYAML_FIELD_INT_PTR("shmmni", OPTIONAL, struct limits, shmmni),
    CYAML_FIELD_INT_PTR("shmmax", OPTIONAL, struct limits, shmmax),
    CYAML_FIELD_INT_PTR("shmall", OPTIONAL, struct limits, shmall), CYAML_FIELD_END};

static const cyaml_schema_field_t explore_fields[] = {TEXTS("processes", 0, scenario_explore, processes, 1),
						      TEXT("errnos", OPTIONAL, scenario_explore, errnos),
						      TEXT("calls", OPTIONAL, scenario_explore, calls),
						      TEXT("mode", OPTIONAL, scenario_explore, mode),
						      TEXT("points", OPTIONAL, scenario_explore, points),
						      TEXT("signals", OPTIONAL, scenario_explore, signals),
						      TEXT("depth", OPTIONAL, scenario_explore, depth),
						      TEXT("budget", OPTIONAL, scenario_explore, budget),
						      TEXTS("expect", OPTIONAL, scenario_explore, expect, 0),
						      CYAML_FIELD_END};

static const cyaml_schema_field_t scenario_fields[] = {
    TEXT("name", 0, scenario, name),
    TEXT("description", OPTIONAL, scenario, description),
    TEXTS("tags", OPTIONAL, scenario, tags, 0),
    LIST("skip", OPTIONAL, scenario, skip, &skip_entry, 0),
    CYAML_FIELD_IGNORE("matrix", CYAML_FLAG_OPTIONAL), /* read before: its keys are anybody's */
    LIST("segments", OPTIONAL, scenario, segments, &segment_entry, 0),
    CYAML_FIELD_MAPPING_PTR("limits", OPTIONAL, struct scenario, limits, limits_fields),
    LIST("processes", 0, scenario, processes, &process_entry, 1),
    TEXTS("order", OPTIONAL, scenario, order, 0),
    LIST("signals", OPTIONAL, scenario, signals, &signal_entry, 0),
    TEXTS("inject", OPTIONAL, scenario, inject, 0),
    CYAML_FIELD_UINT("seed", OPTIONAL, struct scenario, seed),
    CYAML_FIELD_MAPPING_PTR("expect", OPTIONAL, struct scenario, expect, expect_fields),
    TEXT("timeout", OPTIONAL, scenario, timeout),
    TEXT("linger", OPTIONAL, scenario, linger),
    CYAML_FIELD_UINT_PTR("repeat", OPTIONAL, struct scenario, repeat),
    CYAML_FIELD_BOOL("crashes", OPTIONAL, struct scenario, crashes),
    CYAML_FIELD_MAPPING_PTR("explore", OPTIONAL, struct scenario, explore, explore_fields),
    CYAML_FIELD_END};

const cyaml_schema_value_t scenario_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct scenario, scenario_fields)};
