"""What a name that people give may be: one line that is seen as it is. How foreign text is shown: `escape`."""

_CONTROL = r"\x00-\x1f\x7f-\x9f"
_UNSEEN = r"\u200b-\u200f\u2028-\u202e\u2066-\u2069"
_INSIDE, _ENDS = f"[^{_CONTROL}{_UNSEEN}]", rf"[^\s{_CONTROL}{_UNSEEN}]"
END = r"$(?!\n)"
"""Of the whole text: `$` alone leaves room for one more line end."""
PRINTED = f"^{_ENDS}({_INSIDE}*{_ENDS})?{END}"
"""Without blanks around, without characters that can't be seen or that turn the line."""
