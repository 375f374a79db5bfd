"""What we hold true of ansible-core: if a new version breaks one of these, it is here that it is seen."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible._internal._datatag._tags import TrustedAsTemplate
from ansible._internal._templating import _lazy_containers
from ansible._internal._templating._engine import TemplateEngine
from ansible._internal._templating._utils import TemplateContext

from undrift.model.finding import Reason
from undrift.model.verdict import ReasonClass
from undrift.playbook.boot import Core
from undrift.playbook.faults import Fault
from undrift.playbook.files import find
from undrift.playbook.memory import Memory, StillOut, Untellable
from undrift.playbook.plays import Story


def step_named(story: Story, name: str):
    return next(step for step in story.steps() if step.name == name)


@pytest.mark.parametrize("host", ["w1", "w2"])
@pytest.mark.parametrize("name", ["plain", "looped", "in the role", "fixed"])
def test_our_layers_hold_what_get_vars_holds(core: Core, story: Story, name: str, host: str) -> None:
    step = step_named(story, name)
    theirs = core.variables.get_vars(play=story.play, host=core.inventory.get_host(host), task=step.task)
    ours = dict(story.layers.of(step, host))
    # The two that hold all others, and what ansible-core only sets with a strategy.
    for left in ("vars", "hostvars", "ansible_search_path"):
        theirs.pop(left, None)
        ours.pop(left, None)
    assert {key: ours.get(key, "missing") for key in theirs} == theirs


EXPRESSIONS = [
    "{{ 1 + 1 }}",
    "{{ text }}",
    "a {{ number }} b",
    "{% if number > 2 %}yes{% else %}no{% endif %}",
    "{{ things | map('upper') | list }}",
    "{{ missing | default('x') }}",
    "{{ {'a': number} }}",
    "{{ '{{' }}",
    "{{ things | join(',') | b64encode }}",
    "{{ lookup('env', 'HOME') }}",
    "line\n\n",
]


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_the_engine_that_keeps_compiled_code_renders_as_the_stock_one(
    core: Core, story: Story, expression: str
) -> None:
    variables = {"number": 3, "text": "t", "things": ["a", "b"]}
    template = TrustedAsTemplate().tag(expression)
    stock = TemplateEngine(loader=core.loader, variables=variables).template(template)
    kept = [story.engine.over(variables).template(template) for _ in range(2)]
    assert kept == [stock, stock]


def test_a_value_rendered_for_one_host_is_never_anothers(story: Story) -> None:
    step = step_named(story, "looped")
    assert [story.scope(step, Memory(host)).items() for host in ("w1", "w2")] == [["a", "b"], ["c"]]


def test_a_task_without_templates_is_made_once(story: Story) -> None:
    step = step_named(story, "fixed")
    one = story.scope(step, Memory("w1")).args()
    assert "args" in step.notes
    assert story.scope(step, Memory("w2")).args() == one


def test_parameters_beat_defaults_and_task_variables_beat_all_but_extra_ones(story: Story) -> None:
    role = story.scope(step_named(story, "in the role"), Memory("w1")).args()
    assert role["path"] == "/opt/param/app"
    assert story.scope(step_named(story, "plain"), Memory("w1")).args()["path"] == "/srv/group-task"


def test_a_fact_that_was_not_asked_for_yet_is_asked_for(story: Story) -> None:
    scope = story.scope(step_named(story, "needs a fact"), Memory("w1", facts=set()))
    with pytest.raises(StillOut) as out:
        scope.args()
    assert out.value.facts == {"distribution", "hostname"}


@pytest.mark.parametrize(
    ("template", "others"),
    [
        ("{{ hostvars['w2'].own }}", True),
        ("{{ ansible_play_hosts | first }}", True),
        ("{{ play_hosts | first }}", True),
        ("{{ vars['ansible_play_batch'] }}", True),
        ("{{ ansible_play_hosts_all | first }}", False),
        ("{{ vars['own'] }}", False),
        ("{{ lookup('file', 'x') }}", False),
    ],
)
def test_what_is_read_of_other_hosts_is_waited_for_and_nothing_else(
    story: Story, template: str, others: bool
) -> None:
    needs = story.analyst.of_value(TrustedAsTemplate().tag(template))
    assert needs.others is others
    assert not needs.facts & {"play_hosts", "play_batch"}


def test_a_register_that_is_out_is_waited_for_and_one_that_nobody_can_tell_says_why(story: Story) -> None:
    step = step_named(story, "plain")
    template = TrustedAsTemplate().tag("{{ answer.stdout }}")
    with pytest.raises(StillOut):
        story.scope(step, Memory("w1", out={"answer"})).value(template)
    reason = Reason(kind=ReasonClass.UNPREVIEWABLE, text="nobody knows")
    with pytest.raises(Untellable, match="nobody knows"):
        story.scope(step, Memory("w1", untellable={"answer": reason})).value(template)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("restart app", ["restart app"]),
        ("topic", ["tell"]),
        ("app : of the role", ["app : of the role"]),
        ("none", []),
    ],
)
def test_handlers_are_found_by_every_name_they_answer_to(story: Story, wanted: str, found: list[str]) -> None:
    assert story.handler_names(wanted) == found


def test_a_step_knows_its_line(story: Story) -> None:
    step = step_named(story, "plain")
    assert (step.file.rsplit("/", 1)[-1], step.line, step.action) == ("site.yml", 7, "ansible.builtin.file")


@pytest.mark.parametrize("scalar", ["text", 1, 1.5, True, None, b"bytes"])
def test_what_is_passed_through_quickly_is_what_ansible_core_never_wraps(scalar: object) -> None:
    lazy = _lazy_containers._AnsibleLazyTemplateMixin
    assert lazy._try_create(scalar) is scalar
    assert type(scalar) not in lazy._dispatch_types


def test_a_list_is_still_wrapped(story: Story) -> None:
    with TemplateContext(
        template_value="", templar=story.engine.over({}), options=None, stop_on_template=False
    ):
        assert type(_lazy_containers.lazify_container(["a"])) is not list


def test_a_template_that_changed_meanwhile_is_read_anew(core: Core, tmp_path: Path) -> None:
    template = tmp_path / "t.j2"
    template.write_text("one")
    first = core.loader.get_text_file_contents(str(template))
    template.write_text("another")
    assert (first, core.loader.get_text_file_contents(str(template))) == ("one", "another")


def test_a_file_of_the_playbook_that_went_away_is_missed(core: Core, story: Story) -> None:
    step = step_named(story, "plain")
    source = Path(core.loader.get_basedir()) / "files" / "passing"
    source.write_text("x")
    assert find(core, step, "files", "passing") == str(source)
    source.unlink()
    with pytest.raises(Fault, match="Could not find or access 'passing'"):
        find(core, step, "files", "passing")
