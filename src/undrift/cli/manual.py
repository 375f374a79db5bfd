"""What `--help` says. A sentence is one line here: the terminal's width breaks it."""

from __future__ import annotations

UNDRIFT = "Ends configuration drift on fleets of Linux servers, from the Ansible playbooks you already have."

SCAN = """\
Look at every server and say what differs from the playbook. Nothing is installed on the servers and nothing is changed.

[bold]Examples[/bold]

undrift scan site.yml -i prod.ini
undrift scan site.yml -i prod.ini -l web -t nginx --unknown
undrift scan site.yml -i prod.ini -o human -o json=drift.json

[bold]Words[/bold]

in sync       as the playbook wants it
drifted       the server differs
failed        the task itself would fail
unknown       could not be checked, with the reason; never counts as in sync
act           a restart and its like: no state, and never drift
unreachable   no session could be opened

[bold]Exit status[/bold]

0     in sync, as far as it was checked
2     something differs
4     incomplete: a host gave no whole answer, a task would fail or a check
      failed; with --strict or --min-coverage too little could be previewed
1     could not work: the playbook, the inventory or a vault is refused
64    the command line or undrift.yaml makes no sense
130   interrupted; what was known is printed

When several apply: 130, 64, 1, 4, 2, 0.

[bold]Settings[/bold]

undrift.yaml beside the playbook, else in this folder, may name the playbook, the inventory, probes, paths to conceal, \
deadline, logins and logins_per_jump. UNDRIFT_INVENTORY, UNDRIFT_LOGINS and so on in the environment go before it, \
options before both. ansible.cfg and ANSIBLE_* act where they make sense. NO_COLOR, FORCE_COLOR, TERM=dumb and CI are \
obeyed. -v says which settings are in force and where they come from.
"""
