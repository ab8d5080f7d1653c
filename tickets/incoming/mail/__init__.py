"""Mail in: mailboxes are read, each mail kept as it came, then made a ticket or a reply.

`server` speaks IMAP, `reading` keeps what it finds, `handling` makes something of one kept mail.
What a mail says is read by `letter` (with `charsets`, `html`, `quoting` and `parts`), whether a
person wrote it by `automatic` and `bounces`, and which ticket it answers by `threading`.
"""
