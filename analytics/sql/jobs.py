"""What a worker is told and what it answers."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

Cut: TypeAlias = Literal["", "rows", "bytes"]
Scalar: TypeAlias = str | int | float | bool | None
Value: TypeAlias = str | int | float | bool | list[Scalar] | None


class View(msgspec.Struct, frozen=True, kw_only=True):
    """A table as analysts see it, or what stands behind one.

    Attributes:
        name: What a query calls it.
        sql: Its SELECT, over files and other views.
        files: Exact paths that `sql` itself reads.
        schema: Empty for what queries may read; what stands in another schema is for other views only.
        has_sites: Its rows say whose they are in `site_id`, and are kept from who may not see that site.
    """

    name: str
    sql: str
    files: tuple[str, ...] = ()
    schema: str = ""
    has_sites: bool = False


class Told(msgspec.Struct, frozen=True):
    """What a query will probably be asked of, told to a spare before there is one.

    Attributes:
        views: All that there are.
        sites: Whose rows may be seen; None: all.
    """

    views: list[View] = []
    sites: list[str] | None = None


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One query.

    Attributes:
        text: As it was written.
        parameters: Name -> value of its `$name`; more than it uses may be given.
        views: All that there are.
        sites: Whose rows may be seen; None: all.
        seconds: After which it is interrupted.
        memory_mib: Of the engine.
        rows: Of the answer, at most.
        bytes: Likewise.
        threads: Of the engine; the pool says how many.
        is_as_told: `views` and `sites` are those that the worker was told, and are left out here.
    """

    text: str
    parameters: dict[str, Value]
    views: list[View]
    sites: list[str] | None
    seconds: float
    memory_mib: int
    rows: int
    bytes: int
    threads: int = 1
    is_as_told: bool = False


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """How a query ended well.

    Attributes:
        names: Of its columns.
        types: Of its columns, in the engine's words.
        rows: Sent.
        cut: Which limit cut the answer; empty: it is whole.
        elapsed_ms: From its arrival in the worker to its last row.
    """

    names: list[str]
    types: list[str]
    rows: int
    cut: Cut
    elapsed_ms: float


class Failed(msgspec.Struct, frozen=True, kw_only=True):
    """How it ended otherwise: the parts of a `SqlError`."""

    code: str
    message: str
    hint: str
    line: int
    column: int
