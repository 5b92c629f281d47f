"""A page to explore a model in: pictures of several sizes, what is known of each part, and traces that run through."""

from .html_page import explorer_page
from .overview import Part, overview_page

__all__ = ["Part", "explorer_page", "overview_page"]
