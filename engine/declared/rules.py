"""Every expression of an application, checked: against the entities, with the roots its key allows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, partial

from engine.declared.shapes import Shapes
from engine.documents.complaints import Complaints
from engine.expressions.complaint import Complaint, ExpressionError
from engine.expressions.kinds import Kind, ListKind
from engine.expressions.nodes import Ambient, Many, Member, Node, walk
from engine.expressions.registry import Functions
from engine.metamodel.access import Grant, Profile
from engine.metamodel.entity import Entity
from engine.metamodel.expression import Expression
from engine.metamodel.page import Board, Grid
from engine.metamodel.property import Property
from engine.to_sql.limits import sql_problem
from engine.typecheck.check import Checked, Purpose, check
from engine.typecheck.schema import Roots, Schema

CONDITIONS = frozenset(
    {
        "check",
        "where",
        "unique",
        "required_if",
        "visible_if",
        "readonly_if",
        "options_where",
        "guard",
        "when",
        "hidden_if",
    }
)
"""Keys whose expression is a condition; the others give a value."""

JUDGING = frozenset({"check", "required_if", "visible_if", "readonly_if"})
"""Keys that are asked while a record changes, and so know what it was before."""


@dataclass(frozen=True)
class Rule:
    """One expression of the metadata: where it belongs, and what it was checked to be.

    `member` is the property or relation it is about; `checked` is the tree over stored records, `again` checks
    the text over records that may still lack anything.
    """

    entity: str
    key: str
    member: str
    expression: Expression
    checked: Checked
    again: Callable[[], Checked] = field(compare=False, repr=False)

    @cached_property
    def loose(self) -> Checked:
        """The tree over records that may still lack anything, made when it is first asked for.

        Where values may be null fewer things are wrong, not more ("this is never null" is the one complaint that
        hangs on it), so that what passed over stored records passes here, and `engine check` need not ask.
        """
        return self.again()

    @property
    def condition(self) -> bool:
        """Whether it says yes or no."""
        return self.key in CONDITIONS


@dataclass(frozen=True)
class Named:
    """The names that `user.has_role` and `user.can` may ask for."""

    roles: frozenset[str]
    capabilities: frozenset[str]


class Rules:
    """Checks expressions one by one; what is wrong goes to the complaints, at its place in the file."""

    def __init__(
        self,
        entities: Mapping[str, Entity],
        named: Named,
        functions: Functions,
        complaints: Complaints,
    ) -> None:
        self.entities, self.named, self.functions = entities, named, functions
        self.complaints = complaints
        self.stored: Schema = Shapes(entities, loading=True)
        self.drafts: Schema = Shapes(entities, stored=False, loading=True)

    def roots(self, entity: str, key: str, option: tuple[str, ...] = ()) -> Roots:
        return roots_of(self.entities, self.named, entity, key, option)

    def check(
        self, entity: str, key: str, member: str, expression: Expression, option: tuple[str, ...] = ()
    ) -> Rule | None:
        """Check one expression; None where it is wrong, and then it has been complained of."""
        return self.check_from(
            self.roots(entity, key, option),
            entity,
            key,
            member,
            expression,
            self._wanted(entity, key, member),
        )

    def check_from(
        self,
        roots: Roots,
        entity: str,
        key: str,
        member: str,
        expression: Expression,
        wanted: Kind | None = None,
    ) -> Rule | None:
        """The same from other roots than those of the key alone; `wanted` is the kind its value is kept in."""
        purpose = Purpose(
            condition=key in CONDITIONS,
            computing=(entity, member) if key == "computed" else None,
            wanted=wanted,
        )
        strict = replace(purpose, constant=not purpose.condition)
        try:
            checked = check(expression.text, roots, self.stored, self.functions, strict)
        except ExpressionError as error:
            self.complaints.at_expression(expression, error.complaints)
            return None
        beyond = list(self._beyond(entity, key, member, checked.node))
        self.complaints.at_expression(expression, beyond)
        again = partial(check, expression.text, roots, self.drafts, self.functions, purpose)
        return None if beyond else Rule(entity, key, member, expression, checked, again)

    def _beyond(self, entity: str, key: str, member: str, node: Node) -> Iterator[Complaint]:
        """What an expression reads that the database could not follow."""
        declared = self.entities[entity].properties.get(member)
        if key == "computed" and declared is not None and declared.stored:
            yield from _clocks(node)
        elif key == "unique":
            yield from _reads_beyond(node, self.entities[entity])
        yield from _without_sql(key, declared, node)

    def _wanted(self, entity: str, key: str, member: str) -> Kind | None:
        """The kind of the property that a value is for."""
        shape = self.stored.member(entity, member) if key in ("computed", "default") else None
        return shape.kind if shape is not None else None


def _without_sql(key: str, declared: Property | None, node: Node) -> Iterator[Complaint]:
    """Why the database can't answer an expression that it has to answer."""
    virtual = key == "computed" and declared is not None and not declared.stored
    if not virtual and key not in ("where", "unique", "options_where"):
        return
    problem = sql_problem(node, ("option",) if key == "options_where" else ("record",))
    if problem is not None:
        hint = "with `stored: true` it is computed when the record is written" if virtual else IN_SQL
        yield Complaint(
            "not-in-sql", f"the database can't compute this: {problem.reason}", problem.span, hint
        )


IN_SQL = "say it with functions that the reference marks as known to SQL, or keep a part in a stored property"


def _clocks(node: Node) -> Iterator[Complaint]:
    """Where a value that is kept reads the clock."""
    for found in walk(node):
        if isinstance(found, Ambient) and found.name in ("now", "today"):
            message = f"a stored value would not follow {found.name}()"
            hint = "take `stored` out: then it is computed whenever it is read"
            yield Complaint("stored-needs-clock", message, found.span, hint)


def _reads_beyond(node: Node, entity: Entity) -> Iterator[Complaint]:
    """Where a condition reads anything but the columns of its own record."""
    for found in walk(node):
        match found:
            case Many():
                what = "other records"
            case Member() if isinstance(found.kind, ListKind):
                what = "a list"
            case Member(operand=Member()) if found.name != "id":
                what = "another record"
            case Member() if found.name in entity.inverses:
                what = "another record"
            case Ambient():
                what = "what surrounds the record"
            case _:
                continue
        message = f"a unique key can't depend on {what}"
        hint = "compare properties of the record itself with fixed values"
        yield Complaint("unique-reads-beyond", message, found.span, hint)


def roots_of(
    entities: Mapping[str, Entity],
    named: Named | None,
    entity: str,
    key: str,
    option: tuple[str, ...] = (),
) -> Roots:
    """What an expression under a key may start from."""
    records: dict[str, tuple[str, ...]] = {"record": (entity,)}
    optional = set()
    if key not in ("computed", "unique") and "user" in entities:
        records["user"] = ("user",)
    if key in JUDGING:
        records["old"] = (entity,)
        optional.add("old")
    if key == "options_where":
        records["option"] = option
    return Roots(
        records=records,
        optional=frozenset(optional),
        roles=named.roles if named is not None else None,
        capabilities=named.capabilities if named is not None else None,
        changes=key in JUDGING,
        key=WRITTEN_AS.get(key, key),
    )


WRITTEN_AS = {"unique": "where"}
"""Keys whose name in the YAML is another."""


def rules_of(
    rules: Rules,
    entities: Mapping[str, Entity],
    grids: Mapping[str, Grid],
    boards: Mapping[str, Board],
    profiles: Mapping[str, Profile],
) -> tuple[Rule, ...]:
    """Every rule of entities, pages and grants that is right."""
    found = [
        rules.check(entity, key, member, expression, option)
        for entity, key, member, expression, option in (
            *_written(entities),
            *_shown(grids, boards),
            *_granted(entities, profiles),
        )
    ]
    return tuple(rule for rule in found if rule is not None)


Written = tuple[str, str, str, Expression, tuple[str, ...]]


def _written(entities: Mapping[str, Entity]) -> Iterator[Written]:
    """Every expression of entities, with the entity, key and member it belongs to."""
    for entity in entities.values():
        for prop in entity.properties.values():
            for key, expression in prop.conditions.items():
                yield entity.name, key, prop.name, expression, ()
        for relation in entity.relations.values():
            for key, expression in relation.conditions.items():
                yield entity.name, key, relation.name, expression, relation.targets
        for validation in entity.validations:
            yield entity.name, "check", validation.at, validation.check, ()
        for unique in entity.unique:
            if unique.where is not None:
                yield entity.name, "unique", unique.names[0], unique.where, ()


def _shown(grids: Mapping[str, Grid], boards: Mapping[str, Board]) -> Iterator[Written]:
    """The conditions of pages."""
    for grid in grids.values():
        for view in grid.views.values():
            if view.where is not None:
                yield grid.entity, "where", view.name, view.where, ()
    for board in boards.values():
        if board.where is not None:
            yield board.entity, "where", board.name, board.where, ()


def _granted(entities: Mapping[str, Entity], profiles: Mapping[str, Profile]) -> Iterator[Written]:
    """Every condition of grants and of sharing rules."""
    for entity in entities.values():
        for grant in entity.grants.values():
            yield from _conditions(entity.name, grant)
        for rule in entity.sharing.rules:
            if rule.where is not None:
                yield entity.name, "where", "sharing", rule.where, ()
    for profile in profiles.values():
        for name, grant in profile.grants.items():
            if name in entities:
                yield from _conditions(name, grant)


def _conditions(entity: str, grant: Grant) -> Iterator[Written]:
    for action, reach in grant.actions.items():
        if reach.where is not None:
            yield entity, "where", action, reach.where, ()
