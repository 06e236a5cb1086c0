"""The tasks."""
from invoke import task


@task
def fmt(c):
    """Format the code."""
    c.run("ruff format . && ruff check --fix .")
