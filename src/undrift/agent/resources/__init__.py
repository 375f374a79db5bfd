"""One file per kind of state: `check(args, host)` says what is there and what differs; it changes nothing."""
