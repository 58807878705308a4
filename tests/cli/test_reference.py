"""The reference of the command line."""

from __future__ import annotations

from facialis.cli.reference import reference


def test_the_committed_reference_is_that_of_the_commands(root):
    assert (root / "docs" / "cli.md").read_text("utf-8") == reference(), "run 'make docs'"


def test_the_reference_has_every_command_of_the_contract():
    text = reference()
    for command in (
        "assess",
        "measure",
        "norms build",
        "weights list",
        "weights get",
        "weights verify",
        "weights path",
        "schema",
    ):
        assert f"\n## facialis {command}\n" in text
