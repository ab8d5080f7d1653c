"""A cache that is never the reason a page fails: with Redis away it forgets and says nothing."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, TypeVar

from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)
T = TypeVar("T")


def _forgiving(act: Callable[[], T], otherwise: T) -> T:
    """What `act` gives, or `otherwise` with a line in the log when Redis does not answer."""
    try:
        return act()
    except RedisError as error:
        logger.warning("cache unavailable: %s", error)
        return otherwise


class ForgivingRedisCache(RedisCache):
    """Django's Redis cache; a Redis error reads as a miss and is logged."""

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        return _forgiving(
            lambda: super(ForgivingRedisCache, self).get(key, default, version), default
        )

    def get_many(self, keys: Any, version: int | None = None) -> Any:
        return _forgiving(lambda: super(ForgivingRedisCache, self).get_many(keys, version), {})

    def has_key(self, key: Any, version: int | None = None) -> bool:
        return _forgiving(lambda: super(ForgivingRedisCache, self).has_key(key, version), False)

    def set(self, *args: Any, **kwargs: Any) -> None:
        _forgiving(lambda: super(ForgivingRedisCache, self).set(*args, **kwargs), None)

    def set_many(self, data: Any, *args: Any, **kwargs: Any) -> list[Any]:
        """Returns the keys that were not kept: all of them with Redis away."""
        return _forgiving(
            lambda: super(ForgivingRedisCache, self).set_many(data, *args, **kwargs), list(data)
        )

    def add(self, *args: Any, **kwargs: Any) -> bool:
        return _forgiving(lambda: super(ForgivingRedisCache, self).add(*args, **kwargs), False)

    def touch(self, *args: Any, **kwargs: Any) -> bool:
        return _forgiving(lambda: super(ForgivingRedisCache, self).touch(*args, **kwargs), False)

    def delete(self, *args: Any, **kwargs: Any) -> bool:
        return _forgiving(lambda: super(ForgivingRedisCache, self).delete(*args, **kwargs), False)

    def delete_many(self, *args: Any, **kwargs: Any) -> None:
        _forgiving(lambda: super(ForgivingRedisCache, self).delete_many(*args, **kwargs), None)

    def clear(self) -> None:
        _forgiving(super().clear, None)

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        return _forgiving(lambda: super(ForgivingRedisCache, self).incr(key, delta, version), delta)
