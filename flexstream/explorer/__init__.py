"""A page to explore a model in: pictures of several sizes, what is known of each part, and traces that run through."""

from .html_page import explorer_page

__all__ = ["explorer_page"]
