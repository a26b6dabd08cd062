"""The quarterly form: the bills of three months, typed by a one-off link or sent out by a submitter."""
