"""The operators: which changes a syntax tree offers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from mutants.mutant import Form, Key, Mutant
from mutants.source import Names, Source, child_of, function_node, function_of, one_line, shown_in, text_of

# Nothing in these is chosen at run time.
_CONSTANT = {
    "static_assert_declaration", "template_argument_list", "template_parameter_list", "enumerator_list",
    "requires_clause", "requires_expression", "decltype", "sizeof_expression", "alignof_expression",
    "type_descriptor", "noexcept", "alias_declaration", "using_declaration", "attribute_declaration",
    "preproc_include", "preproc_def", "preproc_function_def", "preproc_call", "bitfield_clause",
    "alignas_qualifier", "concept_definition", "string_literal", "char_literal", "comment",
}  # fmt: skip
_COMPARED = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "=="}
_CALCULATED = {"+": "-", "-": "+", "*": "/", "/": "*", "%": "*", "<<": ">>", ">>": "<<", "|": "&", "&": "|", "^": "|"}
_ASSIGNED = {"+=": "-=", "-=": "+=", "*=": "/=", "/=": "*=", "|=": "&=", "&=": "|="}
_CALLED = {"std::min": "std::max", "std::max": "std::min", "std::min_element": "std::max_element",
           "std::max_element": "std::min_element"}  # fmt: skip
_LOGICAL = {"&&": "||", "||": "&&", "and": "or", "or": "and"}
_STATEMENTS = {"expression_statement", "break_statement", "continue_statement", "return_statement"}


@dataclass(frozen=True)
class _Change:
    """One change of one node."""

    node: Node
    operator: str
    form: Form
    shown: str  # what stands there then, for a reader
    new: str = ""


def _operator(node: Node) -> str:
    operator = child_of(node, "operator")
    return text_of(operator) if operator is not None else ""


def _bare(node: Node | None) -> Node | None:
    """Strip parentheses."""
    while node is not None and node.type == "parenthesized_expression":
        node = node.named_children[0] if node.named_children else None
    return node


def _is_constexpr(node: Node) -> bool:
    return any(child.type in {"type_qualifier", "storage_class_specifier", "constexpr"}
               and text_of(child) in {"constexpr", "consteval", "constinit"} for child in node.children)  # fmt: skip


def _is_function(node: Node) -> bool:
    """Say whether a member is declared that is a function: its `= 0` is no number."""
    return any(child.type == "function_declarator" for child in node.children)


def _is_logical(node: Node | None) -> bool:
    """Say whether the node is a comparison, a negation or a combination of them: certainly a bool."""
    node = _bare(node)
    if node is None:
        return False
    if node.type == "binary_expression":
        return _operator(node) in _COMPARED or _operator(node) in _LOGICAL
    return node.type == "unary_expression" and _operator(node) in {"!", "not"}


def _outer(node: Node) -> Node | None:
    """Give the parent, parentheses left out."""
    parent = node.parent
    while parent is not None and parent.type == "parenthesized_expression":
        parent = parent.parent
    return parent


def _both(node: Node) -> Iterator[_Change]:
    """A truth value that is the same for ever."""
    yield _Change(node, "false", Form.NEVER, "false")
    yield _Change(node, "true", Form.ALWAYS, "true")


class _Finder:
    """Walks over one file."""

    def __init__(self, source: Source, names: Names) -> None:
        self._source = source
        self._names = names

    def walk(self, node: Node, constant: str = "") -> Iterator[tuple[_Change, str]]:
        """Give the changes below the node, with the name of the constexpr variable that they are in."""
        if node.type in _CONSTANT:
            return
        if node.type == "function_definition" and _is_constexpr(node):
            return
        if node.type == "field_declaration" and (_is_constexpr(node) or _is_function(node)):
            return
        if node.type == "declaration" and _is_constexpr(node):
            if self._source.name.endswith(".h"):
                return  # others count on it when they are compiled
            constant = self._constant_name(node)
        for change in self._at(node):
            yield change, constant
        for child in self._walked(node):
            yield from self.walk(child, constant)

    def _constant_name(self, node: Node) -> str:
        declarator = child_of(node, "declarator")
        while declarator is not None and declarator.type != "identifier":
            declarator = child_of(declarator, "declarator")
        return text_of(declarator) if declarator is not None else ""

    def _walked(self, node: Node) -> list[Node]:
        """Give the children in which something may change."""
        if node.type == "case_statement":
            value = child_of(node, "value")
            return [child for child in node.children if child != value]
        if node.type == "if_statement" and any(child.type == "constexpr" for child in node.children):
            condition = child_of(node, "condition")
            return [child for child in node.children if child != condition]
        if node.type == "array_declarator":
            declarator = child_of(node, "declarator")
            return [declarator] if declarator is not None else []
        return list(node.children)

    def _at(self, node: Node) -> Iterator[_Change]:
        """Give the changes of this very node."""
        if node.type in _STATEMENTS:
            yield from self._statement(node)
        yield from self._condition(node)
        if node.type == "binary_expression":
            yield from self._binary(node)
        elif node.type == "assignment_expression" and _operator(node) in _ASSIGNED:
            yield from self._other_operator(node, _ASSIGNED, "assignment")
        elif node.type == "update_expression":
            yield from self._other_operator(node, {"++": "--", "--": "++"}, "step")
        elif node.type == "number_literal":
            new = f"{text_of(node)} + 1"
            yield _Change(node, "off by one", Form.REPLACE, new, new)
        elif node.type in {"true", "false"}:
            new = "false" if node.type == "true" else "true"
            yield _Change(node, new, Form.REPLACE, new, new)
        elif node.type == "qualified_identifier":
            yield from self._enumerator(node)
        elif node.type == "call_expression":
            yield from self._call(node)
        if self._is_truth(node):
            yield from _both(node)

    def _statement(self, node: Node) -> Iterator[_Change]:
        value = [child for child in node.named_children if child.type != "comment"]
        parent = node.parent
        if parent is None:
            return
        if node.type == "return_statement" and value and parent.type != "case_statement":
            return  # a function must return something; conditions and values around it are changed instead
        if node.type == "expression_statement" and not value:
            return
        if not self._only_one_of_an_if(node):
            yield _Change(node, "delete", Form.DELETE, ";")

    def _only_one_of_an_if(self, node: Node) -> bool:
        """Say whether to delete it is to make its if false."""
        parent = node.parent
        if parent is not None and parent.type == "compound_statement":
            if len([child for child in parent.named_children if child.type != "comment"]) != 1:
                return False
            node, parent = parent, parent.parent
        return (parent is not None and parent.type == "if_statement" and child_of(parent, "alternative") is None
                and not any(child.type == "constexpr" for child in parent.children))  # fmt: skip

    def _condition(self, node: Node) -> Iterator[_Change]:
        if node.type not in {"if_statement", "while_statement", "do_statement", "for_statement",
                             "conditional_expression"}:  # fmt: skip
            return
        if any(child.type == "constexpr" for child in node.children):
            return
        condition = child_of(node, "condition")
        if condition is not None and condition.type == "condition_clause":
            has_init = child_of(condition, "initializer") is not None
            condition = child_of(condition, "value")
        else:
            has_init = False
            condition = _bare(condition)
        if condition is None or condition.type in {"true", "false"}:
            return
        if condition.type == "declaration":
            if node.type == "if_statement" and not has_init:
                yield self._declared(condition)
            return
        yield _Change(condition, "false", Form.NEVER, "false")
        if node.type in {"if_statement", "conditional_expression"}:  # a loop would not end
            yield _Change(condition, "true", Form.ALWAYS, "true")

    def _declared(self, node: Node) -> _Change:
        declarator = child_of(node, "declarator")
        while declarator is not None and declarator.type != "identifier":
            declarator = child_of(declarator, "declarator") or declarator.named_children[-1]
        name = text_of(declarator) if declarator is not None else ""
        return _Change(node, "false", Form.NEVER_DECLARED, "false", name)

    def _binary(self, node: Node) -> Iterator[_Change]:
        operator = _operator(node)
        if operator in _LOGICAL:
            yield from self._other_operator(node, _LOGICAL, "logic")
            for name in ("left", "right"):
                operand = child_of(node, name)
                bare = _bare(operand)
                if operand is None or bare is None:
                    continue
                if bare == operand and bare.type == "binary_expression" and _operator(bare) == operator:
                    continue  # a chain: its own operands are left out one by one
                if operator in {"&&", "and"}:
                    yield _Change(operand, "left out", Form.ALWAYS, "true")
                else:
                    yield _Change(operand, "left out", Form.NEVER, "false")
        elif operator in _COMPARED:
            yield from self._other_operator(node, _COMPARED, "compare")
        elif operator in _CALCULATED and not self._is_text(node):
            yield from self._other_operator(node, _CALCULATED, "calculate")
            if operator in {"+", "-"} and self._is_time(node):
                new = f"{one_line(text_of(node))} + ::taktgate::Duration(1)"
                yield _Change(node, "off by one", Form.REPLACE, f"{one_line(text_of(node))} + Duration(1)", new)

    def _is_text(self, node: Node) -> bool:
        """Say whether text is put together; it would not compile."""
        return any(inner.type == "string_literal" or text_of(inner) in {"std::to_string", "length", "InWords"}
                   for inner in _operands(node))  # fmt: skip

    def _is_time(self, node: Node) -> bool:
        """Say whether times are added: two times, or one and nothing that is no time."""
        operands = [child_of(node, "left"), child_of(node, "right")]
        return any(self._names.is_time(self._source.name, _last_name(one)) for one in operands if one is not None)

    def _other_operator(self, node: Node, others: dict[str, str], name: str) -> Iterator[_Change]:
        operator = child_of(node, "operator")
        if operator is None or text_of(operator) not in others:
            return
        before = self._source.between(node.start_byte, operator.start_byte)
        after = self._source.between(operator.end_byte, node.end_byte)
        new = one_line(f"{before}{others[text_of(operator)]}{after}")
        yield _Change(node, name, Form.REPLACE, new, new)

    def _enumerator(self, node: Node) -> Iterator[_Change]:
        if node.parent is not None and node.parent.type == "qualified_identifier":
            return  # the whole name is one
        scope, _, value = one_line(text_of(node)).rpartition("::")
        for other in self._names.others(scope.rpartition("::")[2], value):
            yield _Change(node, "enumerator", Form.REPLACE, f"{scope}::{other}", f"{scope}::{other}")

    def _call(self, node: Node) -> Iterator[_Change]:
        function = child_of(node, "function")
        name = text_of(function) if function is not None else ""
        if name in _CALLED:
            new = one_line(_CALLED[name] + text_of(node)[len(name) :])
            yield _Change(node, "least and greatest", Form.REPLACE, new, new)

    def _is_truth(self, node: Node) -> bool:
        """Say whether the node is a whole truth value: not part of one, and no condition."""
        outer = _outer(node)
        if outer is None or node.type == "parenthesized_expression":
            return False
        if _is_logical(node):
            if _is_logical(outer) and not (outer.type == "binary_expression" and _operator(outer) in _COMPARED):
                return False
            return not _is_condition_of(node, outer)
        if node.type in {"true", "false", "initializer_list", "comment"} or not node.is_named:
            return False
        if outer.type == "return_statement":
            return _returns_bool(outer)
        # bool x = Call();
        named = child_of(outer, "value") == node or child_of(outer, "default_value") == node
        if outer.type == "init_declarator" and named and outer.parent is not None:
            declarator = child_of(outer, "declarator")
            plain = declarator is not None and declarator.type == "identifier"  # no reference
            return plain and _type_name(outer.parent) == "bool"
        return outer.type == "field_declaration" and named and _type_name(outer) == "bool"


def _is_condition_of(node: Node, outer: Node) -> bool:
    if outer.type == "condition_clause":
        return True
    condition = _bare(child_of(outer, "condition"))
    return condition is not None and condition == node


def _operands(node: Node) -> Iterator[Node]:
    """Give the leaves of a sum."""
    if node.type in {"binary_expression", "parenthesized_expression"}:
        for child in node.named_children:
            yield from _operands(child)
    elif node.type == "call_expression":
        function = child_of(node, "function")
        if function is not None:
            yield function
    else:
        yield node


def _last_name(node: Node) -> str:
    """Give the name of a variable or member, `c` in `a.b->c`; nothing for anything else."""
    if node.type == "identifier":
        return text_of(node)
    if node.type == "field_expression":
        field = child_of(node, "field")
        return text_of(field) if field is not None else ""
    return ""


def _type_name(node: Node) -> str:
    declared = child_of(node, "type")
    return text_of(declared) if declared is not None else ""


def _returns_bool(node: Node) -> bool:
    function = function_node(node)
    return function is not None and function.type == "function_definition" and _type_name(function) == "bool"


def find(source: Source, names: Names) -> list[Mutant]:
    """Give every mutant of a file, in the order of the file."""
    seen: Counter[Key] = Counter()
    mutants = []
    for change, constant in _Finder(source, names).walk(source.root):
        node = change.node
        start, end = shown_in(node)
        before = one_line(source.between(start, end))
        after = one_line(source.between(start, node.start_byte) + change.shown + source.between(node.end_byte, end))
        key = Key(source.name, function_of(node), before, after)
        seen[key] += 1
        mutants.append(Mutant(key, seen[key], change.operator, change.form, node.start_byte, node.end_byte,
                              node.start_point.row + 1, change.new, constant))  # fmt: skip
    return mutants
