"""Words that others wrote, in mails."""

from django import template

from governance import texts

register = template.Library()


@register.filter
def visible(text: object) -> str:
    """With a mark for each control character; never trusted as HTML."""
    return texts.visible(str(text))
