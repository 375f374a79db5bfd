"""Reports as text: pure functions over the model. A renderer takes a ScanReport and returns what is to be printed."""

from __future__ import annotations

#: The formats of `-o`, and the module that renders each.
FORMATS = ("human", "json", "jsonl", "junit")
#: Those that a correction has.
OF_CORRECTIONS = ("human", "json")
