"""A folder of YAML becomes an Application, or all of its problems: the one way into the metamodel."""

from __future__ import annotations

from pathlib import Path

from engine.declared.application import Application
from engine.declared.computing import complain_of_circles
from engine.declared.rules import Named, Rules, rules_of
from engine.documents import documents
from engine.documents.complaints import Complaints
from engine.documents.documents import Documents
from engine.errors import MetadataError, Place, Problem
from engine.expressions.registry import Functions
from engine.functions.standard import standard_functions
from engine.loading.access_checks import check_groups, check_profiles, check_roles, check_sharing
from engine.loading.boards import BoardReader
from engine.loading.calendars import read_calendars
from engine.loading.checks import check_entities
from engine.loading.declarations import Declarations
from engine.loading.entities import read_entity
from engine.loading.linking import link
from engine.loading.mailboxes import read_mailboxes
from engine.loading.navigation import NavigationReader, Reached
from engine.loading.pages import PageReader
from engine.loading.trial_givens import Known
from engine.loading.trials import read_trials
from engine.loading.usage import check_exclusive, check_workflows, warn_of_unused
from engine.loading.view_actions import ViewActions
from engine.loading.workflows import Processes, read_processes
from engine.metamodel.entity import Entity
from engine.metamodel.mailbox import Mailbox
from engine.metamodel.page import Board, Form, Grid, View
from engine.metamodel.trial import Trial
from engine.text.labels import words
from engine.text.yaml_tree import Map
from engine.types.registry import Registry, default_registry


def load(
    folder: str | Path, *, types: Registry | None = None, functions: Functions | None = None
) -> Application:
    """The application of a folder; raises MetadataError with every problem if any is an error."""
    application, problems = check(folder, types=types, functions=functions)
    if application is None:
        raise MetadataError(problems)
    return application


def check(
    folder: str | Path,
    *,
    types: Registry | None = None,
    functions: Functions | None = None,
    actions: frozenset[str] = frozenset(),
) -> tuple[Application | None, tuple[Problem, ...]]:
    """Every problem of a folder's metadata in order of place, and the application where none is an error.

    `types`, `functions` and `actions` are those there are, with what plugins bring.
    """
    root = Path(folder).resolve()
    if not root.is_dir():
        hint = "make one with `engine new DIR`"
        return None, (Problem("no-application", f"there is no folder {root}", Place(str(folder)), hint),)
    complaints = Complaints()
    found = documents.read(root, complaints)
    declared = Declarations(found, types or default_registry(), complaints)
    application = _application(root, declared, functions or standard_functions(), actions)
    return application, complaints.finished()


def _application(
    root: Path, declared: Declarations, functions: Functions, actions: frozenset[str]
) -> Application | None:
    """The application that the documents declare; None where one of the complaints is an error."""
    found, complaints = declared.found, declared.complaints
    entities = _entities(found, declared, complaints)
    roles_known = set(declared.roles) | found.lost["role"]
    grids, views, forms = _pages(found, entities, roles_known, complaints)
    boards = _boards(found, entities, roles_known, complaints)
    reached = Reached(entities, found.lost["entity"], grids, boards, found.lost["board"])
    navigation = NavigationReader(reached, roles_known, complaints)
    items = tuple(item for each in found.navigation for item in navigation.items(each["navigation"]))
    _check_whole(found, declared, entities, complaints)
    named = Named(frozenset(roles_known), frozenset(declared.capabilities))
    checker = Rules(entities, named, functions, complaints)
    rules = rules_of(checker, entities, grids, boards, declared.profiles)
    complain_of_circles(rules, entities, complaints)
    calendars = read_calendars(found, declared.settings.timezone, complaints)
    processes = read_processes(found, declared, checker, actions)
    mailboxes = read_mailboxes(found, checker, processes)
    warn_of_unused(found, entities, declared.roles, declared.asked, complaints)  # once everything has asked
    views = ViewActions(found, checker, processes.workflows, processes.buttons).read(views)
    trials = _trials(declared, checker, processes, mailboxes)
    problems = complaints.finished()
    if found.app is None or any(problem.level == "error" for problem in problems):
        return None
    return Application(
        name=found.app["app"],
        label=found.app.get("label") or words(found.app["app"]),
        description=found.app.get("description", ""),
        folder=str(root),
        settings=declared.settings,
        entities=entities,
        picklists=declared.picklists,
        roles=declared.roles,
        profiles=declared.profiles,
        groups=declared.groups,
        capabilities=declared.capabilities,
        workflows=processes.workflows,
        buttons=processes.buttons,
        automations=processes.automations,
        conversions=processes.conversions,
        calendars=calendars,
        mailboxes=mailboxes,
        grids=grids,
        boards=boards,
        views=views,
        forms=forms,
        navigation=items,
        trials=trials,
        rules=(*rules, *processes.rules),
        files=found.files,
        warnings=problems,
    )


def _trials(
    declared: Declarations, checker: Rules, processes: Processes, mailboxes: dict[str, Mailbox]
) -> dict[str, Trial]:
    """The tests of the configuration, which may speak of everything else."""
    return read_trials(
        Known(
            found=declared.found,
            entities=checker.entities,
            named=checker.named,
            functions=checker.functions,
            complaints=declared.complaints,
            workflows=processes.workflows,
            buttons=processes.buttons,
            timezone=declared.settings.timezone,
            mailboxes=mailboxes,
        )
    )


def _entities(found: Documents, declared: Declarations, complaints: Complaints) -> dict[str, Entity]:
    """Every entity, read and linked."""
    usual = found.app.map("features") if found.app is not None else {}
    read = {name: read_entity(name, root, usual, declared) for name, root in found.by_kind["entity"].items()}
    return link(read, found.known("entity"), complaints)


def _pages(
    found: Documents, entities: dict[str, Entity], roles: set[str], complaints: Complaints
) -> tuple[dict[str, Grid], dict[str, View], dict[str, Form]]:
    lost = _lost_inverses(found, entities)
    readers: dict[str, PageReader] = {}

    def reader(kind: str, name: str, root: Map) -> PageReader | None:
        if name not in entities:
            if name not in found.lost["entity"]:
                complaints.unknown_name(root, kind, "entity", name, entities)
            return None
        return readers.setdefault(name, PageReader(entities[name], entities, roles, lost, complaints))

    pages = {
        kind: {
            name: (made, root)
            for name, root in found.by_kind[kind].items()
            if (made := reader(kind, name, root))
        }
        for kind in ("grid", "view", "form")
    }
    return (
        {name: made.grid(root) for name, (made, root) in pages["grid"].items()},
        {name: made.view(root) for name, (made, root) in pages["view"].items()},
        {name: made.form(root) for name, (made, root) in pages["form"].items()},
    )


def _boards(
    found: Documents, entities: dict[str, Entity], roles: set[str], complaints: Complaints
) -> dict[str, Board]:
    lost = _lost_inverses(found, entities)
    boards = {}
    for name, root in found.by_kind["board"].items():
        entity = root.get("entity")
        if entity in entities:
            boards[name] = BoardReader(entities[entity], entities, roles, lost, complaints).board(name, root)
        elif isinstance(entity, str) and entity not in found.lost["entity"]:
            complaints.unknown_name(root, "entity", "entity", entity, entities)
    return boards


def _lost_inverses(found: Documents, entities: dict[str, Entity]) -> set[str]:
    """The inverses of relations that could not be read, as far as they are known."""
    lost = found.lost["entity"] | found.lost_inverses
    for name, root in found.by_kind["entity"].items():
        for relation, declared in (root.get("relations") or {}).items():
            if relation not in entities[name].relations and isinstance(declared, Map):
                lost.add(str(declared.get("inverse", "")))
    return lost


def _check_whole(
    found: Documents, declared: Declarations, entities: dict[str, Entity], complaints: Complaints
) -> None:
    roles = {*declared.roles} | found.lost["role"]
    check_entities(entities, roles, declared.workflows, complaints)
    check_roles(found, declared.roles, declared.capabilities, complaints)
    check_profiles(found, entities, declared.capabilities, complaints)
    check_groups(found, declared.groups, roles, complaints)
    check_sharing(entities, roles, found.known("group"), complaints)
    check_workflows(found, declared.workflows, entities, complaints)
    check_exclusive(found, declared.workflows, complaints)
