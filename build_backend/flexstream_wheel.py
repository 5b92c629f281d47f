"""A wheel that holds a compiled library, but no module that depends on the version of Python."""

from __future__ import annotations

from flexstream_build import wheel_platform
from setuptools.command.bdist_wheel import bdist_wheel


class BinaryWheel(bdist_wheel):
    """Tags a wheel as being for every Python 3 on one platform."""

    def initialize_options(self) -> None:
        """Say that the package is not of Python alone, so that it is installed where libraries lie."""
        super().initialize_options()
        self.distribution.has_ext_modules = lambda: True

    def get_tag(self) -> tuple[str, str, str]:
        """Return Python, its binary interface, and the platform."""
        return "py3", "none", wheel_platform()
