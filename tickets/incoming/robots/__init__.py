"""Messages to our robots in WeCom, DingTalk and Feishu: kept at once, handled by a worker."""
