"""
The only room that imports ansible-core: loads plays, gives variables, evaluates, packs genuine modules. What it gives
out are types of our own and plain values. ansible-core is imported when `boot` is, so that it can be done in a thread.
ansible-core's Python API is internal and not thread-safe: one thread at a time uses this room.
"""
