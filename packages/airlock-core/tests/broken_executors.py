"""Executors with one mistake each, named after the mistake."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tiny_queue import Message, Task, TinyBulkExecutor, TinyExecutor

import airlock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from airlock import Intent


class Reordering(TinyExecutor):
    def put(self, queue: list[Message], message: Message) -> None:
        queue.insert(0, message)


class LosingArguments(TinyExecutor):
    def message(self, intent: Intent) -> Message:
        return super().message(intent)._replace(args=())


class LosingKeywords(TinyExecutor):
    def message(self, intent: Intent) -> Message:
        return super().message(intent)._replace(kwargs={})


class TakingArgumentsForOptions(TinyExecutor):
    def message(self, intent: Intent) -> Message:
        message = super().message(intent)
        message.kwargs.pop("priority", None)
        return message


class TakingOptionsForArguments(TinyExecutor):
    def message(self, intent: Intent) -> Message:
        options = intent.dispatch_options or {}
        kwargs = {**intent.kwargs, **options}
        plain = airlock.Intent(intent.task, intent.args, kwargs)
        return super().message(plain)


class IgnoringUnknownOptions(TinyExecutor):
    def message(self, intent: Intent) -> Message:
        options = dict(intent.dispatch_options or {})
        options.pop("countdown", None)
        known = airlock.Intent(
            intent.task, intent.args, intent.kwargs, dispatch_options=options
        )
        return super().message(known)


class LosingOptions(TinyExecutor):
    def message(self, intent: Intent) -> Message:
        return super().message(intent)._replace(options={})


class Swallowing(TinyExecutor):
    def __call__(self, intent: Intent) -> object:
        try:
            return super().__call__(intent)
        except Exception:  # noqa: BLE001 - the mistake on trial
            return None


class Replacing(TinyExecutor):
    def call(self, intent: Intent) -> object:
        try:
            return super().call(intent)
        except ZeroDivisionError as error:
            raise RuntimeError("failed") from error


class Twice(TinyExecutor):
    def put(self, queue: list[Message], message: Message) -> None:
        queue += [message, message]


class QueueingPlainCallables(TinyExecutor):
    def call(self, intent: Intent) -> object:
        task = Task([], intent.task)
        self.put(task.queue, Message(task, intent.args, intent.kwargs, {}))
        return None


class ChangingTheIntent(TinyExecutor):
    def __call__(self, intent: Intent) -> object:
        result = super().__call__(intent)
        intent.kwargs["seen"] = True
        return result


class ReturningCoroutines(TinyExecutor):
    async def __call__(self, intent: Intent) -> None:
        super().__call__(intent)


class QueueingTooEarly(TinyExecutor):
    def __call__(self, intent: Intent) -> Any:
        super().__call__(intent)
        return nothing()


async def nothing() -> None:
    """Take the place of what should have been awaited."""


class QueueingAtTheCheck(TinyExecutor):
    def check(self, intent: Intent) -> None:
        super().check(intent)
        self(intent)


class CheckingTooMuch(TinyExecutor):
    def check(self, intent: Intent) -> None:
        raise TypeError(intent.name)


class CheckingNothing(TinyExecutor):
    def check(self, intent: Intent) -> None: ...


class CheckingAnonymously(TinyExecutor):
    def check(self, intent: Intent) -> None:
        try:
            super().check(intent)
        except TypeError:
            raise TypeError("one of the effects cannot be dispatched") from None


class Nameless(Task):
    name = ""


class LosingTheRestOfAPart(TinyBulkExecutor):
    def put_all(self, messages: list[Message]) -> int:
        super().put_all(messages[:20])
        return len(messages)


class LosingTheRestOfALargePart(TinyBulkExecutor):
    def put_all(self, messages: list[Message]) -> int:
        super().put_all(messages[:80])
        return len(messages)


class ReorderingAPart(TinyBulkExecutor):
    def put_all(self, messages: list[Message]) -> int:
        return super().put_all(messages[20:] + messages[:20])


class ForgettingWhatWentBeforeAFailure(TinyBulkExecutor):
    def dispatch_many(self, intents: list[Intent]) -> Iterator[int]:
        first = list(intents[:20])
        yield from super().dispatch_many(first)
        yield sum(super().dispatch_many(list(intents[20:])))
