"""The composition root: a folder goes in; its problems, or a running engine, come out."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from pathlib import Path
from secrets import token_bytes

from starlette.applications import Starlette

from engine.api.app import api
from engine.build.runtime import Runtime, build_runtime
from engine.errors import MetadataError, OperatorError
from engine.metamodel.application import Application
from engine.metamodel.load import check as check_metadata
from engine.plugins import Plugins, load_plugins
from engine.service.gateway import Gateway
from engine.store import migration
from engine.store.database import Database, database_url_for
from engine.store.files import FileStore, files_url_for
from engine.store.system import add_system_tables, read_secret
from engine.types.registry import default_registry
from engine.web.app import pages


def check(folder: Path) -> tuple[Application | None, Plugins, tuple[object, ...]]:
    """Everything wrong with an application, plugins included; the application where nothing is."""
    plugins = load_plugins(folder, default_registry())
    application, problems = check_metadata(folder, types=plugins.registry)
    return application, plugins, (*plugins.problems, *problems)


class Engine:
    """A running application: its gateway, and the web application over it."""

    def __init__(self, folder: Path, gateway: Gateway) -> None:
        self.folder = folder
        self.gateway = gateway
        self.asgi = Starlette(routes=[*api(gateway), *pages(gateway)])
        self._reloading = threading.Lock()
