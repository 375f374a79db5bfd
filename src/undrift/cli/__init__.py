"""One file per command: parse, call a story, render, exit."""
