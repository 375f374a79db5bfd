"""
Starts ansible-core inside our process: settings, plugins, vault, inventory, variables. What its command line does in
ansible.cli, which must not be imported: it exits when the locale is not UTF-8 or standard input does not block.
"""

from __future__ import annotations

import functools
import gc
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

# A scan writes nothing: no log, whatever ansible.cfg says; and the folder that ansible-core makes for itself when it is
# imported is in memory, where there is such a place, and removed when we end.
os.environ["ANSIBLE_LOG_PATH"] = os.devnull
os.environ.setdefault("ANSIBLE_LOCAL_TEMP", "/dev/shm" if os.access("/dev/shm", os.W_OK) else "/tmp")  # noqa: S108

from ansible import constants as C  # noqa: N812 - as everybody who writes for Ansible calls it
from ansible import context
from ansible._internal._datatag._tags import SourceWasEncrypted
from ansible.errors import AnsibleError
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.vault import (
    FileVaultSecret,
    ScriptVaultSecret,
    VaultSecret,
    VaultSecretsContext,
    get_file_vault_secret,
)
from ansible.plugins.loader import connection_loader, init_plugin_loader
from ansible.release import __version__ as core_version
from ansible.utils import vars as ansible_vars
from ansible.utils.context_objects import CLIArgs
from ansible.utils.display import Display
from ansible.vars.manager import VariableManager

from undrift.errors import InventoryError, UsageError, VaultError
from undrift.playbook.faults import translated
from undrift.playbook.options import ReadOptions
from undrift.playbook.quickly import pass_scalars_through, remember_routing
from undrift.playbook.traceless import FactsOfThisScan, make_no_cache
from undrift.playbook.versions import refuse_unknown

__all__ = ["Core", "boot", "core_version"]


class Loader(DataLoader):
    """Remembers which files were encrypted: their values carry no mark of it."""

    def __init__(self) -> None:
        super().__init__()
        self.vaulted_paths: set[str] = set()
        #: how often something encrypted was opened
        self.vaulted_reads = 0
        #: templates, by path, each with what tells that the file is still the same
        self._texts: dict[str, tuple[tuple[int, int, int], str]] = {}

    def get_real_file(self, file_path: str, decrypt: bool = True) -> str:  # noqa: FBT001, FBT002 - ansible-core's own signature
        """As DataLoader's: the path, or that of a decrypted copy, which is counted."""
        real: str = super().get_real_file(file_path, decrypt=decrypt)
        self.vaulted_reads += real != self.path_dwim(file_path)
        return real

    def get_text_file_contents(self, file_name: str, encoding: str | None = None) -> str:
        """As DataLoader's: the text, decrypted; an encrypted file is noted."""
        text = self._text(file_name, encoding)
        if SourceWasEncrypted.is_tagged_on(text):
            self.vaulted_paths.add(self.path_dwim(file_name))
            self.vaulted_reads += 1
        return text

    def _text(self, file_name: str, encoding: str | None) -> str:
        """A template is read once and not once for each host."""
        now = _signature(file_name)
        before, text = self._texts.get(file_name, (None, ""))
        if now is None or now != before or encoding is not None:
            text = super().get_text_file_contents(file_name, encoding)
        if now is not None and encoding is None:
            self._texts[file_name] = (now, text)
        return text


def _signature(path: str) -> tuple[int, int, int] | None:
    """What tells that a file is still the same; None when there is none."""
    try:
        about = os.stat(path)
    except OSError:
        return None
    return about.st_ino, about.st_size, about.st_mtime_ns


class Core:
    """ansible-core, started. warnings: what it would have printed."""

    def __init__(self, options: ReadOptions) -> None:
        if not os.path.isfile(options.playbook):
            raise UsageError(f"there is no playbook {options.playbook}")
        self.options = options
        self.warnings: list[str] = []
        #: where files of the playbook were found, by search path, kind and name: the same for every host
        self.found_files: dict[tuple[tuple[str, ...], str, str], str] = {}
        _capture(self.warnings)
        self.loader = Loader()
        self.loader.set_basedir(os.path.dirname(os.path.abspath(options.playbook)))
        _open_vault(self.loader, options)
        self.inventory = self._inventory(options)
        make_no_cache()
        with translated():
            self.variables = VariableManager(
                loader=self.loader, inventory=self.inventory, version_info=_version()
            )
        self.variables._options_vars["ansible_check_mode"] = options.check
        self.variables._fact_cache = FactsOfThisScan(self.variables._fact_cache)
        # Its options are defined when it is first looked up, and asked for by their names from then on.
        connection_loader.get("ssh", class_only=True)

    def _inventory(self, options: ReadOptions) -> InventoryManager:
        sources = list(options.inventory) or list(C.DEFAULT_HOST_LIST)
        for source in sources:
            if "," not in source and not os.path.exists(source):
                raise InventoryError(f"there is no inventory {source}", help="name one with -i")
        seen = len(self.warnings)
        with translated(InventoryError):
            inventory = InventoryManager(loader=self.loader, sources=[_absolute(one) for one in sources])
        self._refuse_unparsed(self.warnings[seen:])
        if options.limit:
            with translated(InventoryError):
                inventory.subset(options.limit)
            if not inventory.get_hosts():
                raise InventoryError(
                    f"no host matches --limit {options.limit}",
                    help="`ansible-inventory --graph` shows what there is",
                )
        if options.hosts:
            inventory.restrict_to_hosts([inventory.get_host(name) for name in options.hosts])
        return inventory

    @staticmethod
    def _refuse_unparsed(warnings: Sequence[str]) -> None:
        """An inventory that could not be read is an error for us: a scan of nothing must not look in sync."""
        bad = [text for text in warnings if "Failed to parse" in text or "Unable to parse" in text]
        if bad:
            raise InventoryError(bad[0], kept="nothing was scanned")


@contextmanager
def without_collecting() -> Iterator[None]:
    """No garbage collection while much is loaded that stays anyway: 40 ms of 300 less."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def boot(options: ReadOptions) -> Core:
    """
    Start ansible-core for one scan. Raises InventoryError, VaultError, PlaybookError, UsageError.
    """
    refuse_unknown(core_version)
    _forget_former_use()
    remember_routing()
    pass_scalars_through()
    context.CLIARGS = CLIArgs(_cli_args(options))
    _init_plugins(os.path.join(os.path.dirname(os.path.abspath(options.playbook)), "collections"))
    return Core(options)


@functools.cache
def _init_plugins(collections: str) -> None:
    """Once for each playbook: ansible-core warns of a second time."""
    init_plugin_loader([collections])


def _cli_args(options: ReadOptions) -> dict[str, Any]:
    from ansible._internal._datatag._tags import TrustedAsTemplate  # noqa: PLC0415

    trust = TrustedAsTemplate().tag
    return {
        "tags": options.tags or tuple(C.TAGS_RUN or ("all",)),
        "skip_tags": options.skip_tags or tuple(C.TAGS_SKIP or ()),
        # None, so that a task's check_mode is what the playbook says of it: see Core for ansible_check_mode.
        "check": None,
        "diff": True,
        "verbosity": options.verbosity,
        "extra_vars": tuple(trust(one) for one in options.extra_vars),
        "forks": options.forks or C.DEFAULT_FORKS,
        "inventory": tuple(_absolute(one) for one in options.inventory),
        "subset": options.limit or None,
        "become": options.become or C.DEFAULT_BECOME,
        "become_method": options.become_method or C.DEFAULT_BECOME_METHOD,
        "become_user": options.become_user or None,
        "connection": C.DEFAULT_TRANSPORT,
        "remote_user": options.user or C.DEFAULT_REMOTE_USER,
        "private_key_file": options.private_key or C.DEFAULT_PRIVATE_KEY_FILE,
        "ssh_common_args": options.ssh_common_args or None,
        "ssh_extra_args": options.ssh_extra_args or None,
        "timeout": options.timeout or C.DEFAULT_TIMEOUT,
        "force_handlers": C.DEFAULT_FORCE_HANDLERS,
        "start_at_task": None,
        "basedir": None,
        "flush_cache": False,
    }


def _absolute(source: str) -> str:
    return source if "," in source else os.path.abspath(source)


def _version() -> dict[str, Any]:
    numbers = [int("".join(filter(str.isdigit, part)) or 0) for part in core_version.split(".")[:3]]
    return {
        "string": core_version,
        "full": core_version,
        "major": numbers[0],
        "minor": numbers[1],
        "revision": numbers[2],
    }


def _forget_former_use() -> None:
    """ansible-core keeps some things on functions and classes; a second scan in one process starts afresh."""
    ansible_vars.load_extra_vars.extra_vars = None
    ansible_vars.load_options_vars.options_vars = None
    VaultSecretsContext._current = None


def _capture(warnings: list[str]) -> None:
    """Have what ansible-core prints put into the list, each text once."""
    display = Display()

    def note(text: str) -> None:
        if text not in warnings:
            warnings.append(text)

    display._warning = lambda summary, *_args, **_kwargs: note(_text(summary))
    display._deprecated = lambda *_args, **_kwargs: None
    display._error = lambda summary, *_args, **_kwargs: note(_text(summary))
    display.display = lambda *_args, **_kwargs: None


def _text(summary: Any) -> str:
    event = summary.event
    place = (event.formatted_source_context or "").split("\n", 1)[0]
    return " ".join(part for part in (event.msg, place) if part)


def _open_vault(loader: Loader, options: ReadOptions) -> None:
    """Give the loader every vault secret that settings and options name. Raises VaultError."""
    secrets: list[tuple[str, VaultSecret]] = []
    ids = [*C.DEFAULT_VAULT_IDENTITY_LIST, *options.vault_ids]
    files = [*options.vault_password_files]
    if C.DEFAULT_VAULT_PASSWORD_FILE:
        files.append(C.DEFAULT_VAULT_PASSWORD_FILE)
    ids += [f"{C.DEFAULT_VAULT_IDENTITY}@{file}" for file in files]
    for vault_id in ids:
        label, _, source = vault_id.rpartition("@")
        secrets.append((label or C.DEFAULT_VAULT_IDENTITY, _vault_secret(loader, label, source)))
        loader.set_vault_secrets(secrets)
    if options.vault_password:
        asked = VaultSecret(options.vault_password.reveal.encode())
        secrets.append((C.DEFAULT_VAULT_IDENTITY, asked))
        loader.set_vault_secrets(secrets)
    VaultSecretsContext.initialize(VaultSecretsContext(secrets))


def _vault_secret(
    loader: Loader, label: str, source: str
) -> FileVaultSecret | ScriptVaultSecret | VaultSecret:
    if source in {"prompt", "prompt_ask_vault_pass"}:
        import getpass  # noqa: PLC0415 - only for those who are asked
        import sys  # noqa: PLC0415

        if not sys.stdin.isatty():
            raise UsageError(
                f"the vault password {label or 'default'} is to be asked for, and nobody is here to answer",
                help="give it with --vault-password-file",
            )
        return VaultSecret(getpass.getpass(f"Vault password ({label or 'default'}): ").encode())
    try:
        secret = get_file_vault_secret(filename=source, vault_id=label or None, loader=loader)
        secret.load()
    except AnsibleError as problem:
        raise VaultError(f"the vault password file {source} cannot be used: {problem}") from problem
    return secret
