"""Random playbooks: whatever the language of Ansible has, but nothing that changes a host."""

from __future__ import annotations

import random
from typing import Any

WORDS = ["red", "green", "blue"]
HOSTS = ["h1", "h2", "h3"]
FACTS = [f"f{number}" for number in range(6)]

LOOPS: list[dict[str, Any]] = [
    {"loop": ["a", "b"]},
    {"loop": []},
    {"loop": "{{ range(3) | list }}"},
    {"loop": "{{ f0 | default([1, 2]) | flatten | list if f0 | default([1]) is sequence else [3] }}"},
    {"with_items": ["a", ["b", "c"]]},
    {"with_items": "{{ words }}"},
    {"with_dict": {"one": 1, "two": 2}},
    {"with_nested": [["a", "b"], ["c", "d"]]},
    {"with_together": [["a", "b"], ["c", "d"]]},
    {"with_sequence": "start=1 end=3 format=n%02d"},
    {"with_indexed_items": ["a", "b"]},
    {"with_subelements": ["{{ people }}", "groups"]},
    {"with_first_found": ["none.txt", "there.txt"]},
    {"with_fileglob": "files/*.txt"},
    {"with_lines": "printf 'x\\ny\\n'"},
    {"with_random_choice": ["same"]},
]

VALUES = [
    "{{ inventory_hostname }}",
    "{{ word }}",
    "{{ layered }}",
    "{{ words | map('upper') | join('-') }}",
    "{{ people | map(attribute='name') | list }}",
    "{{ (count | default(0) | int) + 1 }}",
    "{{ {'a': word, 'b': [1, 2.5, true, none]} }}",
    "{{ groups['all'] | length }}",
    "{{ ansible_check_mode }}",
    "{{ ansible_play_hosts | sort | first }}",
    "{{ lookup('env', 'NO_SUCH_VARIABLE') }}",
    "{{ lookup('file', 'there.txt') }}",
    "{{ lookup('template', 'text.j2') | trim }}",
    "{{ query('dict', {'k': 'v'}) }}",
    "{{ lookup('vars', 'word') }}",
    "{{ undefined_name | default('fallback') }}",
    "{{ 'yes' if layered == 'group' else 'no' }}",
    "{{ words | zip([1, 2, 3]) | list }}",
    "{{ '1' | int + 1 }}",
    "plain text",
    7,
    True,
    ["{{ word }}", 2],
    "{{ role_name | default('no role') }}",
    "{{ hostvars['h1'].word | default('none') }}",
    "{{ hostvars | dict2items | map(attribute='key') | sort | list }}",
    "{{ ansible_facts.no_such_fact | default('none') }}",
    "{{ (people | selectattr('name', 'equalto', 'ann') | first).groups }}",
    "{% for w in words %}{{ loop.index }}{{ w }}{% endfor %}",
    "{{ words | random(seed=3) }}",
    "{{ word | regex_replace('r', 'R') }}",
    "{{ word | hash('sha1') }}",
]


class Writer:
    """Writes one playbook; `files` are the task files that it includes, by name."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.registers: list[str] = []
        self.files: dict[str, list[dict[str, Any]]] = {}
        self.number = 0

    def playbook(self) -> list[dict[str, Any]]:
        plays = [self._play("all")]
        if self.random.random() < 0.5:
            plays.append(self._play(self.random.choice(["h1:h3", "blue", "all:!h2"])))
        plays[-1]["tasks"].append(self._dump())
        return plays

    def _play(self, hosts: str) -> dict[str, Any]:
        play: dict[str, Any] = {
            "hosts": hosts,
            "gather_facts": False,
            "vars": {"word": self._pick(WORDS), "words": WORDS, "people": PEOPLE},
            "vars_files": [["extra-{{ inventory_hostname }}.yml", "extra.yml"]],
            "tasks": self._tasks(self.random.randint(6, 12), depth=0),
        }
        if self._chance(0.4):
            play["roles"] = [{"role": "small", "size": self._pick([1, 2])}]
        if self._chance(0.3):
            play["module_defaults"] = {"ansible.builtin.set_fact": {"from_defaults": "d"}}
        if self._chance(0.3):
            play["environment"] = {"COLOR": "{{ word }}"}
        return play

    def _dump(self) -> dict[str, Any]:
        names = [
            *self.registers,
            *FACTS,
            "count",
            "list",
            "layered",
            "word",
            "from_role",
            "from_defaults",
            "included",
        ]
        known = "".join(
            f"'{name}': {name} | default('--', true) if {name} is defined else '--', " for name in names
        )
        return {
            "name": "dump",
            "ansible.builtin.copy": {
                "dest": "/no-such-file-{{ inventory_hostname }}",
                "content": "{{ {" + known + "} | to_json }}",
            },
            "tags": ["always"],
        }

    # -- tasks ------------------------------------------------------------------------------------------------

    def _tasks(self, count: int, depth: int) -> list[dict[str, Any]]:
        return [self._task(depth) for _ in range(count)]

    def _task(self, depth: int) -> dict[str, Any]:
        kinds = (
            [self._command] * 4
            + [self._set_fact] * 4
            + [self._assert, self._stat, self._counted, self._once, self._delegated]
        )
        if depth < 2:
            kinds += [self._block, self._block, self._include, self._role, self._import]
        task = self._pick(kinds)(depth)
        if self._chance(0.35) and "when" not in task:
            task["when"] = self._condition()
        if self._chance(0.15):
            task["tags"] = [self._pick(["a", "b"])]
        if self._chance(0.2) and "block" not in task:
            task["vars"] = {"layered": f"task {self._pick(WORDS)}", **task.get("vars", {})}
        return task

    def _command(self, _depth: int) -> dict[str, Any]:
        word = self._pick(
            [
                "red",
                "{{ word }}",
                "{{ item | default('none') | string | hash('md5') }}",
                "$COLOR",
                "{{ layered }}",
            ]
        )
        fails = self._chance(0.2)
        task: dict[str, Any] = {
            "ansible.builtin.shell": f"printf '%s\\n' \"{word}\" two; exit {int(fails)}",
            "check_mode": False,
            "register": self._register(),
        }
        if self._chance(0.4):
            task["changed_when"] = self._pick(
                [False, True, "'red' in {0}.stdout", ["{0}.rc == 0", "word != 'red'"]]
            )
            task["changed_when"] = self._named(task["changed_when"], task["register"])
        if self._chance(0.3):
            task["failed_when"] = self._named(
                self._pick([False, "{0}.rc > 1", "'red' in {0}.stdout"]), task["register"]
            )
        task["ignore_errors"] = True
        if self._chance(0.35):
            self._loop(task)
        elif not fails and self._chance(0.2):
            # A scan asks once: what does not hold then is unknown.
            task.update({"until": f"{task['register']}.rc == 0", "retries": 1, "delay": 0})
        if self._chance(0.15):
            task["environment"] = {"COLOR": "{{ words[1] }}"}
        return task

    def _set_fact(self, _depth: int) -> dict[str, Any]:
        value = self._pick(VALUES)
        if self.registers and self._chance(0.5):
            value = self._pick(
                [
                    "{{ {0}.stdout | default('none') }}",
                    "{{ {0}.stdout_lines | default([]) | first | default('empty') }}",
                    "{{ {0}.results | default([]) | map(attribute='stdout', default='-') | list }}",
                    "{{ {0} is changed }}{{ {0} is skipped }}{{ {0} is failed }}",
                    "{{ {0}.results | default([]) | selectattr('skipped', 'defined') | list | length }}",
                ]
            ).replace("{0}", self._pick(self.registers))
            value = (
                "{% if REGISTER is defined %}".replace(
                    "REGISTER", value.split("{{ ")[1].split()[0].split(".")[0]
                )
                + value
                + "{% endif %}"
            )
        task: dict[str, Any] = {"ansible.builtin.set_fact": {self._pick(FACTS): value}}
        if self._chance(0.2):
            self._loop(task)
            name = task.get("loop_control", {}).get("loop_var", "item")
            task["ansible.builtin.set_fact"] = {
                "list": "{{ (list | default([]))[:20] + [NAME] }}".replace("NAME", name)
            }
        return task

    def _counted(self, _depth: int) -> dict[str, Any]:
        return {"ansible.builtin.set_fact": {"count": "{{ count | default(0) | int + 1 }}"}}

    def _assert(self, _depth: int) -> dict[str, Any]:
        return {
            "ansible.builtin.assert": {"that": self._condition(), "fail_msg": "no {{ word }}"},
            "register": self._register(),
            "ignore_errors": True,
        }

    def _stat(self, _depth: int) -> dict[str, Any]:
        return {
            "ansible.builtin.stat": {
                "path": self._pick(["/etc/hostname", "/none", "/tmp"]),
                "get_checksum": False,
            },
            "register": self._register(),
        }

    def _once(self, depth: int) -> dict[str, Any]:
        task = self._pick([self._command, self._set_fact])(depth)
        return {**task, "run_once": True}

    def _delegated(self, depth: int) -> dict[str, Any]:
        task = self._command(depth)
        task["delegate_to"] = self._pick(["h2", "{{ groups['all'] | last }}"])
        return task

    def _block(self, depth: int) -> dict[str, Any]:
        block: dict[str, Any] = {"block": self._tasks(self.random.randint(1, 3), depth + 1)}
        if self._chance(0.5):
            fail = {"ansible.builtin.fail": {"msg": "planned {{ word }}"}}
            if self._chance(0.4):
                fail["when"] = self._condition()
            block["block"].append(fail)
            block["block"] += self._tasks(1, depth + 1)
            block["rescue"] = [
                *self._tasks(1, depth + 1),
                {
                    "ansible.builtin.set_fact": {
                        "f5": "{{ ansible_failed_result.msg }} {{ ansible_failed_task.name }}"
                    }
                },
            ]
        if self._chance(0.3):
            block["always"] = self._tasks(1, depth + 1)
        if self._chance(0.3):
            block["vars"] = {"layered": "block"}
        return block

    def _include(self, depth: int) -> dict[str, Any]:
        task: dict[str, Any] = {
            "ansible.builtin.include_tasks": self._file(depth),
            "vars": {"included": self._pick(WORDS)},
        }
        if self._chance(0.4):
            task.update({"loop": ["x", "y"], "loop_control": {"loop_var": "outer"}})
            task["vars"]["included"] = "{{ outer }}"
        return task

    def _import(self, depth: int) -> dict[str, Any]:
        return {"ansible.builtin.import_tasks": self._file(depth), "vars": {"included": "imported"}}

    def _role(self, _depth: int) -> dict[str, Any]:
        action = self._pick(["ansible.builtin.include_role", "ansible.builtin.import_role"])
        task: dict[str, Any] = {
            action: {"name": "small"},
            "vars": {"size": self._pick([3, "{{ words | length }}"])},
        }
        if self._chance(0.3):
            task[action]["tasks_from"] = "other"
        return task

    # -- parts ------------------------------------------------------------------------------------------------

    def _file(self, depth: int) -> str:
        self.number += 1
        name = f"tasks-{self.number}.yml"
        self.files[name] = [
            {"ansible.builtin.set_fact": {"included": "{{ included }}"}},
            *self._tasks(self.random.randint(1, 3), depth + 1),
        ]
        return name

    def _loop(self, task: dict[str, Any]) -> None:
        task.update(self._pick(LOOPS))
        if self._chance(0.3):
            task["loop_control"] = self._pick(
                [{"loop_var": "each"}, {"index_var": "position"}, {"extended": True}, {"label": "{{ item }}"}]
            )

    def _condition(self) -> Any:
        plain = [
            "inventory_hostname == 'h1'",
            "inventory_hostname != 'h1'",
            "word in ['red', 'blue']",
            "layered is defined and layered != 'group'",
            "count | default(0) | int > 1",
            "f1 is defined",
            "f2 is not defined or f2 is string",
            "'h2' in groups['all']",
            True,
            False,
            ["word is string", "inventory_hostname is match('h[12]')"],
        ]
        if self.registers and self._chance(0.5):
            name = self._pick(self.registers)
            return self._pick(
                [
                    f"{name} is defined and {name} is changed",
                    f"{name} is defined and {name} is not skipped",
                    [f"{name} is defined", f"{name} is failed"],
                    f"({name} | default({{}})).rc | default(1) == 0",
                    f"({name} | default({{}})).results | default([]) | length > 1",
                ]
            )
        return self._pick(plain)

    def _register(self) -> str:
        if self.registers and self._chance(0.2):
            return self._pick(self.registers)
        self.registers.append(f"r{len(self.registers)}")
        return self.registers[-1]

    @staticmethod
    def _named(value: Any, name: str) -> Any:
        if isinstance(value, list):
            return [one.replace("{0}", name) for one in value]
        return value.replace("{0}", name) if isinstance(value, str) else value

    def _pick(self, choices: Any) -> Any:
        return self.random.choice(choices)

    def _chance(self, part: float) -> bool:
        return self.random.random() < part


PEOPLE = [{"name": "ann", "groups": ["wheel", "adm"]}, {"name": "bob", "groups": ["users"]}]
