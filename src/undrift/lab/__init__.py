"""Real throw-away servers on this machine: containers with systemd as PID 1, sshd and Python."""
