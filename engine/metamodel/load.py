"""A folder of YAML becomes an Application, or all of its problems: the one way into the metamodel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale, UnknownLocaleError

from engine.errors import MetadataError, Place, Problem
from engine.metamodel import checks, documents
from engine.metamodel.application import Application, Picklist, Profile, Role, Settings, Workflow
from engine.metamodel.complaints import Complaints
from engine.metamodel.documents import Documents
from engine.metamodel.entities import read_entity, read_grant
from engine.metamodel.entity import Entity
from engine.metamodel.linking import link
from engine.metamodel.pages import PageReader, read_navigation
from engine.text.labels import words
from engine.text.yaml_tree import Map
from engine.types.base import Choice
from engine.types.choices import read_choice, read_choices
from engine.types.registry import Registry, default_registry

BUILT_IN = Place("engine", 1, 1)
ADMINISTRATOR = Role(
    name="administrator", label="Administrator", description="May do everything.", place=BUILT_IN
)


def load(folder: str | Path, *, types: Registry | None = None) -> Application:
    """The application of a folder; raises MetadataError with every problem if any is an error."""
    application, problems = check(folder, types=types)
    if application is None:
        raise MetadataError(problems)
    return application


def check(
    folder: str | Path, *, types: Registry | None = None
) -> tuple[Application | None, tuple[Problem, ...]]:
    """Every problem of a folder's metadata in order of place, and the application where none is an error."""
    root = Path(folder).resolve()
    complaints = Complaints()
    if not root.is_dir():
        problem = Problem(
            "no-application",
            f"there is no folder {root}",
            Place(str(folder)),
            "make one with `engine new DIR`",
        )
        return None, (problem,)
    found = documents.read(root, complaints)
    application = _Reader(root, found, types or default_registry(), complaints).application()
    problems = tuple(sorted(set(complaints.problems), key=lambda problem: problem.sort_key))
    if any(problem.level == "error" for problem in problems):
        return None, problems
    return application, problems


class _Reader:
    """Turns documents into the metamodel; answers what property types ask about the application (a Scope)."""

    def __init__(self, root: Path, found: Documents, registry: Registry, complaints: Complaints) -> None:
        self.root, self.found, self.registry, self.complaints = root, found, registry, complaints
        self.app = self._app()
        self.settings = self._settings()
        self.roles = self._roles()
        self.picklists = self._picklists()
        self.workflows = self._workflows()

    # ---- what types ask

    @property
    def currency(self) -> str:
        return self.settings.currency

    def picklist(self, name: str) -> Sequence[Choice] | None:
        if name == "roles" and name not in self.picklists:
            return [Choice(role.name, role.label) for role in self.roles.values()]
        if name in self.picklists:
            return self.picklists[name].options
        return () if name in self.found.failed["picklist"] else None

    def states(self, workflow: str) -> Sequence[Choice] | None:
        known = self.workflows.get(workflow)
        return known.states if known else None

    def initial_state(self, workflow: str) -> str | None:
        known = self.workflows.get(workflow)
        return known.initial if known else None

    def names(self, kind: str) -> Sequence[str]:
        return [*self.found.by_kind.get(kind, ()), *(["roles"] if kind == "picklist" else [])]

    # ---- documents

    def _app(self) -> Map | None:
        apps = self.found.by_kind["app"]
        if not apps:
            if not any("app.yaml" in str(problem.place) for problem in self.complaints.problems):
                hint = "write metadata/app.yaml with `app: NAME`"
                self.complaints.problems.append(
                    Problem(
                        "no-application",
                        "no document says what application this is",
                        Place("metadata/app.yaml"),
                        hint,
                    )
                )
            return None
        return list(apps.values())[-1]

    def _settings(self) -> Settings:
        declared: Any = (self.app.get("settings") if self.app is not None else None) or {}
        values = {key: value for key, value in declared.items() if key in Settings.__dataclass_fields__}
        if isinstance(declared, Map):
            self._check_settings(declared)
        return Settings(**values)

    def _check_settings(self, declared: Map) -> None:
        try:
            ZoneInfo(str(declared.get("timezone", "UTC")))
        except (ZoneInfoNotFoundError, ValueError, OSError):
            message = f"no time zone {declared['timezone']!r}"
            self.complaints.at_value(declared, "timezone", "bad-setting", message, "as in Europe/Bucharest")
        try:
            Locale.parse(str(declared.get("language", "en")).replace("-", "_"))
        except (UnknownLocaleError, ValueError):
            message = f"no language {declared['language']!r}"
            self.complaints.at_value(declared, "language", "bad-setting", message, "as in en or ro")

    def _roles(self) -> dict[str, Role]:
        roles = {ADMINISTRATOR.name: ADMINISTRATOR}
        for name, root in self.found.by_kind["role"].items():
            roles[name] = Role(
                name=name,
                label=root.get("label", words(name)),
                description=root.get("description", ""),
                parent=root.get("parent"),
                profiles=tuple(root.get("profiles") or ()),
                place=root.key_place("role"),
            )
        return roles

    def _picklists(self) -> dict[str, Picklist]:
        made = {}
        for name, root in self.found.by_kind["picklist"].items():
            options = root.get("options")
            if not isinstance(options, Mapping | list) or not options:
                if "options" in root:
                    self.complaints.at_key(
                        root,
                        "options",
                        "no-options",
                        "a picklist needs options",
                        "for example options: [low, high]",
                    )
                continue
            made[name] = Picklist(
                name=name,
                label=root.get("label", words(name)),
                options=read_choices(options),
                place=root.key_place("picklist"),
            )
        return made

    def _workflows(self) -> dict[str, Workflow]:
        made = {}
        for name, root in self.found.by_kind["workflow"].items():
            states = root.get("states")
            if not isinstance(states, Map) or not states:
                continue
            if root.get("initial") not in states:
                self.complaints.unknown_name(root, "initial", "state", str(root.get("initial")), states)
            if root.get("transitions"):
                message = (
                    "transitions are not carried out by this version: records stay in their initial state"
                )
                self.complaints.at_key(
                    root, "transitions", "not-enforced-yet", message, "keep them for later", "warning"
                )
            made[name] = Workflow(
                name=name,
                entity=str(root.get("entity")),
                property=str(root.get("property")),
                initial=str(root.get("initial")),
                states=tuple(read_choice(state, body) for state, body in states.items()),
                place=root.key_place("workflow"),
            )
        return made

    def application(self) -> Application | None:
        app = self.app
        usual: Any = (app.get("features") if app is not None else None) or {}
        entities: dict[str, Entity] = {}
        for name, root in self.found.by_kind["entity"].items():
            entities[name] = read_entity(name, root, usual, self.registry, self, self.complaints)
        entities = link(entities, self.found.failed["entity"], self.complaints)
        profiles = self._profiles()
        pages = self._pages(entities)
        navigation = tuple(
            item
            for root in self.found.by_kind["navigation"].values()
            for item in read_navigation(root, entities, self.roles, self.complaints)
        )
        checks.check_entities(entities, self.roles, self.workflows, self.complaints)
        checks.check_roles(self.found, self.roles, profiles, entities, self.complaints)
        checks.check_unused(self.found, entities, self.roles, self.complaints)
        if app is None:
            return None
        return Application(
            name=app["app"],
            label=app.get("label", words(app["app"])),
            description=app.get("description", ""),
            folder=str(self.root),
            settings=self.settings,
            entities=entities,
            picklists=self.picklists,
            roles=self.roles,
            profiles=profiles,
            workflows=self.workflows,
            grids=pages["grid"],
            views=pages["view"],
            forms=pages["form"],
            navigation=navigation,
            files=tuple(self.found.files),
            warnings=tuple(problem for problem in self.complaints.problems if problem.level == "warning"),
        )

    def _profiles(self) -> dict[str, Profile]:
        return {
            name: Profile(
                name=name,
                label=root.get("label", words(name)),
                grants={
                    entity: read_grant(name, grant, self.complaints)
                    for entity, grant in (root.get("grants") or {}).items()
                    if isinstance(grant, Map)
                },
                fields=root.get("fields") or {},
                place=root.key_place("profile"),
            )
            for name, root in self.found.by_kind["profile"].items()
        }

    def _pages(self, entities: Mapping[str, Entity]) -> dict[str, dict[str, Any]]:
        pages: dict[str, dict[str, Any]] = {"grid": {}, "view": {}, "form": {}}
        for kind, made in pages.items():
            for name, root in self.found.by_kind[kind].items():
                if name not in entities:
                    if name not in self.found.failed["entity"]:
                        self.complaints.unknown_name(root, kind, "entity", name, entities)
                    continue
                reader = PageReader(entities[name], entities, self.complaints)
                made[name] = getattr(reader, kind)(root)
        return pages
