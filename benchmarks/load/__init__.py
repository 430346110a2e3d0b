"""Who works with a console under load: sensors, a scanner, people; and what of theirs is stored in the end."""
