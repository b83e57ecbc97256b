"""What a process writes to its log, and in which form: the setting ENGINE_LOG."""

from __future__ import annotations

import json
import logging
import re
import sys
import time
from collections.abc import Mapping
from typing import Any

from engine.errors import OperatorError
from engine.text.suggest import did_you_mean

VARIABLE = "ENGINE_LOG"
LEVELS = {name: getattr(logging, name.upper()) for name in ("debug", "info", "warning", "error")}
FORMS = ("text", "json")
OURS = ("engine", "uvicorn")
"""Loggers that follow the level; libraries are heard from `warning` on (some would log every value)."""

SERVERS = ("uvicorn", "uvicorn.access", "uvicorn.error")
"""The web server's loggers, which write through ours and follow their level."""

TEXT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class JsonLines(logging.Formatter):
    """A record as one line of JSON: at, level, logger, message, and what a request or an error adds."""

    def format(self, record: logging.LogRecord) -> str:
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        line: dict[str, Any] = {
            "at": f"{stamp}.{int(record.msecs):03}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.name == "uvicorn.access" and isinstance(record.args, tuple) and len(record.args) == 5:
            line |= dict(
                zip(("client", "method", "path", "http_version", "status"), record.args, strict=True)
            )
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def configure(environment: Mapping[str, str]) -> None:
    """Set up the log of this process, on standard error; raises OperatorError for a setting that says nothing."""
    level, form = read(environment.get(VARIABLE, ""))
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if form == "json" else logging.Formatter(TEXT))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for name in OURS:
        logging.getLogger(name).setLevel(level)
    for name in SERVERS:  # whoever set them up before has them write in a form of its own
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate, logger.disabled = [], True, False
    for name in SERVERS[1:]:
        logging.getLogger(name).setLevel(logging.NOTSET)


def read(text: str) -> tuple[int, str]:
    """The level and form of a setting: `info`, `json`, `info json`."""
    level, form = logging.WARNING, "text"
    for word in re.split(r"[\s,:]+", text.strip().lower()):
        if word in LEVELS:
            level = LEVELS[word]
        elif word in FORMS:
            form = word
        elif word:
            known = (*LEVELS, *FORMS)
            guess = did_you_mean(word, known)
            hint = f"did you mean {guess!r}?" if guess else f"it takes {', '.join(known)}"
            raise OperatorError(f"{VARIABLE} has {word!r}, which is no level or form: {hint}")
    return level, form
