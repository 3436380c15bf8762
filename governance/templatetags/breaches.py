"""`{% breaches release %}`: what merged in a freeze without leave; nothing where nothing did."""

from typing import Any

from django import template

from governance.breaches import breaches as breaches_of
from releases.models import Release

register = template.Library()


@register.inclusion_tag("governance/_breaches.html")
def breaches(release: Release) -> dict[str, Any]:
    found = breaches_of(release)
    return {
        "breaches": [breach for breach in found if not breach.is_late_gate],
        "late": [breach for breach in found if breach.is_late_gate],
    }
