"""What shows a line or a figure: the control that attaches it, and how programs read and write it."""
