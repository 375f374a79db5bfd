"""
What the controller and the agent say to each other: JSON, one message a line, ASCII only.

The controller says first the agent's own source (see undrift.channel.package), then messages of these forms:

    {"say": "hello", "settings": {...}}           once; see Settings below. With "one_shot": true the input may end
                                                  before the answers are given
    {"say": "take", "run": {...}}                 a correction begins: "run" (its id), "by", "playbook", "planned_at": when
                                                  the plan was begun, by the server's clock. From then on each request
                                                  has "apply" and is brought about, not only checked
    {"say": "tell"}                               answered with all effects so far, and from then on with each answer
    {"say": "effects", "effects": [...]}          what agents of other identities have told
    {"say": "code", "modules": {name: source}}    kinds that were not needed until now; or "compiled": base64 of the
                                                  compressed and marshalled {name: code}, where "magic" is alike
    {"say": "payload", "name": n, "zip": base64}  the genuine modules of the playbook
    {"say": "batch", "requests": [request, ...]}  each is answered in order, the moment its answer is ready

A request: {"id": int, "kind": str, "args": {...}, "deadline": seconds, "secret": bool, "environment": {...}}.

"apply" of a request: {"task": its name, "at": "file:line", "goes_on": whether what follows is done even when it fails,
"do": {"kind", "args"} of what brings it about where the kind does not itself (a genuine module), "reads": nothing is to be
brought about}.

The agent says lines that begin with MARK (what stands before them is noise of a login shell):

    {"say": "hello", "python": [3, 11, 2], "magic": hex, "uid": 0, "now": seconds}
    {"say": "taken"}, {"say": "locked", "holder": {...}} or {"say": "refused", "text": str}
    {"say": "answer", "id": int, "result": {...}, "resources": [...], "unknown": {...}, "missing": bool}
    {"say": "effects", "effects": [...]}         behind each answer, when they are to be told: what it carries forward

result      what `register` would hold: the return values of the real module in check mode
resources   [{"kind": str, "id": str, "differences": [[field, want, have], ...], "evidence": {...}, "act": bool,
              "note": str}]; UNSHOWN where want or have is a secret
unknown     {"class": "unpreviewable" | "failed" | "not_begun", "text": str}: the task could not be checked; absent when
            it was. not_begun: a task before it failed
applied     {"n": its number in the journal, "undo": "yes" | "perhaps" | "no"}, when something was done
disagrees   what our check still finds after it was done, in words
missing     the task would fail for want of something that an earlier task of unknown effect may provide
evidence    {"before": text, "after": text} of a content that differs; or, when it may not be shown or is no text,
            {"before_digest", "after_digest", "lines": number of differing lines or null}; always "path", and
            "truncated": true when the content was too large to bring along
"""

MARK = b"\x01UNDRIFT "

#: The longest line either side accepts, in bytes; above it the other side is out of its mind.
LINE_LIMIT = 64 * 1024 * 1024

#: Stands in a difference for a value that is compared and does not travel.
UNSHOWN = {"unshown": True}

#: Paths whose content is compared and never shown, when `hello` does not say.
CONCEAL = ["/etc/shadow", "/etc/gshadow", "*.key", "*.pem", "id_*", ".pgpass"]

#: What `hello` sets, with the values when it does not.
SETTINGS = {
    #: a content up to this many bytes comes along as evidence
    "content_limit": 256 * 1024,
    #: all evidence of one agent together, in bytes
    "answer_limit": 16 * 1024 * 1024,
    #: the largest file an edit (lineinfile ...) is previewed on, in bytes
    "edit_limit": 64 * 1024 * 1024,
    #: shell patterns of paths whose content is compared and never shown
    "conceal": CONCEAL,
    #: hex; digests of concealed contents are keyed with it, so that nobody can guess a short secret from one
    "key": "",
}
