"""The whole application: every document of every layer, linked and checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.declared.rules import Rule
from engine.declared.settings import Settings
from engine.errors import Place, Problem
from engine.metamodel.access import Group, Profile, Role
from engine.metamodel.automation import Automation
from engine.metamodel.conversion import Conversion
from engine.metamodel.entity import Entity
from engine.metamodel.mailbox import Mailbox
from engine.metamodel.page import Board, Form, Grid, NavigationItem, View
from engine.metamodel.trial import Trial
from engine.metamodel.workflow import Transition, Workflow
from engine.metamodel.working_time import WorkCalendar
from engine.types.base import Choice


@dataclass(frozen=True, kw_only=True)
class Picklist:
    """A named list of choices that several properties share."""

    name: str
    label: str
    options: tuple[Choice, ...]
    place: Place


@dataclass(frozen=True, kw_only=True)
class Application:
    """Everything the metadata says. `warnings` are the problems that do not stop it from running."""

    name: str
    label: str
    description: str = ""
    folder: str
    settings: Settings = field(default_factory=Settings)
    entities: Mapping[str, Entity] = field(default_factory=dict)
    picklists: Mapping[str, Picklist] = field(default_factory=dict)
    roles: Mapping[str, Role] = field(default_factory=dict)
    profiles: Mapping[str, Profile] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)
    capabilities: Mapping[str, str] = field(default_factory=dict)  # name to label
    workflows: Mapping[str, Workflow] = field(default_factory=dict)
    buttons: Mapping[str, Mapping[str, Transition]] = field(default_factory=dict)  # by entity
    automations: Mapping[str, Automation] = field(default_factory=dict)
    conversions: Mapping[str, Conversion] = field(default_factory=dict)
    calendars: Mapping[str, WorkCalendar] = field(default_factory=dict)
    mailboxes: Mapping[str, Mailbox] = field(default_factory=dict)
    grids: Mapping[str, Grid] = field(default_factory=dict)
    boards: Mapping[str, Board] = field(default_factory=dict)
    views: Mapping[str, View] = field(default_factory=dict)
    forms: Mapping[str, Form] = field(default_factory=dict)
    navigation: tuple[NavigationItem, ...] = ()
    trials: Mapping[str, Trial] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()  # every expression, checked
    files: tuple[str, ...] = ()  # every file that was read, for watching
    documents: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[Problem, ...] = ()
