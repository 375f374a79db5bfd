"""
One file per family of Ansible actions that we answer ourselves. Each names its actions in ACTIONS:

    ACTIONS = {"ansible.builtin.service": ask_service, ...}

An ask takes the rendered arguments and an Occasion, and returns an Ask (a question for the agent), a Told (the
controller knows the answer already) or None: these arguments are not ours, the genuine module answers.
"""
