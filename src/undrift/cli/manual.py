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

CORRECT = """\
Bring the servers to what the playbook says. Shows what would change, asks, and changes what differs and nothing else. \
What is done is remembered on the server, in /var/lib/undrift, with what was there before.

[bold]Examples[/bold]

undrift correct site.yml -i prod.ini
undrift correct site.yml -i prod.ini -l web-07 --yes
undrift correct site.yml -i prod.ini -o human -o json=run.json

[bold]What is touched[/bold]

Hosts on which something differs. There the play runs as in Ansible: commands run, handlers are notified and flushed, \
a failing task ends the host. A host that is in sync is not touched; one of which nothing is known but that some task \
cannot be previewed neither, but with --include-unknown.

[bold]Exit status[/bold]

0     done, or nothing to do
4     incomplete: a host failed or could not be reached
7     declined, or another correction is at work
1     could not work: the playbook, the inventory or a vault is refused
64    the command line or undrift.yaml makes no sense
130   interrupted: the task in hand is ended, no other begun
"""
