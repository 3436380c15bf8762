from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from governance.forms import DeadlineField
from governance.models import Until
from governance.refusals import InvalidInput, Refused
from meetings.cues import Verdict
from meetings.models import Suggestion
from meetings.models.suggestions import WITH_DEADLINE
from releases.forms import LocalTimeField, instant_in
from releases.models import Person, Release
