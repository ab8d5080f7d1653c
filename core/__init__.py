"""The shared kernel: events, outbox, notices, search keys, working time. No domain noun."""
