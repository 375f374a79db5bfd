"""A rich playbook, read by ansible-core once for all tests of this folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from undrift.playbook.boot import Core, boot
from undrift.playbook.options import ReadOptions
from undrift.playbook.plays import Story, load_plays

FILES = {
    "site.yml": """\
- hosts: web
  vars: {level: play, text: "{{ from_group }}-{{ level }}", number: 3}
  vars_files: ["files/{{ kind }}.yml"]
  roles:
    - {role: app, given: param}
  tasks:
    - name: plain
      ansible.builtin.file: {path: "/srv/{{ text }}", state: directory}
      vars: {level: task}
      when: number > 2
    - name: looped
      ansible.builtin.file: {path: "/srv/{{ item }}", state: directory}
      loop: "{{ things }}"
    - name: fixed
      ansible.builtin.file: {path: /srv/fixed, state: directory}
    - name: needs a fact
      ansible.builtin.file: {path: "/srv/{{ ansible_facts.distribution }}/{{ ansible_hostname }}", state: directory}
  handlers:
    - name: restart app
      ansible.builtin.systemd: {name: app, state: restarted}
    - name: tell
      ansible.builtin.debug: {msg: x}
      listen: topic
""",
    "inventory.ini": "[web]\nw1 kind=one\nw2 kind=two\n[web:vars]\nfrom_group=group\n",
    "host_vars/w1.yml": "things: [a, b]\nown: w1\n",
    "group_vars/all.yml": "things: [c]\nlevel: all\n",
    "files/one.yml": "level: file one\nfrom_file: 1\n",
    "files/two.yml": "level: file two\nfrom_file: 2\n",
    "roles/app/defaults/main.yml": "given: default\nleft: default\nlevel: default\n",
    "roles/app/vars/main.yml": "role_var: role\n",
    "roles/app/tasks/main.yml": "- name: in the role\n  ansible.builtin.file: {path: '/opt/{{ given }}/{{ role_name }}', state: directory}\n  notify: [restart app, topic]\n",
    "roles/app/handlers/main.yml": "- name: of the role\n  ansible.builtin.debug: {msg: x}\n",
}


@pytest.fixture(scope="session")
def core(tmp_path_factory: pytest.TempPathFactory) -> Core:
    folder = tmp_path_factory.mktemp("rich")
    for name, text in FILES.items():
        path: Path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return boot(
        ReadOptions(
            playbook=str(folder / "site.yml"),
            inventory=(str(folder / "inventory.ini"),),
            extra_vars=("extra=1",),
        )
    )


@pytest.fixture(scope="session")
def story(core: Core) -> Story:
    return next(load_plays(core))
