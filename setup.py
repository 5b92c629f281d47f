"""Which packages there are; everything else stands in pyproject.toml."""

from setuptools import find_packages, setup

setup(packages=[*find_packages(include=["flexstream", "flexstream.*"]), "flexstream_cli"])
