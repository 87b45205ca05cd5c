"""A C++ file as a syntax tree: what its nodes say, and where in the file's logic they are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import tree_sitter_cpp
from tree_sitter import Language, Node, Parser

_PARSER = Parser(Language(tree_sitter_cpp.language()))
# What a mutant is shown in: the smallest of these around it.
_STATEMENTS = {"expression_statement", "return_statement", "declaration", "field_declaration", "break_statement",
               "continue_statement", "field_initializer", "optional_parameter_declaration"}  # fmt: skip
_HEADS = {"if_statement", "while_statement", "for_statement", "for_range_loop", "switch_statement", "do_statement"}
_LONG = 200


class NotUnderstoodError(Exception):
    """The parser could not read a file: a mutant in it could be anything."""


def text_of(node: Node) -> str:
    """Give the node's own text."""
    return (node.text or b"").decode()


def one_line(text: str) -> str:
    """Give the text without comments, with single spaces, however it was broken into lines."""
    text = re.sub(r"//[^\n]*", " ", text)
    text = re.sub(r"\s+", " ", text).strip()
    return re.sub(r"(?<=[(\[]) | (?=[)\]])", "", text)


def walk(node: Node) -> Iterator[Node]:
    """Give the node and all below it."""
    yield node
    for child in node.children:
        yield from walk(child)


def child_of(node: Node, name: str) -> Node | None:
    """Give the child with this field's name."""
    return node.child_by_field_name(name)


@dataclass(frozen=True)
class Source:
    """One file, read."""

    name: str  # below src/
    data: bytes
    root: Node = field(compare=False)

    @classmethod
    def read(cls, name: str, data: bytes) -> Source:
        """Parse; a file that the grammar does not understand is an error."""
        root = _PARSER.parse(data).root_node
        for node in walk(root):
            if node.type == "ERROR" or node.is_missing:
                line = node.start_point.row + 1
                raise NotUnderstoodError(f"{name}:{line}: the parser does not understand `{text_of(node)[:60]}`")
        return cls(name, data, root)

    def between(self, start: int, end: int) -> str:
        """Give the text between two offsets."""
        return self.data[start:end].decode()


def _declarator_name(node: Node) -> str:
    """Give the name that a declarator declares: `A::B` for `int A::B(int) const`."""
    inner: Node | None = node
    while inner is not None and inner.type not in {"identifier", "field_identifier", "qualified_identifier",
                                                   "destructor_name", "operator_name", "operator_cast"}:  # fmt: skip
        inner = child_of(inner, "declarator") or next((c for c in inner.named_children if c.type != "ERROR"), None)
    return "" if inner is None else one_line(text_of(inner))


def function_of(node: Node) -> str:
    """Name the function, or the class or variable, that the node is in; classes in front."""
    names: list[str] = []
    at: Node | None = node
    while at is not None:
        if at.type in {"class_specifier", "struct_specifier"}:
            name = child_of(at, "name")
            if name is not None:
                names.insert(0, one_line(text_of(name)))
        elif at.type == "function_definition":
            declarator = child_of(at, "declarator")
            if declarator is not None:
                names.insert(0, _declarator_name(declarator))
        at = at.parent
    return "::".join(names)


def function_node(node: Node) -> Node | None:
    """Give the definition of the function (or lambda) that the node is in."""
    at: Node | None = node
    while at is not None and at.type not in {"function_definition", "lambda_expression"}:
        at = at.parent
    return at


def _head_end(node: Node) -> int:
    """Give where the head of an if, a loop or a switch ends and its body begins."""
    body = child_of(node, "consequence") or child_of(node, "body")
    return body.start_byte if body is not None else node.end_byte


def shown_in(node: Node) -> tuple[int, int]:
    """Give the range of the text in which a change of the node is shown and listed."""
    at: Node | None = node
    inner_list: Node | None = None
    while at is not None:
        if at.type == "initializer_list" and inner_list is None:
            inner_list = at
        if at.type in _HEADS and node.start_byte < _head_end(at):
            return at.start_byte, _head_end(at)
        in_head = at.parent is not None and at.parent.type in {"condition_clause", "init_statement", "for_statement"}
        if at.type in _STATEMENTS and not (at.type == "declaration" and in_head):
            # Of a long table only the row.
            if inner_list is not None and at.end_byte - at.start_byte > _LONG:
                return inner_list.start_byte, inner_list.end_byte
            return at.start_byte, at.end_byte
        at = at.parent
    return node.start_byte, node.end_byte


@dataclass
class Names:
    """What is declared anywhere under src/: enumerations, and names of times by room."""

    enumerations: dict[str, list[list[str]]] = field(default_factory=dict)
    times: dict[str, set[str]] = field(default_factory=dict)

    def add(self, room: str, root: Node) -> None:
        """Take in what one file of a room declares."""
        for node in walk(root):
            if node.type == "enum_specifier":
                self._add_enumeration(node)
            declared = child_of(node, "type")
            if declared is None or text_of(declared) not in {"TimePoint", "Duration"}:
                continue
            for declarator in node.children_by_field_name("declarator"):
                if declarator.type not in {"function_declarator", "abstract_function_declarator"}:
                    self.times.setdefault(room, set()).add(_declarator_name(declarator))

    def _add_enumeration(self, node: Node) -> None:
        name, body = child_of(node, "name"), child_of(node, "body")
        if name is None or body is None:
            return
        values = [text_of(value) for one in body.named_children if (value := child_of(one, "name")) is not None]
        self.enumerations.setdefault(text_of(name), []).append(values)

    def others(self, enumeration: str, value: str) -> list[str]:
        """Give the values beside this one: the next, and the one before where that is another."""
        for values in self.enumerations.get(enumeration, []):
            if value in values and len(values) > 1:
                at = values.index(value)
                pair = [values[(at + 1) % len(values)], values[at - 1]]
                return pair if pair[0] != pair[1] else pair[:1]
        return []

    def is_time(self, file: str, name: str) -> bool:
        """Say whether the name is that of a time in this file's room, or of one of the gate's."""
        return name != "" and any(name in self.times.get(room, set()) for room in (file.partition("/")[0], "gate"))

    @classmethod
    def below(cls, folder: Path) -> Names:
        """Read all files below a folder."""
        names = cls()
        for path in sorted(folder.rglob("*.h")) + sorted(folder.rglob("*.cc")):
            if not path.name.endswith("_test.cc"):
                names.add(path.parent.name, _PARSER.parse(path.read_bytes()).root_node)
        return names
