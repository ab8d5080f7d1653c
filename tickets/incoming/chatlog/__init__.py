"""Chat logs as people copy them out of WeCom, DingTalk, Feishu and their like."""

from tickets.incoming.chatlog.lines import Kind
from tickets.incoming.chatlog.splitting import Log, Said, read_log

__all__ = ["Kind", "Log", "Said", "read_log"]
