"""
ansible-core's template engine, with what it compiles kept. ansible-core compiles the same source again for every
host and task, which is nine tenths of the cost of templating; only compiled code is kept here, never a rendered value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible._internal._templating._engine import TemplateEngine, TemplateOptions
from ansible._internal._templating._jinja_bits import AnsibleEnvironment, TemplateOverrides
from ansible.parsing.dataloader import DataLoader

Compiled = Callable[[Mapping[str, Any]], Any]


class Engine(TemplateEngine):
    """Shares compiled templates and one Jinja environment among all engines of the same base directory."""

    _compiled: dict[tuple[Any, ...], Compiled]

    @classmethod
    def first(cls, loader: DataLoader) -> Engine:
        """The engine all others of this loader's base directory are made from."""
        engine = cls(loader, variables={})
        engine._compiled = {}
        engine._environment = AnsibleEnvironment(ansible_basedir=loader.get_basedir())
        return engine

    def over(self, variables: Mapping[str, Any]) -> Engine:
        """The same engine over other variables."""
        engine = Engine(self._loader, variables=variables)
        engine._compiled = self._compiled
        engine._environment = self._environment
        return engine

    def searching(self, paths: list[str]) -> Engine:
        """The same engine with another search path for {% include %} and its like, and its own compiled code."""
        engine = self.over(self.available_variables)
        engine._compiled = {}
        engine._environment = AnsibleEnvironment(ansible_basedir=paths)
        return engine

    def copy(self) -> Engine:
        """As TemplateEngine's, with what is compiled shared."""
        return self.over(self.available_variables)

    def extend(self, marker_behavior: Any = None) -> Engine:
        """As TemplateEngine's, with what is compiled shared. marker_behavior: None: as it is."""
        engine = self.over(self.available_variables)
        engine._marker_behavior = marker_behavior or self._marker_behavior
        return engine

    def _compile_template(self, template: str, options: TemplateOptions) -> Compiled:
        key = (str(template), options.overrides, options.escape_backslashes)
        compiled = self._compiled.get(key)
        if compiled is None:
            compiled = self._compiled[key] = super()._compile_template(template, options)
        return compiled

    def _compile_expression(self, expression: str, options: TemplateOptions) -> Compiled:
        key = (str(expression), options.escape_backslashes)
        compiled = self._compiled.get(key)
        if compiled is None:
            compiled = self._compiled[key] = super()._compile_expression(expression, options)
        return compiled


def overrides(**options: Any) -> TemplateOverrides:
    """ansible-core's overrides of Jinja's settings for one template; None: not overridden."""
    return TemplateOverrides.from_kwargs(
        {name: value for name, value in options.items() if value is not None}
    )
