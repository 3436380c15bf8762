from meetings.logs.clocks import times_of_weekdays
from meetings.logs.lines import Kind
from meetings.logs.shapes import NICK, Format, shape

_AT = r"\[((?:[A-Z][a-z]{2} )?[0-9]{2}:[0-9]{2}(?::[0-9]{2})?)\]\t"

FORMAT = Format(
    name="chatzilla",
    title="ChatZilla log",
    shapes=(
        shape(Kind.SPEECH, rf"{_AT}<{NICK}>\t(.*)", "[Tue 11:19]\t<manu-db>\tRESOLVED: ship it"),
        shape(Kind.ACTION, rf"{_AT}\* {NICK}(?:[\t ](.*)|$)", "[10:03]\t* gkellogg\tnods"),
        shape(
            Kind.RENAME,
            rf"{_AT}=-=\t(\S{{1,64}}) is now known as (\S{{1,64}})$",
            "[10:10]\t=-=\tniklasl_ is now known as niklasl",
        ),
        shape(
            Kind.EVENT,
            rf"{_AT}(?:-->\||\|<--|=-=)\t(\S{{1,64}}) ?(.*)",
            "[10:07]\t-->|\tniklasl (~n@host.example) has joined #json-ld",
        ),
    ),
    clock=times_of_weekdays,
    preference=43,
    whole=True,
)
