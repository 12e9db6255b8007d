"""Answers queries with duckdb-kql: a JSON text a line comes in, an answer a line goes out."""

import datetime
import decimal
import json
import math
import sys

import duckdb
import duckdb_kql

EPOCH = datetime.datetime(1, 1, 1)


def length(value):
    microseconds = value // datetime.timedelta(microseconds=1)
    sign, microseconds = ("-", -microseconds) if microseconds < 0 else ("", microseconds)
    seconds, fraction = divmod(microseconds, 1_000_000)
    days, seconds = divmod(seconds, 86_400)
    text = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    text = f"{days}.{text}" if days else text
    return sign + (f"{text}.{fraction:06}0" if fraction else text)


def cell(value, kind):
    if value is None:
        return "" if kind == "VARCHAR" else None
    if kind == "JSON":
        try:
            return json.loads(value)
        except ValueError:
            return value
    if isinstance(value, (list, dict)):
        return value
    if isinstance(value, datetime.datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S.%f") + "0Z"
    if isinstance(value, datetime.timedelta):
        return length(value)
    if isinstance(value, decimal.Decimal):
        return float(value)
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
    if isinstance(value, (bool, int, float, str)):
        return value
    return str(value)


def answer(query):
    connection = duckdb_kql.connect()
    result = duckdb_kql.kql(connection, query)
    kinds = [str(kind) for kind in result.types]
    rows = [[cell(value, kind) for value, kind in zip(row, kinds)] for row in result.fetchall()]
    return {"columns": list(result.columns), "rows": rows}


print(json.dumps(f"duckdb-kql {duckdb_kql.__version__}, DuckDB {duckdb.__version__}"), flush=True)
for line in sys.stdin:
    try:
        told = answer(json.loads(line))
    except duckdb_kql.KqlUnsupportedError as error:
        told = {"refused": str(error).strip().splitlines()[0]}
    except Exception as error:  # Whatever the other engine trips over is no answer.
        told = {"refused": f"{type(error).__name__}: {str(error).strip().splitlines()[0]}"}
    print(json.dumps(told), flush=True)
