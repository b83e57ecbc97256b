"""What an application declares beside entities and pages: settings, roles, profiles, picklists, workflows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from babel import Locale, UnknownLocaleError
from babel.numbers import list_currencies

from engine.declared.application import Picklist
from engine.declared.settings import Settings, settings_of
from engine.documents.complaints import Complaints
from engine.documents.documents import Documents
from engine.errors import Place, Problem
from engine.loading.access import read_capabilities, read_groups, read_profiles, read_roles
from engine.loading.entities import LATER_FEATURES
from engine.metamodel.workflow import WORKFLOW_WORDS
from engine.text.labels import words
from engine.text.suggest import did_you_mean
from engine.text.yaml_tree import Map, Seq
from engine.types.base import Choice
from engine.types.choices import read_choice, read_choices
from engine.types.registry import Registry

ROLES = "roles"
"""The picklist of the application's own roles, which every application has."""


class Declarations:
    """The declarations of an application; answers what property types ask about it (a Scope)."""

    def __init__(self, found: Documents, registry: Registry, complaints: Complaints) -> None:
        self.found, self.registry, self.complaints = found, registry, complaints
        self.guessing = False
        self.asked: dict[str, set[str]] = {"picklist": set(), "workflow": set()}
        self.settings = self._settings()
        self.roles = read_roles(found)
        self._check_setting_roles()
        self.profiles = read_profiles(found)
        self.groups = read_groups(found)
        self.capabilities = read_capabilities(found)
        self.picklists = self._picklists()
        self.workflows = self._workflows()

    # ---- what types ask

    @property
    def currency(self) -> str:
        return self.settings.currency

    def picklist(self, name: str) -> Sequence[Choice] | None:
        self.asked["picklist"].add(name)
        if name in self.picklists:
            return self.picklists[name].options
        if name == ROLES:
            return [Choice(role.name, role.label) for role in self.roles.values()]
        return () if self._guess("picklist", name) else None

    def states(self, workflow: str) -> Sequence[Choice] | None:
        self.asked["workflow"].add(workflow)
        known = self.workflows.get(workflow)
        if known is not None:
            return self._with_those_of_types(known)
        return () if self._guess("workflow", workflow) else None

    def _with_those_of_types(self, workflow: States) -> Sequence[Choice]:
        """The states of a workflow, and of those that types of record have in its place."""
        found = {each.name: each for each in workflow.choices}
        entity = self.found.by_kind["entity"].get(workflow.entity)
        for declared in ((entity.get("record_types") if entity is not None else None) or {}).values():
            name = (declared or {}).get("workflow")
            self.asked["workflow"] |= {name} if name else set()
            other = self.workflows.get(name or "")
            if other is not None and (other.entity, other.property) == (workflow.entity, workflow.property):
                found = {**{each.name: each for each in other.choices}, **found}
        order = [*workflow.choices, *(each for each in found.values() if each not in workflow.choices)]
        return tuple(order)

    def _guess(self, kind: str, name: str) -> bool:
        """Whether a name stands for a document that could not be read; then nobody complains of it again."""
        self.guessing = self.guessing or name in self.found.known(kind)
        return self.guessing

    def initial_state(self, workflow: str) -> str | None:
        known = self.workflows.get(workflow)
        return known.initial if known is not None else None

    def names(self, kind: str) -> Sequence[str]:
        return [*self.found.by_kind.get(kind, ()), *([ROLES] if kind == "picklist" else [])]

    # ---- documents

    def _settings(self) -> Settings:
        app = self.found.app
        if app is None:
            self._no_application()
            return Settings()
        for key, reason in LATER_FEATURES.items():
            if app.map("features").get(key):
                self.complaints.without_effect(app.map("features"), key, reason)
        declared = app.get("settings")
        if declared is None:
            return Settings()
        for key, known, message, hint in SETTING_CHECKS:
            if key in declared and not known(declared[key]):
                text = message.format(declared[key])
                self.complaints.at_value(declared, key, "bad-setting", text, hint(declared[key]))
                declared.drop(key)
        return settings_of(declared)

    def _check_setting_roles(self) -> None:
        """Roles that settings name."""
        settings = (self.found.app.get("settings") if self.found.app is not None else None) or {}
        required = (settings.get("second_factor") or {}).get("required_for") or ()
        mapped = [(settings.get(each) or {}).get("roles") or {} for each in ("oidc", "ldap")]
        named = [(required, position, name) for position, name in enumerate(required)]
        named += [(roles, group, name) for roles in mapped for group, name in roles.items()]
        for holder, key, name in named:
            if name not in self.roles and name not in self.found.known("role"):
                assert isinstance(holder, Map | Seq)
                self.complaints.unknown_name(holder, key, "role", name, self.roles)

    def _no_application(self) -> None:
        if self.found.lost["app"]:
            return
        hint = "write metadata/app.yaml with `app: NAME`"
        message = "no document says what application this is"
        self.complaints.problems.append(Problem("no-application", message, Place("metadata/app.yaml"), hint))

    def _picklists(self) -> dict[str, Picklist]:
        made = {}
        for name, root in self.found.by_kind["picklist"].items():
            if name == ROLES:
                message = "every application has the picklist 'roles': it holds the declared roles"
                self.complaints.at_value(root, "picklist", "reserved-name", message, "choose another name")
            if root.get("editable"):
                reason = "picklists are changed in the metadata only by this version"
                self.complaints.without_effect(root, "editable", reason)
            made[name] = Picklist(
                name=name,
                label=root.get("label", words(name)),
                options=read_choices(root["options"]),
                place=root.key_place("picklist"),
            )
        return made

    def _workflows(self) -> dict[str, States]:
        made = {}
        for name, root in self.found.by_kind["workflow"].items():
            self._check_states(root["states"])
            made[name] = States(
                name=name,
                entity=root["entity"],
                property=root["property"],
                initial=root["initial"],
                choices=tuple(_state(state, body) for state, body in root["states"].items()),
            )
        return made

    def _check_states(self, states: Map) -> None:
        for name in states:
            if name in WORKFLOW_WORDS:
                message = f"{name!r} means something else in transitions"
                self.complaints.at_key(states, name, "reserved-name", message, "call the state otherwise")

    def choice_of(self, workflow: str, state: str) -> Choice:
        """A state as a choice."""
        return next(each for each in self.workflows[workflow].choices if each.name == state)


@dataclass(frozen=True)
class States:
    """What the state property of a workflow has to know of it, before there are entities to check the rest by."""

    name: str
    entity: str
    property: str
    initial: str
    choices: tuple[Choice, ...]


def _state(name: str, body: Any) -> Choice:
    shown = {key: (body or {})[key] for key in ("label", "color", "phase", "icon") if key in (body or {})}
    return read_choice(name, {**((body or {}).get("attributes") or {}), **shown})


def is_zone(name: str) -> bool:
    """Whether a time zone is called so."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def zone_hint(name: str) -> str:
    """Which time zone was probably meant, by its city; the region is often forgotten."""
    region, _, city = name.rpartition("/")
    zones = sorted(available_timezones(), key=lambda zone: (zone.startswith(region), zone))
    cities = {zone.rpartition("/")[2]: zone for zone in zones}
    guess = did_you_mean(city, cities)
    return f"did you mean {cities[guess]!r}?" if guess is not None else "for example Europe/Bucharest"


def _is_language(name: str) -> bool:
    try:
        Locale.parse(name.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return False
    return True


def _is_currency(code: str) -> bool:
    return code in list_currencies()


SETTING_CHECKS: tuple[tuple[str, Callable[[str], bool], str, Callable[[str], str]], ...] = (
    ("timezone", is_zone, "no time zone {!r}", zone_hint),
    ("language", _is_language, "no language {!r}", lambda _: "for example en or ro"),
    ("currency", _is_currency, "no currency {!r}", lambda _: "write its ISO 4217 code, for example EUR"),
)
