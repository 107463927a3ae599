#!/usr/bin/env python3
"""Extract the facts we embed from the CloudFormation resource schemas of the installed cfn-lint.

    python tests/tools/schema_facts.py            # writes src/catalog/schema-facts.json
    python tests/tools/schema_facts.py --check    # exit 1 when the committed file differs

Reads the types from types.txt (one per line, `#` starts a comment). Only facts are kept: which paths
are read-only, write-only, create-only, conditional or deprecated, the primary identifier, tagging, and
the shape of the properties (types, nesting, sets). No descriptions, patterns, lengths or enums.

Paths are dotted, `*` stands for an array item or a map value: `LoggingConfig.LogGroup`, `Rules.*.Id`.
"""

import argparse
import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
TYPES = HERE / "types.txt"
OUT = HERE.parent.parent / "src" / "catalog" / "schema-facts.json"
REGION = "us-east-1"
MANY = ("oneOf", "anyOf", "allOf")


def load_schemas():
    """A function type name -> full schema, for the layouts that cfn-lint has had."""
    import cfnlint

    root = Path(cfnlint.__file__).parent / "data" / "schemas"
    index = root / "providers" / f"{REGION}.json"
    if not index.is_file():
        sys.exit(f"schema_facts: no {index}: this cfn-lint has another layout (1.58.0 is known to work)")
    names = json.loads(index.read_text())

    def get(name):
        digest = names.get(name)
        if digest is None:
            return None
        return json.loads((root / "resources" / f"{digest}.json").read_text())

    return get


def pointer(ref, schema):
    """The schema that `#/definitions/X` or `#/properties/X/…` stands for."""
    at = schema
    for part in ref.removeprefix("#/").split("/"):
        if not isinstance(at, dict) or part not in at:
            return {}
        at = at[part]
    return at


def candidates(node, schema, depth=0):
    """`node` and every schema that it refers to or combines."""
    if not isinstance(node, dict) or depth > 8:
        return
    yield node
    if "$ref" in node:
        yield from candidates(pointer(node["$ref"], schema), schema, depth + 1)
    for key in MANY:
        for branch in node.get(key, []):
            yield from candidates(branch, schema, depth + 1)


def step(nodes, part, schema):
    """The schemas below `nodes` at one path part, where `*` is an array item or a map value."""
    found = []
    for node in nodes:
        for each in candidates(node, schema):
            if part == "*":
                if isinstance(each.get("items"), dict):
                    found.append(each["items"])
                found.extend(each.get("patternProperties", {}).values())
                if isinstance(each.get("additionalProperties"), dict):
                    found.append(each["additionalProperties"])
            elif part in each.get("properties", {}):
                found.append(each["properties"][part])
    return found


def dotted(path, schema, notes):
    """`/properties/A/items/properties/B`, `/properties/A/*/B` and `/properties/A/B` all give `A.*.B`."""
    parts = path.strip("/").split("/")
    if parts and parts[0] == "properties":
        parts = parts[1:]
    nodes, out = [schema], []
    for i, part in enumerate(parts):
        below = step(nodes, part, schema)
        if not below and part == "properties":
            continue
        if not below and (part == "items" or part.isdigit()):
            part, below = "*", step(nodes, "*", schema)
        if not below and part != "*" and step(nodes, "*", schema):
            below = step(step(nodes, "*", schema), part, schema)
            if below:
                out.append("*")
        if not below and part == "*" and i + 1 < len(parts):
            if step(nodes, parts[i + 1], schema):
                continue
        if not below:
            notes.append(f"{schema['typeName']}: {path} does not lead anywhere")
            return ".".join(out + parts[i:])
        out.append(part)
        nodes = below
    return ".".join(out)


def strip(node, used):
    """The shape of a schema without its rules and words; `used` collects the definitions it names."""
    if not isinstance(node, dict):
        return {}
    out = {}
    if "$ref" in node:
        name = node["$ref"].removeprefix("#/definitions/")
        out["$ref"] = name
        used.add(name)
    if "type" in node:
        out["type"] = node["type"]
    if isinstance(node.get("properties"), dict):
        out["properties"] = {k: strip(v, used) for k, v in node["properties"].items()}
    if isinstance(node.get("items"), dict):
        out["items"] = strip(node["items"], used)
    values = [strip(v, used) for _, v in sorted(node.get("patternProperties", {}).items())]
    if values:
        # Whatever its keys look like: a map. Several patterns give the first shape that says something.
        out["additionalProperties"] = next((v for v in values if v), True)
    elif "additionalProperties" in node:
        extra = node["additionalProperties"]
        out["additionalProperties"] = strip(extra, used) if isinstance(extra, dict) else extra
    for key in ("uniqueItems", "insertionOrder"):
        if isinstance(node.get(key), bool):
            out[key] = node[key]
    for key in MANY:
        branches = []
        for branch in node.get(key, []):
            short = strip(branch, used)
            if says_something(short) and short not in branches:
                branches.append(short)
        if branches:
            out[key] = branches
    return out


def says_something(short):
    if "type" in short or "$ref" in short or "items" in short:
        return True
    if any(says_something(v) for v in short.get("properties", {}).values()):
        return True
    return any(says_something(b) for key in MANY for b in short.get(key, []))


def tagging(schema):
    told = schema.get("tagging")
    properties = schema.get("properties", {})
    if told is None:
        taggable = schema.get("taggable", "Tags" in properties)
        name = "Tags"
    else:
        taggable = told.get("taggable", True)
        name = told.get("tagProperty", "/properties/Tags").removeprefix("/properties/")
    if not taggable or name.split("/")[0] not in properties:
        name = None
    return {"taggable": bool(taggable), "property": name and name.replace("/", ".")}


def facts(schema, notes):
    def paths(key):
        return sorted({dotted(p, schema, notes) for p in schema.get(key, [])})

    used = set()
    properties = {k: strip(v, used) for k, v in schema.get("properties", {}).items()}
    definitions, todo = {}, sorted(used)
    while todo:
        name = todo.pop()
        if name in definitions:
            continue
        body = pointer(name, schema) if name.startswith("#") else schema.get("definitions", {}).get(name, {})
        below = set()
        definitions[name] = strip(body, below)
        todo.extend(sorted(below - definitions.keys()))
    whole = {}
    for key in MANY:
        found = set()
        branches = [b for b in (strip(b, found) for b in schema.get(key, [])) if says_something(b)]
        if branches and not found:
            whole[key] = branches
    return {
        "primaryIdentifier": [dotted(p, schema, notes) for p in schema.get("primaryIdentifier", [])],
        "readOnly": paths("readOnlyProperties"),
        "writeOnly": paths("writeOnlyProperties"),
        "createOnly": paths("createOnlyProperties"),
        "conditionalCreateOnly": paths("conditionalCreateOnlyProperties"),
        "deprecated": paths("deprecatedProperties"),
        "tagging": tagging(schema),
        "properties": properties,
        "definitions": definitions,
        **whole,
    }


def read_types():
    lines = (line.split("#")[0].strip() for line in TYPES.read_text().splitlines())
    return sorted({line for line in lines if line})


def render(notes):
    get = load_schemas()
    rows = []
    for name in read_types():
        schema = get(name)
        if schema is None:
            sys.exit(f"schema_facts: {name} is not in the schemas of {REGION}: correct {TYPES.name}")
        body = json.dumps(facts(schema, notes), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        rows.append(f"{json.dumps(name)}:{body}")
    # One type per line: small, and a diff still says which type changed.
    return "{\n" + ",\n".join(rows) + "\n}\n", len(rows)


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("--check", action="store_true", help="exit 1 when the committed file differs")
    args = args.parse_args()
    notes = []
    text, count = render(notes)
    for note in notes:
        print(f"note: {note}", file=sys.stderr)
    if args.check:
        if not OUT.is_file() or OUT.read_text() != text:
            print(f"{OUT} differs from the schemas: run {Path(__file__).name}", file=sys.stderr)
            return 1
        return 0
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(text)
    print(f"{OUT}: {count} types, {len(text)} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
