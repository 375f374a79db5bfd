"""What an edit would make of a text: lineinfile, blockinfile and replace as pure functions, byte for byte as Ansible."""

import re

from undrift.agent.host import Failed

MYPY = False
if MYPY:
    from typing import Any

NEWLINE = b"\n"


def _pattern(text: "str", flags: "int" = 0) -> "Any":
    try:
        return re.compile(text.encode("utf-8", "surrogateescape"), flags)
    except re.error as problem:
        raise Failed("invalid regular expression %r: %s" % (text, problem)) from problem


def _bare(line: "bytes") -> "bytes":
    return line.rstrip(b"\r\n")


# -- lineinfile -------------------------------------------------------------------------------------------------


def with_line(content: "bytes", args: "dict[str, Any]") -> "tuple[bytes, str]":
    """The text with the line as wanted, and what was done, in lineinfile's words."""
    lines = content.splitlines(True) if b"\r" not in content else _split(content)
    line = args["line"].encode("utf-8", "surrogateescape")
    at, match = _last_match(lines, args)
    place = _place_of_line(args)
    if not match:
        at, anchor = _same_line_or_anchor(lines, line, place, args)
    if at >= 0:
        new = match.expand(line) if args["backrefs"] and match else line
        new = new if new.endswith(NEWLINE) else new + NEWLINE
        if lines[at] == new:
            return content, ""
        lines[at] = new
        return b"".join(lines), "line replaced"
    if args["backrefs"]:
        return content, ""
    return _inserted(lines, line, anchor, args)


def _split(content: "bytes") -> "list[bytes]":
    """Lines end with a newline and nothing else, as file.readlines() splits them."""
    lines = content.split(NEWLINE)
    return [line + NEWLINE for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])


def _last_match(lines: "list[bytes]", args: "dict[str, Any]") -> "tuple[int, Any]":
    """Where regexp or search_string is found: the last place, or with firstmatch the first."""
    found: "tuple[int, Any]" = (-1, None)
    if args["regexp"] is not None:
        find = _pattern(args["regexp"]).search
    elif args["search_string"] is not None:
        find = _finder(args["search_string"].encode("utf-8", "surrogateescape"))
    else:
        return found
    for number, line in enumerate(lines):
        match = find(line)
        if match:
            found = (number, match)
            if args["firstmatch"]:
                break
    return found


def _finder(text: "bytes") -> "Any":
    return lambda line: text in line


def _place_of_line(args: "dict[str, Any]") -> "Any":
    """The pattern beside which a new line goes; None: at the beginning or the end."""
    after, before = args["insertafter"], args["insertbefore"]
    wanted = after if after not in (None, "BOF", "EOF") else before if before not in (None, "BOF") else None
    return _pattern(wanted) if wanted is not None else None


def _same_line_or_anchor(
    lines: "list[bytes]", line: "bytes", pattern: "Any", args: "dict[str, Any]"
) -> "tuple[int, int]":
    """(where the very line stands, or -1; where it would be inserted, or -1)."""
    after = args["insertafter"]
    at = anchor = -1
    for number, current in enumerate(lines):
        if _bare(current) == line:
            at = number
        elif pattern is not None and pattern.search(current):
            anchor = number + 1 if after else number
            if args["firstmatch"]:
                break
    return at, anchor


def _inserted(
    lines: "list[bytes]", line: "bytes", anchor: "int", args: "dict[str, Any]"
) -> "tuple[bytes, str]":
    before = b"".join(lines)
    new = line + NEWLINE
    if args["insertbefore"] == "BOF" or args["insertafter"] == "BOF":
        lines.insert(0, new)
    elif args["insertafter"] == "EOF" or anchor == -1:
        if lines and lines[-1][-1:] not in (b"\n", b"\r"):
            lines.append(NEWLINE)
        lines.append(new)
    elif args["insertafter"]:
        neighbour = lines[anchor - 1] if anchor == len(lines) else lines[anchor]
        if _bare(neighbour) != line:
            lines.insert(anchor, new)
    else:
        lines.insert(anchor, new)
    after = b"".join(lines)
    return after, "line added" if after != before else ""


def without_line(content: "bytes", args: "dict[str, Any]") -> "tuple[bytes, int]":
    """The text without the matching lines, and how many they were."""
    lines = _split(content)
    if args["regexp"] is not None:
        pattern = _pattern(args["regexp"])
        kept = [line for line in lines if not pattern.search(line)]
    elif args["search_string"] is not None:
        text = args["search_string"].encode("utf-8", "surrogateescape")
        kept = [line for line in lines if text not in line]
    else:
        wanted = args["line"].encode("utf-8", "surrogateescape")
        kept = [line for line in lines if _bare(line) != wanted]
    return b"".join(kept), len(lines) - len(kept)


# -- blockinfile ------------------------------------------------------------------------------------------------


def with_block(content: "bytes", args: "dict[str, Any]") -> "bytes":
    """The text with the marked block as wanted, or without it."""
    lines = content.splitlines(True)
    marker = args["marker"].encode("utf-8", "surrogateescape")
    begin = marker.replace(b"{mark}", args["marker_begin"].encode()) + NEWLINE
    end = marker.replace(b"{mark}", args["marker_end"].encode()) + NEWLINE
    present = args["state"] == "present"
    block = args["block"].encode("utf-8", "surrogateescape")
    block_lines: "list[bytes]" = []
    if present and block:
        block = block if block.endswith(NEWLINE) else block + NEWLINE
        block_lines = [begin, *block.splitlines(True), end]
    pattern = _place_of_block(args)
    at = _take_out(lines, begin, end)
    if at is None:
        at = _place(lines, content, pattern, args)
    if at > 0 and not lines[at - 1].endswith(NEWLINE):
        lines[at - 1] += NEWLINE
    if args["prepend_newline"] and present and at != 0 and lines[at - 1] != NEWLINE:
        lines.insert(at, NEWLINE)
        at += 1
    lines[at:at] = block_lines
    behind = at + len(block_lines)
    if args["append_newline"] and present and behind < len(lines) and lines[behind] != NEWLINE:
        lines.insert(behind, NEWLINE)
    return b"".join(lines)


def _take_out(lines: "list[bytes]", begin: "bytes", end: "bytes") -> "int | None":
    """Remove the block that is there; where it stood, None when there is none."""
    first = last = None
    for number, line in enumerate(lines):
        if line == begin:
            first = number
        if line == end:
            last = number
    if first is None or last is None:
        return None
    low, high = min(first, last), max(first, last)
    lines[low : high + 1] = []
    return low


def _place_of_block(args: "dict[str, Any]") -> "Any":
    """The pattern beside which a new block goes; None: at the beginning or the end."""
    after, before = args["insertafter"], args["insertbefore"]
    wanted = after if after not in (None, "EOF") else before if before not in (None, "BOF") else None
    return _pattern(wanted) if wanted is not None else None


def _place(lines: "list[bytes]", content: "bytes", pattern: "Any", args: "dict[str, Any]") -> "int":
    """Where a new block goes."""
    after, before = args["insertafter"], args["insertbefore"]
    if pattern is None:
        return 0 if before is not None else len(lines)
    found = None
    if pattern.flags & re.MULTILINE:
        match = pattern.search(content)
        if match:
            found = content.count(NEWLINE, 0, match.end() if after else match.start())
    else:
        for number, line in enumerate(lines):
            if pattern.search(line):
                found = number
    if found is None:
        return len(lines)
    return found + 1 if after is not None else found


# -- replace ----------------------------------------------------------------------------------------------------


def replaced(content: "bytes", args: "dict[str, Any]") -> "tuple[bytes, int]":
    """The text with every match replaced, between `after` and `before` where they are given; and how many."""
    try:
        text = content.decode(args["encoding"])
    except (UnicodeDecodeError, LookupError) as problem:
        raise Failed("the file is no %s: %s" % (args["encoding"], problem)) from problem
    after, before = args["after"], args["before"]
    begin, end = 0, len(text)
    if after or before:
        section = "%s(?P<subsection>.*%s)%s" % (after or "", "?" if after and before else "", before or "")
        try:
            match = re.search(section, text, re.DOTALL)
        except re.error as problem:
            raise Failed("invalid regular expression %r: %s" % (section, problem)) from problem
        if match is None:
            return content, 0
        begin, end = match.span("subsection")
    try:
        new, count = re.subn(args["regexp"], args["replace"], text[begin:end], flags=re.MULTILINE)
    except re.error as problem:
        raise Failed("Unable to process replace due to error: %s" % problem) from problem
    return (text[:begin] + new + text[end:]).encode(args["encoding"]), count
