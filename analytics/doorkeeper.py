"""The commands for people: `tearsheet user ...` and `tearsheet key ...`; beside a desk as without one."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from analytics.cli import Format, FormatOption, app, errors, existing, show, spoken
from analytics.config import check_site_known, read

user = typer.Typer(help="People who may come in.", no_args_is_help=True)
key = typer.Typer(help="Keys of programs.", no_args_is_help=True)
app.add_typer(user, name="user")
app.add_typer(key, name="key")


class RoleName(StrEnum):
    """What a person may do."""

    VIEWER = "viewer"
    EDITOR = "editor"
    ANALYST = "analyst"
    ADMIN = "admin"


LoginArgument = Annotated[str, typer.Argument(help="Mail address or name by which they sign in.")]
SiteOption = Annotated[str, typer.Option("--site", help="On which site; every site where none is named.")]


@user.command("add")
@spoken
def add(
    context: typer.Context,
    login: LoginArgument,
    role: Annotated[RoleName, typer.Option(help="What they may do.")] = RoleName.VIEWER,
    site: SiteOption = "",
    name: Annotated[str, typer.Option(help="As colleagues see it; the login where none is given.")] = "",
) -> None:
    """Add a person, and print the link by which they set a password; it works once, for three days."""
    from analytics.door import reach

    check_site_known(existing(context), site)
    with reach(existing(context), "user") as door:
        _link(door.ask("user_add", login=login, name=name, role=role.value, site=site))


@user.command("list")
@spoken
def list_(context: typer.Context, format_: FormatOption = Format.TABLE) -> None:
    """List people, their roles and whether they may come in."""
    from analytics.door import reach

    with reach(existing(context), "user") as door:
        show(door.ask("user_list"), format_)


@user.command("role")
@spoken
def role(
    context: typer.Context,
    login: LoginArgument,
    role: Annotated[str, typer.Argument(help="viewer, editor, analyst, admin; none takes it away.")],
    site: SiteOption = "",
) -> None:
    """Give a person another role."""
    from analytics.door import reach

    check_site_known(existing(context), site)
    with reach(existing(context), "user") as door:
        done = door.ask("user_role", login=login, role=role, site=site)
    errors.print(f"{done['login']}: {done['roles']}.", markup=False)


@user.command("author")
@spoken
def author(
    context: typer.Context,
    login: LoginArgument,
    author: Annotated[
        str, typer.Argument(help="Id of an author, as in the address of their page; none unties.")
    ],
    site: Annotated[str, typer.Option("--site", help="The site.")],
) -> None:
    """Say which author of a site a person is; under a policy they see that author's figures."""
    from analytics.door import reach

    check_site_known(existing(context), site)
    with reach(existing(context), "user") as door:
        done = door.ask("user_author", login=login, author=author, site=site)
    errors.print(f"{done['login']} is {done['author']} on {site}.", markup=False)


@user.command("policy")
@spoken
def policy(
    context: typer.Context,
    role: Annotated[str, typer.Argument(help="viewer or editor.")],
    policy: Annotated[
        str,
        typer.Argument(
            help="open: all; calm: no ranks, live numbers or colleagues; own: their own articles; inherit."
        ),
    ],
    site: SiteOption = "",
) -> None:
    """Say what a role sees of a site."""
    from analytics.door import reach

    check_site_known(existing(context), site)
    with reach(existing(context), "user") as door:
        done = door.ask("user_policy", role=role, policy=policy, site=site)
    errors.print(f"{done['role']} on {site or 'every site'}: {done['policy']}.", markup=False)


@user.command("disable")
@spoken
def disable(context: typer.Context, login: LoginArgument) -> None:
    """Let a person in no more; whatever they have open ends at once."""
    from analytics.door import reach

    with reach(existing(context), "user") as door:
        done = door.ask("user_disable", login=login)
    errors.print(f"{done['login']} is disabled. To let them in again: tearsheet user reset.", markup=False)


@user.command("reset")
@spoken
def reset(context: typer.Context, login: LoginArgument) -> None:
    """End a person's password and sessions, and print a link by which they set another."""
    from analytics.door import reach

    with reach(existing(context), "user") as door:
        _link(door.ask("user_reset", login=login))


@key.command("add")
@spoken
def key_add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="What it is called, such as cms.")],
    scope: Annotated[
        list[str],
        typer.Option(
            help="What it opens: alerts, ingest, catalog, comments, notes, read, reports, sql, sql:export; "
            "may repeat."
        ),
    ],
    site: Annotated[list[str] | None, typer.Option(help="For which site; all where none is named.")] = None,
    expires: Annotated[
        str, typer.Option(metavar="DATE", help="Its last day, UTC; without one it has none.")
    ] = "",
) -> None:
    """Make a key for a program; it is shown once."""
    from analytics.door import reach

    folder = existing(context)
    known = list(read(folder).site)
    with reach(folder, "key") as door:
        made = door.ask("key_add", name=name, scopes=scope, sites=site or [], known=known, expires=expires)
    print(made["key"])  # noqa: T201 results go to stdout
    errors.print(
        f"Keep it: only its hash is kept here. To take it back: tearsheet key revoke {name}.", markup=False
    )


@key.command("list")
@spoken
def key_list(context: typer.Context, format_: FormatOption = Format.TABLE) -> None:
    """List keys: what they open, for which sites, until when, and when one last asked the desk."""
    from analytics.door import reach

    with reach(existing(context), "key") as door:
        show(door.ask("key_list"), format_)


@key.command("revoke")
@spoken
def key_revoke(
    context: typer.Context, name: Annotated[str, typer.Argument(help="What the key is called.")]
) -> None:
    """Take a key back; it opens nothing from now on."""
    from analytics.door import reach

    with reach(existing(context), "key") as door:
        door.ask("key_revoke", name=name)
    errors.print(f"The key {name} opens nothing any more.", markup=False)


def _link(done: dict[str, str]) -> None:
    print(done["link"])  # noqa: T201 results go to stdout
    errors.print(f"Send this link to {done['login']}: it works once, for three days.", markup=False)
