"""How mails and chat messages leave the house. A chat provider is one file in `providers/`.

Nothing here decides who is told what: an outbox row names a kind, the app that registered the kind
words it (`core.registry.Message`), and what stands here gives it a shape and sends it.
"""
