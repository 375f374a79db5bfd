"""
What each option of ssh means for us, by its name in small letters. Each is honoured, changes nothing about a connection
that is opened once per run, or sends the host through the system's own ssh: none is ignored.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

#: What asyncssh does, and what we do around it, as ssh does it.
HONOURED = frozenset(
    [
        "addressfamily",
        "batchmode",
        "bindaddress",
        "casignaturealgorithms",
        "ciphers",
        "compression",
        "connecttimeout",
        "forwardagent",
        "globalknownhostsfile",
        "hostkeyalgorithms",
        "hostkeyalias",
        "hostname",
        "identitiesonly",
        "identityagent",
        "identityfile",
        "kbdinteractiveauthentication",
        "kexalgorithms",
        "macs",
        "passwordauthentication",
        "port",
        "preferredauthentications",
        "proxycommand",
        "proxyjump",
        "pubkeyacceptedalgorithms",
        "pubkeyauthentication",
        "requesttty",
        "sendenv",
        "serveralivecountmax",
        "serveraliveinterval",
        "setenv",
        "stricthostkeychecking",
        "tcpkeepalive",
        "user",
        "userknownhostsfile",
    ]
)

#: Spellings of the past.
OLD_NAMES = {
    "challengeresponseauthentication": "kbdinteractiveauthentication",
    "skeyauthentication": "kbdinteractiveauthentication",
    "tisauthentication": "kbdinteractiveauthentication",
    "pubkeyacceptedkeytypes": "pubkeyacceptedalgorithms",
    "hostbasedkeytypes": "hostbasedacceptedalgorithms",
    "dsaauthentication": "pubkeyauthentication",
}

#: Without a meaning for us: connections are opened once and kept for the run, nothing is printed, X is not forwarded,
#: host keys are always checked and recorded in one way.
WITHOUT_EFFECT = frozenset(
    [
        "addkeystoagent",
        "canonicaldomains",
        "canonicalizefallbacklocal",
        "canonicalizemaxdots",
        "canonicalizepermittedcnames",
        "checkhostip",
        "clearallforwardings",
        "controlmaster",
        "controlpersist",
        "enableescapecommandline",
        "enablesshkeysign",
        "escapechar",
        "exitonforwardfailure",
        "fingerprinthash",
        "forwardx11",
        "forwardx11timeout",
        "forwardx11trusted",
        "gatewayports",
        "gssapidelegatecredentials",
        "hashknownhosts",
        "hostbasedacceptedalgorithms",
        "ignoreunknown",
        "ipqos",
        "loglevel",
        "logverbose",
        "nohostauthenticationforlocalhost",
        "numberofpasswordprompts",
        "permitlocalcommand",
        "permitremoteopen",
        "protocol",
        "rekeylimit",
        "rsaauthentication",
        "streamlocalbindmask",
        "streamlocalbindunlink",
        "syslogfacility",
        "tag",
        "updatehostkeys",
        "usekeychain",
        "useroaming",
        "visualhostkey",
        "xauthlocation",
    ]
)

NO = frozenset({"no", "false", "none"})
#: Values that change nothing; any other is for the system's ssh.
HARMLESS: Mapping[str, frozenset[str]] = {
    "canonicalizehostname": NO,
    "connectionattempts": frozenset({"1"}),
    "gssapikeyexchange": NO,
    "hostbasedauthentication": NO,
    "pkcs11provider": NO,
    "proxyusefdpass": NO,
    "securitykeyprovider": frozenset({"internal"}),
    "sessiontype": frozenset({"default"}),
    "stdinnull": NO,
    "forkafterauthentication": NO,
    "tunnel": NO,
    "verifyhostkeydns": NO,
}


def beyond_us(values: Mapping[str, list[str]]) -> list[str]:
    """Those options that only the system's ssh can do as they are given. values: as of SshOptions."""
    return [name for name, given in values.items() if not _within_us(name, given[0] if given else "")]


def _within_us(name: str, value: str) -> bool:
    if name in HONOURED or name in WITHOUT_EFFECT:
        return True
    if name in ACTS_WHEN:
        return value.lower() in NO or not ACTS_WHEN[name](value)
    return value.lower() in HARMLESS.get(name, ())


def _has_ticket(_value: str) -> bool:
    """Debian switches GSSAPI on for everybody; it acts only for those who have a ticket."""
    return "KRB5CCNAME" in os.environ or os.path.lexists(f"/tmp/krb5cc_{os.getuid()}")  # noqa: S108, PTH - Kerberos' own place


def _has_master(path: str) -> bool:
    """An ssh that is already connected listens there."""
    return Path(path).is_socket()


ACTS_WHEN: Mapping[str, Callable[[str], bool]] = {
    "gssapiauthentication": _has_ticket,
    "controlpath": _has_master,
}
