#!/usr/bin/env python3
"""Checks the rules below this folder without Coldtrail: their form, and that other systems can run them.

Every document is compared with the schemas in `schema/` and given to the validators of pySigma, and every file is converted
to the languages of Splunk, Elasticsearch and Microsoft. What a system cannot express is named in `EXCEPTIONS`; anything else that
fails, and an exception that is needed no longer, fails the check.

    pip install -r rules/sigma/requirements.txt
    python rules/sigma/check.py [--attack enterprise-attack.json] [--show TARGET RULE]

Tags are compared with ATT&CK only if its data (STIX, as MITRE publishes it) is given, since pySigma would load it from the internet.
"""

import argparse
import collections
import json
import pathlib
import re
import sys
import tempfile

import yaml
from jsonschema import Draft202012Validator
from sigma.backends.elasticsearch import ESQLBackend, EqlBackend, LuceneBackend
from sigma.backends.kusto import KustoBackend
from sigma.backends.splunk import SplunkBackend
from sigma.collection import SigmaCollection
from sigma.data import mitre_attack
from sigma.pipelines.elasticsearch.windows import ecs_windows
from sigma.pipelines.microsoftxdr import microsoft_xdr_pipeline
from sigma.pipelines.sentinelasim import sentinel_asim_pipeline
from sigma.pipelines.splunk import splunk_windows_pipeline
from sigma.pipelines.sysmon import sysmon_pipeline
from sigma.validation import SigmaValidator
from sigma.validators.core import validators as core_validators

HERE = pathlib.Path(__file__).resolve().parent
TESTS = HERE.parent / "tests"

# ---------------------------------------------------------------------------------------------------------------------
# Systems, and what each of them cannot express.


def splunk(group):
    windows = {"process_creation", "dns_query", "network_connection", "correlation"}
    return SplunkBackend(sysmon_pipeline() + splunk_windows_pipeline() if group in windows else None)


def kusto(group):
    """Defender XDR where it has a table, else the web sessions of Sentinel, else a filter with the names of the rule."""
    if group in ("process_creation", "network_connection"):
        return KustoBackend(microsoft_xdr_pipeline())
    return KustoBackend(sentinel_asim_pipeline()) if group == "proxy" else KustoBackend()


TARGETS = {
    "Splunk": splunk,
    "Lucene": lambda group: LuceneBackend(ecs_windows()),
    "ES|QL": lambda group: ESQLBackend(ecs_windows()),
    "EQL": lambda group: EqlBackend(ecs_windows()),
    "Kusto": kusto,
}

NO_CORRELATIONS = "the backend knows no correlations"
NO_ORDER = "the backend knows no temporal_ordered"
NO_SUM = "the backend knows no value_sum"
NO_FIELD = "the web sessions of Sentinel have no such field in the backend's table"

# The system, what of the path has to be like this, and why.
EXCEPTIONS = [
    ("Lucene", r"correlation/", NO_CORRELATIONS),
    ("Kusto", r"correlation/", NO_CORRELATIONS),
    ("Kusto", r"proxy/(apps_script_post|executable_download|large_upload|post_without_referrer)\.yml", NO_FIELD),
] + [
    (system, pattern, reason)
    for system in ("Splunk", "ES|QL")
    for pattern, reason in (
        (r"correlation/(download_then_query|function_code_after_url)\.yml", NO_ORDER),
        (r"correlation/upload_in_parts\.yml", NO_SUM),
    )
]

# What converts, and then means something else, is not converted: of correlations the EQL backend counts equal values for different
# ones, drops the time of a temporal one, and writes an ordered one in a way that EQL cannot read.
MISLEADING = [("EQL", r"correlation/", "the sequences of the backend mean something else")]

# Rules that look for an asterisk, which is escaped on purpose.
ASTERISK = re.compile(r"(open_to_everybody|any_origin|made_public)")


def reason_in(table, system, rule):
    return next((reason for name, pattern, reason in table if name == system and re.match(pattern, rule)), None)


# ---------------------------------------------------------------------------------------------------------------------
# Checks. Each gives out what is wrong, as lines.


def schemas():
    return {
        name: Draft202012Validator(json.loads((HERE / "schema" / f"{name}.schema.json").read_text()))
        for name in ("detection", "correlation", "test")
    }


def plain(document):
    """The same with dates as text, since YAML makes dates of them."""
    return json.loads(json.dumps(document, default=str))


def wrong_form(rules):
    schema = schemas()
    for path, text in rules.items():
        if not re.fullmatch(r"[a-z0-9_]+/[a-z0-9_]{6,66}\.yml", path):
            yield f"{path}: not a name that the specification allows"
        for document in yaml.safe_load_all(text):
            kind = "correlation" if "correlation" in document else "detection"
            for error in schema[kind].iter_errors(plain(document)):
                yield f"{path}: {error.json_path}: {error.message[:160]}"
        test = TESTS / path
        if not test.is_file():
            yield f"{path}: has no test"
            continue
        for error in schema["test"].iter_errors(plain(yaml.safe_load(test.read_text()))):
            yield f"tests/{path}: {error.json_path}: {error.message[:160]}"
    for test in sorted(TESTS.rglob("*.yml")):
        if test.relative_to(TESTS).as_posix() not in rules:
            yield f"tests/{test.relative_to(TESTS).as_posix()}: there is no such rule"


def wrong_for_pysigma(rules, attack):
    # Tags of D3FEND are not used, and those of ATT&CK need its data.
    skipped = {"d3_fendtag"} | (set() if attack else {"attacktag"})
    if attack:
        mitre_attack.set_cache_dir(tempfile.mkdtemp())
        mitre_attack.set_url(str(attack))
    validator = SigmaValidator([check for name, check in sorted(core_validators.items()) if name not in skipped])
    documents = [(path, rule) for path, text in rules.items() for rule in SigmaCollection.from_yaml(text).rules]
    place = {rule.id: path for path, rule in documents}
    for issue in validator.validate_rules(rule for _, rule in documents):
        paths = sorted({place[rule.id] for rule in issue.rules})
        if type(issue).__name__ == "EscapedWildcardIssue" and all(ASTERISK.search(path) for path in paths):
            continue
        yield f"{', '.join(paths)}: {issue.description}"


def convert(system, path, text):
    """What the system would run, or what stands in the way."""
    try:
        queries = TARGETS[system](path.split("/")[0]).convert(SigmaCollection.from_yaml(text))
    except Exception as error:  # Backends raise whatever they like.
        return [], f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
    return queries, None if queries and all(queries) else "nothing came out"


def wrong_conversions(rules, table):
    for path, text in rules.items():
        for system in TARGETS:
            if reason_in(MISLEADING, system, path):
                continue
            expected = reason_in(EXCEPTIONS, system, path)
            _, problem = convert(system, path, text)
            outcome = "failed" if problem and not expected else "cannot" if problem else "converted"
            table[path.split("/")[0], system][outcome] += 1
            if outcome == "failed":
                yield f"{path}: {system}: {problem}"
            if expected and not problem:
                yield f"{path}: {system}: converts, although EXCEPTIONS says that {expected}"


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--attack", type=pathlib.Path, metavar="FILE", help="ATT&CK (STIX), to compare tags with")
    arguments.add_argument("--show", nargs=2, metavar=("TARGET", "RULE"), help="print what comes out, such as --show Splunk dns/edge_worker.yml")
    given = arguments.parse_args()

    rules = {path.relative_to(HERE).as_posix(): path.read_text() for path in sorted(HERE.rglob("*.yml"))}
    if given.show:
        queries, problem = convert(*given.show, rules[given.show[1]])
        print(*queries, sep="\n")
        return problem and f"{given.show[1]}: {problem}"

    table = collections.defaultdict(collections.Counter)
    wrong = [*wrong_form(rules)]
    wrong += wrong_for_pysigma(rules, given.attack)
    wrong += wrong_conversions(rules, table)

    groups = sorted({path.split("/")[0] for path in rules})
    print(f"{'converted':20}" + "".join(f"{system:>9}" for system in TARGETS) + f"{'files':>8}")
    for group in groups:
        files = sum(path.startswith(group + "/") for path in rules)
        print(f"{group:20}" + "".join(f"{table[group, system]['converted']:9}" for system in TARGETS) + f"{files:8}")
    print("\nleft out")
    for system, pattern, reason in EXCEPTIONS + MISLEADING:
        fit = [path for path in rules if re.match(pattern, path)]
        print(f"  {system:8} {len(fit):3}  {pattern}: {reason}")
        if not fit:
            wrong.append(f"EXCEPTIONS: nothing is like {pattern}")
    if not given.attack:
        print("  ATT&CK        tags were not compared, since --attack was not given")
    for line in wrong:
        print(line, file=sys.stderr)
    print(f"\n{len(rules)} files, {len(wrong)} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
