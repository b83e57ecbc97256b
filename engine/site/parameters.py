"""The pages on which the parameters of workflows are seen and set, by administrators and who else may."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.responses import Response

from engine.build.page import FormPlan, Member, SectionPlan
from engine.errors import FieldError, Invalid, NotFound
from engine.metamodel.entity import RecordType
from engine.pages.entries import Entries, fill
from engine.pages.fields import FormReader, SectionBlock, summary
from engine.pages.form import fingerprints, submitted
from engine.pages.form_values import values_of_form
from engine.pages.moments import Moment, moment_of
from engine.service import parameters
from engine.service.parameters import Entry
from engine.types.base import Refused
from engine.web.markup import plural
from engine.web.toast import Toast
from engine.web.visit import Visit
from engine.work.context import Context
from engine.work.parameters import Setting, value_of

HERE = "/settings/parameters"
NOTHING, NONE = "–", "no default"


class ParameterForm(FormReader):
    """The form of a workflow's parameters: values that no record holds."""

    def enterable(self, member: Member, entity: str = "", *, new: bool | None = None) -> bool:
        return True

    def variant(self, entries: Entries) -> RecordType | None:
        return None


@dataclass(frozen=True)
class Line:
    """A parameter as the list tells it."""

    name: str
    label: str
    help: str
    value: str
    default: str  # in words; "" where it is the one in effect
    unfit: str
    by: str
    when: Moment | None


@dataclass(frozen=True)
class Change:
    """What somebody did to a parameter."""

    label: str
    what: str
    by: str
    when: Moment


def show_all(visit: Visit, context: Context) -> Response:
    """GET /settings/parameters"""
    workflows = context.runtime.application.workflows
    groups: dict[str, list[Line]] = {}
    for each in parameters.listed(context):
        groups.setdefault(each.workflow, []).append(_line(context, each))
    return visit.page(
        context,
        "parameters.html",
        title="Parameters",
        groups=[(workflows[name], lines) for name, lines in groups.items()],
    )


def show(visit: Visit, context: Context) -> Response:
    """GET /settings/parameters/{workflow}"""
    settings = _settings(visit, context)
    form = _form(context, settings)
    entries = Entries()
    for member, each in zip(form.plan.members, settings, strict=True):
        fill(entries, member, each.value, context.actor.display)
    return _page(visit, form, settings, entries, fingerprints(form, entries))


def change(visit: Visit) -> Response:
    """POST /settings/parameters/{workflow}: sets what was changed in the form, or lets one default hold again."""
    name = visit.request.path_params["workflow"]
    back = visit.text("_reset")
    if back:
        found = visit.write(lambda context: parameters.reset(context, name, back))
        return visit.go(f"{HERE}/{name}", Toast(f"{found.prop.label}: the default holds again."))
    with visit.read() as context:
        settings = _settings(visit, context)
        form = _form(context, settings)
        entries, seen, errors = submitted(visit, form)
        values, _ = values_of_form(form, entries, seen, errors)
    try:
        visit.write(lambda unit: parameters.change(unit, name, values))
    except Invalid as invalid:
        with visit.read() as context:
            settings = _settings(visit, context)
            form = _form(context, settings)
            return _page(visit, form, settings, entries, seen, invalid.errors)
    said = (
        f"{plural(len(values), 'parameter is', 'parameters are')} set." if values else "Nothing was changed."
    )
    return visit.go(f"{HERE}/{name}", Toast(said))


def _settings(visit: Visit, context: Context) -> list[Setting]:
    name = visit.request.path_params["workflow"]
    found = [each for each in parameters.listed(context) if each.workflow == name]
    if not found:
        raise NotFound("workflow", name)
    return found


def _form(context: Context, settings: Sequence[Setting]) -> ParameterForm:
    workflow = context.runtime.application.workflows[settings[0].workflow]
    members = tuple(
        Member(path=each.name, label=each.prop.label, steps=(), prop=each.prop) for each in settings
    )
    section = SectionPlan(title=workflow.label, members=members, columns=1)
    plan = FormPlan(entity=workflow.entity, blocks=(section,))
    return ParameterForm(context, context.runtime.entities[workflow.entity], plan)


def _page(
    visit: Visit,
    form: ParameterForm,
    settings: Sequence[Setting],
    entries: Entries,
    seen: dict[str, str],
    errors: Sequence[FieldError] = (),
) -> Response:
    context = form.context
    workflow = context.runtime.application.workflows[settings[0].workflow]
    blocks = form.blocks(entries, errors)
    fields = [field for block in blocks if isinstance(block, SectionBlock) for field in block.fields]
    rich = any(field.input.control.kind == "rich_text" for field in fields)
    return visit.page(
        context,
        "parameter_form.html",
        title=f"Parameters of {workflow.label}",
        status=422 if errors else 200,
        styled=rich,
        rich=rich,
        workflow=workflow,
        fields=fields,
        lines=[_line(context, each) for each in settings],
        changes=_changes(context, settings),
        errors=summary(blocks, errors),
        seen=json.dumps(seen, separators=(",", ":")),
    )


def _line(context: Context, setting: Setting) -> Line:
    display, prop = context.actor.display, setting.prop
    default = (
        f"default {prop.type.to_text(setting.default, display)}" if setting.default is not None else NONE
    )
    return Line(
        name=setting.name,
        label=prop.label,
        help=prop.help,
        value=NOTHING if setting.value is None else prop.type.to_text(setting.value, display),
        default=default if setting.set else "",
        unfit="" if setting.unfit is None else _written(setting.unfit),
        by=setting.by,
        when=moment_of(setting.at, display, context.now) if setting.at is not None else None,
    )


def _changes(context: Context, settings: Sequence[Setting]) -> list[Change]:
    """What was done to these parameters, the last first."""
    found = [(entry, each) for each in settings for entry in parameters.history(context, each)]
    found.sort(key=lambda pair: pair[0].at, reverse=True)
    display, now = context.actor.display, context.now
    return [
        Change(each.prop.label, _told(context, each, entry), entry.by, moment_of(entry.at, display, now))
        for entry, each in found[: parameters.MOST_ENTRIES]
    ]


def _told(context: Context, setting: Setting, entry: Entry) -> str:
    if entry.reset:
        return "the default again"
    try:
        value = value_of(setting.prop, entry.value)
    except Refused:
        return _written(entry.value)
    return NOTHING if value is None else setting.prop.type.to_text(value, context.actor.display)


def _written(raw: object) -> str:
    """A value that its type no longer knows."""
    return raw if isinstance(raw, str) else json.dumps(raw, ensure_ascii=False)
