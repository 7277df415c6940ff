"""The loop: performs the batches of an operation until it has come to its result."""

from __future__ import annotations

from typing import Literal, Protocol, TypeVar

from authcore._authcore import Batch, Operation

T = TypeVar("T")


class Failed(Exception):  # noqa: N818 (core calls it a failure)
    """A batch was not performed, or may have been."""

    def __init__(self, why: Literal["busy", "conflict", "unavailable", "outcome_unknown"]) -> None:
        super().__init__(why)
        self.why = why


class Database(Protocol):
    """What runs batches."""

    def run(self, batch: Batch) -> list[list[tuple[str | int | None, ...]]]:
        """Runs the statements, all or nothing, and returns the rows of each.

        Raises `Failed`: with `outcome_unknown` if they may have been committed, else only if
        nothing was done.
        """


def drive(operation: Operation[T], database: Database) -> T:
    """Drives an operation to its end."""
    try:
        while (batch := operation.batch()) is not None:
            try:
                rows = database.run(batch)
            except Failed as failed:
                operation.fail(failed.why)
            else:
                operation.reply(rows)
        return operation.result()
    finally:
        operation.abandon()
