"""The command line of the benchmark, as ``parvis bench`` has it."""

from typing import Annotated

import typer

from bench.databases import Database


def bench(
    database: Annotated[Database, typer.Option(help="Which engine.")] = "sqlite",
    scale: Annotated[int, typer.Option(min=1, help="Times 200,000 posts.")] = 1,
    seconds: Annotated[float, typer.Option(min=1, help="Length of a round.")] = 3,
    rounds: Annotated[int, typer.Option(min=1, help="Rounds of each line; medians are kept.")] = 3,
    only: Annotated[
        str, typer.Option(help="Lines by commas: home,post,streams,pushes...; nothing is written then.")
    ] = "",
) -> None:
    """Measure this machine with a seeded network of 10,000 people, side by side with the limit."""
    # Not above: every `parvis` reads this file for its list of commands, and SQLModel alone takes half a second.
    from bench import load, run, scenarios
    from ops.rigs.ceph_cluster import NoCeph
    from ops.rigs.postgres_cluster import NoCluster

    plan = run.Plan(database, scale, seconds, rounds, tuple(filter(None, only.split(","))))
    try:
        run.run(plan)
        scenarios.run(plan)
    except (load.LoadFailed, NoCluster, NoCeph) as error:
        run.console.print(f"[red]{error}[/red]")
        raise typer.Exit(1) from None


if __name__ == "__main__":
    typer.run(bench)
