"""`outrider doctor`: checks what the proxy would start with, and says what to do where it would not work.

It must not change anything, and never prints a secret.
"""

from collections.abc import Callable
from importlib import import_module

import typer

from proxy.cli.finding import Finding
from proxy.cli.speak import EnvFile, refuse
from proxy.settings import Settings
from proxy.startup import SettingsError, load


def doctor(
    env_file: EnvFile = ".env",
) -> None:
    """Check settings, store and upstreams, and say what to do.

    Ends with exit code 1 when something would keep requests from being answered:

        outrider doctor --env-file production.env
    """
    try:
        settings = load(env_file)
    except SettingsError as error:
        refuse(error.args)
    # The libraries it looks and writes with are slow to import, and `outrider serve` starts without them.
    examine: Callable[[Settings, str | None], list[Finding]] = import_module("proxy.cli.examine").examine
    show: Callable[[list[Finding]], None] = import_module("proxy.cli.table").show_findings
    findings = examine(settings, env_file)
    show(findings)
    if any(finding.state == "fault" for finding in findings):
        raise typer.Exit(1)
