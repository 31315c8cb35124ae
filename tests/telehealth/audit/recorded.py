"""Which actions and object types the source records, read from its syntax trees.

`record` takes the action first. A function that hands a parameter of its own on to it, whole or behind a prefix
(`f"request.{act}"`), records whatever *its* callers say; such functions are followed until no new ones turn up.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Recorder:
    """A function that records what it is told by one of its parameters, behind a fixed prefix."""

    name: str
    module: str  # "" when importable: a private name means another function in another module
    parameter: str
    position: int | None  # None when by keyword only
    prefix: str


@dataclass
class Recorded:
    """All that is recorded, and the places whose action cannot be read."""

    actions: set[str] = field(default_factory=set)
    object_types: set[str] = field(default_factory=set)
    unreadable: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Call:
    node: ast.Call
    module: str
    inside: ast.FunctionDef | ast.AsyncFunctionDef | None


def recorded_in(folders: list[Path]) -> Recorded:
    """Read every module below the folders."""
    trees = {str(path): ast.parse(path.read_text()) for folder in folders for path in folder.rglob("*.py")}
    calls = [call for module, tree in trees.items() for call in _calls(tree, module, None)]
    found = Recorded()
    known = {Recorder("record", "", "action", 0, "")}
    new = set(known)
    while new:
        made: set[Recorder] = set()
        for recorder in new:
            for call in calls:
                if _name(call.node) == recorder.name and recorder.module in {"", call.module}:
                    made |= _read(call, recorder, found)
        new = made - known
        known |= new
    return found


def _calls(
    node: ast.AST, module: str, inside: ast.FunctionDef | ast.AsyncFunctionDef | None
) -> Iterator[_Call]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Call):
            yield _Call(child, module, inside)
        here = child if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) else inside
        yield from _calls(child, module, here)


def _name(call: ast.Call) -> str:
    return getattr(call.func, "id", getattr(call.func, "attr", ""))


def _read(call: _Call, recorder: Recorder, found: Recorded) -> set[Recorder]:
    """Note what one call records; return the recorder that the function around it thereby is."""
    keywords = {one.arg: one.value for one in call.node.keywords}
    if recorder.name == "record":
        kind = keywords.get("object_type")
        if isinstance(kind, ast.Constant):
            found.object_types.add(str(kind.value))
    given = keywords.get(recorder.parameter)
    if given is None and recorder.position is not None and recorder.position < len(call.node.args):
        given = call.node.args[recorder.position]
    if given is None:
        return set()  # the parameter's default, read where the function is defined
    return _follow(given, call, recorder.prefix, found)


def _follow(given: ast.expr, call: _Call, prefix: str, found: Recorded) -> set[Recorder]:
    match given:
        case ast.Constant(value=None):
            return set()
        case ast.Constant(value=str(text)):
            found.actions.add(prefix + text)
            return set()
        case ast.IfExp(body=body, orelse=other):
            return _follow(body, call, prefix, found) | _follow(other, call, prefix, found)
        case ast.JoinedStr(
            values=[ast.Constant(value=str(more)), ast.FormattedValue(value=ast.Name() as name)]
        ):
            return _follow(name, call, prefix + more, found)
        case ast.Name(id=name) if call.inside and name in {one.arg for one in _parameters(call.inside)}:
            return {_recorder(call.inside, name, call.module, prefix, found)}
    found.unreadable.append(f"{call.module}:{call.node.lineno}")
    return set()


def _parameters(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.arg]:
    return [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]


def _recorder(
    function: ast.FunctionDef | ast.AsyncFunctionDef,
    parameter: str,
    module: str,
    prefix: str,
    found: Recorded,
) -> Recorder:
    arguments = function.args
    positional = [one.arg for one in [*arguments.posonlyargs, *arguments.args]]
    defaults = dict(zip(reversed(positional), reversed(arguments.defaults), strict=False))
    by_keyword = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    defaults |= {one.arg: default for one, default in by_keyword if default}
    default = defaults.get(parameter)
    if isinstance(default, ast.Constant) and isinstance(default.value, str):
        found.actions.add(prefix + default.value)
    return Recorder(
        name=function.name,
        module=module if function.name.startswith("_") else "",
        parameter=parameter,
        position=positional.index(parameter) if parameter in positional else None,
        prefix=prefix,
    )
