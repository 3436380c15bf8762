"""What somebody reads who could not be signed in."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

CLOSED = "This login is closed. Whoever runs this site can open it."


def not_signed_in(request: HttpRequest, sentence: str, *, status: int = 400) -> HttpResponse:
    """One sentence, and the way back."""
    return render(request, "not_signed_in.html", {"sentence": sentence}, status=status)
