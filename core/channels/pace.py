"""No more messages to one address than its provider takes, whichever worker sends them.

The sendings of the last minute are kept in Redis, by address: any stretch of a minute holds no
more than the limit, not only those that begin with the clock's. Two rows with the same robot share
its limit. With Redis away nothing can be counted, and messages wait: no worker is woken either.
"""

from __future__ import annotations

import hashlib
import math
import secrets
from collections.abc import Sequence

from redis.exceptions import RedisError

from core import live
from core.channels.errors import TooFast

#: Seconds until it is tried again with Redis away.
UNCOUNTED = 5
# By the clock of Redis, the one clock that all workers share. Answers how many milliseconds to
# wait, after noting the sending when that is none.
_TAKE = """
local held = redis.call('PTTL', KEYS[2])
if held > 0 then return held end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local wait, longest = 0, 0
for i = 2, #ARGV, 2 do
  local most, span = tonumber(ARGV[i]), tonumber(ARGV[i + 1]) * 1000
  longest = math.max(longest, span)
  local last = redis.call('ZREVRANGE', KEYS[1], most - 1, most - 1, 'WITHSCORES')
  if last[2] then wait = math.max(wait, tonumber(last[2]) + span - now) end
end
if wait > 0 then return wait end
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - longest)
redis.call('PEXPIRE', KEYS[1], longest)
return 0
"""


def keep_pace(url: str, limits: Sequence[tuple[int, int]]) -> None:
    """Count one message to this address. `limits`: so many messages in so many seconds.

    Raises `TooFast` when one of them is reached; then nothing is counted.
    """
    given = [number for limit in limits for number in limit]
    try:
        wait = live.server().eval(
            _TAKE, 2, _key("sent", url), _key("held", url), secrets.token_hex(8), *given
        )
    except RedisError as error:
        raise TooFast(UNCOUNTED) from error
    if int(wait) > 0:
        raise TooFast(math.ceil(int(wait) / 1000))


def hold_back(url: str, seconds: int) -> None:
    """The provider said that it takes no more for `seconds`: no worker writes there until then."""
    try:
        live.server().set(_key("held", url), 1, ex=max(seconds, 1))
    except RedisError:
        return  # the row itself waits as long


def _key(what: str, url: str) -> str:
    """The address lets anybody write there; its hash does not."""
    return f"core.channels.pace:{what}:{hashlib.sha256(url.encode()).hexdigest()[:24]}"
