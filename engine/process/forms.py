"""What was answered in the form of a transition or a button: members of the record, and values of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from engine.drafts.draft import Draft, Parsed, coerce, take_over
from engine.metamodel.property import Property
from engine.metamodel.workflow import Asked
from engine.process.acting import asking_for
from engine.process.obstacles import Asking
from engine.process.view import View
from engine.text.suggest import did_you_mean
from engine.types.base import UNCHANGED, Refused

COMMENT = "comment"
"""The note that forms may ask for without saying more; see engine.loading.forms."""


@dataclass
class Answers:
    """The record as the form makes it, and the values of the form's own by name."""

    draft: Draft
    asked: tuple[Asked, ...]
    own: dict[str, Any] = field(default_factory=dict)
    added: dict[str, Mapping[str, Any]] = field(
        default_factory=dict
    )  # values of records that are going to be made

    def seen_by(self, view: View) -> View:
        """How the process sees the record from now on."""
        inputs = {each.name: each.own for each in self.asked if each.own is not None}
        return replace(view, draft=self.draft, asked=self.own, inputs=inputs, added=self.added)

    def told(self) -> dict[str, Any]:
        """The form's own values as the history keeps them: by label, in JSON form."""
        found = {}
        for each in self.asked:
            value = self.own.get(each.name)
            if each.own is not None and value is not None:
                secret = each.own.sensitive or each.own.type.secret
                found[each.own.label] = "•••" if secret else each.own.type.to_json(value)
        return found


def read_answers(found: Asking, values: Mapping[str, Any]) -> Answers:
    """Read what a form sends; what is wrong or missing is complained of in the draft."""
    old, form = found.view.draft, found.transition.form
    assert old is not None
    asked = {each.name: each for each in form}
    members = {name: raw for name, raw in values.items() if name in asked and asked[name].own is None}
    draft = coerce(found.context, found.view.entity, members, old.old)
    draft.moving = old.moving
    _begin(found, draft, [each for each in form if each.own is None and each.name not in values])
    answers = Answers(draft, form)
    made = asking_for(found.transition.do)
    for name, raw in values.items():
        if name in made and name not in asked and isinstance(raw, Mapping):
            answers.added[name] = raw
        elif name not in asked:
            draft.refuse(name, "unknown-property", _unknown(found, name, list(asked)))
    for each in form:
        if each.own is not None:
            _take_own(found, answers, each, each.own, values)
        elif each.required and _missing(draft, each.name):
            draft.refuse(each.name, "required", f"{_label(found, each)} must be filled in.")
    return answers


def _begin(found: Asking, draft: Draft, unsaid: list[Asked]) -> None:
    """Give members what the form begins with where nothing was said; the form gives it, not who fills it in."""
    values = {each.name: each.init for each in unsaid if each.init is not None}
    if values:
        given = found.view.given(values, draft.entity)
        take_over(draft, coerce(found.context.in_name_of(""), draft.entity, given, draft.old))


def _unknown(found: Asking, name: str, asked: list[str]) -> str:
    meant = did_you_mean(name, asked)
    hint = f" Did you mean {meant!r}?" if meant else ""
    return f"{found.transition.label} does not ask for {name!r}.{hint}"


def _label(found: Asking, asked: Asked) -> str:
    entity = found.view.entity
    return asked.label or (entity.properties.get(asked.name) or entity.relations[asked.name]).label


def _missing(draft: Draft, name: str) -> bool:
    if any(error.at == name or error.at.startswith(f"{name}.") for error in draft.errors):
        return False
    relation = draft.entity.relations.get(name)
    if relation is None:
        return draft.value(name) is None
    return draft.key(name) is None if relation.holds_key else not draft.many.get(name)


def _take_own(
    found: Asking, answers: Answers, asked: Asked, prop: Property, values: Mapping[str, Any]
) -> None:
    """Read one value of the form's own."""
    draft, raw = answers.draft, values.get(asked.name)
    try:
        if asked.name not in values:
            value = _initial(found, asked, prop)
        elif isinstance(raw, Refused):  # a form's text that could not be read
            raise raw
        elif isinstance(raw, Parsed):
            value = None if raw.value is UNCHANGED else raw.value
        else:
            value = None if raw is None else prop.type.parse(raw)
    except Refused as refused:
        draft.refuse(asked.name, refused.code, str(refused), refused.part)
        return
    if value is not None and prop.type.empty(value):
        value = None
    if value is None and asked.required:
        draft.refuse(asked.name, "required", f"{prop.label} must be filled in.")
    answers.own[asked.name] = value


def _initial(found: Asking, asked: Asked, prop: Property) -> Any:
    return found.view.plain(asked.init) if asked.init is not None else prop.default
