"""Hosts that need each other: run_once, delegate_to, values of other hosts, groups made on the way."""

from __future__ import annotations

from pathlib import Path

import pytest
from labs import TestLab, findings

pytestmark = pytest.mark.lab

EVERYTHING = """\
- hosts: web
  gather_facts: false
  tasks:
    - name: on the first host only
      ansible.builtin.command: uname -n
      changed_when: false
      register: first
      run_once: true
    - ansible.builtin.assert: {that: "first.stdout == groups['web'][0]"}
    - name: each its own
      ansible.builtin.command: uname -n
      changed_when: false
      register: own
    - name: of all hosts
      ansible.builtin.assert:
        that: groups['web'] | map('extract', hostvars, ['own', 'stdout']) | list == groups['web']
    - name: asked of another
      ansible.builtin.command: uname -n
      changed_when: false
      register: delegated
      delegate_to: db-1
    - ansible.builtin.assert: {that: "delegated.stdout == 'db-1'"}
    - ansible.builtin.set_fact: {once: "{{ inventory_hostname }}"}
      run_once: true
    - ansible.builtin.assert: {that: "once == groups['web'][0]"}
    - ansible.builtin.group_by: {key: "made_{{ own.stdout }}"}
    - ansible.builtin.add_host: {name: db-1, groups: grown}
    - ansible.builtin.setup: {gather_subset: [min]}
      delegate_to: db-1
      delegate_facts: true
    - ansible.builtin.set_fact: {given: "by {{ inventory_hostname }}"}
      delegate_to: web-3
      delegate_facts: true
      when: inventory_hostname == 'web-1'
    - name: what is learned for another is the other's
      ansible.builtin.assert:
        that:
          - hostvars['db-1'].ansible_facts.distribution == 'Debian'
          - ansible_facts.distribution is undefined
          - hostvars['web-3'].given == 'by web-1'
          - (given is defined) == (inventory_hostname == 'web-3')
    - name: facts of another
      ansible.builtin.assert:
        that: hostvars['web-2'].inventory_hostname == 'web-2'
    - block:
        - ansible.builtin.fail: {msg: as planned}
        - ansible.builtin.file: {path: /srv/never-reached, state: directory}
      rescue:
        - ansible.builtin.assert: {that: "ansible_failed_result.msg == 'as planned'"}
      always:
        - ansible.builtin.set_fact: {came_by: true}
    - ansible.builtin.assert: {that: "came_by"}
    - ansible.builtin.include_tasks: included.yml
      loop: [one, two]
      loop_control: {loop_var: word, index_var: number}
    - ansible.builtin.import_tasks: included.yml
      vars: {word: three, number: 2}
    - ansible.builtin.meta: end_host
      when: inventory_hostname == 'web-3'
    - ansible.builtin.assert: {that: "inventory_hostname != 'web-3'"}
- hosts: made_web-2:grown
  gather_facts: false
  tasks:
    - ansible.builtin.command: uname -n
      changed_when: false
      register: who
    - ansible.builtin.assert: {that: "who.stdout in ['web-2', 'db-1']"}
"""


def test_hosts_wait_for_each_other_as_in_ansible(project: Path, lab: TestLab) -> None:
    (project / "site.yml").write_text(EVERYTHING)
    (project / "included.yml").write_text(
        "- ansible.builtin.assert:\n    that: word == ['one', 'two', 'three'][number | int]\n"
    )
    scan = lab.scan("site.yml")
    told = [
        (host["name"], one["line"], one["reason"])
        for host in scan.report["hosts"]
        for one in host["findings"]
    ]
    assert scan.status == 0, told
    tasks = {host["name"]: host["tasks"] for host in scan.report["hosts"]}
    assert set(tasks) == {"web-1", "web-2", "web-3", "db-1"}
    assert tasks["web-2"]["in_sync"] > tasks["web-3"]["in_sync"]


def test_what_is_run_once_is_done_by_the_first_host_that_answers(project: Path, lab: TestLab) -> None:
    inventory = project / "inventory.ini"
    inventory.write_text(
        f"gone ansible_host=127.0.0.1 ansible_port=1\nweb-1 ansible_host={lab.address('web-1')}\n[all:vars]\nansible_user=root\n"
        f"ansible_ssh_private_key_file={lab.lab.key}\n"
        f"ansible_ssh_common_args='-o UserKnownHostsFile={lab.folder / 'known_hosts'} -o IdentitiesOnly=yes'\n"
    )
    (project / "once.yml").write_text("""\
- hosts: all
  gather_facts: false
  tasks:
    - ansible.builtin.command: uname -n
      changed_when: false
      register: name
    - ansible.builtin.file: {path: "/srv/{{ name.stdout }}", state: absent}
    - ansible.builtin.command: uname -n
      changed_when: false
      register: once
      run_once: true
    - ansible.builtin.assert: {that: "once.stdout == 'web-1'"}
    - ansible.builtin.file: {path: "/srv/{{ hostvars['gone'].name.stdout }}", state: absent}
""")
    scan = lab.scan("once.yml", inventory=inventory)
    assert {host["name"]: host["verdict"] for host in scan.report["hosts"]} == {
        "gone": "unreachable",
        "web-1": "unknown",
    }
    (finding,) = findings(scan.report, "web-1")
    assert "of gone: hangs on 'name'" in finding["reason"]["text"]
